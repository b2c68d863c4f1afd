//! Callers without a key. A person who is logged in is one at the doors, so that the console can try models without a key
//! that somebody would have to keep. The page names the project that pays in a header, which no other site's page can send.

use super::origin::Origin;
use super::sessions;
use crate::state::{Gateway, Live, Paying};
use domain::account::{Key, KeyHash, Organization, Project};
use domain::caller::Caller;
use domain::snapshot::KeyEntry;
use http::HeaderMap;
use protocol::ir::{Error, ErrorKind};
use std::sync::Arc;
use store::settings::DEFAULT_ORGANIZATION;

/// Names the project (its id) that a person asks for.
const PROJECT: &str = "x-tollgate-project";

/// The caller where a request has no key but names a project; `None` where it does not, so that it is told to send a key.
///
/// # Errors
/// Where nobody is logged in, a foreign page has sent it, or there is no such project.
pub(crate) fn of_session(
    gateway: &Gateway,
    live: &Live,
    headers: &HeaderMap,
) -> Option<Result<Caller, Error>> {
    let project = headers.get(PROJECT)?.to_str().unwrap_or_default();
    Some(resolve(gateway, live, headers, project))
}

fn resolve(
    gateway: &Gateway,
    live: &Live,
    headers: &HeaderMap,
    project: &str,
) -> Result<Caller, Error> {
    let logged_in = match Origin::of(headers) {
        Origin::Ours => sessions::holder(gateway, headers),
        Origin::Foreign | Origin::Unsaid => None,
    };
    let logged_in = logged_in.ok_or_else(|| {
        denied(
            "Nobody is logged in: log in at /console/, or send an API key instead of a project.",
            "not_logged_in",
        )
    })?;
    let caller = of_actor(live, &logged_in.user.id, Some(project));
    caller.ok_or_else(|| {
        let message = format!("There is no project '{project}'.");
        denied(&message, "project_not_found")
    })
}

/// Whoever acts without a key, by this name, for a project; for none, with the rights of no particular key. `None` where
/// there is no such project.
pub(crate) fn of_actor(live: &Live, name: &str, project: Option<&str>) -> Option<Caller> {
    let paying = match project {
        Some(id) => live
            .projects
            .iter()
            .find(|one| one.project.id == id)?
            .clone(),
        None => nobodys(),
    };
    Some(Caller::without_key(KeyEntry {
        key: Key {
            id: name.to_owned(),
            project: paying.project.id.clone(),
            name: name.to_owned(),
            prefix: String::new(),
            hash: KeyHash([0; 32]),
            allowed_models: Vec::new(),
            created_at_ms: 0,
            expires_at_ms: None,
            revoked_at_ms: None,
        },
        project: paying.project,
        organization: paying.organization,
    }))
}

/// What the gateway does for itself belongs to the organization that every installation has, and to no project.
fn nobodys() -> Paying {
    let organization = Organization {
        id: DEFAULT_ORGANIZATION.to_owned(),
        name: String::new(),
        created_at_ms: 0,
    };
    let project = Project {
        id: String::new(),
        organization: organization.id.clone(),
        name: String::new(),
        created_at_ms: 0,
    };
    Paying {
        project: Arc::new(project),
        organization: Arc::new(organization),
    }
}

fn denied(message: &str, code: &str) -> Error {
    Error::new(ErrorKind::Authentication, message).with_code(code)
}
