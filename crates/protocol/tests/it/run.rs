//! Runs streams through a dialect's decoder, its tap, or a relay, cut into chunks of any size.

use protocol::dialect::{Dialect, FrameKind, Reply, StreamDecoder};
use protocol::frame::{Frame, Framer};
use protocol::ir::{Event, Loss, Malformed, Usage};
use protocol::relay::{Fault, Relay};
use protocol::sse::Tail;

/// What a tap saw of a stream.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tapped {
    pub(crate) kinds: Vec<FrameKind>,
    pub(crate) usage: Option<Usage>,
    pub(crate) text_bytes: u64,
    pub(crate) complete: bool,
    pub(crate) tier: Option<String>,
}

/// The events of a stream.
pub(crate) fn decode(
    dialect: &Dialect,
    stream: &[u8],
    chunk: usize,
) -> Result<Vec<Event>, Malformed> {
    let mut decoder = dialect.chat.provider.unwrap().stream_decoder();
    let mut events = Vec::new();
    frames(dialect, stream, chunk, |frame| {
        decoder.decode(frame, &mut events)
    })?;
    decoder.finish(&mut events);
    Ok(events)
}

/// A decoder that has read a stream.
pub(crate) fn decoder(dialect: &Dialect, stream: &[u8]) -> Box<dyn StreamDecoder> {
    let mut decoder = dialect.chat.provider.unwrap().stream_decoder();
    let mut events = Vec::new();
    frames(dialect, stream, stream.len(), |frame| {
        decoder.decode(frame, &mut events)
    })
    .unwrap();
    decoder
}

/// What a tap sees, up to the stream's end or its error.
pub(crate) fn tap(dialect: &Dialect, stream: &[u8], chunk: usize) -> Result<Tapped, Malformed> {
    let mut tap = dialect.chat_pass.unwrap().tap();
    let mut seen = Tapped::default();
    frames(dialect, stream, chunk, |frame| {
        let looked = tap.read(frame)?;
        seen.usage = looked.usage.or(seen.usage);
        seen.text_bytes += looked.text_bytes;
        if let Some(span) = looked.usage_span {
            let object = &frame.data[span];
            assert!(
                object.starts_with(b"{") && object.ends_with(b"}"),
                "{object:?}"
            );
        }
        seen.kinds.push(looked.kind);
        Ok(())
    })?;
    seen.complete = tap.complete();
    seen.tier = tap.service_tier().map(str::to_owned);
    Ok(seen)
}

fn frames(
    dialect: &Dialect,
    stream: &[u8],
    chunk: usize,
    mut each: impl FnMut(&Frame<'_>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut framer = Framer::of(dialect.framing);
    for bytes in stream.chunks(chunk.max(1)) {
        let mut frames = framer.push(bytes);
        while let Some(frame) = frames.next()? {
            each(&frame)?;
        }
    }
    match framer.finish() {
        Some(Tail::Complete(frame)) => each(&frame),
        Some(Tail::Incomplete(_)) | None => Ok(()),
    }
}

/// What a client gets of a provider's stream.
pub(crate) struct Relayed {
    pub(crate) out: Vec<u8>,
    pub(crate) fault: Option<Fault>,
    pub(crate) losses: Vec<Loss>,
}

/// Runs a provider's stream through a relay to a client.
pub(crate) fn relay(
    client: &'static Dialect,
    provider: &'static Dialect,
    reply: &Reply,
    stream: &[u8],
    chunk: usize,
) -> Relayed {
    let mut relay = Relay::chat(client, provider, reply).unwrap();
    let price = |usage: &Usage, _: Option<&str>| Some(usage.output.to_string());
    let mut out = Vec::new();
    let mut fault = None;
    for bytes in stream.chunks(chunk.max(1)) {
        fault = fault.or(relay.push(bytes, &price).err());
        out.extend_from_slice(&relay.take());
    }
    fault = fault.or(relay.finish(&price).err());
    out.extend_from_slice(&relay.take());
    Relayed {
        out,
        fault,
        losses: relay.losses().to_vec(),
    }
}

/// The door's part of an answer, the same in all tests.
pub(crate) fn reply() -> Reply {
    Reply {
        now: 1_782_345_601,
        request_id: "req_1".into(),
        model: "author/model".into(),
        include_usage: true,
        input_estimate: 12,
        ..Reply::default()
    }
}
