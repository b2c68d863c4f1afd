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
    kept::{self, Asks, Items, Origins, Referred, Turn, Unjoined},
};
use protocol::ir::{Error, ErrorKind, Loss, Malformed};
use protocol::splice::Document;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use store::responses::{ChainBounds, ChainError, Kept, Put};

/// The most turns of a conversation that a request may go on from.
const MAX_TURNS: usize = 256;
/// The most items that a request may name instead of repeating them, each once.
const MAX_REFERRED: usize = 1000;

/// What a request asked of the responses that are kept, and what came of it.
pub(crate) struct Keeping {
    /// Whether its own is to be kept, and which one it goes on from.
    asks: Asks,
    /// What it names instead of repeating it.
    referred: Referred,
    /// Where the items of its input came from, where they are more than the client sent.
    origins: Origins,
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

    /// What was lost when it was made to stand by itself.
    pub(super) fn lost(&self) -> &[Loss] {
        self.origins.lost()
    }

    /// A loss in the words of the client, who sent only what is new.
    pub(super) fn named(&self, loss: Loss) -> Loss {
        Loss {
            field: self.origins.name(loss.field),
            ..loss
        }
    }

    /// What is wrong with the request, in the same words.
    pub(super) fn malformed(&self, wrong: Malformed) -> Malformed {
        Malformed {
            field: wrong.field.map(|field| self.origins.name(field)),
            ..wrong
        }
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
    let mut asks = kept::asks(&document, &call.id.to_string()).map_err(Error::from)?;
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
        origins: Origins::default(),
        said,
    };
    if keeping.asks.previous.is_none() && named.is_empty() {
        return Ok(asked.keeping(keeping));
    }
    let turns = earlier(gateway, call, keeping.asks.previous.as_deref()).await?;
    keeping.referred = referred(gateway, call, named).await?;
    let turns: Vec<Turn<'_>> = turns
        .iter()
        .map(|turn| Turn {
            input: &turn.input,
            answer: &turn.answer,
        })
        .collect();
    let max_bytes = gateway.limits.body.max_bytes;
    let joined = kept::stand_alone(&mut document, &turns, &keeping.referred, max_bytes);
    keeping.origins = joined.map_err(|unjoined| match unjoined {
        Unjoined::Malformed(bad) => Error::from(bad),
        Unjoined::TooLarge(_) => too_large(gateway),
    })?;
    let whole = Bytes::from(document.apply().into_owned());
    if whole.len() > max_bytes {
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

/// The items that a request names, of responses of its project, each of which is read once.
async fn referred(gateway: &Gateway, call: &Call, ids: Vec<String>) -> Result<Referred, Rejection> {
    let ids: BTreeSet<String> = ids.into_iter().collect();
    if ids.len() > MAX_REFERRED {
        return Err(too_many_items(ids.len()).into());
    }
    let responses = gateway.store.responses();
    let project = call.caller.project();
    let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for id in ids {
        let holder = responses.holder(project, &id).await;
        match holder.map_err(|error| unreadable(&error))? {
            Some(holder) => holders.entry(holder).or_default().insert(id),
            None => return Err(item_not_found(&id).into()),
        };
    }
    let mut found = Referred::new();
    for (holder, wanted) in holders {
        let kept = responses.get(project, &holder).await;
        if let Some(kept) = kept.map_err(|error| unreadable(&error))? {
            // What it answered stands, should its input have an item of the same id.
            kept::find(&kept.input, &wanted, &mut found);
            let output = kept::output(&kept.answer).map_err(Error::from)?;
            kept::find(&output, &wanted, &mut found);
        }
        if let Some(missing) = wanted.iter().find(|id| !found.contains_key(*id)) {
            return Err(item_not_found(missing).into());
        }
        let bytes: usize = found.values().map(String::len).sum();
        if bytes > gateway.limits.body.max_bytes {
            return Err(too_large(gateway).into());
        }
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
    let (last, span) = match kept::ended(&last) {
        None => {
            if keeping.asks.store {
                tracing::warn!(id = %conversation.call.id, "the response is not kept: no event at the end of the stream holds it whole");
            }
            return Err(last);
        }
        Some((Cow::Borrowed(_), span)) => (last, span),
        Some((Cow::Owned(mended), span)) => (mended.into(), span),
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
        ..keeping.asks.clone()
    };
    let (gateway, id) = (Arc::clone(gateway), conversation.call.id);
    Box::pin(async move {
        let done = match to_keep {
            Ok((kept, items)) => put(&gateway, kept, &items, &unkept.stand_in).await,
            Err(why) => Err(why),
        };
        match done {
            Ok(answer) => with(answer.as_bytes()),
            Err(why) => {
                tracing::warn!(%id, why, "the response is not kept, and its answer says so");
                with(&kept::shown(&shown, &unkept))
            }
        }
    })
}

/// Keeps a response, under `stand_in` where another one has its id: the answer as it is kept, or why it is not.
async fn put(
    gateway: &Gateway,
    mut kept: Kept,
    items: &[String],
    stand_in: &str,
) -> Result<String, String> {
    let responses = gateway.store.responses();
    let written = responses.put(&kept, items).await;
    match written.map_err(|error| error.to_string())? {
        Put::Kept => return Ok(kept.answer),
        Put::Taken => {
            let renamed = kept::renamed(kept.answer.as_bytes(), stand_in);
            kept.answer = String::from_utf8_lossy(&renamed).into_owned();
            stand_in.clone_into(&mut kept.id);
        }
    }
    let written = responses.put(&kept, items).await;
    match written.map_err(|error| error.to_string())? {
        Put::Kept => Ok(kept.answer),
        Put::Taken => Err("another response has its id".to_owned()),
    }
}

/// What is to be kept, with the ids of its items; or why it cannot be.
fn to_keep(
    conversation: &Conversation,
    keeping: &Keeping,
    answer: &[u8],
    max_bytes: usize,
) -> Result<(Kept, Vec<String>), String> {
    let too_large =
        || format!("it is over the limit of {max_bytes} bytes (`[responses] max_bytes`)");
    let call = &conversation.call;
    let said = Document::parse(&keeping.said).map_err(|bad| bad.to_string())?;
    let input = said.get("input").unwrap_or("[]");
    // With what it refers to, since that is kept again.
    let left = max_bytes.checked_sub(answer.len()).ok_or_else(too_large)?;
    let input = Items::of(input, &keeping.referred, &call.id.to_string(), left);
    let input = input.map_err(|unjoined| match unjoined {
        Unjoined::Malformed(bad) => bad.to_string(),
        Unjoined::TooLarge(_) => too_large(),
    })?;
    let read = || -> Result<(Kept, Vec<String>), Malformed> {
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

fn item_not_found(id: &str) -> Error {
    let message = format!("Item with id '{id}' not found.");
    Error::new(ErrorKind::NotFound, message)
        .with_param("input")
        .with_code("item_not_found")
}

fn too_many_items(count: usize) -> Error {
    let message = format!(
        "input: refers to {count} items, but at most {MAX_REFERRED} may be: send them as they are, or name the last response in `previous_response_id`"
    );
    Error::new(ErrorKind::InvalidRequest, message).with_param("input")
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
