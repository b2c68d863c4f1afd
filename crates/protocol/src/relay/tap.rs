//! Tap mode: frames pass as they are; usage is read on the way and our cost put into it. No event is built here.

use super::flow::Flow;
use super::{CostOf, Fault};
use crate::dialect::{ChatClient, ChatProvider, FrameKind, Reply, Seen, Tap};
use crate::ir::Error;
use crate::splice;
use crate::sse::Frame;
use std::borrow::Cow;

pub(super) struct Tapping {
    tap: Box<dyn Tap>,
    client: &'static dyn ChatClient,
    include_usage: bool,
    request_id: String,
}

impl Tapping {
    pub(super) fn new(
        client: &'static dyn ChatClient,
        provider: &'static dyn ChatProvider,
        reply: &Reply,
    ) -> Self {
        Self {
            tap: provider.tap(),
            client,
            include_usage: reply.include_usage,
            request_id: reply.request_id.clone(),
        }
    }

    pub(super) fn read(
        &mut self,
        frame: &Frame<'_>,
        flow: &mut Flow,
        cost: CostOf<'_>,
    ) -> Result<(), Fault> {
        let seen = self.tap.read(frame).map_err(Fault::Malformed)?;
        flow.count_text(seen.text_bytes);
        flow.note_tier(self.tap.service_tier());
        if let Some(usage) = seen.usage {
            flow.count_usage(usage, seen.kind != FrameKind::Preamble);
        }
        match seen.kind {
            FrameKind::Preamble => flow.write_held(frame.raw),
            FrameKind::Ping => {
                flow.write_ping(frame.raw);
                Ok(())
            }
            FrameKind::UsageOnly if self.include_usage => {
                flow.write_held(&priced(frame, &seen, flow.tier(), cost))
            }
            FrameKind::UsageOnly => Ok(()),
            FrameKind::Content => {
                flow.commit();
                let bytes = priced(frame, &seen, flow.tier(), cost);
                flow.write(&bytes);
                Ok(())
            }
            FrameKind::End => {
                let bytes = priced(frame, &seen, flow.tier(), cost);
                flow.write(&bytes);
                flow.end();
                Ok(())
            }
            // The provider's own error frame is of the client's dialect already.
            FrameKind::Error(error) => {
                flow.write(frame.raw);
                Err(Fault::Reported(error))
            }
        }
    }

    /// The provider closed the stream: ends it if it was complete, though its last frame was not the end's.
    pub(super) fn finish(&mut self, flow: &mut Flow) {
        if self.tap.complete() {
            flow.end();
        }
    }

    pub(super) fn write_error(&mut self, error: &Error, flow: &mut Flow) {
        flow.write(&self.client.stream_error(error, &self.request_id));
    }
}

/// The frame's bytes with our cost in its usage object. Data of several lines is left alone, since the object may be
/// torn by line ends there.
fn priced<'a>(
    frame: &Frame<'a>,
    seen: &Seen,
    tier: Option<&str>,
    cost: CostOf<'_>,
) -> Cow<'a, [u8]> {
    let priced = || {
        let object = frame.raw_span(seen.usage_span.clone()?)?;
        let fragment = cost(seen.usage.as_ref()?, tier)?;
        Some(splice::insert_member(frame.raw, object, &fragment))
    };
    priced().map_or(Cow::Borrowed(frame.raw), Cow::Owned)
}
