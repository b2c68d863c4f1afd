//! What every stream that a client is given must be, whatever the request and the provider's answer held: frames that
//! each carry one JSON value.

use protocol::dialect::{Dialect, Framing};
use protocol::frame::{Frame, Framer};
use serde::de::IgnoredAny;

/// Checks each frame of a stream of that dialect, or the elements of the array, if it is one.
pub(crate) fn assert_whole(case: &str, client: &Dialect, framing: Framing, stream: &[u8]) {
    if framing == Framing::JsonArray {
        if !stream.is_empty() {
            let read = serde_json::from_slice::<Vec<IgnoredAny>>(stream);
            let text = String::from_utf8_lossy(stream);
            assert!(read.is_ok(), "{case}: {read:?}\n{text}");
        }
        return;
    }
    let mut framer = Framer::of(client.framing);
    let mut frames = framer.push(stream);
    let mut seen = 0;
    while let Some(frame) = frames.next().unwrap() {
        seen += frame.raw.len();
        assert!(is_whole(&frame), "{case}: a torn frame: {frame:?}");
    }
    assert_eq!(seen, stream.len(), "{case}: no blank line at the end");
}

fn is_whole(frame: &Frame<'_>) -> bool {
    let names = ["data:", "event:", ":"];
    let torn = |line: &str| !line.is_empty() && !names.iter().any(|name| line.starts_with(name));
    let text = String::from_utf8_lossy(frame.raw);
    let is_text = !frame.raw.starts_with(&[0]);
    if is_text && text.split(['\r', '\n']).any(torn) {
        return false;
    }
    let comment = frame.data.is_empty() && frame.event.is_none();
    let done = &*frame.data == b"[DONE]";
    comment || done || serde_json::from_slice::<IgnoredAny>(&frame.data).is_ok()
}
