//! Messages in all cuts, and what is wrong with them.

use super::*;
use proptest::prelude::*;

/// As `botocore` 1.44.5 reads it: `messageStart`, built from the format's description.
const PING: &[u8] = b"\x00\x00\x00\\\x00\x00\x00J\x0e\xc8U-\x0b:event-type\x07\x00\x04ping\r:content-type\x07\x00\x10application/json\r:message-type\x07\x00\x05event{}Q\xc5\xa6\xfd";

type Said = (Vec<u8>, Option<String>, Vec<u8>, Tells);

fn read(chunks: &[&[u8]]) -> (Vec<Said>, Option<Broken>, bool) {
    let mut framer = Framer::default();
    let mut all = Vec::new();
    for chunk in chunks {
        let mut frames = framer.push(chunk);
        loop {
            match frames.next() {
                Ok(Some(frame)) => all.push((
                    frame.raw.to_vec(),
                    frame.event.map(str::to_owned),
                    frame.data.to_vec(),
                    frame.tells,
                )),
                Ok(None) => break,
                Err(broken) => return (all, Some(broken), false),
            }
        }
    }
    let torn = framer.is_torn();
    (all, None, torn)
}

fn event(name: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_event(&mut out, name, payload);
    out
}

/// A stream of an event, an exception, an error and a message without a name.
fn stream() -> Vec<u8> {
    let mut out = event("messageStart", br#"{"role":"assistant"}"#);
    write_exception(&mut out, "throttlingException", br#"{"message":"slow"}"#);
    write_error(&mut out, "AccessDenied", "no \"entry\"");
    write(&mut out, &[], b"");
    out
}

#[test]
fn a_message_is_what_amazons_own_reader_takes() {
    assert_eq!(event("ping", b"{}"), PING);
    let (said, broken, torn) = read(&[PING]);
    assert_eq!((said.len(), broken, torn), (1, None, false));
    assert_eq!(said[0].1.as_deref(), Some("ping"));
}

#[test]
fn events_exceptions_and_errors_are_told_apart() {
    let (said, broken, _) = read(&[&stream()]);
    assert_eq!(broken, None);
    let told: Vec<_> = said
        .iter()
        .map(|(_, event, data, tells)| (event.as_deref(), &**data, *tells))
        .collect();
    assert_eq!(
        told,
        [
            (
                Some("messageStart"),
                &br#"{"role":"assistant"}"#[..],
                Tells::Event
            ),
            (
                Some("throttlingException"),
                br#"{"message":"slow"}"#,
                Tells::Error
            ),
            (
                Some("AccessDenied"),
                br#"{"message":"no \"entry\""}"#,
                Tells::Error
            ),
            (None, b"", Tells::Event),
        ]
    );
}

#[test]
fn every_split_gives_the_same_messages() {
    let stream = stream();
    let whole = read(&[&stream]);
    let raws: Vec<u8> = whole.0.iter().flat_map(|(raw, ..)| raw.clone()).collect();
    assert_eq!(raws, stream);
    for at in 0..=stream.len() {
        let (head, tail) = stream.split_at(at);
        assert_eq!(read(&[head, tail]), whole, "split at {at}");
    }
    for size in 1..40 {
        let chunks: Vec<&[u8]> = stream.chunks(size).collect();
        assert_eq!(read(&chunks), whole, "chunks of {size}");
    }
}

#[test]
fn a_truncated_message_is_torn_and_never_shown() {
    for at in 1..PING.len() {
        assert_eq!(read(&[&PING[..at]]), (Vec::new(), None, true), "{at}");
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    for at in 0..PING.len() {
        let mut bad = PING.to_vec();
        bad[at] ^= 0x10;
        let (said, broken, _) = read(&[&bad]);
        assert_eq!(said, [], "{at}");
        assert!(matches!(broken, Some(Broken::Checksum(_))), "{at}");
    }
}

#[test]
fn lengths_that_are_nonsense_are_refused_before_anything_is_kept() {
    let check = |total: u32, headers: u32, expect: Broken| {
        let mut prelude = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        prelude.extend_from_slice(&crc32fast::hash(&prelude).to_be_bytes());
        assert_eq!(read(&[&prelude]).1, Some(expect), "{total} {headers}");
    };
    check(0, 0, Broken::Lengths);
    check(15, 0, Broken::Lengths);
    check(100, 85, Broken::Lengths);
    let long = |part, length, limit| Broken::TooLong {
        part,
        length,
        limit,
    };
    check(300_000, 140_000, long("headers", 140_000, HEADERS_LIMIT));
    check(
        u32::MAX,
        0,
        long("payload", u32::MAX as usize - 16, PAYLOAD_LIMIT),
    );
}

#[test]
fn headers_that_do_not_end_where_they_should_are_refused() {
    for bytes in [
        &b"\x05ab"[..],
        b"\x01a\x0a",
        b"\x01a\x07\x00\x09x",
        b"\x01a\x04\x00",
        b"\x01a",
        b"\x00\x00",
        b"\x01\xff\x00",
        b"\x01a\x07\x00\x01\xff",
    ] {
        let last = headers(bytes).last();
        assert_eq!(last, Some(Err(Broken::Headers)), "{bytes:?}");
    }
}

#[test]
fn every_kind_of_value_comes_back() {
    let said = [
        ("t", Value::Bool(true)),
        ("f", Value::Bool(false)),
        ("b", Value::Byte(-7)),
        ("s", Value::Short(-700)),
        ("i", Value::Integer(-70_000)),
        ("l", Value::Long(i64::MIN)),
        ("y", Value::Bytes(b"\x00\xff")),
        ("x", Value::Text("Zürich")),
        ("m", Value::Timestamp(1_700_000_000_000)),
        ("u", Value::Uuid(*b"0123456789abcdef")),
    ];
    let mut out = Vec::new();
    write(&mut out, &said, b"payload");
    let end = PRELUDE + u32_at(&out, 4).unwrap() as usize;
    let read: Result<Vec<_>, _> = headers(&out[PRELUDE..end]).collect();
    assert_eq!(read.unwrap(), said);
}

#[test]
fn a_member_more_is_a_message_with_new_lengths_and_checksums() {
    let message = event("metadata", br#"{"usage":{"inputTokens":1},"metrics":{}}"#);
    let mut framer = Framer::default();
    let mut frames = framer.push(&message);
    let frame = frames.next().unwrap().unwrap();
    let priced = frame.with_member(9..26, "cost", "0.5").unwrap();
    let expect = event(
        "metadata",
        br#"{"usage":{"inputTokens":1,"cost":0.5},"metrics":{}}"#,
    );
    assert_eq!(priced, expect);
}

#[test]
fn a_text_too_long_for_a_header_ends_at_a_whole_character() {
    let mut out = Vec::new();
    write_error(&mut out, "Code", &"ü".repeat(20_000));
    let (said, broken, _) = read(&[&out]);
    assert_eq!((said.len(), broken), (1, None));
}

proptest! {
    #[test]
    fn any_messages_survive_any_split(
        messages in prop::collection::vec(
            ("[a-z]{1,9}", any::<i64>(), prop::collection::vec(any::<u8>(), 0..60)), 0..6),
        mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut stream = Vec::new();
        for (name, number, payload) in &messages {
            write(&mut stream, &[(":event-type", Value::Text(name)), ("n", Value::Long(*number))], payload);
        }
        cuts.sort_by_key(|cut| cut.index(stream.len() + 1));
        let mut chunks = Vec::new();
        let mut from = 0;
        for cut in cuts {
            let to = cut.index(stream.len() + 1);
            chunks.push(&stream[from..to]);
            from = to;
        }
        chunks.push(&stream[from..]);
        let (said, broken, torn) = read(&chunks);
        prop_assert_eq!((broken, torn), (None, false));
        let payloads: Vec<_> = said.into_iter().map(|(_, name, payload, _)| (name.unwrap(), payload)).collect();
        let expect: Vec<_> = messages.into_iter().map(|(name, _, payload)| (name, payload)).collect();
        prop_assert_eq!(payloads, expect);
    }

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&[&bytes]);
        let _ = headers(&bytes).count();
    }
}
