//! Messages of an AWS event stream, written by hand after the format's description:
//! <https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream>. Lengths, headers
//! and payload, each part under a checksum.

/// The type of a header's value: text.
const TEXT: u8 = 7;

/// One message with text headers.
pub(super) fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(length(name.len()));
        block.extend_from_slice(name.as_bytes());
        block.push(TEXT);
        block.extend_from_slice(&[0, length(value.len())]);
        block.extend_from_slice(value.as_bytes());
    }
    // Two lengths and their checksum before the headers, a checksum of all at the end.
    let total = 12 + block.len() + payload.len() + 4;
    let mut out = Vec::with_capacity(total);
    for length in [total, block.len()] {
        out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    }
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(&block);
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}

/// Names and values here are a few letters long.
fn length(bytes: usize) -> u8 {
    u8::try_from(bytes).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The empty message, whose bytes the authors of the format publish with their libraries' tests.
    #[test]
    fn the_smallest_message_is_the_known_one() {
        let known = [
            0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98,
            0xc8, 0xff,
        ];
        assert_eq!(message(&[], b""), known);
    }
}
