//! What clients call: from a raw HTTP request to an authenticated call, and the doors that need no exchange.

mod credentials;
mod gate;
mod models;
mod path;
mod responses;

pub(crate) use models::Lists;
pub(crate) use path::percent_decoded;

use crate::call::Call;
use crate::clock::now_ms;
use crate::doors::{self, Answer, CatalogueAnswer, Door, Found};
use crate::login;
use crate::pipeline;
use crate::pipeline::body::Body;
use crate::reply::{Rejection, Reply, set_header};
use crate::state::{Gateway, Live};
use domain::caller::{self, Caller};
use domain::id::RequestId;
use http::request::Parts;
use http::{HeaderMap, Request, Uri, header};
use hyper::body::Incoming;
use protocol::dialect::Dialect;
use protocol::ir::{Error, ErrorKind};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

/// An answer under way, in the shape that the server's connections poll.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Reply, Infallible>> + Send>>;

/// Answers one request. Not an `async fn`: what it knows at once it does at once, so that the future that waits for
/// providers is the only one, and small.
pub(crate) fn answer(gateway: Arc<Gateway>, request: Request<Incoming>) -> Answering {
    let (head, body) = request.into_parts();
    let arrived = match arrived(&gateway, head) {
        Ok(arrived) => arrived,
        Err(reply) => return answered(*reply),
    };
    match arrived.door.answer {
        Answer::Exchange(operation) => match arrived.into_call(&gateway) {
            Ok(call) => Box::pin(pipeline::run(gateway, call, operation, Body::Sent(body))),
            Err(reply) => answered(*reply),
        },
        Answer::Kept(wanted) => match arrived.into_call(&gateway) {
            Ok(call) => Box::pin(responses::answer(gateway, call, wanted)),
            Err(reply) => answered(*reply),
        },
        Answer::Catalogue(CatalogueAnswer::Endpoints) => match arrived.into_inquiry(&gateway) {
            Ok(inquiry) => Box::pin(models::endpoints_with_figures(gateway, inquiry)),
            Err(reply) => answered(*reply),
        },
        Answer::Catalogue(wanted) => match arrived.into_inquiry(&gateway) {
            Ok(inquiry) => answered(models::answer(&inquiry, wanted)),
            Err(reply) => answered(*reply),
        },
    }
}

fn answered(reply: Reply) -> Answering {
    Box::pin(std::future::ready(Ok(reply)))
}

/// A request at a door, of nobody yet.
struct Arrived {
    id: RequestId,
    at_ms: i64,
    begun: Instant,
    door: &'static Door,
    rest: Option<String>,
    head: Parts,
    live: Arc<Live>,
}

/// Hop 1: the door, or what is said to whoever finds none.
fn arrived(gateway: &Gateway, head: Parts) -> Result<Arrived, Box<Reply>> {
    let (begun, at_ms) = (Instant::now(), now_ms());
    let id = RequestId::new(at_ms, crate::random::bytes());
    let (door, rest) = match doors::find(&head.method, head.uri.path(), &head.headers) {
        Found::Door { door, rest } => (door, rest),
        // What is not served stands where a model or an id would (`/v1beta/models/x:countTokens`).
        Found::WrongMethod { .. } if not_served(head.uri.path()).is_some() => {
            let dialect = doors::dialect_of(head.uri.path(), &head.headers);
            let rejection = Rejection::from(nowhere(head.uri.path(), None));
            return Err(Box::new(rejection.into_reply(dialect, id)));
        }
        Found::WrongMethod { allowed } => {
            let dialect = doors::dialect_of(head.uri.path(), &head.headers);
            return Err(Box::new(wrong_method(dialect, &allowed, id)));
        }
        Found::Nowhere { meant } => {
            let dialect = doors::dialect_of(head.uri.path(), &head.headers);
            let rejection = Rejection::from(nowhere(head.uri.path(), meant));
            return Err(Box::new(rejection.into_reply(dialect, id)));
        }
    };
    Ok(Arrived {
        id,
        at_ms,
        begun,
        door,
        rest: rest.map(|rest| doors::model_in(door, &rest)),
        head,
        live: gateway.live.load_full(),
    })
}

impl Arrived {
    /// Hop 2: the caller, or what is said to whoever has no key.
    fn caller(&self, gateway: &Gateway) -> Result<Caller, Box<Reply>> {
        let (headers, uri) = (&self.head.headers, &self.head.uri);
        authenticate(gateway, &self.live, headers, uri, self.at_ms).map_err(|error| {
            gate::turned_away(gateway, uri, self.id, &error);
            Box::new(Rejection::from(error).into_reply(self.door.dialect, self.id))
        })
    }

    fn into_call(self, gateway: &Gateway) -> Result<Call, Box<Reply>> {
        Ok(Call {
            caller: self.caller(gateway)?,
            id: self.id,
            at_ms: self.at_ms,
            begun: self.begun,
            door: self.door,
            rest: self.rest,
            headers: self.head.headers,
            uri: self.head.uri,
            live: self.live,
        })
    }

    /// Where the lists are public, no key is needed; one that is given must be good all the same.
    fn into_inquiry(self, gateway: &Gateway) -> Result<models::Inquiry, Box<Reply>> {
        let keyless = gateway.limits.public_models
            && !credentials::is_given(&self.head.headers, self.head.uri.query());
        Ok(models::Inquiry {
            caller: match keyless {
                true => None,
                false => Some(self.caller(gateway)?),
            },
            id: self.id,
            at_ms: self.at_ms,
            door: self.door,
            rest: self.rest,
            headers: self.head.headers,
            uri: self.head.uri,
            live: self.live,
            lately: Arc::default(),
        })
    }
}

/// Who asks: by a key; without one, a person who is logged in.
fn authenticate(
    gateway: &Gateway,
    live: &Live,
    headers: &HeaderMap,
    uri: &Uri,
    now_ms: i64,
) -> Result<Caller, Error> {
    let secret = match credentials::key_of(headers, uri.query()) {
        Ok(secret) => secret,
        Err(error) => {
            let person = error
                .code
                .as_deref()
                .filter(|code| *code == credentials::MISSING)
                .and_then(|_| login::caller::of_session(gateway, live, headers));
            return person.unwrap_or(Err(error));
        }
    };
    let hash = store::hash_secret(&secret);
    caller::resolve(&live.snapshot.keys, &hash, now_ms).map_err(|denied| {
        let code = match denied {
            caller::Denied::Unknown => "invalid_api_key",
            caller::Denied::Revoked => "revoked_api_key",
            caller::Denied::Expired => "expired_api_key",
        };
        let of_management = live.management.iter().any(|token| token.hash == hash);
        let message = match of_management {
            true => "This is a management token: the models want a key, which `tollgate keys create` makes.".to_owned(),
            false => format!("The API key was refused: {denied}."),
        };
        Error::new(ErrorKind::Authentication, message)
        .with_code(code)
    })
}

fn wrong_method(dialect: &Dialect, allowed: &[&str], id: RequestId) -> Reply {
    let error = Error::new(
        ErrorKind::InvalidRequest,
        format!("This path takes {} requests only.", allowed.join(" and ")),
    )
    .with_code("method_not_allowed");
    let rejection = Rejection {
        error,
        status: Some(405),
        retry_after_s: None,
    };
    let mut reply = rejection.into_reply(dialect, id);
    set_header(reply.headers_mut(), header::ALLOW, &allowed.join(", "));
    reply
}

/// Paths that clients ask for and no door answers, with what to do instead.
const NOT_SERVED: [(&str, &str); 8] = [
    (
        "/completions",
        "Completions are not served; use Chat Completions, /v1/chat/completions",
    ),
    ("/count_tokens", "counting tokens is not served"),
    (
        "/responses/input_tokens",
        "counting tokens is not served; an answer's usage has the counts",
    ),
    (
        "/responses/compact",
        "compacting conversations is not served; send what is to be remembered as input",
    ),
    (
        ":countTokens",
        "counting tokens is not served; an answer's usageMetadata has the counts",
    ),
    (
        ":embedContent",
        "embeddings are not served there; use OpenAI's, /v1/embeddings",
    ),
    (
        ":batchEmbedContents",
        "embeddings are not served there; use OpenAI's, /v1/embeddings",
    ),
    (
        "/interactions",
        "the Interactions API is not served; use /v1beta/models/{model}:generateContent",
    ),
];

/// What to say of a path that is not served.
fn not_served(path: &str) -> Option<&'static str> {
    // Those of chat are served, and end alike.
    let mut known = NOT_SERVED
        .iter()
        .filter(|_| !path.ends_with("/chat/completions"));
    let known = known.find(|(tail, _)| path.ends_with(tail));
    known.map(|(_, say)| *say)
}

fn nowhere(path: &str, meant: Option<&str>) -> Error {
    let path: String = path.chars().take(200).collect();
    let message = match meant {
        Some(meant) => {
            format!("There is nothing at {path}. The path is {meant}: check the client's base URL.")
        }
        None => match not_served(&path) {
            Some(say) => format!("There is nothing at {path}: {say}."),
            None => format!("There is nothing at {path}."),
        },
    };
    Error::new(ErrorKind::NotFound, message).with_code("path_not_found")
}

#[cfg(test)]
mod tests {
    use super::nowhere;

    #[test]
    fn a_path_that_leads_nowhere_says_what_to_do() {
        for (path, meant, expect) in [
            ("/x", None, "There is nothing at /x."),
            (
                "/v1/v1/messages",
                Some("/v1/messages"),
                "The path is /v1/messages:",
            ),
            ("/v1/completions", None, "use Chat Completions"),
            ("/v1beta/models/x:countTokens", None, "counting tokens"),
            ("/v1beta/models/x:embedContent", None, "/v1/embeddings"),
            ("/v1/responses/input_tokens", None, "counting tokens"),
            ("/v1/responses/compact", None, "compacting"),
        ] {
            let message = nowhere(path, meant).message;
            assert!(message.contains(expect), "{path}: {message}");
        }
    }
}
