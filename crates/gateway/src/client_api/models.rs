//! What there is to call: models, who serves each of them, and providers, in the shape of whoever asks. Answers come from
//! the snapshot alone, but for live figures of who serves a model. Which client reads which shape is settled by the door table; how each is written, in the files
//! below.

mod ai_sdk;
mod anthropic;
mod content;
mod endpoints;
mod filter;
mod gemini;
mod lists;
mod merge;
mod order;
mod page;
mod prices;
mod providers;
mod query;
mod shape;
mod shown;
mod union;

pub(crate) use lists::Lists;

use crate::doors::{CatalogueAnswer, Door};
use crate::performance::lately::{Lately, lately};
use crate::reply::{Rejection, Reply, X_REQUEST_ID, repeat_request_id, set_header};
use crate::state::{Gateway, Live};
use content::Content;
use domain::caller::Caller;
use domain::catalog::{Model, ModelIdx, Offering, Resolved, Suffix};
use domain::id::RequestId;
use filter::Filter;
use http::{HeaderMap, HeaderValue, Uri, header};
use order::Order;
use protocol::ir::{Error, ErrorKind};
use query::Query;
use shape::{Shape, json};
use shown::{Extent, Scope, Shown};
use std::convert::Infallible;
use std::sync::Arc;

/// A question about the catalogue.
pub(super) struct Inquiry {
    pub(super) id: RequestId,
    /// Milliseconds since 1970.
    pub(super) at_ms: i64,
    pub(super) door: &'static Door,
    /// The variable part of the path, decoded.
    pub(super) rest: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) uri: Uri,
    /// Who asks; `None` where the lists are public and no key was given.
    pub(super) caller: Option<Caller>,
    pub(super) live: Arc<Live>,
    /// How well offerings serve, where the answer shows it.
    pub(super) lately: Arc<Lately>,
}

/// Answers who serves a model, and how well.
pub(super) async fn endpoints_with_figures(
    gateway: Arc<Gateway>,
    mut inquiry: Inquiry,
) -> Result<Reply, Infallible> {
    inquiry.lately = lately(&gateway, inquiry.at_ms).await;
    Ok(answer(&inquiry, CatalogueAnswer::Endpoints))
}

/// Answers it.
pub(super) fn answer(inquiry: &Inquiry, wanted: CatalogueAnswer) -> Reply {
    let content = match wanted {
        CatalogueAnswer::Models => models(inquiry),
        CatalogueAnswer::Count => count(inquiry),
        CatalogueAnswer::Model => one(inquiry, false),
        CatalogueAnswer::ModelData => one(inquiry, true),
        CatalogueAnswer::Endpoints => endpoints(inquiry),
        CatalogueAnswer::Providers => all_providers(inquiry),
    };
    match content {
        Ok(content) => labelled(inquiry, content.into_reply(&inquiry.headers)),
        Err(error) => Rejection::from(error).into_reply(inquiry.door.dialect, inquiry.id),
    }
}

/// What one path answers depends on these.
const VARIES_BY: &str = "authorization, x-api-key, api-key, x-goog-api-key, anthropic-version";

/// Who has it must ask again whether it still holds, and nobody keeps it for others, unless it is for everybody.
fn labelled(inquiry: &Inquiry, mut reply: Reply) -> Reply {
    let headers = reply.headers_mut();
    let kept = match inquiry.caller {
        Some(_) => "private, no-cache",
        None => "public, max-age=60",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::VARY, HeaderValue::from_static(VARIES_BY));
    set_header(headers, X_REQUEST_ID.clone(), &inquiry.id.to_string());
    repeat_request_id(headers, inquiry.door.dialect);
    reply
}

impl Inquiry {
    fn scope(&self, query: &Query<'_>) -> Result<Scope<'_>, Error> {
        Ok(Scope {
            live: &self.live,
            dialect: self.door.dialect,
            extent: match query.is("all")? {
                Some(true) => Extent::Everything,
                Some(false) | None => Extent::Callable,
            },
            at_ms: self.at_ms,
        })
    }

    /// Whether whoever asks may use a model; nobody's key, nobody's bounds.
    fn may_use(&self, model: &Model) -> bool {
        (self.caller.as_ref()).is_none_or(|caller| caller.may_use(model))
    }

    fn is_bounded(&self) -> bool {
        let key = self.caller.as_ref().map(|caller| &caller.entry().key);
        key.is_some_and(|key| !key.allowed_models.is_empty())
    }
}

/// The models of a list that a request asks for.
enum Chosen {
    All(usize),
    Some(Vec<u32>),
}

impl Chosen {
    fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Some(positions) => positions.len(),
        }
    }

    fn at(&self, nth: usize) -> usize {
        match self {
            Self::All(_) => nth,
            Self::Some(positions) => positions[nth] as usize,
        }
    }
}

fn chosen(
    inquiry: &Inquiry,
    query: &Query<'_>,
    scope: &Scope<'_>,
    shape: Shape,
    list: &lists::List,
) -> Result<Chosen, Error> {
    let filter = Filter::read(query, scope, shape)?;
    let order = Order::read(query)?;
    let bounded = scope.extent == Extent::Callable && inquiry.is_bounded();
    if !bounded && order.is_none() && filter.is_empty() {
        return Ok(Chosen::All(list.len()));
    }
    let fits = |at: &u32| {
        let idx = list.model(*at as usize);
        (!bounded || inquiry.may_use(scope.catalog().model(idx)))
            && (filter.is_empty() || scope.model(idx).is_some_and(|shown| filter.fits(&shown)))
    };
    let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
    let mut positions: Vec<u32> = (0..count).filter(fits).collect();
    if let Some(order) = order {
        let idx_of = |at: u32| list.model(at as usize);
        order.sort(&mut positions, idx_of, |idx| scope.model(idx));
    }
    Ok(Chosen::Some(positions))
}

/// The list. `?all=true` gives the whole catalogue.
fn models(inquiry: &Inquiry) -> Result<Content, Error> {
    let query = Query::of(&inquiry.uri);
    let scope = inquiry.scope(&query)?;
    let shape = Shape::of(inquiry.door.dialect);
    if shape == Shape::Merge
        && let Some(model) = query.one("model")
    {
        // How the newer of Merge's packages asks for one.
        return Ok(written(&found(inquiry, &scope, model.value)?, shape, false));
    }
    let list = inquiry.live.lists.get(&scope, shape);
    let chosen = chosen(inquiry, &query, &scope, shape, &list)?;
    let id = |nth: usize| {
        scope
            .catalog()
            .model(list.model(chosen.at(nth)))
            .id
            .as_str()
    };
    let page = page::cut(shape, &query, &inquiry.uri, chosen.len(), id)?;
    let positions = page.range.map(|nth| chosen.at(nth));
    let runs = list.runs(positions);
    let mut pieces = vec![page.head.into()];
    list.pieces(&runs, &mut pieces);
    pieces.push(page.tail.clone().into());
    let bounds: Vec<[u8; 16]> = runs.iter().map(lists::Run::to_bytes).collect();
    let told_by = [page.head, page.tail.as_slice()].into_iter();
    let told_by = told_by.chain(bounds.iter().map(<[u8; 16]>::as_slice));
    Ok(Content::chosen(pieces, list.digest(), told_by))
}

/// How many there are. <https://openrouter.ai/docs/api-reference/models/list-models-count> (2026-11)
fn count(inquiry: &Inquiry) -> Result<Content, Error> {
    let query = Query::of(&inquiry.uri);
    let scope = inquiry.scope(&query)?;
    let shape = Shape::of(inquiry.door.dialect);
    let list = inquiry.live.lists.get(&scope, shape);
    let count = chosen(inquiry, &query, &scope, shape, &list)?.len();
    let body = serde_json::json!({ "data": { "count": count } });
    Ok(Content::whole(body.to_string().into_bytes()))
}

/// One model, by any of its names; OpenRouter's clients read it from a member `data`.
fn one(inquiry: &Inquiry, in_data: bool) -> Result<Content, Error> {
    let scope = inquiry.scope(&Query::of(&inquiry.uri))?;
    let name = inquiry.rest.as_deref().unwrap_or_default();
    let shown = found(inquiry, &scope, name)?;
    Ok(written(&shown, Shape::of(inquiry.door.dialect), in_data))
}

fn written(shown: &Shown<'_>, shape: Shape, in_data: bool) -> Content {
    let (head, tail): (&[u8], &[u8]) = match in_data {
        true => (b"{\"data\":", b"}"),
        false => (b"", b""),
    };
    let mut body = head.to_vec();
    shape.write(shown, &mut body);
    body.extend_from_slice(tail);
    Content::whole(body)
}

/// Who serves a model.
fn endpoints(inquiry: &Inquiry) -> Result<Content, Error> {
    let scope = inquiry.scope(&Query::of(&inquiry.uri))?;
    let name = inquiry.rest.as_deref().unwrap_or_default();
    let mut body = Vec::new();
    let shown = found(inquiry, &scope, name)?;
    // Traffic of what a key may not use is not its business.
    let nothing = Lately::default();
    let lately = match inquiry.may_use(shown.model) {
        true => &*inquiry.lately,
        false => &nothing,
    };
    json(&endpoints::of(&shown, lately), &mut body);
    Ok(Content::whole(body))
}

fn all_providers(inquiry: &Inquiry) -> Result<Content, Error> {
    let scope = inquiry.scope(&Query::of(&inquiry.uri))?;
    let mut body = Vec::new();
    json(&providers::of(&scope), &mut body);
    Ok(Content::whole(body))
}

/// What a name means, with what its words leave of the offerings: one provider's (`groq/…`), those that are free (`…:free`).
fn found<'i>(inquiry: &'i Inquiry, scope: &Scope<'i>, name: &str) -> Result<Shown<'i>, Error> {
    let not_found = |message: String| {
        Error::new(ErrorKind::NotFound, message)
            .with_param("model")
            .with_code("model_not_found")
    };
    let resolved = scope.catalog().resolve(name);
    let resolved = resolved.map_err(|unknown| not_found(format!("{unknown}.")))?;
    let model = scope.catalog().model(resolved.model);
    if scope.extent == Extent::Callable && !inquiry.may_use(model) {
        return Err(not_found(format!("This key may not use {}.", model.id)));
    }
    let shown = scope.part_of(resolved.model, |offering| {
        is_meant(scope, &resolved, offering)
    });
    shown.ok_or_else(|| not_found(why_not(scope, resolved.model, name)))
}

fn is_meant(scope: &Scope<'_>, resolved: &Resolved, offering: &Offering) -> bool {
    resolved
        .provider
        .is_none_or(|only| only == offering.provider)
        && match resolved.suffix {
            Some(Suffix::Free) => offering.is_free(scope.at_ms),
            Some(Suffix::Floor) | None => true,
        }
}

/// Why nothing of a known model is shown, and where more is.
fn why_not(scope: &Scope<'_>, idx: ModelIdx, name: &str) -> String {
    let id = &scope.catalog().model(idx).id;
    let whole = Scope {
        extent: Extent::Everything,
        ..*scope
    };
    let set_up = whole.model(idx).is_some_and(|shown| {
        let mut all = shown.offerings.iter();
        all.any(|offering| scope.live.usable(offering.provider))
    });
    match (scope.extent, set_up) {
        (Extent::Everything, _) => format!("No provider serves {id} as '{name}' asks for it."),
        (Extent::Callable, true) => {
            format!(
                "Nothing of {id} that is set up can be called here as '{name}'; ?all=true shows all of it."
            )
        }
        (Extent::Callable, false) => {
            format!("No provider of {id} is set up here; ?all=true shows it all the same.")
        }
    }
}
