//! A record as columns, both ways.

use super::filter::verdict_number;
use crate::db::Row;
use crate::error::BoxError;
use domain::id::RequestId;
use domain::money::Amount;
use domain::performance::Verdict;
use domain::record::{Attempt, Excluded, Record, RecordError};
use protocol::ir::{Loss, Usage};
use rusqlite::{Statement, params};
use serde::{Deserialize, Serialize};
use sqlx::{Error, Row as _};

/// The columns that hold the number of a text in `name`.
pub(super) const NAMED: [&str; 8] = [
    "organization",
    "project",
    "key_id",
    "door",
    "operation",
    "requested_model",
    "model",
    "provider",
];

/// The columns that hold a value itself, and come back as it.
const PLAIN: &str = "id, arrival, at_ms, status, stream, input, cache_read, cache_write, cache_write_1h, output, \
     reasoning, audio_input, audio_output, image_input, image_output, web_searches, cost, estimate, interrupted, duration_ms, first_token_ms, \
     client_request_id, attempts, detail";

/// Inserts a record unless it is there; its values in the order of [`insert`].
pub(super) fn insertion() -> String {
    let columns = format!("slice, verdict, {}, {PLAIN}", NAMED.join(", "));
    let places = vec!["?"; columns.split(',').count()].join(", ");
    format!("INSERT INTO record ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING")
}

/// Reads records with [`record`]; what follows is where from. Texts are looked up for those rows alone that are in the
/// result.
pub(super) fn selection() -> String {
    let named = NAMED
        .map(|column| {
            format!("(SELECT text FROM name WHERE name.id = record.{column}) AS {column}_text")
        })
        .join(", ");
    format!("SELECT {PLAIN}, {named} FROM ")
}

/// What a record is written with, besides what it says itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) arrival: i64,
    pub(super) slice: i64,
    /// In the order of [`NAMED`].
    pub(super) names: [i64; NAMED.len()],
}

/// What is rarely there and never searched for: one column of JSON, so that nothing there costs nothing.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RecordError>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    excluded: Vec<Excluded>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<Loss>,
}

/// Inserts a record, unless it is there; says whether it was not.
pub(super) fn insert(
    statement: &mut Statement<'_>,
    record: &Record,
    place: &Place,
) -> Result<bool, BoxError> {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let usage = &record.usage;
    let [
        organization,
        project,
        key,
        door,
        operation,
        requested_model,
        model,
        provider,
    ] = place.names;
    let written = statement.execute(params![
        place.slice,
        verdict_number(Verdict::of_exchange(record).0),
        organization,
        project,
        key,
        door,
        operation,
        requested_model,
        model,
        provider,
        record.id.as_bytes(),
        place.arrival,
        record.at_ms,
        record.status,
        record.stream,
        count(usage.input),
        count(usage.cache_read),
        count(usage.cache_write),
        count(usage.cache_write_1h),
        count(usage.output),
        count(usage.reasoning),
        count(usage.audio_input),
        count(usage.audio_output),
        count(usage.image_input),
        count(usage.image_output),
        count(usage.web_searches),
        record.cost.map(|cost| cost.0),
        record.estimate,
        record.interrupted,
        record.duration_ms,
        record.first_token_ms,
        record.client_request_id,
        attempts(record)?,
        detail(record)?,
    ])?;
    Ok(written > 0)
}

/// A record from its columns.
pub(super) fn record(row: &Row) -> Result<Record, Error> {
    let detail: Option<String> = row.try_get("detail")?;
    let detail: Detail = match detail {
        Some(json) => serde_json::from_str(&json).map_err(|error| decode("detail", error))?,
        None => Detail::default(),
    };
    let attempts: Option<String> = row.try_get("attempts")?;
    let attempts = match attempts {
        Some(json) => serde_json::from_str(&json).map_err(|error| decode("attempts", error))?,
        None => Vec::new(),
    };
    Ok(Record {
        id: id(row, "id")?,
        at_ms: row.try_get("at_ms")?,
        organization: row.try_get("organization_text")?,
        project: row.try_get("project_text")?,
        key: row.try_get("key_id_text")?,
        door: row.try_get("door_text")?,
        operation: row.try_get("operation_text")?,
        requested_model: row.try_get("requested_model_text")?,
        model: row.try_get("model_text")?,
        provider: row.try_get("provider_text")?,
        status: number(row, "status")?,
        stream: row.try_get::<i64, _>("stream")? != 0,
        attempts,
        excluded: detail.excluded,
        usage: Usage {
            input: number(row, "input")?,
            cache_read: number(row, "cache_read")?,
            cache_write: number(row, "cache_write")?,
            cache_write_1h: number(row, "cache_write_1h")?,
            output: number(row, "output")?,
            reasoning: number(row, "reasoning")?,
            audio_input: number(row, "audio_input")?,
            audio_output: number(row, "audio_output")?,
            image_input: number(row, "image_input")?,
            image_output: number(row, "image_output")?,
            web_searches: number(row, "web_searches")?,
        },
        cost: row.try_get::<Option<i64>, _>("cost")?.map(Amount),
        estimate: row.try_get::<i64, _>("estimate")? != 0,
        interrupted: row.try_get::<i64, _>("interrupted")? != 0,
        error: detail.error,
        lost: detail.lost,
        first_token_ms: optional_number(row, "first_token_ms")?,
        duration_ms: number(row, "duration_ms")?,
        client_request_id: row.try_get("client_request_id")?,
    })
}

/// Without the fields' names, which would be half of each row. What was added to `Attempt` since is at the end and has
/// a default, so that serde reads it back as the struct that it is.
fn attempts(record: &Record) -> Result<Option<String>, serde_json::Error> {
    if record.attempts.is_empty() {
        return Ok(None);
    }
    let rows: Vec<_> = record
        .attempts
        .iter()
        .map(|attempt| {
            let Attempt {
                provider,
                wire_model,
                credential,
                status,
                outcome,
                message,
                begin_ms,
                first_token_ms,
                duration_ms,
            } = attempt;
            (
                provider,
                wire_model,
                credential,
                status,
                outcome,
                message,
                begin_ms,
                first_token_ms,
                duration_ms,
            )
        })
        .collect();
    serde_json::to_string(&rows).map(Some)
}

fn detail(record: &Record) -> Result<Option<String>, serde_json::Error> {
    if record.error.is_none() && record.excluded.is_empty() && record.lost.is_empty() {
        return Ok(None);
    }
    let detail = Detail {
        error: record.error.clone(),
        excluded: record.excluded.clone(),
        lost: record.lost.clone(),
    };
    serde_json::to_string(&detail).map(Some)
}

fn id(row: &Row, column: &'static str) -> Result<RequestId, Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map(RequestId::from_bytes)
        .map_err(|error| decode(column, error))
}

fn number<T: TryFrom<i64>>(row: &Row, column: &'static str) -> Result<T, Error>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    T::try_from(row.try_get(column)?).map_err(|error| decode(column, error))
}

fn optional_number<T: TryFrom<i64>>(row: &Row, column: &'static str) -> Result<Option<T>, Error>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    let value: Option<i64> = row.try_get(column)?;
    value
        .map(T::try_from)
        .transpose()
        .map_err(|error| decode(column, error))
}

fn decode(column: &str, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::ColumnDecode {
        index: column.to_owned(),
        source: Box::new(source),
    }
}
