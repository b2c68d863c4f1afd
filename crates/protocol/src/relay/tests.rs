//! Tests of the relay with two tiny dialects: what is held, what commits, how streams end, and that chunks do not
//! matter.

use super::fake::{LEFT, RIGHT};
use super::*;
use crate::dialect::Framing;
use proptest::prelude::*;

/// What a stream came to.
#[derive(Debug, PartialEq)]
struct Run {
    output: String,
    fault: Option<Fault>,
    committed: bool,
    ended: bool,
    tally: Tally,
}

fn relay(client: &'static Dialect, provider: &'static Dialect, include_usage: bool) -> Relay {
    let reply = Reply {
        include_usage,
        ..Reply::default()
    };
    Relay::chat(client, provider, &reply).unwrap()
}

fn price(usage: &Usage, _: Option<&str>) -> Option<String> {
    Some(format!("0.{}", usage.output))
}

fn run(relay: &mut Relay, chunks: &[&[u8]]) -> Run {
    let mut output = Vec::new();
    let mut faults = Vec::new();
    for chunk in chunks {
        faults.extend(relay.push(chunk, &price).err());
        output.extend_from_slice(&relay.take());
    }
    faults.extend(relay.finish(&price).err());
    output.extend_from_slice(&relay.take());
    assert!(faults.len() <= 1, "{faults:?}");
    Run {
        output: String::from_utf8(output).unwrap(),
        fault: faults.pop(),
        committed: relay.committed(),
        ended: relay.ended(),
        tally: relay.tally(),
    }
}

fn tapped(stream: &str) -> Run {
    run(&mut relay(&LEFT, &LEFT, true), &[stream.as_bytes()])
}

fn rewritten(stream: &str) -> Run {
    run(&mut relay(&RIGHT, &LEFT, true), &[stream.as_bytes()])
}

fn reported(message: &str) -> Fault {
    Fault::Reported(Error::new(ErrorKind::Server, message))
}

const ANSWER: &str = "data: start m\n\n: hi\n\ndata: guess {\"output\":1}\n\ndata: text Hello\r\n\r\n\
    data: stop x\n\ndata: usage {\"output\": 7}\n\ndata: end x\n\n";

#[test]
fn tap_passes_the_bytes_and_adds_the_cost() {
    let run = tapped(ANSWER);
    assert_eq!(
        run.output,
        ANSWER.replace("{\"output\": 7}", "{\"output\": 7,\"cost\":0.7}")
    );
    assert_eq!(run.fault, None);
    assert!(run.ended);
    let usage = Usage {
        output: 7,
        ..Usage::default()
    };
    let tally = Tally {
        usage: Some(usage),
        usage_final: true,
        text_bytes: 5,
        service_tier: None,
    };
    assert_eq!(run.tally, tally);
    assert_eq!(rewritten(ANSWER).tally, tally);
}

#[test]
fn of_several_counts_only_the_last_is_priced() {
    let stream = "data: start m\n\ndata: text a\n\ndata: usage {\"output\":1}\n\n\
        data: usage {\"output\":2}\n\n: hi\n\ndata: end x\n\n";
    let priced = stream.replace("{\"output\":2}", "{\"output\":2,\"cost\":0.2}");
    assert_eq!(tapped(stream).output, priced);
    // Text after the counts says that they were not the last.
    let goes_on = stream.replace(": hi", "data: text b");
    assert_eq!(tapped(&goes_on).output, goes_on);
    // Counts that an error follows were the last.
    let fails = stream.replace("end x", "error e");
    let fails = tapped(&fails);
    assert!(fails.output.contains("{\"output\":2,\"cost\":0.2}"));
    assert_eq!(fails.fault, Some(reported("e")));
    // A stream that is cut owes them too.
    let cut = tapped(stream.split(": hi").next().unwrap());
    assert!(
        cut.output.contains("{\"output\":2,\"cost\":0.2}"),
        "{}",
        cut.output
    );
}

#[test]
fn rewrite_speaks_the_clients_dialect() {
    let run = rewritten(ANSWER);
    assert_eq!(
        run.output,
        "data: m start!\n\ndata: {\"output\":1} usage!\n\ndata: Hello text!\n\n\
         data: x stop!\n\ndata: {\"output\":7,\"cost\":0.7} usage!\n\ndata: x end!\n\n"
    );
    assert_eq!((run.fault, run.ended), (None, true));
}

#[test]
fn usage_that_the_client_did_not_ask_for_is_read_and_left_out() {
    let mut relay = relay(&LEFT, &LEFT, false);
    let run = run(&mut relay, &[ANSWER.as_bytes()]);
    assert_eq!(
        run.output,
        ANSWER.replace("data: usage {\"output\": 7}\n\n", "")
    );
    assert_eq!(run.tally.usage.unwrap().output, 7);
}

#[test]
fn a_torn_usage_object_is_left_alone() {
    let torn = "data: text a\n\ndata: usage {\"output\":\ndata: 7}\n\ndata: end x\n\n";
    let run = tapped(torn);
    assert_eq!(run.output, torn);
    assert_eq!(run.tally.usage.unwrap().output, 7);
}

#[test]
fn nothing_goes_out_before_content() {
    for client in [&LEFT, &RIGHT] {
        let mut relay = relay(client, &LEFT, true);
        relay
            .push(
                b"data: start m\n\ndata: guess {\"output\":1}\n\n: x\n\n",
                &price,
            )
            .unwrap();
        assert!(!relay.committed());
        assert!(relay.take().is_empty());
        let tally = relay.tally();
        assert_eq!((tally.usage.unwrap().output, tally.usage_final), (1, false));
        relay.push(b"data: text a\n\n", &price).unwrap();
        assert!(relay.committed());
        let all = relay.take();
        assert!(all.starts_with(b"data: "), "{all:?}");
        assert!(relay.take().is_empty());
    }
}

#[test]
fn before_commit_a_fault_leaves_nothing() {
    for (rest, fault) in [
        ("data: error boom\n\n", reported("boom")),
        (
            "data: nonsense x\n\n",
            Fault::Malformed(Malformed::body("unknown word")),
        ),
        ("", Fault::Cut),
        ("data: nonsense", Fault::Cut),
    ] {
        let stream = format!("data: start m\n\n{rest}");
        for run in [tapped(&stream), rewritten(&stream)] {
            assert_eq!((&*run.output, run.fault), ("", Some(fault.clone())));
            assert!(!run.committed && !run.ended);
        }
    }
}

#[test]
fn after_commit_a_fault_ends_in_one_error_frame() {
    for (rest, message) in [
        ("data: error boom\n\ndata: text b\n\n", "boom"),
        (
            "data: nonsense x\n\ndata: error boom\n\n",
            "the provider's stream is malformed: unknown word",
        ),
        ("", "the provider closed the stream before its end"),
        (
            "data: nonsense",
            "the provider closed the stream before its end",
        ),
    ] {
        let stream = format!("data: text a\n\n{rest}");
        let left = tapped(&stream);
        assert_eq!(
            left.output,
            format!("data: text a\n\ndata: error {message}\n\n")
        );
        assert_eq!(left.fault.unwrap().to_error().message, message);
        let right = rewritten(&stream);
        assert_eq!(
            right.output,
            format!("data: a text!\n\ndata: {message} error!\n\n")
        );
        assert_eq!(right.fault.unwrap().to_error().message, message);
    }
}

/// What a provider said of its accounts and hosts went out in mid-stream, where a whole answer's error is masked.
#[test]
fn a_providers_words_are_not_told_where_they_must_not_be() {
    let tell = |fault: &Fault| match fault {
        Fault::Reported(said) if said.message == "yours" => said.clone(),
        _ => Error::new(ErrorKind::Server, "masked"),
    };
    for (said, heard) in [("org-7 at 10.0.0.7", "masked"), ("yours", "yours")] {
        let stream = format!("data: text a\n\ndata: error {said}\n\n");
        let mut tapped = relay(&LEFT, &LEFT, true).telling(Box::new(tell));
        let tapped = run(&mut tapped, &[stream.as_bytes()]);
        let expect = format!("data: text a\n\ndata: error {heard}\n\n");
        assert_eq!(
            (tapped.output, tapped.fault),
            (expect, Some(reported(said)))
        );
        let mut rewritten = relay(&RIGHT, &LEFT, true).telling(Box::new(tell));
        let rewritten = run(&mut rewritten, &[stream.as_bytes()]);
        let expect = format!("data: a text!\n\ndata: {heard} error!\n\n");
        assert_eq!(
            (rewritten.output, rewritten.fault),
            (expect, Some(reported(said)))
        );
    }
}

#[test]
fn what_follows_the_end_is_ignored() {
    let stream = format!("{ANSWER}data: text more\n\ndata: error late\n\nnonsense");
    assert_eq!(tapped(&stream), tapped(ANSWER));
    assert_eq!(rewritten(&stream), rewritten(ANSWER));
}

#[test]
fn an_empty_answer_is_an_answer() {
    let stream = "data: start m\n\ndata: end x\n\n";
    assert_eq!(tapped(stream).output, stream);
    assert_eq!(
        rewritten(stream).output,
        "data: m start!\n\ndata: x end!\n\n"
    );
}

#[test]
fn a_complete_stream_may_lack_its_last_words() {
    let stream = "data: text a\n\ndata: stop complete\n\n";
    assert_eq!(tapped(stream).output, stream);
    assert!(tapped(stream).ended);
    assert!(rewritten(stream).output.ends_with("data: x end!\n\n"));
    for end in [
        "data: end x",
        "data: end x\n",
        "data: end x\r",
        "data: end x\r\n\r",
    ] {
        let run = tapped(&format!("data: text a\n\n{end}"));
        assert_eq!((run.fault, run.ended), (None, true), "{end:?}");
        let mut framer = Framer::of(Framing::Sse);
        let mut frames = framer.push(run.output.as_bytes());
        assert!(frames.next().unwrap().is_some());
        assert_eq!(run.output.ends_with("\r"), frames.next().unwrap().is_none());
        assert!(rewritten(&format!("data: text a\n\n{end}")).ended);
    }
}

#[test]
fn our_own_error_ends_the_stream_once() {
    let error = Error::new(ErrorKind::Timeout, "too slow");
    let mut relay = relay(&LEFT, &LEFT, true);
    relay.push(b"data: text a\n\n", &price).unwrap();
    relay.fail(&error);
    relay.fail(&error);
    relay
        .push(b"data: text b\n\ndata: end x\n\n", &price)
        .unwrap();
    relay.finish(&price).unwrap();
    assert_eq!(relay.take(), "data: text a\n\ndata: error too slow\n\n");
    assert!(relay.committed() && !relay.ended());
}

#[test]
fn our_own_error_before_commit_or_after_the_end_says_nothing() {
    let error = Error::new(ErrorKind::Timeout, "too slow");
    for (stream, output) in [("data: start m\n\n", ""), (ANSWER, &*tapped(ANSWER).output)] {
        let mut relay = relay(&LEFT, &LEFT, true);
        relay.push(stream.as_bytes(), &price).unwrap();
        relay.fail(&error);
        assert_eq!(relay.take(), output);
    }
}

#[test]
fn the_hold_is_bounded() {
    let many = "data: start m\n\n".repeat(1025);
    let long = format!("data: start {}\n\n", "m".repeat(800 * 1024)).repeat(3);
    for stream in [many, long] {
        for run in [tapped(&stream), rewritten(&stream)] {
            assert_eq!((&*run.output, run.fault), ("", Some(Fault::HoldOverflow)));
        }
    }
    let thinking = format!("{}data: text a\n\ndata: end x\n\n", ": hm\n\n".repeat(5000));
    let run = tapped(&thinking);
    assert_eq!(run.fault, None);
    assert_eq!(run.output.matches(": hm").count(), 64);
}

#[test]
fn a_frame_without_end_is_a_fault() {
    let mut relay = relay(&LEFT, &LEFT, true);
    relay.push(b"data: text a\n\ndata: text ", &price).unwrap();
    let block = vec![b'x'; 1 << 18];
    let faults: Vec<Fault> = (0..100)
        .filter_map(|_| relay.push(&block, &price).err())
        .collect();
    assert!(matches!(&faults[..], [Fault::Malformed(_)]), "{faults:?}");
    let output = relay.take();
    assert!(
        output.starts_with(b"data: text a\n\ndata: error "),
        "{output:?}"
    );
}

/// An image of 0.8 MB, or the last event of a long answer, was over a limit of 1 MiB.
#[test]
fn a_frame_of_megabytes_passes() {
    let long = "m".repeat(3 << 20);
    let stream = format!("data: text {long}\n\ndata: end x\n\n");
    for size in [1 << 14, stream.len()] {
        let chunks: Vec<&[u8]> = stream.as_bytes().chunks(size).collect();
        let tapped = run(&mut relay(&LEFT, &LEFT, true), &chunks);
        assert!(tapped.output == stream && tapped.fault.is_none());
        let rewritten = run(&mut relay(&RIGHT, &LEFT, true), &chunks);
        assert!(rewritten.output.starts_with(&format!("data: {long} text!")));
    }
}

#[test]
fn text_after_usage_makes_it_a_guess_again() {
    for client in [&LEFT, &RIGHT] {
        let mut relay = relay(client, &LEFT, true);
        relay
            .push(b"data: text a\n\ndata: usage {\"output\":1}\n\n", &price)
            .unwrap();
        assert!(relay.tally().usage_final);
        relay.push(b"data: text b\n\n", &price).unwrap();
        assert!(!relay.tally().usage_final);
    }
}

fn error_frames(output: &str) -> usize {
    let mut framer = Framer::of(Framing::Sse);
    let mut frames = framer.push(output.as_bytes());
    let mut count = 0;
    while let Some(frame) = frames.next().unwrap() {
        count += usize::from(frame.data.starts_with(b"error ") || frame.data.ends_with(b" error!"));
    }
    count
}

fn stream() -> impl Strategy<Value = String> {
    let frame = prop::sample::select(vec![
        "data: start m\n\n",
        "data: text a\n\n",
        "data: text \u{e9}\r\n\r\n",
        "event: x\ndata: text b\n\n",
        "data: usage {\"output\":3}\n\n",
        "data: usage {\ndata: }\n\n",
        "data: guess {\"output\":1}\n\n",
        ": ping\n\n",
        "\n",
        "data: stop complete\n\n",
        "data: stop x\n\n",
        "data: end x\n\n",
        "data: error boom\n\n",
        "data: nonsense\n\n",
        "data: text cut",
    ]);
    prop::collection::vec(frame, 0..12).prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_answer(
        stream in stream(),
        sizes in prop::collection::vec(1..20_usize, 1..8),
        include_usage: bool,
    ) {
        for (client, provider) in [(&LEFT, &LEFT), (&RIGHT, &LEFT)] {
            let whole = run(&mut relay(client, provider, include_usage), &[stream.as_bytes()]);
            let mut chunks = Vec::new();
            let mut rest = stream.as_bytes();
            for size in sizes.iter().cycle() {
                let (chunk, left) = rest.split_at((*size).min(rest.len()));
                chunks.push(chunk);
                rest = left;
                if rest.is_empty() {
                    break;
                }
            }
            let parts = run(&mut relay(client, provider, include_usage), &chunks);
            prop_assert_eq!(&parts, &whole);
            prop_assert_eq!(whole.ended, whole.fault.is_none());
            prop_assert!(whole.committed || whole.output.is_empty());
            let errors = error_frames(&whole.output);
            prop_assert_eq!(errors, usize::from(whole.committed && whole.fault.is_some()));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(chunks in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..40), 0..6)) {
        for client in [&LEFT, &RIGHT] {
            let mut relay = relay(client, &LEFT, true);
            for chunk in &chunks {
                let _ = relay.push(chunk, &price);
            }
            let _ = relay.finish(&price);
            prop_assert_eq!(relay.committed(), !relay.take().is_empty());
        }
    }
}
