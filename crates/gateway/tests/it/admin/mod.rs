//! The admin API below `/admin/v1`, and the open pages beside it.

mod access;
mod bad_input;
mod keys;
mod models;
mod pages;
mod performance;
mod plan;
mod provider_test;
mod providers;
mod requests;
mod session;
mod tail;
mod usage;

use crate::scene::{Scene, admin};
use serde_json::{Value, json};

impl Scene {
    /// Asks the admin API, which must answer with this status.
    async fn admin(&self, status: u16, method: &str, path: &str, body: Value) -> Value {
        let (got, said) = admin(&self.gateway, method, path, body).await;
        assert_eq!(got, status, "{method} {path}: {said}");
        said
    }

    /// Asks the admin API, which must refuse with this status, code and field.
    async fn refused(
        &self,
        status: u16,
        code: &str,
        field: Value,
        ask: (&str, &str, Value),
    ) -> String {
        let (method, path, body) = ask;
        let said = self.admin(status, method, path, body).await;
        let error = &said["error"];
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!(code), &field),
            "{method} {path}: {said}"
        );
        error["message"].as_str().unwrap().to_owned()
    }
}
