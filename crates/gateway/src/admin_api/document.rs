//! The OpenAPI document as a whole; what it says of each resource stands beside that resource's handlers.

use super::error::Body;
use axum::http::{HeaderValue, StatusCode, header};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response};
use utoipa::{PartialSchema, ToSchema};

/// Title, version and how to authenticate; the resources add themselves.
pub(super) fn begin() -> OpenApi {
    let mut document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Tollgate admin API")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Keys, projects, providers, requests, usage and prices. Programs send a management token as `Authorization: Bearer`; people log in and have a session in a cookie.",
                ))
                .build(),
        )
        .build();
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let mut components = document.components.take().unwrap_or_default();
    components.add_security_scheme("management_token", bearer);
    let about = "Behind a trusted proxy with TLS its name is `__Host-tollgate_session`.";
    let cookie = ApiKeyValue::with_description("tollgate_session", about);
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(cookie));
    components.add_security_scheme("session", cookie);
    document.components = Some(components);
    document.security = Some(vec![
        SecurityRequirement::new("management_token", [""; 0]),
        SecurityRequirement::new("session", [""; 0]),
    ]);
    document
}

/// Adds what the format requires and the handlers do not say: an operation id that no other operation has, which client
/// generators name their methods by, a description of every answer, and the one shape of all errors.
pub(super) fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let mut schemas = Vec::new();
    <Body as ToSchema>::schemas(&mut schemas);
    schemas.push((
        <Body as ToSchema>::name().into_owned(),
        <Body as PartialSchema>::schema(),
    ));
    components.schemas.extend(schemas);
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            let tag = operation.tags.iter().flatten().next();
            if let (Some(tag), Some(id)) = (tag, &operation.operation_id) {
                operation.operation_id = Some(format!("{}_{id}", tag.replace(' ', "_")));
            }
            let answers = &mut operation.responses.responses;
            let other = Response::new("Refused, or failed");
            answers.insert("default".to_owned(), RefOr::T(other));
            for (status, answer) in answers {
                let RefOr::T(answer) = answer else { continue };
                if answer.description.is_empty() {
                    answer.description = reason(status);
                }
                if !status.starts_with('2') && answer.content.is_empty() {
                    let error = Content::new(Some(Ref::from_schema_name("Error")));
                    answer
                        .content
                        .insert("application/json".to_owned(), RefOr::T(error));
                }
            }
        }
    }
}

/// Marks an answer as nobody's to keep: most say things that only the asker may know.
pub(super) async fn not_to_be_kept(
    mut response: axum::response::Response,
) -> axum::response::Response {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(no_store);
    response
}

/// Marks an answer as of the type that it says: what it quotes is never a page.
pub(super) async fn as_it_says(mut response: axum::response::Response) -> axum::response::Response {
    let nosniff = HeaderValue::from_static("nosniff");
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get,
        put,
        post,
        delete,
        patch,
        ..
    } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn reason(status: &str) -> String {
    let known = status.parse::<StatusCode>().ok();
    known
        .and_then(|status| status.canonical_reason())
        .unwrap_or("The answer")
        .to_owned()
}
