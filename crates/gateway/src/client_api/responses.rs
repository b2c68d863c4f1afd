//! `/v1/responses/{id}`: responses that are kept for clients, read again and deleted. Another project's is as if there
//! were none.

use crate::call::Call;
use crate::client_api::percent_decoded;
use crate::doors::KeptAnswer;
use crate::reply::{Rejection, Reply, X_REQUEST_ID, json, repeat_request_id, set_header};
use crate::state::Gateway;
use protocol::dialect::openai_responses::kept::Items;
use protocol::ir::{Error, ErrorKind};
use serde::Serialize;
use serde_json::value::RawValue;
use std::convert::Infallible;
use std::sync::Arc;
use store::StoreError;

/// How many items a list has where nothing is said, and at most.
const USUAL_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// What is said of a response that is gone.
#[derive(Serialize)]
struct Deleted<'a> {
    id: &'a str,
    object: &'static str,
    deleted: bool,
}

/// <https://platform.openai.com/docs/api-reference/responses/input-items> (2026-11)
#[derive(Serialize)]
struct InputItems<'a> {
    object: &'static str,
    data: Vec<&'a RawValue>,
    first_id: Option<&'a str>,
    last_id: Option<&'a str>,
    has_more: bool,
}

/// Answers at one of these doors.
pub(super) async fn answer(
    gateway: Arc<Gateway>,
    call: Call,
    wanted: KeptAnswer,
) -> Result<Reply, Infallible> {
    let id = call.rest.as_deref().unwrap_or_default();
    let body = match wanted {
        KeptAnswer::Whole => whole(&gateway, &call, id).await,
        KeptAnswer::Deleted => deleted(&gateway, &call, id).await,
        KeptAnswer::InputItems => input_items(&gateway, &call, id).await,
        KeptAnswer::Cancelled => cancelled(&gateway, &call, id).await,
    };
    Ok(match body {
        Ok(body) => {
            let mut reply = json(200, body);
            let headers = reply.headers_mut();
            set_header(headers, X_REQUEST_ID.clone(), &call.id.to_string());
            repeat_request_id(headers, call.door.dialect);
            reply
        }
        Err(error) => Rejection::from(error).into_reply(call.door.dialect, call.id),
    })
}

async fn whole(gateway: &Gateway, call: &Call, id: &str) -> Result<Vec<u8>, Error> {
    if said(call, "stream").is_some_and(|it| it == "true") {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            "A response that is kept is not streamed again: leave `stream` out.",
        )
        .with_param("stream"));
    }
    Ok(kept(gateway, call, id).await?.answer.into_bytes())
}

async fn deleted(gateway: &Gateway, call: &Call, id: &str) -> Result<Vec<u8>, Error> {
    let responses = gateway.store.responses();
    let done = responses.delete(call.caller.project(), id).await;
    if !done.map_err(|error| failed(&error))? {
        return Err(not_found(id));
    }
    Ok(written(&Deleted {
        id,
        object: "response",
        deleted: true,
    }))
}

async fn cancelled(gateway: &Gateway, call: &Call, id: &str) -> Result<Vec<u8>, Error> {
    kept(gateway, call, id).await?;
    Err(Error::new(
        ErrorKind::InvalidRequest,
        "Only a response that was made in the background can be cancelled, and this gateway makes none.",
    ))
}

async fn input_items(gateway: &Gateway, call: &Call, id: &str) -> Result<Vec<u8>, Error> {
    let kept = kept(gateway, call, id).await?;
    let mut items: Vec<&RawValue> =
        serde_json::from_str(&kept.input).map_err(|error| damaged(&error))?;
    // What is kept has an id each.
    let mut ids = Items::ids(&kept.input).map_err(|error| damaged(&error))?;
    match said(call, "order").as_deref() {
        None | Some("desc") => {
            items.reverse();
            ids.reverse();
        }
        Some("asc") => {}
        Some(_) => return Err(wrong("order", "must be asc or desc")),
    }
    let limit = match said(call, "limit") {
        None => USUAL_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| wrong("limit", "must be from 1 to 100"))?,
    };
    let begin = match said(call, "after") {
        None => 0,
        Some(after) => {
            let at = ids.iter().position(|id| *id == after);
            at.ok_or_else(|| wrong("after", "is no item of this response"))? + 1
        }
    };
    let end = items.len().min(begin + limit);
    let ids = ids.get(begin..end).unwrap_or_default();
    Ok(written(&InputItems {
        object: "list",
        data: items.get(begin..end).unwrap_or_default().to_vec(),
        first_id: ids.first().map(String::as_str),
        last_id: ids.last().map(String::as_str),
        has_more: end < items.len(),
    }))
}

async fn kept(gateway: &Gateway, call: &Call, id: &str) -> Result<store::responses::Kept, Error> {
    let responses = gateway.store.responses();
    let found = responses.get(call.caller.project(), id).await;
    found
        .map_err(|error| failed(&error))?
        .ok_or_else(|| not_found(id))
}

/// A value of the query.
fn said(call: &Call, name: &str) -> Option<String> {
    let pairs = call.uri.query().unwrap_or_default().split('&');
    let mut values = pairs.filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| percent_decoded(value).into_owned())
    });
    values.next()
}

fn not_found(id: &str) -> Error {
    let id: String = id.chars().take(200).collect();
    let message = format!("Response with id '{id}' not found.");
    Error::new(ErrorKind::NotFound, message).with_code("response_not_found")
}

fn wrong(param: &str, message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("{param}: {message}")).with_param(param)
}

fn failed(error: &StoreError) -> Error {
    tracing::error!(%error, "kept responses cannot be read or deleted");
    let message = "The gateway cannot reach the responses that it keeps at the moment.";
    Error::new(ErrorKind::Server, message)
}

fn damaged(error: &dyn std::fmt::Display) -> Error {
    tracing::error!(%error, "a kept response cannot be read");
    Error::new(ErrorKind::Server, "The response cannot be read.")
}

fn written(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
