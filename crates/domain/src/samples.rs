//! What tests of several modules begin with. For tests only.

use crate::account::{Key, KeyHash, Organization, Project};
use crate::snapshot::KeyEntry;
use std::sync::Arc;

/// A key that may use every model and never expires.
pub(crate) fn key_entry() -> KeyEntry {
    let organization = Arc::new(Organization {
        id: "org_1".to_owned(),
        name: "default".to_owned(),
        created_at_ms: 0,
    });
    let project = Arc::new(Project {
        id: "proj_1".to_owned(),
        organization: organization.id.clone(),
        name: "default".to_owned(),
        created_at_ms: 0,
    });
    let key = Key {
        id: "key_1".to_owned(),
        project: project.id.clone(),
        name: "test".to_owned(),
        prefix: "tg_test_".to_owned(),
        hash: KeyHash([1; 32]),
        allowed_models: Vec::new(),
        created_at_ms: 0,
        expires_at_ms: None,
        revoked_at_ms: None,
    };
    KeyEntry {
        key,
        project,
        organization,
    }
}
