//! Bytes in, bytes out: a streamed answer on its way from a provider to a client. No IO: the caller pushes what it
//! received and takes what is ready; so a stream behaves the same however the network cuts it. What single frames
//! mean is for the dialects to say.

mod flow;
mod framing;
mod rewrite;
mod stage;
mod tap;

use crate::dialect::{Dialect, Framing, Reply, ToolAliases};
use crate::frame::{Frame, Framer};
use crate::ir::{Error, ErrorKind, Loss, Malformed, Usage};
use crate::sse::Tail;
use bytes::Bytes;
use flow::Flow;
use framing::Outgoing;
use rewrite::Rewriting;
use stage::Stage;
use tap::Tapping;

/// Prices usage at a service tier (the provider's word, where it said one): USD as a JSON number (`0.0021`), or nothing
/// where unpriced.
pub type CostOf<'a> = &'a dyn Fn(&Usage, Option<&str>) -> Option<String>;

/// A chat stream on its way. Its mode is fixed when it is made: *tap* where client and provider speak the same
/// dialect (frames pass as they are, usage is read on the way), else *rewrite* (events run through the stages).
///
/// What comes before the first content (role chunks, `message_start`, pings) is held, at most 2 MiB and 1024 frames
/// of it, so that another offering can still be tried. The first content commits.
pub struct Relay {
    framer: Framer,
    mode: Mode,
    flow: Flow,
    outgoing: Outgoing,
    tell: Tell,
}

/// What the client hears of a fault: not always what the provider said, which may name accounts and hosts of its own.
pub type Tell = Box<dyn Fn(&Fault) -> Error + Send + Sync>;

/// An error as a stream that holds nothing else, for a client that wants it cut into frames so.
pub fn error_alone(client: &Dialect, framing: Framing, error: &Error, request_id: &str) -> Vec<u8> {
    let Some(writer) = client.chat.client else {
        return Vec::new();
    };
    let frame = writer.stream_error(error, request_id);
    let mut outgoing = Outgoing::new(framing);
    let framed = outgoing.frame(frame.into(), true);
    framed.into()
}

enum Mode {
    Tap(Tapping),
    Rewrite(Rewriting),
}

/// Why a stream failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The provider said so inside the stream.
    Reported(Error),
    /// The provider sent what its dialect does not allow.
    Malformed(Malformed),
    /// The provider closed the stream before its proper end.
    Cut,
    /// More came before the first content than the relay may hold.
    HoldOverflow,
}

impl Fault {
    /// The fault in the words of a client's error.
    pub fn to_error(&self) -> Error {
        let message = match self {
            Self::Reported(error) => return error.clone(),
            Self::Malformed(bad) => format!("the provider's stream is malformed: {bad}"),
            Self::Cut => "the provider closed the stream before its end".to_owned(),
            Self::HoldOverflow => "the provider sent too much before any content".to_owned(),
        };
        Error::new(ErrorKind::Server, message)
    }
}

/// What went through so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The latest usage that the provider reported.
    pub usage: Option<Usage>,
    /// Whether that usage is final: not Anthropic's `message_start`, and no text came after it.
    pub usage_final: bool,
    /// Bytes of generated text received from the provider: text, reasoning, tool arguments.
    pub text_bytes: u64,
    /// The service tier that the provider says it served, in its words.
    pub service_tier: Option<String>,
}

impl Relay {
    /// A relay from a provider of one dialect to a client of another (or the same).
    /// Returns `None` when a side lacks its chat codec.
    pub fn chat(
        client: &'static Dialect,
        provider: &'static Dialect,
        reply: &Reply,
    ) -> Option<Self> {
        let writer = client.chat.client?;
        let mode = if client.id == provider.id {
            Mode::Tap(Tapping::new(writer, client.chat_pass?, reply))
        } else {
            Mode::Rewrite(Rewriting::new(writer, provider.chat.provider?, reply))
        };
        Some(Self {
            framer: Framer::of(provider.framing),
            mode,
            flow: Flow::default(),
            outgoing: Outgoing::new(reply.framing),
            tell: Box::new(Fault::to_error),
        })
    }

    /// Tells the tools that are called by the client's own names; the provider knows them by these aliases.
    #[must_use]
    pub fn lifting(mut self, aliases: ToolAliases) -> Self {
        match &mut self.mode {
            Mode::Rewrite(rewriting) if !aliases.is_empty() => {
                rewriting.add(Stage::ToolNames(aliases));
            }
            // What passes as it is was asked for in the client's own words.
            Mode::Rewrite(_) | Mode::Tap(_) => {}
        }
        self
    }

    /// With what the client hears of a fault, in place of all that is known of it.
    #[must_use]
    pub fn telling(mut self, tell: Tell) -> Self {
        self.tell = tell;
        self
    }

    /// Takes bytes from the provider. After the stream's end or failure they are ignored.
    ///
    /// # Errors
    /// When the stream failed; said once. Before commit nothing was sent, and another offering may be tried. After
    /// commit the proper error frame stands in the output already.
    pub fn push(&mut self, bytes: &[u8], cost: CostOf<'_>) -> Result<(), Fault> {
        self.read(bytes, cost)
            .map_err(|fault| self.break_off(fault))
    }

    /// The provider closed the stream.
    ///
    /// # Errors
    /// As [`Self::push`]: [`Fault::Cut`] when it was not complete.
    pub fn finish(&mut self, cost: CostOf<'_>) -> Result<(), Fault> {
        self.read_end(cost).map_err(|fault| self.break_off(fault))
    }

    /// Ends the stream with an error of our own (a time-out): appends the client dialect's error frame. Before commit
    /// nothing is sent, what was held is dropped, and the caller may still answer as it likes. After the stream's end
    /// or failure it does nothing.
    pub fn fail(&mut self, error: &Error) {
        if self.flow.is_over() {
            return;
        }
        if self.flow.committed() {
            match &mut self.mode {
                Mode::Tap(tapping) => tapping.write_error(error, &mut self.flow),
                Mode::Rewrite(rewriting) => rewriting.write_error(error, &mut self.flow),
            }
        }
        self.flow.break_off();
    }

    /// Whether the first content event was seen, so that output is ready and no other offering may be tried.
    pub fn committed(&self) -> bool {
        self.flow.committed()
    }

    /// Whether the stream's proper end was seen; what the provider sends after it is ignored.
    pub fn ended(&self) -> bool {
        self.flow.ended()
    }

    /// Takes all that is ready, in one piece; empty before commit.
    pub fn take(&mut self) -> Bytes {
        let over = self.flow.is_over();
        self.outgoing.frame(self.flow.take(), over)
    }

    /// What went through so far.
    pub fn tally(&self) -> Tally {
        self.flow.tally.clone()
    }

    /// What the answer's translation lost so far, each once.
    pub fn losses(&self) -> Vec<Loss> {
        match &self.mode {
            Mode::Tap(_) => Vec::new(),
            Mode::Rewrite(rewriting) => rewriting.losses(),
        }
    }

    fn read(&mut self, bytes: &[u8], cost: CostOf<'_>) -> Result<(), Fault> {
        if !self.flow.is_over() {
            self.flow.reserve(bytes.len());
        }
        let mut frames = self.framer.push(bytes);
        while !self.flow.is_over() {
            let Some(frame) = frames.next().map_err(Fault::Malformed)? else {
                break;
            };
            self.mode.read(&frame, &mut self.flow, cost)?;
        }
        Ok(())
    }

    fn read_end(&mut self, cost: CostOf<'_>) -> Result<(), Fault> {
        if self.flow.is_over() {
            return Ok(());
        }
        match self.framer.finish() {
            None => {}
            Some(Tail::Complete(frame)) => self.mode.read(&frame, &mut self.flow, cost)?,
            Some(Tail::Incomplete(frame)) => {
                let mended = mended(frame.raw);
                let frame = Frame::parse(&mended);
                // Some providers write their last error without `data:`; a comment says nothing.
                let bare = frame.raw.trim_ascii_start().starts_with(b"{");
                if !frame.data.is_empty() || bare {
                    match self.mode.read(&frame, &mut self.flow, cost) {
                        Ok(()) | Err(Fault::Malformed(_)) => {}
                        Err(fault) => return Err(fault),
                    }
                }
            }
        }
        if !self.flow.is_over() {
            self.mode.finish(&mut self.flow, cost)?;
        }
        if self.flow.is_over() {
            Ok(())
        } else {
            Err(Fault::Cut)
        }
    }

    /// Ends the stream after a fault, with the provider's own error frame where the client may hear all that it says.
    fn break_off(&mut self, fault: Fault) -> Fault {
        let told = (self.tell)(&fault);
        match (&mut self.mode, &fault) {
            (Mode::Tap(tapping), Fault::Reported(said)) if *said == told => {
                tapping.pass_error(&mut self.flow);
                self.flow.break_off();
            }
            (Mode::Tap(_) | Mode::Rewrite(_), _) => self.fail(&told),
        }
        fault
    }
}

impl Mode {
    fn read(&mut self, frame: &Frame<'_>, flow: &mut Flow, cost: CostOf<'_>) -> Result<(), Fault> {
        match self {
            Self::Tap(tapping) => tapping.read(frame, flow, cost),
            Self::Rewrite(rewriting) => rewriting.read(frame, flow, cost),
        }
    }

    fn finish(&mut self, flow: &mut Flow, cost: CostOf<'_>) -> Result<(), Fault> {
        match self {
            Self::Tap(tapping) => {
                tapping.finish(flow);
                Ok(())
            }
            Self::Rewrite(rewriting) => rewriting.finish(flow, cost),
        }
    }
}

/// The last frame of a stream, given the blank line that it lacks. Careless servers leave it out after their last
/// frame. That nothing is taken for whole which was cut, the dialect sees: no piece of a JSON object is one.
fn mended(raw: &[u8]) -> Vec<u8> {
    let missing: &[u8] = if raw.ends_with(b"\n") { b"\n" } else { b"\n\n" };
    [raw, missing].concat()
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod tests;
