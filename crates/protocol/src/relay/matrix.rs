//! Laws that hold for every recorded stream, from its dialect to that of every client. A new dialect, and a new
//! fixture `fixtures/<dialect>/<case>/stream.sse`, are covered without a line here.

use super::*;
use crate::dialect::{DIALECTS, FrameKind};
use crate::readable;
use std::fs;
use std::path::Path;

const REQUEST_ID: &str = "req_1";

/// One recorded stream and one client.
struct Pair {
    case: String,
    client: &'static Dialect,
    provider: &'static Dialect,
    stream: Vec<u8>,
}

/// What came out of a relay.
#[derive(Debug, PartialEq)]
struct Run {
    output: Vec<u8>,
    fault: Option<Fault>,
    committed: bool,
    ended: bool,
    tally: Tally,
    losses: Vec<Loss>,
}

impl Pair {
    fn run<'c>(&self, chunks: impl IntoIterator<Item = &'c [u8]>) -> Run {
        self.run_priced(chunks, &|_, _| None)
    }

    fn run_priced<'c>(&self, chunks: impl IntoIterator<Item = &'c [u8]>, cost: CostOf<'_>) -> Run {
        let reply = Reply {
            now: 1_700_000_000,
            request_id: REQUEST_ID.to_owned(),
            model: "asked/model".to_owned(),
            include_usage: true,
            input_estimate: 9,
            ..Reply::default()
        };
        let mut relay = Relay::chat(self.client, self.provider, &reply).unwrap();
        let mut output = Vec::new();
        let mut fault = None;
        for chunk in chunks {
            fault = fault.or(relay.push(chunk, cost).err());
            output.extend_from_slice(&relay.take());
        }
        fault = fault.or(relay.finish(cost).err());
        output.extend_from_slice(&relay.take());
        Run {
            output,
            fault,
            committed: relay.committed(),
            ended: relay.ended(),
            tally: relay.tally(),
            losses: relay.losses(),
        }
    }

    fn whole(&self) -> Run {
        self.run([&*self.stream])
    }

    fn is_tap(&self) -> bool {
        self.client.id == self.provider.id
    }
}

/// Every recorded stream with every client that can read chat streams.
fn pairs() -> Vec<Pair> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut pairs = Vec::new();
    for provider in DIALECTS.iter().filter(|d| d.chat.provider.is_some()) {
        let folder = fixtures.join(provider.id.as_str());
        let cases = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let before = pairs.len();
        for case in cases.map(|entry| entry.unwrap().path()) {
            let Ok(stream) = fs::read(case.join("stream.sse")) else {
                continue;
            };
            for client in DIALECTS.iter().filter(|d| d.chat.client.is_some()) {
                pairs.push(Pair {
                    case: format!("{} to {}", case.display(), client.id),
                    client,
                    provider,
                    stream: readable::to_bytes(provider.framing, &stream),
                });
            }
        }
        assert!(pairs.len() > before, "{} has no streams", folder.display());
    }
    pairs
}

/// How often a stream of a dialect says that it failed. One that is only written here is known by its own error frame,
/// which ends it; some dialects do so in two frames, one after the other.
fn error_frames(dialect: &Dialect, run: &Run) -> usize {
    let output = &run.output;
    let Some(pass) = dialect.chat_pass else {
        let frame = |fault: &Fault| {
            let client = dialect.chat.client.unwrap();
            client.stream_error(&fault.to_error(), REQUEST_ID)
        };
        let told = |fault| output.ends_with(&frame(fault));
        return usize::from(run.fault.as_ref().is_some_and(told));
    };
    let mut tap = pass.tap();
    let mut framer = Framer::of(dialect.framing);
    let mut frames = framer.push(output);
    let mut count = 0;
    let mut said = None;
    while let Some(frame) = frames.next().unwrap() {
        let now = match tap.read(&frame).unwrap().kind {
            FrameKind::Error(error) => Some(error.message),
            _ => None,
        };
        count += usize::from(now.is_some() && now != said);
        said = now;
    }
    let torn = matches!(framer.finish(), Some(Tail::Incomplete(_)));
    assert!(!torn, "the last frame is torn");
    count
}

#[test]
fn chunks_do_not_matter() {
    for pair in pairs() {
        let whole = pair.whole();
        for size in [1, 2, 3, 7, 50, 1000] {
            let parts = pair.run(pair.stream.chunks(size));
            assert_eq!(parts, whole, "{} in chunks of {size}", pair.case);
        }
    }
}

#[test]
fn a_tapped_stream_passes_byte_for_byte() {
    for pair in pairs().iter().filter(|pair| pair.is_tap()) {
        let run = pair.whole();
        let added = match &run.fault {
            None | Some(Fault::Reported(_)) => 0,
            Some(_) if !run.committed => 0,
            Some(fault) => {
                let client = pair.client.chat.client.unwrap();
                client.stream_error(&fault.to_error(), REQUEST_ID).len()
            }
        };
        let passed = &run.output[..run.output.len() - added];
        let left = pair
            .stream
            .strip_prefix(passed)
            .unwrap_or_else(|| panic!("{}: {}", pair.case, String::from_utf8_lossy(&run.output)));
        assert!(!run.ended || left.trim_ascii().is_empty(), "{}", pair.case);
    }
}

#[test]
fn translation_counts_what_pass_through_counts() {
    let tapped = |pair: &Pair| pair.provider.chat_pass.is_some();
    for pair in pairs().into_iter().filter(tapped) {
        let run = pair.whole();
        let tapped = Pair {
            case: pair.case.clone(),
            client: pair.provider,
            provider: pair.provider,
            stream: pair.stream.clone(),
        }
        .whole();
        let (counted, text) = (run.tally.usage, run.tally.text_bytes);
        assert_eq!(counted, tapped.tally.usage, "{}", pair.case);
        assert_eq!(
            run.tally.usage_final, tapped.tally.usage_final,
            "{}",
            pair.case
        );
        // Text in what the events cannot say, and the decoder reports as lost, goes uncounted.
        let whole = text == tapped.tally.text_bytes;
        assert!(
            whole || text < tapped.tally.text_bytes && !run.losses.is_empty(),
            "{}",
            pair.case
        );
        assert_eq!(
            (&run.fault, run.ended),
            (&tapped.fault, tapped.ended),
            "{}",
            pair.case
        );
    }
}

#[test]
fn what_goes_out_is_a_stream_of_the_clients_dialect_with_the_same_usage() {
    for pair in pairs() {
        let run = pair.whole();
        let shown = String::from_utf8_lossy(&run.output);
        assert_eq!(
            error_frames(pair.client, &run),
            usize::from(run.committed && run.fault.is_some()),
            "{}: {shown}",
            pair.case
        );
        if !run.ended || pair.client.chat_pass.is_none() {
            continue;
        }
        let again = Pair {
            case: pair.case.clone(),
            client: pair.client,
            provider: pair.client,
            stream: run.output.clone(),
        }
        .whole();
        assert_eq!(
            (&again.fault, again.ended),
            (&None, true),
            "{}: {shown}",
            pair.case
        );
        assert_eq!(again.output, run.output, "{}", pair.case);
        if run.tally.usage_final {
            assert_eq!(tokens(&again), tokens(&run), "{}: {shown}", pair.case);
        }
    }
}

/// How dialects write a cost of 0.000125 USD.
const COSTS: [&str; 3] = [
    ",\"cost\":0.000125",
    ",\"cost\":\"0.000125\"",
    ",\"marketCost\":\"0.000125\"",
];

#[test]
fn the_cost_is_all_that_a_price_adds() {
    for pair in pairs() {
        let free = pair.whole();
        let priced = pair.run_priced([&*pair.stream], &|_, _| Some("0.000125".to_owned()));
        let shown = readable::to_text(pair.client.framing, &priced.output);
        let stripped = COSTS
            .iter()
            .fold(shown.clone(), |text, cost| text.replace(cost, ""));
        let unpriced = readable::to_text(pair.client.framing, &free.output);
        assert_eq!(stripped, unpriced, "{}", pair.case);
        let told = shown.len() > stripped.len();
        assert_eq!(
            told,
            free.ended && free.tally.usage_final,
            "{}: {shown}",
            pair.case
        );
    }
}

/// The counts that every dialect can say: all input, cached input, output.
fn tokens(run: &Run) -> Option<[u64; 3]> {
    let usage = run.tally.usage?;
    Some([usage.total_input(), usage.cache_read, usage.output])
}

#[test]
fn a_cut_anywhere_leaves_nothing_or_one_error_frame() {
    for pair in pairs() {
        let whole = pair.whole();
        let step = (pair.stream.len() / 150).max(1);
        for end in (0..pair.stream.len()).step_by(step) {
            let run = pair.run([&pair.stream[..end]]);
            let shown = String::from_utf8_lossy(&run.output);
            assert_eq!(run.ended, run.fault.is_none(), "{} cut at {end}", pair.case);
            assert_eq!(
                run.committed,
                !run.output.is_empty(),
                "{} cut at {end}",
                pair.case
            );
            assert_eq!(
                error_frames(pair.client, &run),
                usize::from(run.committed && run.fault.is_some()),
                "{} cut at {end}: {shown}",
                pair.case
            );
            assert!(run.tally.text_bytes <= whole.tally.text_bytes);
        }
    }
}
