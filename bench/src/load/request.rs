//! The bytes of a request, made once; only the key changes from one to the next.

use std::ops::Range;

use anyhow::{bail, ensure};

/// Whether a whole answer or a stream is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    Whole,
    /// With `stream_options.include_usage`, so that the usage chunk reaches us through every system.
    Stream,
}

/// A request with a slot for its key, and the keys to put there.
pub(crate) struct Requests {
    bytes: Vec<u8>,
    key_at: Range<usize>,
    keys: Vec<String>,
    next: usize,
}

impl Requests {
    /// `keys` has one key per line. Fails if there is none, if lengths differ, or if `body_bytes` is too few.
    pub(crate) fn new(
        path: &str,
        model: &str,
        shape: Shape,
        body_bytes: usize,
        keys: &str,
    ) -> anyhow::Result<Self> {
        let keys: Vec<String> = keys
            .lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        let Some(first) = keys.first() else {
            bail!("the key file is empty")
        };
        ensure!(
            keys.iter().all(|key| key.len() == first.len()),
            "keys differ in length"
        );

        let body = body(model, shape, body_bytes)?;
        let before = format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\nuser-agent: bench-load\r\naccept: application/json\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nauthorization: Bearer ",
            body.len()
        );
        let key_at = before.len()..before.len() + first.len();
        let bytes = [before.as_str(), first, "\r\n\r\n", &body]
            .concat()
            .into_bytes();
        Ok(Self {
            bytes,
            key_at,
            keys,
            next: 0,
        })
    }

    /// A copy for one connection, to be given a key before each use.
    pub(crate) fn copy(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// Puts the next key in.
    pub(crate) fn put_key(&mut self, request: &mut [u8]) {
        request[self.key_at.clone()].copy_from_slice(self.keys[self.next].as_bytes());
        self.next = (self.next + 1) % self.keys.len();
    }
}

/// A chat request of `length` bytes, filled up by the last message as a real prompt would.
fn body(model: &str, shape: Shape, length: usize) -> anyhow::Result<String> {
    let options = match shape {
        Shape::Whole => "",
        Shape::Stream => "\"stream\":true,\"stream_options\":{\"include_usage\":true},",
    };
    let start = format!(
        "{{\"model\":\"{model}\",{options}\"temperature\":0.2,\"max_tokens\":256,\"messages\":[\
         {{\"role\":\"system\",\"content\":\"You answer briefly.\"}},{{\"role\":\"user\",\"content\":\""
    );
    let end = "\"}]}";
    let Some(room) = length.checked_sub(start.len() + end.len()) else {
        bail!("a body needs at least {} bytes", start.len() + end.len());
    };
    let text: String = "Tell me what the ship's log says of that night. "
        .chars()
        .cycle()
        .take(room)
        .collect();
    Ok([&start, text.as_str(), end].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_is_json_of_the_length_asked_for() {
        for (shape, length) in [
            (Shape::Whole, 650),
            (Shape::Stream, 650),
            (Shape::Whole, 100_000),
        ] {
            let body = body("mock/bench-whole", shape, length).unwrap();
            assert_eq!(body.len(), length);
            let json: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(json["model"], "mock/bench-whole");
        }
        assert!(body("mock/bench-whole", Shape::Whole, 20).is_err());
    }

    #[test]
    fn keys_take_turns() {
        let mut requests = Requests::new(
            "/v1/chat/completions",
            "m",
            Shape::Whole,
            650,
            "key-a\nkey-b\n",
        )
        .unwrap();
        let mut request = requests.copy();
        for expected in ["key-a", "key-b", "key-a"] {
            requests.put_key(&mut request);
            let text = String::from_utf8(request.clone()).unwrap();
            assert!(
                text.contains(&format!("authorization: Bearer {expected}\r\n\r\n{{")),
                "{text}"
            );
        }
        assert!(Requests::new("/", "m", Shape::Whole, 650, "a\nbb\n").is_err());
        assert!(Requests::new("/", "m", Shape::Whole, 650, "\n").is_err());
    }
}
