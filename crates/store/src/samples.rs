//! Records for tests, and where to put them.

use domain::id::RequestId;
use domain::money::Amount;
use domain::record::{Attempt, Checkpoint, Excluded, Intent, Record, RecordError};
use protocol::ir::{ErrorKind, Loss, Usage};

/// 31 July 2026, a minute before the month ends.
pub(crate) const AT_MS: i64 = 1_785_542_340_000;

/// A folder in memory where the system has one: what a killed process leaves is in the page cache anyway, and hundreds
/// of journals would mostly wait for the disk.
pub(crate) fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// The n-th id, at `AT_MS` + n milliseconds.
pub(crate) fn id(n: u64) -> RequestId {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    RequestId::new(AT_MS + i64::try_from(n).unwrap(), random)
}

/// An ordinary record with one attempt.
pub(crate) fn record(n: u64) -> Record {
    let id = id(n);
    Record {
        id,
        at_ms: id.at_ms(),
        organization: "org_default".to_owned(),
        project: "proj_shop".to_owned(),
        key: format!("key_{}", n % 3),
        door: "POST /v1/chat/completions".to_owned(),
        operation: "chat".to_owned(),
        requested_model: "gpt-4o-mini".to_owned(),
        model: "openai/gpt-4o-mini".to_owned(),
        provider: "openai".to_owned(),
        status: 200,
        stream: n.is_multiple_of(2),
        attempts: vec![attempt("openai", "ok")],
        excluded: Vec::new(),
        usage: Usage {
            input: 100,
            output: 20,
            ..Usage::default()
        },
        cost: Some(Amount(27_000_000)),
        estimate: false,
        interrupted: false,
        error: None,
        lost: Vec::new(),
        first_token_ms: Some(120),
        duration_ms: 450,
        client_request_id: None,
    }
}

/// A record with something in every field.
pub(crate) fn full_record(n: u64) -> Record {
    Record {
        status: 502,
        attempts: vec![
            Attempt {
                status: Some(429),
                message: Some("slow down".to_owned()),
                first_token_ms: None,
                ..attempt("openai", "rate_limited")
            },
            attempt("azure", "cut"),
        ],
        excluded: vec![Excluded {
            provider: "groq".to_owned(),
            model: "openai/gpt-4o-mini".to_owned(),
            reason: "no_credential".to_owned(),
        }],
        usage: Usage {
            input: 1,
            cache_read: 2,
            cache_write: 30,
            cache_write_1h: 4,
            output: 50,
            reasoning: 6,
            audio_input: 1,
            audio_output: 8,
            image_input: 10,
            image_output: 11,
            web_searches: 9,
        },
        cost: Some(Amount(1_234_567_890_123)),
        estimate: true,
        interrupted: true,
        error: Some(RecordError {
            kind: ErrorKind::Server,
            message: "it was cut — 途中".to_owned(),
            param: Some("messages[0]".to_owned()),
            code: Some("cut".to_owned()),
        }),
        lost: vec![Loss::dropped("logit_bias"), Loss::approximated("seed")],
        first_token_ms: Some(7),
        client_request_id: Some("mine-1".to_owned()),
        ..record(n)
    }
}

/// The intent of [`record`]: 100 tokens of input, reserved three times what they cost.
pub(crate) fn intent(n: u64) -> Intent {
    intent_of(&record(n))
}

/// The intent of any record, priced like that of [`intent`].
pub(crate) fn intent_of(record: &Record) -> Intent {
    Intent {
        draft: Record {
            status: 0,
            usage: Usage {
                input: 100,
                ..Usage::default()
            },
            cost: Some(Amount(10_000_000)),
            first_token_ms: None,
            duration_ms: 0,
            ..record.clone()
        },
        reservation: Some(Amount(30_000_000)),
    }
}

/// A checkpoint of the n-th exchange.
pub(crate) fn checkpoint(n: u64, output: u64) -> Checkpoint {
    Checkpoint {
        id: id(n),
        usage: Usage {
            input: 100,
            output,
            ..Usage::default()
        },
        cost: Some(Amount(
            10_000_000 + 500_000 * i64::try_from(output).unwrap(),
        )),
    }
}

fn attempt(provider: &str, outcome: &str) -> Attempt {
    Attempt {
        provider: provider.to_owned(),
        wire_model: "gpt-4o-mini-2024-07-18".to_owned(),
        credential: "env".to_owned(),
        status: Some(200),
        outcome: outcome.to_owned(),
        message: None,
        begin_ms: 3,
        first_token_ms: Some(117),
        duration_ms: 440,
    }
}
