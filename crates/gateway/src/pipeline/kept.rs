//! The state of the Responses API: a request that goes on from a kept response is made to stand by itself before anything
//! is planned, so that any provider can serve it, and its answer is kept before its end goes out. Providers keep nothing.
//!
//! This is the one place on a request's way that waits for a database: to read only where a request names an earlier
//! response or item, to write only where its response is to be kept.

use super::asked::Asked;
use super::attempt::Conversation;
use super::exchange::Exchange;
use crate::call::Call;
use crate::reply::Rejection;
use crate::state::Gateway;
use bytes::Bytes;
use protocol::dialect::openai_responses::{
    self,
    kept::{self, Asks, Items, Referred, Turn},
};
use protocol::ir::{Error, ErrorKind, Malformed};
use protocol::splice::Document;
use std::borrow::Cow;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use store::responses::{ChainBounds, ChainError, Kept};

/// The most turns of a conversation that a request may go on from.
const MAX_TURNS: usize = 256;

/// What a request asked of the responses that are kept, and what came of it.
pub(crate) struct Keeping {
    /// Whether its own is to be kept, and which one it goes on from.
    asks: Asks,
    /// What it names instead of repeating it.
    referred: Referred,
    /// The body as the client sent it, but for `store` where it is not done as asked.
    said: Bytes,
}

/// The end of an answer, once it is kept; what cannot be kept goes out saying so.
pub(super) type Ending = Pin<Box<dyn Future<Output = Bytes> + Send>>;

impl Keeping {
    /// The body that answers repeat.
    pub(super) fn said(&self) -> &Bytes {
        &self.said
    }

    /// Whether the answer is to be kept.
    pub(super) fn is_wanted(&self) -> bool {
        self.asks.store
    }

    /// Whether its answer tells anything else than that of a provider, which keeps nothing.
    fn shows(&self) -> bool {
        self.asks.store || self.asks.previous.is_some()
    }
}

/// Whether what comes in here may go on from kept responses.
pub(super) fn concerns(call: &Call) -> bool {
    call.door.dialect.id == openai_responses::ID
}

/// Makes a request stand by itself: what it goes on from is put into its input.
///
/// # Errors
/// Where it names what this project has not, or too much of it.
pub(super) async fn stand_alone(
    gateway: &Gateway,
    call: &Call,
    asked: Asked,
) -> Result<Asked, Rejection> {
    let mut document = Document::indexed(&asked.body, &asked.index).map_err(Error::from)?;
    let mut asks = kept::asks(&document).map_err(Error::from)?;
    let mut said = asked.body.clone();
    if asks.store && !gateway.limits.responses.store {
        asks.store = false;
        said = kept::asked_with_store(&asked.body, false)
            .into_owned()
            .into();
    }
    let input = document.get("input").unwrap_or_default();
    let named = kept::references(input).map_err(Error::from)?;
    let mut keeping = Keeping {
        asks,
        referred: Referred::new(),
        said,
    };
    if keeping.asks.previous.is_none() && named.is_empty() {
        return Ok(asked.keeping(keeping));
    }
    let turns = earlier(gateway, call, keeping.asks.previous.as_deref()).await?;
    keeping.referred = referred(gateway, call, &named).await?;
    let turns: Vec<Turn<'_>> = turns
        .iter()
        .map(|turn| Turn {
            input: &turn.input,
            answer: &turn.answer,
        })
        .collect();
    kept::stand_alone(&mut document, &turns, &keeping.referred).map_err(Error::from)?;
    let whole = Bytes::from(document.apply().into_owned());
    if whole.len() > gateway.limits.body.max_bytes {
        return Err(too_large(gateway).into());
    }
    let asked = Asked::read(call, asked.operation, whole).map_err(Error::from)?;
    Ok(asked.keeping(keeping))
}

/// The turns that a request goes on from, the oldest first.
async fn earlier(
    gateway: &Gateway,
    call: &Call,
    previous: Option<&str>,
) -> Result<Vec<Kept>, Rejection> {
    let Some(previous) = previous else {
        return Ok(Vec::new());
    };
    let bounds = ChainBounds {
        turns: MAX_TURNS,
        bytes: gateway.limits.body.max_bytes,
    };
    let project = call.caller.project();
    let chain = gateway.store.responses();
    chain
        .chain(project, previous, bounds)
        .await
        .map_err(|error| match error {
            ChainError::Missing(id) => not_found(&id).into(),
            ChainError::TooManyTurns => too_many().into(),
            ChainError::TooLarge => too_large(gateway).into(),
            ChainError::Store(error) => unreadable(&error),
        })
}

/// The items that a request names, of responses of its project.
async fn referred(gateway: &Gateway, call: &Call, ids: &[String]) -> Result<Referred, Rejection> {
    let mut found = Referred::new();
    let mut bytes = 0;
    for id in ids {
        if found.contains_key(id) {
            continue;
        }
        let holder = gateway
            .store
            .responses()
            .holder(call.caller.project(), id)
            .await
            .map_err(|error| unreadable(&error))?;
        let item = holder.and_then(|holder| {
            let output = kept::output(&holder.answer).ok()?;
            kept::find(&output, id).or_else(|| kept::find(&holder.input, id))
        });
        let Some(item) = item else {
            let message = format!("Item with id '{id}' not found.");
            let error = Error::new(ErrorKind::NotFound, message).with_param("input");
            return Err(error.with_code("item_not_found").into());
        };
        bytes += item.len();
        if bytes > gateway.limits.body.max_bytes {
            return Err(too_large(gateway).into());
        }
        found.insert(id.clone(), item);
    }
    Ok(found)
}

/// A whole answer, once it is kept if it is to be.
pub(super) async fn whole(
    gateway: &Arc<Gateway>,
    conversation: &Conversation,
    answer: Bytes,
) -> Bytes {
    match &conversation.asked.keeping {
        None => answer,
        Some(keeping) => {
            let all = 0..answer.len();
            ending(gateway, conversation, keeping, answer, all).await
        }
    }
}

/// The first bytes of a stream, which begin with what tells its answer before it is there: as the client is to see it.
/// Whether the answer could be kept is known at its end only, and said there.
pub(super) fn begun(conversation: &Conversation, first: Bytes) -> Bytes {
    let Some(keeping) = conversation.asked.keeping.as_ref().filter(|it| it.shows()) else {
        return first;
    };
    match kept::begun(&first, &keeping.asks) {
        Cow::Borrowed(_) => first,
        Cow::Owned(edited) => edited.into(),
    }
}

/// The last bytes of a stream that came to its proper end, which hold its whole answer in their last event.
///
/// # Errors
/// Gives them back where there is nothing to do.
pub(super) fn stream(
    exchange: &Exchange,
    conversation: &Conversation,
    last: Bytes,
) -> Result<Ending, Bytes> {
    let Some(keeping) = &conversation.asked.keeping else {
        return Err(last);
    };
    if !keeping.shows() {
        return Err(last);
    }
    let Some(span) = kept::ended(&last) else {
        if keeping.asks.store {
            tracing::warn!(id = %conversation.call.id, "the response is not kept: no event at the end of the stream holds it whole");
        }
        return Err(last);
    };
    Ok(ending(&exchange.gateway, conversation, keeping, last, span))
}

/// Keeps the answer at `span` of `bytes`, and gives the bytes with the answer as the client is to see it.
fn ending(
    gateway: &Arc<Gateway>,
    conversation: &Conversation,
    keeping: &Keeping,
    bytes: Bytes,
    span: Range<usize>,
) -> Ending {
    let shown = Bytes::from(kept::shown(&bytes[span.clone()], &keeping.asks).into_owned());
    let with = move |answer: &[u8]| -> Bytes {
        [&bytes[..span.start], answer, &bytes[span.end..]]
            .concat()
            .into()
    };
    if !keeping.asks.store {
        return Box::pin(std::future::ready(with(&shown)));
    }
    let max_bytes = gateway.limits.responses.max_bytes;
    let to_keep = to_keep(conversation, keeping, &shown, max_bytes);
    let unkept = Asks {
        store: false,
        previous: keeping.asks.previous.clone(),
    };
    let (gateway, id) = (Arc::clone(gateway), conversation.call.id);
    Box::pin(async move {
        let done = match to_keep {
            Ok((kept, items)) => {
                let written = gateway.store.responses().put(&kept, &items).await;
                written.map_err(|error| error.to_string())
            }
            Err(why) => Err(why),
        };
        match done {
            Ok(()) => with(&shown),
            Err(why) => {
                tracing::warn!(%id, why, "the response is not kept, and its answer says so");
                with(&kept::shown(&shown, &unkept))
            }
        }
    })
}

/// What is to be kept, with the ids of its items; or why it cannot be.
fn to_keep(
    conversation: &Conversation,
    keeping: &Keeping,
    answer: &[u8],
    max_bytes: usize,
) -> Result<(Kept, Vec<String>), String> {
    let call = &conversation.call;
    let said = Document::parse(&keeping.said).map_err(|bad| bad.to_string())?;
    let input = said.get("input").unwrap_or("[]");
    let size = input.len() + answer.len();
    if size > max_bytes {
        return Err(format!(
            "it has {size} bytes, over the limit of {max_bytes} (`[responses] max_bytes`)"
        ));
    }
    let read = || -> Result<(Kept, Vec<String>), Malformed> {
        let request_id = call.id.to_string();
        let input = Items::of(input, &keeping.referred, &request_id)?;
        let answer = String::from_utf8_lossy(answer).into_owned();
        let mut items = input.ids;
        items.extend(Items::ids(&kept::output(&answer)?)?);
        let id = kept::id(answer.as_bytes());
        let kept = Kept {
            project: call.caller.project().to_owned(),
            id: id.ok_or_else(|| Malformed::field("id", "is required"))?,
            created_ms: call.at_ms,
            previous: keeping.asks.previous.clone(),
            model: conversation.asked.outline.model.clone(),
            input: input.json,
            answer,
        };
        Ok((kept, items))
    };
    read().map_err(|bad| bad.to_string())
}

/// In OpenAI's words: status 400 <https://github.com/router-for-me/CLIProxyAPI/issues/2954> (2026-04).
fn not_found(id: &str) -> Error {
    let message = format!("Previous response with id '{id}' not found.");
    Error::new(ErrorKind::InvalidRequest, message)
        .with_param("previous_response_id")
        .with_code("previous_response_not_found")
}

fn too_many() -> Error {
    let message = format!(
        "The conversation has more than {MAX_TURNS} responses: send what matters of it in `input`, without `previous_response_id`."
    );
    Error::new(ErrorKind::InvalidRequest, message)
        .with_param("previous_response_id")
        .with_code("conversation_too_long")
}

fn too_large(gateway: &Gateway) -> Error {
    let message = format!(
        "With what it goes on from, the request is over this server's limit of {} bytes (`[server] max_body_bytes`): send what matters of it in `input`, without `previous_response_id`.",
        gateway.limits.body.max_bytes
    );
    Error::new(ErrorKind::InvalidRequest, message)
        .with_param("previous_response_id")
        .with_code("conversation_too_long")
}

fn unreadable(error: &store::StoreError) -> Rejection {
    tracing::error!(%error, "kept responses cannot be read");
    let message = "The gateway cannot read the responses that it keeps at the moment.";
    Error::new(ErrorKind::Server, message).into()
}
