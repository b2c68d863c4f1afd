//! Conversations that the vendor holds for its clients:
//! <https://platform.claude.com/docs/en/build-with-claude/message-threads>. What it refuses, and with which words, is what
//! its packages react to (`lib/threads` of the Python package `anthropic`, 2.11).

use super::super::asked::VendorError;
use http::HeaderMap;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What a client must ask for in its `anthropic-beta` header.
const BETA: &str = "message-threads-2026-08-12";

/// The conversations held, by the id of the last answer.
#[derive(Debug, Default)]
pub(in super::super) struct Threads(Mutex<HashMap<String, Value>>);

impl Threads {
    /// The request as it stands by itself, without its thread, and whether it is to be held.
    ///
    /// # Errors
    /// Where it is not what the vendor takes, or goes on with what is not held.
    pub(in super::super) fn whole(
        &self,
        headers: &HeaderMap,
        mut body: Value,
    ) -> Result<(Value, bool), VendorError> {
        let members = body.as_object_mut();
        let thread = members.and_then(|members| members.remove("thread"));
        let Some(thread) = thread.filter(|thread| !thread.is_null()) else {
            return Ok((body, false));
        };
        let betas = headers.get_all("anthropic-beta").iter();
        if !betas
            .flat_map(|value| value.to_str())
            .any(|it| it.contains(BETA))
        {
            return Err(VendorError::bad("thread", "Extra inputs are not permitted"));
        }
        let before = match thread.get("type").and_then(Value::as_str) {
            Some("create") => return Ok((body, true)),
            Some("continue") => self.held(&thread)?,
            _ => {
                return Err(VendorError::bad(
                    "thread.type",
                    "Input should be 'create' or 'continue'",
                ));
            }
        };
        for field in ["system", "tools"] {
            if body.get(field).is_some() {
                return Err(VendorError::bad(field, "is taken from the thread"));
            }
            if let Some(held) = before.get(field) {
                body[field] = held.clone();
            }
        }
        let list = |body: &Value| body["messages"].as_array().cloned().unwrap_or_default();
        body["messages"] = [list(&before), list(&body)].concat().into();
        Ok((body, true))
    }

    fn held(&self, thread: &Value) -> Result<Value, VendorError> {
        let id = thread.get("previous_message_id").and_then(Value::as_str);
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = id.and_then(|id| all.get(id)).cloned();
        held.ok_or_else(|| VendorError {
            code: Some("thread_not_found"),
            ..VendorError::new(404, "The thread was not found.")
        })
    }

    /// Holds a conversation with its answer.
    pub(in super::super) fn hold(&self, mut body: Value, answer: &Value) {
        let said = json!({"role": "assistant", "content": answer["content"]});
        if let Some(messages) = body["messages"].as_array_mut() {
            messages.push(said);
        }
        let id = answer["id"].as_str().unwrap_or_default().to_owned();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(id, body);
    }

    /// Forgets them all.
    pub(in super::super) fn clear(&self) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.clear();
    }
}
