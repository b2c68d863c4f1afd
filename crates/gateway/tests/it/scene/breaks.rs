//! Providers that break: at which point, what the record calls it, and many such cases at once.

use serde_json::Value;

/// Scenarios that break before any content is said, and the outcome in the record.
pub(crate) const BEFORE_COMMIT: [(&str, &str); 13] = [
    ("error-in-200", "server_error"),
    ("html-502", "server_error"),
    ("half-json", "malformed"),
    ("empty", "malformed"),
    ("stall", "first_token_timeout"),
    ("never", "first_byte_timeout"),
    ("cut", "cut"),
    ("truncated", "cut"),
    ("malformed-chunk", "malformed"),
    ("error-mid-stream", "server_error"),
    ("error-500", "server_error"),
    ("error-503", "overloaded"),
    ("error-401", "credential"),
];

/// Scenarios that break a stream whose content has begun, and the outcome in the record.
pub(crate) const AFTER_COMMIT: [(&str, &str); 5] = [
    ("error-mid-stream", "server_error"),
    ("cut", "cut"),
    ("truncated", "cut"),
    ("malformed-chunk", "malformed"),
    ("stall-mid-stream", "idle_timeout"),
];

/// The outcomes of a record's attempts, in their order.
pub(crate) fn outcomes(record: &Value) -> Vec<&str> {
    let attempts = record["attempts"].as_array().unwrap().iter();
    attempts
        .map(|attempt| attempt["outcome"].as_str().unwrap())
        .collect()
}

/// All of these at once: most wait for a time-out.
pub(crate) async fn at_once<F: Future<Output = ()>>(cases: impl IntoIterator<Item = F>) {
    let mut running: Vec<_> = cases.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|cx| {
        running.retain_mut(|one| one.as_mut().poll(cx).is_pending());
        match running.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
}
