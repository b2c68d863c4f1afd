//! The outgoing side of a relay: what is held until commit, what is ready, and the count of what went through. It
//! knows neither frames nor events.

use super::{Fault, Tally};
use crate::ir::Usage;
use bytes::{Bytes, BytesMut};

/// How much may be held before commit, in bytes: 2 MiB. Streams of the Responses API begin with two events that repeat
/// instructions and tools, which are long where coding agents ask.
const HOLD_BYTES: usize = 2 << 20;

/// How many frames may be held before commit.
const HOLD_FRAMES: usize = 1024;

/// How many of them may be pings; the ones after that are dropped, since a model may think for long.
const HOLD_PINGS: usize = 64;

/// Output of one stream.
#[derive(Default)]
pub(super) struct Flow {
    /// Held before commit, ready after it.
    buffer: BytesMut,
    committed: bool,
    over: Option<Over>,
    held_frames: usize,
    held_pings: usize,
    pub(super) tally: Tally,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Ended,
    Failed,
}

impl Flow {
    pub(super) fn committed(&self) -> bool {
        self.committed
    }

    pub(super) fn ended(&self) -> bool {
        self.over == Some(Over::Ended)
    }

    /// Whether the stream ended or failed, so that nothing may follow.
    pub(super) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// What is written from now on, and what was held, goes out.
    pub(super) fn commit(&mut self) {
        self.committed = true;
    }

    /// The proper end, which also commits: an answer may be empty.
    pub(super) fn end(&mut self) {
        self.committed = true;
        self.over = Some(Over::Ended);
    }

    /// No proper end; what is held is dropped.
    pub(super) fn break_off(&mut self) {
        if !self.committed {
            self.buffer.clear();
        }
        self.over = Some(Over::Failed);
    }

    /// Makes room for as much as came in, so that the frames of a chunk cost one allocation at most.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.buffer.reserve(bytes);
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Writes one frame that does not commit.
    pub(super) fn write_held(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.write(bytes);
        if self.committed {
            return Ok(());
        }
        self.held_frames += 1;
        if self.buffer.len() > HOLD_BYTES || self.held_frames > HOLD_FRAMES {
            return Err(Fault::HoldOverflow);
        }
        Ok(())
    }

    /// Writes a sign of life, or drops it if enough of them are held.
    pub(super) fn write_ping(&mut self, bytes: &[u8]) {
        if !self.committed {
            if self.held_pings == HOLD_PINGS || self.buffer.len() + bytes.len() > HOLD_BYTES {
                return;
            }
            self.held_pings += 1;
        }
        self.write(bytes);
    }

    /// Generated text came, so that usage stated before does not cover it.
    pub(super) fn count_text(&mut self, bytes: u64) {
        if bytes > 0 {
            self.tally.text_bytes = self.tally.text_bytes.saturating_add(bytes);
            self.tally.usage_final = false;
        }
    }

    pub(super) fn count_usage(&mut self, usage: Usage, is_final: bool) {
        self.tally.usage = Some(usage);
        self.tally.usage_final = is_final;
    }

    /// Remembers the service tier, if it is another than before.
    pub(super) fn note_tier(&mut self, tier: Option<&str>) {
        if tier.is_some() && tier != self.tally.service_tier.as_deref() {
            self.tally.service_tier = tier.map(str::to_owned);
        }
    }

    /// The service tier as far as known.
    pub(super) fn tier(&self) -> Option<&str> {
        self.tally.service_tier.as_deref()
    }

    pub(super) fn take(&mut self) -> Bytes {
        if self.committed {
            self.buffer.split().freeze()
        } else {
            Bytes::new()
        }
    }
}
