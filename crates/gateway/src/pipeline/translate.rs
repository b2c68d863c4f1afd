//! Between two dialects: an edited copy of the client's bytes where both sides speak the same one, else decode and
//! encode through the intermediate representation.

use super::attempt::Conversation;
use super::files::{self, Files, Unfetched, WantedFile};
use bytes::Bytes;
use domain::routing::Step;
use http::HeaderMap;
use protocol::dialect::{
    self, Dialect, Encoded, Fetches, Operation, Reply, WholeSeen, openai_responses,
};
use protocol::ir::{EmbedResponse, Loss, Malformed, Response};
use protocol::splice::{self, Document};
use std::borrow::Cow;
use std::ops::Range;
use upstream::quirks;

/// A request as one provider wants it.
pub(super) struct Translated {
    /// The provider's dialect.
    pub(super) dialect: &'static Dialect,
    /// Behind its base URL.
    pub(super) path: Cow<'static, str>,
    /// What is sent.
    pub(super) body: Bytes,
    /// What could not be said.
    pub(super) losses: Vec<Loss>,
}

/// Why a request cannot be put in a provider's words. Another provider, which speaks the client's own dialect, may serve
/// it all the same.
pub(super) enum Untranslatable {
    /// It is not what the client's dialect allows, which only decoding it has shown.
    Unreadable(Malformed),
    /// The provider's dialect has no words for it.
    Unsayable(Malformed),
    /// It names files by URL that this provider does not fetch, and that are not fetched for it yet.
    Wants(Vec<WantedFile>),
    /// Such a file could not be fetched.
    Unfetched(Unfetched),
}

impl From<Malformed> for Untranslatable {
    fn from(bad: Malformed) -> Self {
        Self::Unsayable(bad)
    }
}

/// Puts the request in the words of the step's provider.
///
/// # Errors
/// When that dialect cannot say it at all, or the body turns out not to be what the client's dialect allows.
pub(super) fn outgoing(
    conversation: &Conversation,
    step: &Step,
    files: &Files,
) -> Result<Translated, Untranslatable> {
    let asked = &conversation.asked;
    let catalog = &conversation.call.live.snapshot.catalog;
    let model = catalog.offering(step.offering).wire_id.as_str();
    let quirks = catalog
        .provider(step.provider)
        .endpoint(step.dialect)
        .map_or(&[][..], |at| at.quirks.as_slice());
    let provider = provider_dialect(step)?;
    let path = match asked.operation {
        Operation::Chat => provider
            .chat
            .provider
            .map(|codec| codec.path(model, asked.outline.stream)),
        Operation::Embed => provider.embed.provider.map(|codec| codec.path(model)),
    };
    let path = path.ok_or_else(|| unsayable(provider))?;
    let fetches = quirks::fetches(quirks, provider.fetches);
    let pass = provider.id == conversation.call.door.dialect.id;
    if pass && !names_files(conversation, fetches)? {
        let mut document = Document::indexed(&asked.body, &asked.index)?;
        match asked.operation {
            Operation::Chat => provider
                .chat_pass
                .map(|pass| pass.retarget(&mut document, &asked.outline, model)),
            Operation::Embed => provider
                .embed
                .provider
                .map(|c| c.retarget(&mut document, &asked.outline, model)),
        };
        if let Some(keeping) = &asked.keeping {
            openai_responses::kept::for_provider(&mut document, keeping.is_wanted());
        }
        quirks::edit(quirks, &mut document);
        let body = match document.apply() {
            Cow::Borrowed(_) => asked.body.clone(),
            Cow::Owned(edited) => edited.into(),
        };
        return Ok(Translated {
            dialect: provider,
            path,
            body,
            losses: Vec::new(),
        });
    }
    let Encoded { body, losses } = encoded(conversation, provider, step, fetches, files)?;
    let mut document = Document::parse(&body)?;
    quirks::edit(quirks, &mut document);
    let body = document.apply().into_owned().into();
    Ok(Translated {
        dialect: provider,
        path,
        body,
        losses,
    })
}

fn encoded(
    conversation: &Conversation,
    provider: &Dialect,
    step: &Step,
    fetches: Fetches,
    files: &Files,
) -> Result<Encoded, Untranslatable> {
    let asked = &conversation.asked;
    let offering = conversation
        .call
        .live
        .snapshot
        .catalog
        .offering(step.offering);
    let client = conversation.call.door.dialect;
    match asked.operation {
        Operation::Chat => {
            let (Some(reader), Some(writer)) = (client.chat.client, provider.chat.provider) else {
                return Err(unsayable(provider).into());
            };
            let mut request = reader
                .decode_request(&asked.body)
                .map_err(Untranslatable::Unreadable)?;
            // Some dialects say it outside the body.
            request.stream = asked.outline.stream;
            request.model_max_output = offering.max_output;
            request.model.clone_from(&offering.wire_id);
            request.stream = asked.outline.stream;
            if asked.keeping.is_some() {
                // Kept here, and nowhere else.
                request.store = None;
            }
            files
                .put_into(&mut request, fetches)
                .map_err(Untranslatable::Wants)?;
            let bent = match writer.takes_freeform() {
                true => Vec::new(),
                false => dialect::freeform_as_functions(&mut request),
            };
            let mut encoded = writer.encode_request(&request)?;
            encoded.losses.extend(bent);
            Ok(encoded)
        }
        Operation::Embed => {
            let (Some(reader), Some(writer)) = (client.embed.client, provider.embed.provider)
            else {
                return Err(unsayable(provider).into());
            };
            let mut request = reader
                .decode_request(&asked.body)
                .map_err(Untranslatable::Unreadable)?;
            request.model.clone_from(&offering.wire_id);
            Ok(writer.encode_request(&request)?)
        }
    }
}

/// Whether a request in the provider's own dialect names a file by URL that the provider does not fetch: then it cannot
/// pass as it is. Decodes it only where it has media of such a kind.
fn names_files(conversation: &Conversation, fetches: Fetches) -> Result<bool, Untranslatable> {
    let asked = &conversation.asked;
    let needs = asked.outline.needs;
    let all_fetched = (fetches.images || !needs.vision)
        && (fetches.files || !needs.files)
        && (fetches.audio || !needs.audio);
    if all_fetched {
        return Ok(false);
    }
    let Some(reader) = conversation.call.door.dialect.chat.client else {
        return Ok(false);
    };
    let mut request = reader
        .decode_request(&asked.body)
        .map_err(Untranslatable::Unreadable)?;
    Ok(!files::named(&mut request, fetches).is_empty())
}

/// The dialect that a step is asked in.
pub(super) fn provider_dialect(step: &Step) -> Result<&'static Dialect, Malformed> {
    dialect::find(step.dialect.as_str())
        .ok_or_else(|| Malformed::body("the provider's dialect is not known"))
}

fn unsayable(provider: &Dialect) -> Malformed {
    Malformed::body(format!(
        "the dialect {} cannot express this operation",
        provider.id
    ))
}

/// A provider's whole answer, understood as far as needed.
pub(super) enum Incoming {
    /// To be passed on as it is.
    Same {
        /// The bytes.
        body: Bytes,
        /// Where the usage object stands in them.
        usage_span: Option<Range<usize>>,
    },
    /// A chat answer in another dialect.
    Chat(Box<Response>),
    /// Embeddings in another dialect.
    Embed(Box<EmbedResponse>),
}

impl Incoming {
    /// An answer in the client's own dialect, or an error that is read as far as needed.
    fn as_it_is(body: Bytes, seen: &WholeSeen) -> Self {
        Self::Same {
            body,
            usage_span: seen.usage_span.clone(),
        }
    }
}

/// Reads a provider's whole answer.
///
/// # Errors
/// When it is not what the provider's dialect promises.
pub(super) fn incoming(
    conversation: &Conversation,
    provider: &Dialect,
    body: Bytes,
) -> Result<(Incoming, WholeSeen), Malformed> {
    let same = provider.id == conversation.call.door.dialect.id;
    match conversation.asked.operation {
        Operation::Chat => {
            let codec = provider.chat.provider.ok_or_else(|| unsayable(provider))?;
            let seen = codec.read_whole(&body)?;
            if same || seen.error.is_some() {
                return Ok((Incoming::as_it_is(body, &seen), seen));
            }
            Ok((
                Incoming::Chat(Box::new(codec.decode_response(&body)?)),
                seen,
            ))
        }
        Operation::Embed => {
            let codec = provider.embed.provider.ok_or_else(|| unsayable(provider))?;
            let seen = codec.read_whole(&body)?;
            if same || seen.error.is_some() {
                return Ok((Incoming::as_it_is(body, &seen), seen));
            }
            Ok((
                Incoming::Embed(Box::new(codec.decode_response(&body)?)),
                seen,
            ))
        }
    }
}

/// The answer's bytes for the client, with our cost (USD, a JSON number) in the usage object, and what they cannot say.
pub(super) fn answer(
    client: &Dialect,
    incoming: &Incoming,
    reply: &Reply,
    cost: Option<&str>,
) -> (Bytes, Vec<Loss>) {
    match incoming {
        Incoming::Same { body, usage_span } => match (usage_span, cost) {
            (Some(span), Some(cost)) => {
                let priced = splice::insert_member(body, span.clone(), "cost", cost);
                (priced.into(), Vec::new())
            }
            _ => (body.clone(), Vec::new()),
        },
        Incoming::Chat(response) => client
            .chat
            .client
            .map(|codec| codec.encode_response(response, reply, cost))
            .map(sent)
            .unwrap_or_default(),
        Incoming::Embed(response) => client
            .embed
            .client
            .map(|codec| codec.encode_response(response, reply, cost))
            .map(sent)
            .unwrap_or_default(),
    }
}

fn sent(encoded: Encoded) -> (Bytes, Vec<Loss>) {
    (encoded.body.into(), encoded.losses)
}

/// The headers of a provider's answer that go on to a client of the same dialect.
pub(super) fn response_headers(
    client: &Dialect,
    provider: &Dialect,
    headers: &HeaderMap,
) -> HeaderMap {
    let mut passed = HeaderMap::new();
    if client.id != provider.id || client.response_headers.is_empty() {
        return passed;
    }
    for (name, value) in headers {
        let allowed =
            client
                .response_headers
                .iter()
                .any(|pattern| match pattern.strip_suffix('*') {
                    Some(start) => name.as_str().starts_with(start),
                    None => name.as_str() == *pattern,
                });
        if allowed {
            passed.append(name.clone(), value.clone());
        }
    }
    passed
}
