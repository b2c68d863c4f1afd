//! What the admin API answers instead: one shape, one place.

use crate::moment;
use axum::Json;
use axum::extract::FromRequest;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{StatusCode, Uri, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::Serialize;
use serde_path_to_error::Error as PathError;
use std::error::Error;
use store::StoreError;
use utoipa::ToSchema;

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct AdminError {
    status: StatusCode,
    retry_after_s: Option<u64>,
    body: Body,
}

/// The shape of every error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct Body {
    error: Inner,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErrorDetail)]
struct Inner {
    /// A stable word.
    code: &'static str,
    /// A sentence for a person.
    message: String,
    /// The field at fault, where one can be named.
    #[schema(required)]
    field: Option<String>,
}

impl AdminError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            retry_after_s: None,
            body: Body {
                error: Inner {
                    code,
                    message: message.into(),
                    field: None,
                },
            },
        }
    }

    /// 4xx for a request that is not of the shape that is asked for, by the words and status of who has read it; 400
    /// where these tell wrong JSON from wrong members.
    fn unread(status: StatusCode, text: &str, cause: &(dyn Error + 'static)) -> Self {
        let status = match status {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            other => other,
        };
        let mut error = Self::new(status, "invalid_request", in_short(text));
        error.body.error.field = at_fault(cause);
        error
    }

    /// 401.
    pub(super) fn unauthenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", message)
    }

    /// 401 for a person.
    pub(super) fn wrong_credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "wrong_credentials",
            "the e-mail address or the password is wrong",
        )
    }

    /// 403 for what another site's page made a browser send, or no browser with a cookie.
    pub(super) fn foreign() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "a session changes things only from pages of this gateway; programs send a management token",
        )
    }

    /// 403 for a token where only a person will do.
    pub(super) fn people_only() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "people_only",
            "this is for people who are logged in: a token has no password and no sessions",
        )
    }

    /// 403 for a one-time link.
    pub(super) fn dead_link() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "dead_link",
            "this link does not work: it was used, is too old, or a newer one was made; `tollgate owner link` prints another",
        )
    }

    /// 429, with the seconds to wait.
    pub(super) fn too_many_attempts(seconds: u64) -> Self {
        let message = format!("too many attempts: wait {seconds} s and try again");
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", message);
        error.retry_after_s = Some(seconds);
        error
    }

    /// 429 where too many listen.
    pub(super) fn too_many_listeners(most: usize) -> Self {
        let message = format!("{most} listen already, and more are not served at once: close one");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_listeners", message)
    }

    /// 400 for a field.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::BAD_REQUEST, "invalid_request", message);
        error.body.error.field = Some(field.to_owned());
        error
    }

    /// 404.
    pub(super) fn not_found(what: &str, id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is no {what} '{id}'"),
        )
    }

    /// 409 for a provider that requests cannot go to.
    pub(super) fn not_enabled(provider: &str) -> Self {
        let message = format!("'{provider}' is not enabled: give it a credential, or switch it on");
        Self::new(StatusCode::CONFLICT, "not_enabled", message)
    }

    /// 409 for what the configuration file owns.
    pub(super) fn managed_by_file(id: &str) -> Self {
        let message = format!("'{id}' is declared in tollgate.toml and can only be changed there");
        Self::new(StatusCode::CONFLICT, "managed_by_file", message)
    }
}

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        let retry = self
            .retry_after_s
            .map(|seconds| (header::RETRY_AFTER, seconds.to_string()));
        (self.status, AppendHeaders(retry), Json(self.body)).into_response()
    }
}

impl From<anyhow::Error> for AdminError {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<StoreError>() {
            Ok(error) => error.into(),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "an admin call failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    format!("{error:#}"),
                )
            }
        }
    }
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, "not_found", message),
            StoreError::Taken { .. } => Self::new(StatusCode::CONFLICT, "taken", message),
            StoreError::InUse { .. } => Self::new(StatusCode::CONFLICT, "in_use", message),
            StoreError::Over { .. } => Self::new(StatusCode::CONFLICT, "over", message),
            StoreError::Invalid { field, message } => {
                Self::field(field, format!("{field}: {message}"))
            }
            StoreError::Io { .. }
            | StoreError::Locked { .. }
            | StoreError::JournalFull { .. }
            | StoreError::EntryTooLarge { .. }
            | StoreError::Encode(_)
            | StoreError::NewerJournal { .. }
            | StoreError::DamagedJournal { .. }
            | StoreError::Sync(_)
            | StoreError::Apply(_)
            | StoreError::Closed
            | StoreError::Database { .. }
            | StoreError::Migrate { .. }
            | StoreError::Unreadable { .. }
            | StoreError::Sealing(_) => {
                tracing::error!(%message, "an admin call failed");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "store_unavailable",
                    message,
                )
            }
        }
    }
}

/// A JSON body; what is wrong with it is answered in our shape.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(AdminError))]
pub(super) struct JsonBody<T>(pub(super) T);

/// Query parameters; what is wrong with them is answered in our shape.
#[derive(axum::extract::FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(AdminError))]
pub(super) struct QueryOf<T>(pub(super) T);

/// Parameters of the path; what is wrong with them is answered in our shape.
#[derive(axum::extract::FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(AdminError))]
pub(super) struct PathOf<T>(pub(super) T);

impl From<JsonRejection> for AdminError {
    fn from(rejection: JsonRejection) -> Self {
        Self::unread(rejection.status(), &rejection.body_text(), &rejection)
    }
}

impl From<QueryRejection> for AdminError {
    fn from(rejection: QueryRejection) -> Self {
        Self::unread(rejection.status(), &rejection.body_text(), &rejection)
    }
}

impl From<PathRejection> for AdminError {
    fn from(rejection: PathRejection) -> Self {
        Self::unread(rejection.status(), &rejection.body_text(), &rejection)
    }
}

/// The member or parameter at which reading stopped, or which is missing there: `models[0].id`.
fn at_fault(rejection: &(dyn Error + 'static)) -> Option<String> {
    let read = |error: &(dyn Error + 'static)| {
        let json = error.downcast_ref::<PathError<serde_json::Error>>();
        let json = json.map(|error| (error.path().to_string(), error.inner().to_string()));
        let query = error.downcast_ref::<PathError<serde::de::value::Error>>();
        json.or_else(|| query.map(|error| (error.path().to_string(), error.inner().to_string())))
    };
    let mut cause = rejection;
    let (path, problem) = loop {
        match read(cause) {
            Some(found) => break found,
            None => cause = cause.source()?,
        }
    };
    let missing = problem.strip_prefix("missing field `");
    let missing = missing.and_then(|rest| rest.split('`').next());
    match (path.as_str(), missing) {
        (".", None) => None,
        (".", Some(missing)) => Some(missing.to_owned()),
        (_, None) => Some(path),
        (_, Some(missing)) => Some(format!("{path}.{missing}")),
    }
}

/// What is wrong, without saying first what was being done.
fn in_short(text: &str) -> &str {
    let preambles = [
        "Failed to deserialize the JSON body into the target type: ",
        "Failed to deserialize query string: ",
    ];
    preambles
        .iter()
        .find_map(|preamble| text.strip_prefix(preamble))
        .unwrap_or(text)
}

/// 404 for a path that leads nowhere.
pub(super) async fn no_such_path(uri: Uri) -> AdminError {
    let message = format!(
        "there is nothing at {}; /admin/v1/openapi.json lists what is",
        uri.path()
    );
    AdminError::new(StatusCode::NOT_FOUND, "path_not_found", message)
}

/// 405.
pub(super) async fn wrong_method(uri: Uri) -> AdminError {
    let message = format!(
        "{} does not take this method; /admin/v1/openapi.json lists what it takes",
        uri.path()
    );
    AdminError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        message,
    )
}

/// The moment or day that a field names, in milliseconds since 1970.
pub(super) fn moment_of(field: &str, text: &str) -> Result<i64, AdminError> {
    moment::read(text).map_err(|error| AdminError::field(field, format!("{field}: {error}")))
}
