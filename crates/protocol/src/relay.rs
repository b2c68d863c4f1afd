//! Bytes in, bytes out: a streamed answer on its way from a provider to a client. No IO: the caller pushes what it
//! received and takes what is ready; so a stream behaves the same however the network cuts it.

use crate::dialect::{Dialect, Reply};
use crate::ir::{Error, Loss, Malformed, Usage};
use bytes::Bytes;

/// Prices usage as a JSON fragment for the usage object (`"cost":0.0021`), or nothing where unpriced.
pub type CostOf<'a> = &'a dyn Fn(&Usage) -> Option<String>;

/// A chat stream on its way. Its mode is fixed when it is made: *tap* where client and provider speak the same
/// dialect (frames pass as they are, usage is read on the way), else *rewrite* (events run through the stages).
pub struct Relay {}

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

/// What went through so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The latest usage that the provider reported.
    pub usage: Option<Usage>,
    /// Whether that usage is final (not Anthropic's `message_start`).
    pub usage_final: bool,
    /// Bytes of generated text received from the provider: text, reasoning, tool arguments.
    pub text_bytes: u64,
}

impl Relay {
    /// A relay from a provider of one dialect to a client of another (or the same).
    /// Returns `None` when a side lacks its chat codec.
    pub fn chat(
        client: &'static Dialect,
        provider: &'static Dialect,
        reply: &Reply,
    ) -> Option<Self> {
        let _ = (client, provider, reply);
        None
    }

    /// Takes bytes from the provider.
    ///
    /// # Errors
    /// When the stream failed. Before commit nothing was sent, and another offering may be tried. After commit the
    /// proper error frame stands in the output already.
    pub fn push(&mut self, bytes: &[u8], cost: CostOf<'_>) -> Result<(), Fault> {
        let _ = (bytes, cost);
        Ok(())
    }

    /// The provider closed the stream.
    ///
    /// # Errors
    /// As [`Self::push`]: [`Fault::Cut`] when it was not complete.
    pub fn finish(&mut self, cost: CostOf<'_>) -> Result<(), Fault> {
        let _ = cost;
        Ok(())
    }

    /// Ends the stream with an error of our own (a time-out): appends the client dialect's error frame.
    pub fn fail(&mut self, error: &Error) {
        let _ = error;
    }

    /// Whether the first content event was seen, so that output is ready and no other offering may be tried.
    pub fn committed(&self) -> bool {
        false
    }

    /// Whether the stream's proper end was seen; what the provider sends after it is ignored.
    pub fn ended(&self) -> bool {
        false
    }

    /// Takes all that is ready, in one piece; empty before commit.
    pub fn take(&mut self) -> Bytes {
        Bytes::new()
    }

    /// What went through so far.
    pub fn tally(&self) -> Tally {
        Tally::default()
    }

    /// What the answer's translation lost.
    pub fn losses(&self) -> &[Loss] {
        &[]
    }
}
