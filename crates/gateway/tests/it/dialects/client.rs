//! How clients of each dialect ask and hear: one table.

use crate::scene::{Frame, Whole, frames, string_at};
use serde_json::{Value, json};
use testkit::client::{Answer, Call};
use testkit::gateway::TestGateway;

/// A client of one dialect.
pub(super) struct Client {
    pub(super) name: &'static str,
    /// The path for a model, whole or streamed.
    path: fn(&str, bool) -> String,
    /// Whether the body names model and streaming.
    named_in_body: bool,
    /// What a user's words are in a body.
    body: fn(&str) -> Value,
    /// Where a whole answer has its text.
    text: &'static str,
    /// What a frame of a stream says, if anything.
    piece: fn(&Frame) -> String,
    /// Whether a stream that ends in this frame is complete.
    is_end: fn(&Frame) -> bool,
    /// The message of an error in a stream, if this frame is one.
    error: fn(&Frame) -> Option<String>,
    /// Where a whole error has its message.
    pub(super) message: &'static str,
}

pub(super) static CLIENTS: [Client; 5] = [
    Client {
        name: "chat",
        path: |_, _| "/v1/chat/completions".to_owned(),
        named_in_body: true,
        body: |text| json!({"messages": [{"role": "user", "content": text}]}),
        text: "/choices/0/message/content",
        piece: |frame| string_at(&frame.json(), "/choices/0/delta/content"),
        is_end: |frame| frame.data == "[DONE]",
        error: |frame| message(&frame.json(), "/error/message"),
        message: "/error/message",
    },
    Client {
        name: "messages",
        path: |_, _| "/v1/messages".to_owned(),
        named_in_body: true,
        body: |text| json!({"max_tokens": 4000, "messages": [{"role": "user", "content": text}]}),
        text: "/content/0/text",
        piece: |frame| string_at(&frame.json(), "/delta/text"),
        is_end: |frame| frame.event == "message_stop",
        error: |frame| match &*frame.event {
            "error" => message(&frame.json(), "/error/message"),
            _ => None,
        },
        message: "/error/message",
    },
    Client {
        name: "responses",
        path: |_, _| "/v1/responses".to_owned(),
        named_in_body: true,
        body: |text| json!({"input": text}),
        text: "/output/0/content/0/text",
        piece: |frame| match &*frame.event {
            "response.output_text.delta" => string_at(&frame.json(), "/delta"),
            _ => String::new(),
        },
        is_end: |frame| frame.event == "response.completed",
        error: |frame| match &*frame.event {
            "error" => message(&frame.json(), "/error/message"),
            "response.failed" => message(&frame.json(), "/response/error/message"),
            _ => None,
        },
        message: "/error/message",
    },
    Client {
        name: "gemini",
        path: |model, stream| {
            let verb = match stream {
                true => "streamGenerateContent?alt=sse",
                false => "generateContent",
            };
            format!("/v1beta/models/{model}:{verb}")
        },
        named_in_body: false,
        body: |text| json!({"contents": [{"role": "user", "parts": [{"text": text}]}]}),
        text: "/candidates/0/content/parts/0/text",
        piece: |frame| string_at(&frame.json(), "/candidates/0/content/parts/0/text"),
        is_end: |frame| frame.json()["candidates"][0]["finishReason"] == "STOP",
        error: |frame| message(&frame.json(), "/error/message"),
        message: "/error/message",
    },
    Client {
        name: "bedrock",
        path: |model, stream| {
            let model = model.replace('/', "%2F");
            let operation = if stream {
                "converse-stream"
            } else {
                "converse"
            };
            format!("/model/{model}/{operation}")
        },
        named_in_body: false,
        body: |text| json!({"messages": [{"role": "user", "content": [{"text": text}]}]}),
        text: "/output/message/content/0/text",
        piece: |frame| string_at(&frame.json(), "/delta/text"),
        is_end: |frame| frame.event == "metadata",
        error: |frame| match frame.event.ends_with("Exception") {
            true => message(&frame.json(), "/message"),
            false => None,
        },
        message: "/message",
    },
];

fn message(value: &Value, at: &str) -> Option<String> {
    let message = value.pointer(at)?.as_str()?;
    (!message.is_empty()).then(|| message.to_owned())
}

impl Client {
    /// A call with the test's key, which every door takes as a bearer token.
    pub(super) fn call(
        &self,
        gateway: &TestGateway,
        model: &str,
        text: &str,
        stream: bool,
    ) -> Call {
        let mut body = (self.body)(text);
        if self.named_in_body {
            body["model"] = json!(model);
            body["stream"] = json!(stream);
        }
        gateway.call(&(self.path)(model, stream), &body)
    }

    /// The text of a whole answer.
    pub(super) fn text(&self, got: &Whole) -> String {
        string_at(&got.json(), self.text)
    }

    /// The frames of a stream, as far as they are complete.
    pub(super) fn frames(&self, bytes: &[u8]) -> Vec<Frame> {
        match self.name {
            "bedrock" => messages(bytes),
            _ => {
                // Google's lines end in two letters.
                let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
                let complete = text.rfind("\n\n").map_or(0, |at| at + 2);
                frames(&text.as_bytes()[..complete])
            }
        }
    }

    pub(super) fn streamed_text(&self, frames: &[Frame]) -> String {
        frames.iter().map(self.piece).collect()
    }

    pub(super) fn is_complete(&self, frames: &[Frame]) -> bool {
        frames.last().is_some_and(self.is_end)
    }

    /// The error that ends a stream.
    pub(super) fn streamed_error(&self, frames: &[Frame]) -> Option<String> {
        let said = frames.iter().rev().find(|frame| frame.data != "[DONE]")?;
        (self.error)(said)
    }

    /// Reads a stream until so many words were said.
    pub(super) async fn words(&self, answer: &mut Answer, count: usize) {
        let mut seen = Vec::new();
        loop {
            let said = self.streamed_text(&self.frames(&seen));
            let words = said.split_whitespace().count();
            if words >= count {
                assert_eq!(words, count, "more was said than asked for");
                return;
            }
            let chunk = tokio::time::timeout(crate::scene::SOON, answer.chunk()).await;
            seen.extend_from_slice(&chunk.expect("nothing more comes").unwrap().unwrap());
        }
    }
}

/// The messages of an AWS event stream, checksums checked.
fn messages(mut bytes: &[u8]) -> Vec<Frame> {
    let number = |bytes: &[u8], at: usize| {
        let four = bytes[at..at + 4].try_into().unwrap();
        usize::try_from(u32::from_be_bytes(four)).unwrap()
    };
    let mut found = Vec::new();
    while bytes.len() >= 12 && number(bytes, 0) <= bytes.len() {
        let (message, rest) = bytes.split_at(number(bytes, 0));
        let end = message.len() - 4;
        let sum = crc32fast::hash(&message[..end]);
        assert_eq!(sum.to_be_bytes(), message[end..], "a checksum");
        let payload = 12 + number(message, 4);
        let headers = headers(&message[12..payload]);
        let header = |name: &str| headers.iter().find(|one| one.0 == name).map(|one| &one.1);
        let data = String::from_utf8(message[payload..end].to_vec()).unwrap();
        found.push(match header(":error-code") {
            // An error that is no exception of the service's model says all in its headers.
            Some(code) => Frame {
                event: code.clone(),
                data: json!({"message": header(":error-message")}).to_string(),
            },
            None => Frame {
                event: header(":event-type")
                    .or(header(":exception-type"))
                    .unwrap()
                    .clone(),
                data,
            },
        });
        bytes = rest;
    }
    found
}

/// A message's headers, all of which are text.
fn headers(mut bytes: &[u8]) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut found = Vec::new();
    while let [length, rest @ ..] = bytes {
        let (name, rest) = rest.split_at(usize::from(*length));
        let length = usize::from(u16::from_be_bytes([rest[1], rest[2]]));
        let (value, rest) = rest[3..].split_at(length);
        found.push((text(name), text(value)));
        bytes = rest;
    }
    found
}
