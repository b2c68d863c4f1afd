//! The OpenAPI document as a whole; what it says of each resource stands beside that resource's handlers.

use axum::http::StatusCode;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, RefOr};

/// Title, version and how to authenticate; the resources add themselves.
pub(super) fn begin() -> OpenApi {
    let mut document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Tollgate admin API")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Keys, projects, providers, requests, usage and prices. Send a management token as `Authorization: Bearer`.",
                ))
                .build(),
        )
        .build();
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let mut components = document.components.take().unwrap_or_default();
    components.add_security_scheme("management_token", bearer);
    document.components = Some(components);
    document.security = Some(vec![utoipa::openapi::SecurityRequirement::new(
        "management_token",
        [""; 0],
    )]);
    document
}

/// Adds what the format requires and the handlers do not say: an operation id that no other operation has, which client
/// generators name their methods by, and a description of every answer.
pub(super) fn complete(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            let tag = operation.tags.iter().flatten().next();
            if let (Some(tag), Some(id)) = (tag, &operation.operation_id) {
                operation.operation_id = Some(format!("{}_{id}", tag.replace(' ', "_")));
            }
            for (status, answer) in &mut operation.responses.responses {
                if let RefOr::T(answer) = answer
                    && answer.description.is_empty()
                {
                    answer.description = reason(status);
                }
            }
        }
    }
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
