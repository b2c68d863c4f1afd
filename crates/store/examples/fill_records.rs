//! Fills a data folder with records as a busy month leaves them, so that the log can be measured at its full size:
//!
//! `cargo run -p store --example fill_records -- DATA [COUNT]` (a million unless told otherwise)
//!
//! They go through the journal and its writer, as those of the gateway do, and end now. The same count gives the same
//! records but for their times. For tests only: nothing of it is in the program.

use domain::id::RequestId;
use domain::money::Amount;
use domain::record::{Attempt, Record, RecordError};
use protocol::ir::{ErrorKind, Usage};
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};
use store::{Store, StoreOptions};

const COUNT: u64 = 1_000_000;
/// Twenty days: with an even flow, an hour has two thousand of a million records.
const SPAN_MS: u64 = 20 * 24 * 60 * 60 * 1_000;
const KEYS: u64 = 40;
/// How many wait for the writer before this does.
const AHEAD: u64 = 50_000;

/// Models, their providers, and what a thousand tokens cost in 10⁻¹² USD. The last one is rarely asked for.
const MODELS: [(&str, &str, u64); 6] = [
    ("openai/gpt-4o-mini", "openai", 300_000_000),
    ("anthropic/claude-sonnet-4.6", "anthropic", 6_000_000_000),
    ("google/gemini-2.5-flash", "google", 700_000_000),
    ("meta-llama/llama-3.3-70b-instruct", "groq", 600_000_000),
    ("deepseek/deepseek-chat", "deepseek", 400_000_000),
    ("openai/o4-mini", "openai", 2_000_000_000),
];
const RARE: u64 = 50_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let data = arguments.next().ok_or("which data folder?")?;
    let count = arguments.next().map_or(Ok(COUNT), |text| text.parse())?;
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let store = Store::open(StoreOptions::new(data)).await?;
    let begin_ms = now.saturating_sub(SPAN_MS);
    for n in 0..count {
        // Without an intent, as what is refused: half the entries.
        store
            .journal()
            .settle(&record(n, begin_ms + n * SPAN_MS / count))?;
        if n % AHEAD == 0 {
            store.flush().await?;
        }
    }
    store.close().await?;
    writeln!(std::io::stdout(), "{count} records")?;
    Ok(())
}

/// The n-th record: most are served, one in thirty fails, one in twenty is the caller's mistake.
fn record(n: u64, at_ms: u64) -> Record {
    let random = mixed(n);
    let at_ms = i64::try_from(at_ms).unwrap_or(0);
    let (model, provider, price) = match n % RARE {
        1 => MODELS[5],
        _ => MODELS[usize::try_from(random % 5).unwrap_or(0)],
    };
    let (status, outcome) = match (random >> 8) % 60 {
        0 => (503, "overloaded"),
        1 => (504, "timed_out"),
        2..=4 => (400, "invalid_request"),
        _ => (200, "ok"),
    };
    let served = status == 200;
    let first_token_ms = 150 + small(random >> 16, 900);
    let duration_ms = first_token_ms + small(random >> 24, 12_000);
    let (input, output) = (100 + (random >> 32) % 4_000, 20 + (random >> 40) % 900);
    let mut id = [0; 10];
    id[2..].copy_from_slice(&random.to_be_bytes());
    Record {
        id: RequestId::new(at_ms, id),
        at_ms,
        organization: "org_default".to_owned(),
        project: format!("proj_{}", random % 4),
        key: format!("key_{:02}", (random >> 4) % KEYS),
        door: "POST /v1/chat/completions".to_owned(),
        operation: "chat".to_owned(),
        requested_model: model.to_owned(),
        model: model.to_owned(),
        provider: provider.to_owned(),
        status,
        stream: !random.is_multiple_of(3),
        attempts: vec![Attempt {
            provider: provider.to_owned(),
            wire_model: model.to_owned(),
            credential: "env".to_owned(),
            status: Some(status),
            outcome: outcome.to_owned(),
            message: (!served).then(|| "The provider says why it did not serve this.".to_owned()),
            begin_ms: 1,
            first_token_ms: served.then_some(first_token_ms),
            duration_ms,
        }],
        excluded: Vec::new(),
        usage: if served {
            Usage {
                input,
                output,
                ..Usage::default()
            }
        } else {
            Usage::default()
        },
        cost: Some(Amount(if served {
            i64::try_from((input + output) * price / 1_000).unwrap_or(0)
        } else {
            0
        })),
        estimate: false,
        interrupted: false,
        error: (!served).then(|| RecordError {
            kind: ErrorKind::Server,
            message: "The provider did not serve this.".to_owned(),
            param: None,
            code: Some(outcome.to_owned()),
        }),
        lost: Vec::new(),
        first_token_ms: served.then_some(first_token_ms),
        duration_ms,
        client_request_id: (n % RARE == 2).then(|| format!("client-{n}")),
    }
}

fn small(random: u64, below: u64) -> u32 {
    u32::try_from(random % below).unwrap_or(0)
}

/// Every bit of `n` in every bit of the result (the finalizer of splitmix64).
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
