//! Where a client's own body names a URL, so that an answer can say which of its files is meant.

use serde_json::Value;
use std::fmt::{Display, Write};

/// Members whose text is said to the model, even if it is nothing but a URL.
const SAID: &[&str] = &[
    "text",
    "content",
    "input",
    "instructions",
    "prompt",
    "system",
];

/// Where in a client's body a URL stands for the (`occurrence` + 1)th time: `messages[0].content[1].source.url`. Every
/// dialect writes a URL as text of its own, so none needs to be known here.
pub(super) fn path_of(body: &Value, url: &str, occurrence: usize) -> Option<String> {
    let mut left = occurrence;
    let mut path = String::new();
    find(body, url, &mut left, &mut path).then_some(path)
}

fn find(value: &Value, url: &str, left: &mut usize, path: &mut String) -> bool {
    let begin = path.len();
    let mut found = |value: &Value, step: &dyn Display, path: &mut String| {
        // Writing to a String cannot fail.
        let _ = write!(path, "{step}");
        let found = find(value, url, left, path);
        if !found {
            path.truncate(begin);
        }
        found
    };
    match value {
        Value::String(text) if text == url => {
            let is_it = *left == 0;
            *left = left.saturating_sub(1);
            is_it
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .any(|(at, item)| found(item, &format_args!("[{at}]"), path)),
        Value::Object(members) => members.iter().any(|(name, value)| {
            let is_said = value.is_string() && SAID.contains(&name.as_str());
            let dot = if begin == 0 { "" } else { "." };
            !is_said && found(value, &format_args!("{dot}{name}"), path)
        }),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::path_of;
    use serde_json::json;

    #[test]
    fn a_url_is_found_in_the_clients_own_body() {
        let url = "https://a.example/a.png";
        let body = json!({
            "input": url,
            "messages": [
                {"role": "user", "content": url},
                {"role": "user", "content": [
                    {"type": "text", "text": url},
                    {"type": "image", "source": {"type": "url", "url": url}},
                    {"type": "image_url", "image_url": {"url": url}},
                ]},
            ],
        });
        let at = |occurrence| path_of(&body, url, occurrence);
        let first = "messages[1].content[1].source.url";
        assert_eq!(at(0).as_deref(), Some(first));
        let second = "messages[1].content[2].image_url.url";
        assert_eq!(at(1).as_deref(), Some(second));
        assert_eq!(at(2), None);
        assert_eq!(path_of(&json!([url]), "https://b.example/", 0), None);
    }
}
