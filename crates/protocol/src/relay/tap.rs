//! Tap mode: frames pass as they are; usage is read on the way and our cost put into it. No event is built here.

use super::flow::Flow;
use super::{CostOf, Fault};
use crate::dialect::{ChatClient, ChatPass, FrameKind, Reply, Seen, Tap};
use crate::ir::{Error, Malformed};
use crate::mend;
use crate::sse::Frame;

pub(super) struct Tapping {
    tap: Box<dyn Tap>,
    client: &'static dyn ChatClient,
    include_usage: bool,
    request_id: String,
    /// A frame with usage, held until it is known whether another comes: the cost belongs to the last one only.
    counted: Option<Counted>,
    /// The frame by which the provider reported an error.
    reported: Vec<u8>,
}

/// A frame with usage in it.
struct Counted {
    plain: Vec<u8>,
    priced: Vec<u8>,
}

/// Whether the usage of a held frame was the last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Yes,
    No,
}

impl Tapping {
    pub(super) fn new(
        client: &'static dyn ChatClient,
        pass: &'static dyn ChatPass,
        reply: &Reply,
    ) -> Self {
        Self {
            tap: pass.tap(),
            client,
            include_usage: reply.include_usage,
            request_id: reply.request_id.clone(),
            counted: None,
            reported: Vec::new(),
        }
    }

    pub(super) fn read(
        &mut self,
        frame: &Frame<'_>,
        flow: &mut Flow,
        cost: CostOf<'_>,
    ) -> Result<(), Fault> {
        let seen = self.look(frame).map_err(Fault::Malformed)?;
        flow.count_text(seen.text_bytes);
        flow.note_tier(self.tap.service_tier());
        if let Some(usage) = seen.usage {
            flow.count_usage(usage, seen.kind != FrameKind::Preamble);
        }
        if seen.kind == FrameKind::UsageOnly && !self.include_usage {
            return Ok(());
        }
        let priced = priced(frame, &seen, flow.tier(), cost);
        let more_counts = priced.is_some() || seen.text_bytes > 0;
        let last = if more_counts { Last::No } else { Last::Yes };
        if let Some(held) = self.release(last) {
            flow.write_held(&held)?;
        }
        match seen.kind {
            FrameKind::Content => flow.commit(),
            FrameKind::Ping => {
                flow.write_ping(frame.raw);
                return Ok(());
            }
            FrameKind::Error(error) => {
                self.reported = frame.raw.to_vec();
                return Err(Fault::Reported(error));
            }
            FrameKind::Preamble | FrameKind::UsageOnly | FrameKind::End => {}
        }
        if seen.kind == FrameKind::End {
            flow.write(priced.as_deref().unwrap_or(frame.raw));
            flow.end();
            return Ok(());
        }
        match priced {
            Some(priced) => {
                let plain = frame.raw.to_vec();
                self.counted = Some(Counted { plain, priced });
                Ok(())
            }
            None => flow.write_held(frame.raw),
        }
    }

    /// Looks at a frame, in its mended form where it needs one.
    fn look(&mut self, frame: &Frame<'_>) -> Result<Seen, Malformed> {
        let whole = mend::without_halves(&frame.data).map(|data| frame.with_data(data));
        let frame = whole.as_ref().unwrap_or(frame);
        self.tap.read(frame).or_else(|bad| {
            let once = mend::said_once(&frame.data).ok_or(bad)?;
            self.tap.read(&frame.with_data(once))
        })
    }

    /// The provider closed the stream: ends it if it was complete, though its last frame was not the end's.
    pub(super) fn finish(&mut self, flow: &mut Flow) {
        flow.write(&self.release(Last::Yes).unwrap_or_default());
        if self.tap.complete() {
            flow.end();
        }
    }

    /// Writes the provider's own error frame, which is of the client's dialect already.
    pub(super) fn pass_error(&mut self, flow: &mut Flow) {
        flow.write(&self.release(Last::Yes).unwrap_or_default());
        flow.write(&self.reported);
    }

    pub(super) fn write_error(&mut self, error: &Error, flow: &mut Flow) {
        flow.write(&self.release(Last::Yes).unwrap_or_default());
        flow.write(&self.client.stream_error(error, &self.request_id));
    }

    /// The frame that was held, as it is now to be written.
    fn release(&mut self, last: Last) -> Option<Vec<u8>> {
        let counted = self.counted.take()?;
        Some(match last {
            Last::Yes => counted.priced,
            Last::No => counted.plain,
        })
    }
}

/// The frame's bytes with our cost in its usage object, if both are there. Data of several lines is left alone, since the
/// object may be torn by line ends there.
fn priced(frame: &Frame<'_>, seen: &Seen, tier: Option<&str>, cost: CostOf<'_>) -> Option<Vec<u8>> {
    let cost = cost(seen.usage.as_ref()?, tier)?;
    frame.with_member(seen.usage_span.clone()?, "cost", &cost)
}
