//! A committed stream on its way: what the provider has ready goes through the relay and out again in one write, and
//! whatever ends it settles the exchange.

use super::super::attempt::Conversation;
use super::super::exchange::Exchange;
use super::super::kept::{self, Ending};
use super::{Relaying, cost_of};
use bytes::Bytes;
use domain::record::Checkpoint;
use http_body::Body;
use protocol::ir::{Error, Usage};
use protocol::relay::Fault;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use upstream::Failure;

/// How much of what came from the provider is joined into one write: no more is read once so much has come.
const JOINED_BYTES: usize = 64 * 1024;
/// Bytes of generated text between two checkpoints in the journal: some 500 tokens.
const CHECKPOINT_BYTES: u64 = 2048;
/// How long the rest of a provider's body is waited for after the stream's proper end, so that its connection can be
/// used again.
const DRAIN: Duration = Duration::from_secs(1);

/// A committed stream, and the exchange that it ends.
pub(super) struct Running {
    exchange: Exchange,
    conversation: Box<Conversation>,
    relaying: Relaying,
    /// Bytes of generated text at the last checkpoint.
    checkpoint_bytes: u64,
    /// Whether its first bytes were taken.
    begun: bool,
}

/// What polling a provider led to.
pub(super) enum Polled {
    /// These bytes go out; there may be more.
    Ready(Bytes),
    /// These bytes go out, and that was all.
    Last(Bytes),
    /// All has come; the last bytes go out once the answer is kept.
    Keeping(Ending),
    /// Nothing yet.
    Pending,
}

impl Running {
    /// At its commit.
    pub(super) fn new(
        exchange: Exchange,
        conversation: Box<Conversation>,
        relaying: Relaying,
    ) -> Self {
        Self {
            exchange,
            conversation,
            relaying,
            checkpoint_bytes: 0,
            begun: false,
        }
    }

    /// Moves what the provider has ready into the relay and out again, joined into one write. What is joined so is there
    /// already; nothing is waited for.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Polled {
        loop {
            let dry = match self.pump(cx) {
                Pumped::Full => false,
                Pumped::Dry => true,
                Pumped::Closed(last) => return Polled::Last(last),
                Pumped::Kept(ending) => return Polled::Keeping(ending),
            };
            self.checkpoint();
            let ready = self.take();
            if !ready.is_empty() {
                return Polled::Ready(ready);
            }
            if dry {
                return Polled::Pending;
            }
        }
    }

    fn pump(&mut self, cx: &mut Context<'_>) -> Pumped {
        if let Some(fault) = self.relaying.fault.take() {
            return self.faulted(fault);
        }
        let mut came = 0;
        loop {
            let (conversation, serving) = (&self.conversation, self.relaying.serving);
            let cost =
                |usage: &Usage, tier: Option<&str>| cost_of(conversation, serving, usage, tier);
            let relay = &mut self.relaying.relay;
            if relay.ended() {
                return self.complete(cx);
            }
            // Only after a look whether it ended, so that the stream's last event is among its last bytes.
            if came >= JOINED_BYTES {
                return Pumped::Full;
            }
            let polled = self
                .relaying
                .body
                .as_mut()
                .map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(cx));
            match polled {
                Poll::Pending => return Pumped::Dry,
                Poll::Ready(Some(Ok(frame))) => {
                    let bytes = frame.into_data().unwrap_or_default();
                    came += bytes.len();
                    if let Err(fault) = relay.push(&bytes, &cost) {
                        return self.faulted(fault);
                    }
                }
                Poll::Ready(Some(Err(failure))) => {
                    let heard = failure.to_client_error();
                    relay.fail(&heard);
                    return self.broken(&failure, &heard);
                }
                Poll::Ready(None) => {
                    return match relay.finish(&cost) {
                        Ok(()) => self.complete(cx),
                        Err(fault) => self.faulted(fault),
                    };
                }
            }
        }
    }

    /// The stream's proper end. It is settled before its last bytes go out.
    fn complete(&mut self, cx: &mut Context<'_>) -> Pumped {
        self.tally();
        self.exchange.attempt_ended(Ok(()));
        self.exchange.complete();
        if let Some(body) = self.relaying.body.take() {
            drain(body, cx);
        }
        let last = self.take();
        match kept::stream(&self.exchange, &self.conversation, last) {
            Ok(ending) => Pumped::Kept(ending),
            Err(last) => Pumped::Closed(last),
        }
    }

    fn faulted(&mut self, fault: Fault) -> Pumped {
        let failure = self
            .conversation
            .hiding_secret(self.relaying.serving.provider, fault.into());
        let heard = failure.to_client_error();
        self.broken(&failure, &heard)
    }

    /// The relay has put the error frame, of what the client `heard`, into its output already.
    fn broken(&mut self, failure: &Failure, heard: &Error) -> Pumped {
        self.tally();
        self.exchange.attempt_ended(Err(failure));
        self.exchange.break_off(heard);
        Pumped::Closed(self.take())
    }

    /// What is ready to go out.
    fn take(&mut self) -> Bytes {
        let ready = self.relaying.relay.take();
        if self.begun || ready.is_empty() {
            return ready;
        }
        self.begun = true;
        kept::begun(&self.conversation, ready)
    }

    fn tally(&mut self) {
        self.exchange.tally = self.relaying.relay.tally();
        self.exchange.lost_in_answer(self.relaying.relay.losses());
    }

    /// Should the process be killed, the journal knows how far this stream had come.
    fn checkpoint(&mut self) {
        let tally = self.relaying.relay.tally();
        if tally.text_bytes < self.checkpoint_bytes + CHECKPOINT_BYTES {
            return;
        }
        self.checkpoint_bytes = tally.text_bytes;
        self.exchange.tally = tally;
        let (usage, cost) = self.exchange.usage_so_far();
        let checkpoint = Checkpoint {
            id: self.conversation.call.id,
            usage,
            cost,
        };
        if let Err(error) = self
            .exchange
            .gateway
            .store
            .journal()
            .checkpoint(&checkpoint)
        {
            tracing::warn!(%error, "a checkpoint could not be journalled");
        }
    }
}

impl Drop for Running {
    /// The client hung up: what came so far is what the exchange is billed by.
    fn drop(&mut self) {
        self.tally();
    }
}

enum Pumped {
    /// The stream goes on; nothing more is there now.
    Dry,
    /// The stream goes on; as much came as is joined into one write, and there may be more.
    Full,
    /// It is over; these bytes are the last.
    Closed(Bytes),
    /// It is over; the last bytes go out once the answer is kept.
    Kept(Ending),
}

/// Reads a body to its end, which usually is there already, so that its connection can be used again.
fn drain(mut body: upstream::Body, cx: &mut Context<'_>) {
    if Pin::new(&mut body).poll_frame(cx).is_pending() {
        tokio::spawn(tokio::time::timeout(DRAIN, body.collect(JOINED_BYTES)));
    }
}
