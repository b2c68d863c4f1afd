//! Between two dialects: an edited copy of the client's bytes where both sides speak the same one, else decode and
//! encode through the intermediate representation.

use super::attempt::Conversation;
use super::files::{self, Files, Unfetched, Unput, WantedFile};
use bytes::Bytes;
use domain::catalog::{Capability, Offering, Quirk};
use domain::routing::Step;
use http::HeaderMap;
use protocol::dialect::{
    self, Dialect, Encoded, Fetches, Operation, Reach, Reply, Thread, ToolAliases, WholeSeen,
    anthropic::threads, openai_responses, own_words::Naming,
};
use protocol::ir::{EmbedResponse, Loss, Malformed, Request, Response};
use protocol::mend;
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
    /// What the provider knows the client's tools by.
    pub(super) aliases: ToolAliases,
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
    /// Such a file could not be fetched, or they are too many.
    Unfetched(Unfetched),
    /// It has only what is new of a conversation that this provider does not hold.
    NotHeld,
}

impl From<Unput> for Untranslatable {
    fn from(unput: Unput) -> Self {
        match unput {
            Unput::Wants(files) => Self::Wants(files),
            Unput::TooMuch(unfetched) => Self::Unfetched(unfetched),
        }
    }
}

impl From<Malformed> for Untranslatable {
    fn from(bad: Malformed) -> Self {
        Self::Unsayable(bad)
    }
}

/// Whom a request is put in the words of.
struct Target<'a> {
    dialect: &'static Dialect,
    offering: &'a Offering,
    /// The model's name in the catalogue.
    known_as: &'a str,
    quirks: &'a [Quirk],
    /// What it fetches itself.
    fetches: Fetches,
    /// How far its model reaches.
    reach: Reach,
    /// What the client asks it to hold, if it holds nothing.
    unheld: Option<Thread>,
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
    let translated = said_to(conversation, step, files);
    let Some(keeping) = &conversation.asked.keeping else {
        return translated;
    };
    let mut translated = translated.map_err(|why| match why {
        Untranslatable::Unreadable(bad) => Untranslatable::Unreadable(keeping.malformed(bad)),
        Untranslatable::Unsayable(bad) => Untranslatable::Unsayable(keeping.malformed(bad)),
        Untranslatable::NotHeld | Untranslatable::Wants(_) | Untranslatable::Unfetched(_) => why,
    })?;
    let named = translated
        .losses
        .into_iter()
        .map(|loss| keeping.named(loss));
    translated.losses = keeping.lost().iter().cloned().chain(named).collect();
    Ok(translated)
}

/// The request as it stands by itself, in the provider's words.
fn said_to(
    conversation: &Conversation,
    step: &Step,
    files: &Files,
) -> Result<Translated, Untranslatable> {
    let asked = &conversation.asked;
    let target = Target::of(conversation, step)?;
    let provider = target.dialect;
    let model = target.offering.wire_id.as_str();
    let path = match asked.operation {
        Operation::Chat => provider
            .chat
            .provider
            .map(|codec| codec.path(model, asked.outline.stream)),
        Operation::Embed => provider.embed.provider.map(|codec| codec.path(model)),
    };
    let path = path.ok_or_else(|| unsayable(provider))?;
    if target.unheld == Some(Thread::GoesOn) {
        return Err(Untranslatable::NotHeld);
    }
    let pass = provider.id == conversation.call.door.dialect.id;
    let naming_files = match pass {
        true => naming_files(conversation, target.fetches)?,
        false => None,
    };
    if pass && naming_files.is_none() {
        let (body, losses) = edited(conversation, &target)?;
        return Ok(Translated {
            dialect: provider,
            path,
            body,
            losses,
            aliases: ToolAliases::default(),
        });
    }
    let (Encoded { body, losses }, aliases) = match asked.operation {
        Operation::Chat => chat(conversation, &target, files, naming_files)?,
        Operation::Embed => (embed(conversation, &target)?, ToolAliases::default()),
    };
    // Places in it are not the client's; what is JSON there and here is too deep.
    let mut document = Document::parse(&body).map_err(|_| {
        Malformed::body(
            "is nested too deeply for this provider, whose format has arguments of tools as JSON",
        )
    })?;
    quirks::edit(target.quirks, &mut document);
    let body = document.apply().into_owned().into();
    Ok(Translated {
        dialect: provider,
        path,
        body,
        losses,
        aliases,
    })
}

impl<'a> Target<'a> {
    fn of(conversation: &'a Conversation, step: &Step) -> Result<Self, Malformed> {
        let catalog = &conversation.call.live.snapshot.catalog;
        let dialect = provider_dialect(step)?;
        let offering = catalog.offering(step.offering);
        let endpoint = catalog.provider(step.provider).endpoint(step.dialect);
        let quirks = endpoint.map_or(&[][..], |at| at.quirks.as_slice());
        let thread = conversation.asked.thread;
        Ok(Self {
            dialect,
            offering,
            known_as: &catalog.model(offering.model).id,
            quirks,
            fetches: quirks::fetches(quirks, dialect.fetches),
            reach: Reach {
                max_output: offering.max_output,
                thinks: offering
                    .capabilities
                    .map(|known| known.has(Capability::Reasoning)),
            },
            unheld: thread.filter(|_| !quirks::holds_threads(quirks)),
        })
    }
}

/// The client's own bytes, edited for the provider, and what is lost by it or its model does not give.
fn edited(
    conversation: &Conversation,
    target: &Target<'_>,
) -> Result<(Bytes, Vec<Loss>), Malformed> {
    let asked = &conversation.asked;
    let (provider, model) = (target.dialect, target.offering.wire_id.as_str());
    let mut document = Document::indexed(&asked.body, &asked.index)?;
    let mut losses = Vec::new();
    match asked.operation {
        Operation::Chat => {
            if let Some(pass) = provider.chat_pass {
                let reach = target.reach;
                losses = pass.retarget(&mut document, &asked.outline, model);
                losses.extend(reach.fit_bytes(&mut document, pass.places(), &asked.outline));
            }
        }
        Operation::Embed => {
            if let Some(codec) = provider.embed.provider {
                codec.retarget(&mut document, &asked.outline, model);
            }
        }
    }
    if target.unheld.is_some() {
        document.remove(threads::MEMBER);
        losses.push(Loss::dropped(threads::MEMBER));
    }
    if let Some(keeping) = &asked.keeping {
        openai_responses::kept::for_provider(&mut document, keeping.is_wanted());
    }
    quirks::edit(target.quirks, &mut document);
    let body = match document.apply() {
        Cow::Borrowed(_) => asked.body.clone(),
        Cow::Owned(edited) => edited.into(),
    };
    Ok((body, losses))
}

/// A chat request in the provider's words; `decoded` where it was decoded already.
fn chat(
    conversation: &Conversation,
    target: &Target<'_>,
    files: &Files,
    decoded: Option<Request>,
) -> Result<(Encoded, ToolAliases), Untranslatable> {
    let asked = &conversation.asked;
    let client = conversation.call.door.dialect;
    let (Some(reader), Some(writer)) = (client.chat.client, target.dialect.chat.provider) else {
        return Err(unsayable(target.dialect).into());
    };
    let mut request = match decoded {
        Some(request) => request,
        None => reader
            .decode_request(&asked.body)
            .map_err(Untranslatable::Unreadable)?,
    };
    // Some dialects say it outside the body.
    request.stream = asked.outline.stream;
    request.model_max_output = target.offering.max_output;
    request.known_as = Some(target.known_as.to_owned());
    request.model.clone_from(&target.offering.wire_id);
    if asked.keeping.is_some() {
        // Kept here, and nowhere else.
        request.store = None;
    }
    dialect::check_essentials(client, &request, target.dialect.id)?;
    let to_its_own = client.id == target.dialect.id;
    // To any other dialect it is lost with all that has no words there.
    let unthreaded = to_its_own && target.unheld.is_some();
    if unthreaded {
        let others = |(_, field, _): &(_, String, _)| field != threads::MEMBER;
        request.extra.0.retain(others);
    }
    files.put_into(&mut request, target.fetches)?;
    let unreached = target.reach.fit(&mut request);
    // Names of the client's own dialect are for that dialect's provider to judge.
    let rule = writer.tool_names().filter(|_| !to_its_own);
    let aliases = rule.map(|rule| ToolAliases::give(rule, &mut request));
    let bent = match writer.takes_freeform() {
        true => Vec::new(),
        false => dialect::freeform_as_functions(&mut request),
    };
    let naming = Naming::of(reader, &request);
    let mut encoded = writer
        .encode_request(&request)
        .map_err(|wrong| naming.malformed(wrong))?;
    encoded.losses.splice(..0, unreached);
    if !to_its_own
        && request.begins_answer()
        && reader.begins_answers()
        && !writer.goes_on_with_answers()
    {
        encoded.losses.push(Loss::approximated("messages"));
    }
    encoded.losses.extend(bent);
    encoded
        .losses
        .extend(unthreaded.then(|| Loss::dropped(threads::MEMBER)));
    let losses = encoded.losses.into_iter();
    encoded.losses = losses.map(|loss| naming.loss(loss)).collect();
    Ok((encoded, aliases.unwrap_or_default()))
}

/// A request for embeddings in the provider's words.
fn embed(conversation: &Conversation, target: &Target<'_>) -> Result<Encoded, Untranslatable> {
    let reader = conversation.call.door.dialect.embed.client;
    let (Some(reader), Some(writer)) = (reader, target.dialect.embed.provider) else {
        return Err(unsayable(target.dialect).into());
    };
    let mut request = reader
        .decode_request(&conversation.asked.body)
        .map_err(Untranslatable::Unreadable)?;
    request.model.clone_from(&target.offering.wire_id);
    Ok(writer.encode_request(&request)?)
}

/// The request, if it is in the provider's own dialect and names a file by URL that the provider does not fetch: then it
/// cannot pass as it is. Decodes it only where it has media of such a kind.
fn naming_files(
    conversation: &Conversation,
    fetches: Fetches,
) -> Result<Option<Request>, Untranslatable> {
    let asked = &conversation.asked;
    let needs = asked.outline.needs;
    let all_fetched = (fetches.images || !needs.vision)
        && (fetches.files || !needs.files)
        && (fetches.audio || !needs.audio);
    if all_fetched {
        return Ok(None);
    }
    let Some(reader) = conversation.call.door.dialect.chat.client else {
        return Ok(None);
    };
    let mut request = reader
        .decode_request(&asked.body)
        .map_err(Untranslatable::Unreadable)?;
    let names_any = !files::named(&mut request, fetches).is_empty();
    Ok(names_any.then_some(request))
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
    Chat {
        response: Box<Response>,
        /// What could not be read of it.
        lost: Vec<Loss>,
    },
    /// Embeddings in another dialect.
    Embed(Box<EmbedResponse>),
}

impl Incoming {
    /// An answer in the client's own dialect, or an error that is read as far as needed.
    fn as_it_is(body: Bytes, seen: &WholeSeen) -> Self {
        // Our cost is an estimate then, and does not belong beside such counts.
        let nonsense = seen.usage.is_some_and(|usage| !usage.is_possible());
        Self::Same {
            body,
            usage_span: seen.usage_span.clone().filter(|_| !nonsense),
        }
    }
}

/// Reads a provider's whole answer.
///
/// # Errors
/// When it is not what the provider's dialect promises.
pub(super) fn incoming(
    conversation: &Conversation,
    translated: &Translated,
    body: Bytes,
) -> Result<(Incoming, WholeSeen), Malformed> {
    let provider = translated.dialect;
    let same = provider.id == conversation.call.door.dialect.id;
    match conversation.asked.operation {
        Operation::Chat => {
            let codec = provider.chat.provider.ok_or_else(|| unsayable(provider))?;
            let seen = mend::read(&body, |body| codec.read_whole(body))?;
            if same || seen.error.is_some() {
                return Ok((Incoming::as_it_is(body, &seen), seen));
            }
            let mut response = mend::read(&body, |body| codec.decode_response(body))?;
            let mut lost = Vec::new();
            if mend::without_halves(&body).is_some() {
                lost.push(Loss::approximated("content"));
            }
            if response
                .usage
                .take_if(|usage| !usage.is_possible())
                .is_some()
            {
                lost.push(Loss::dropped("usage"));
            }
            translated.aliases.lift(&mut response);
            dialect::scope_call_ids(&mut response, &conversation.call.id.to_string());
            let response = Box::new(response);
            Ok((Incoming::Chat { response, lost }, seen))
        }
        Operation::Embed => {
            let codec = provider.embed.provider.ok_or_else(|| unsayable(provider))?;
            let seen = mend::read(&body, |body| codec.read_whole(body))?;
            if same || seen.error.is_some() {
                return Ok((Incoming::as_it_is(body, &seen), seen));
            }
            Ok((
                Incoming::Embed(Box::new(mend::read(&body, |body| {
                    codec.decode_response(body)
                })?)),
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
        Incoming::Chat { response, lost } => {
            let codec = client.chat.client;
            let sent = codec.map(|codec| sent(codec.encode_response(response, reply, cost)));
            let (body, mut losses) = sent.unwrap_or_default();
            losses.extend(lost.iter().cloned());
            (body, losses)
        }
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
