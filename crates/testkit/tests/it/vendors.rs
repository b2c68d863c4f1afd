//! OpenAI's Responses, Google and Amazon: one table of how each is asked and heard, and what must hold for all.

use crate::{events, fake, json};
use serde_json::{Value, json};
use testkit::client::{Answer, Call};
use testkit::fake_provider::{End, FakeProvider};

const TEXT: &str = "Hello from the fake provider: grüße, \"世界\"\n 🌍.";

/// How one vendor is asked and heard.
struct Vendor {
    name: &'static str,
    path: fn(&str, bool) -> String,
    /// What a user's words are in a body, without model and streaming.
    body: fn(&str) -> Value,
    /// Where a whole answer has its text, and a piece of a stream.
    text: &'static str,
    delta: &'static str,
    /// Where both have the count of input tokens.
    input: [&'static str; 2],
    /// Where an error has its message.
    message: &'static str,
    /// What is refused, and a word of why.
    refused: fn() -> Vec<(Value, &'static str)>,
}

static VENDORS: [Vendor; 3] = [
    Vendor {
        name: "responses",
        path: |_, _| "/v1/responses".to_owned(),
        body: |text| json!({"input": text}),
        text: "/output/0/content/0/text",
        delta: "/delta",
        input: ["/usage/input_tokens", "/response/usage/input_tokens"],
        message: "/error/message",
        refused: || {
            let output = json!({"type": "function_call_output", "call_id": "c1", "output": "x"});
            let call =
                json!({"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"});
            let open = json!({"type": "object", "properties": {"a": {"type": "string"}}});
            vec![
                (json!({"input": []}), "'input'"),
                (json!({"input": [output]}), "No tool call found"),
                (json!({"input": [call]}), "No tool output found"),
                (json!({"input": "x", "max_output_tokens": 15}), ">= 16"),
                (
                    json!({"input": "x", "previous_response_id": "r"}),
                    "not found",
                ),
                (
                    json!({"input": [{"type": "reasoning", "id": "rs_1", "summary": []}]}),
                    "not persisted",
                ),
                (
                    json!({"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}),
                    "'text'",
                ),
                (
                    json!({"input": "x", "text": {"format": {"type": "json_schema", "name": "n", "strict": true,
                        "schema": open}}}),
                    "additionalProperties",
                ),
            ]
        },
    },
    Vendor {
        name: "gemini",
        path: |model, stream| {
            let verb = if stream {
                "streamGenerateContent?alt=sse"
            } else {
                "generateContent"
            };
            format!("/v1beta/models/{model}:{verb}")
        },
        body: |text| json!({"contents": [{"role": "user", "parts": [{"text": text}]}]}),
        text: "/candidates/0/content/parts/0/text",
        delta: "/candidates/0/content/parts/0/text",
        input: ["/usageMetadata/promptTokenCount"; 2],
        message: "/error/message",
        refused: || {
            let said = json!([{"role": "user", "parts": [{"text": "x"}]}]);
            let call =
                json!({"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]});
            let tool = |parameters: Value| {
                json!({"contents": said, "tools": [{"functionDeclarations": [
                    {"name": "f", "parameters": parameters}]}]})
            };
            vec![
                (json!({"contents": []}), "not specified"),
                (
                    json!({"contents": [{"role": "user", "parts": []}]}),
                    "must not be empty",
                ),
                (
                    json!({"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}),
                    "valid role",
                ),
                (
                    json!({"contents": [call, said[0]]}),
                    "number of function response parts",
                ),
                (
                    tool(json!({"type": "OBJECT", "additionalProperties": false})),
                    "Unknown name",
                ),
                (
                    json!({"contents": said, "generationConfig": {"responseSchema": {}}}),
                    "mime",
                ),
            ]
        },
    },
    Vendor {
        name: "bedrock",
        path: |model, stream| {
            let operation = if stream {
                "converse-stream"
            } else {
                "converse"
            };
            format!("/model/anthropic%2E{model}/{operation}")
        },
        body: |text| json!({"messages": [{"role": "user", "content": [{"text": text}]}]}),
        text: "/output/message/content/0/text",
        delta: "/delta/text",
        input: ["/usage/inputTokens"; 2],
        message: "/message",
        refused: || {
            let said = json!({"role": "user", "content": [{"text": "x"}]});
            let call = json!({"role": "assistant", "content": [
                {"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}]});
            let result = json!({"role": "user", "content": [
                {"toolResult": {"toolUseId": "t", "content": [{"text": "y"}]}}]});
            vec![
                (json!({"messages": []}), "empty"),
                (json!({"messages": [said, said]}), "alternate"),
                (
                    json!({"messages": [{"role": "user", "content": [{"text": " "}]}]}),
                    "blank",
                ),
                (
                    json!({"messages": [said, call, said]}),
                    "Expected toolResult",
                ),
                (json!({"messages": [said, call, result]}), "toolConfig"),
                (
                    json!({"messages": [said], "toolConfig": {"tools": []}}),
                    "length",
                ),
            ]
        },
    },
];

impl Vendor {
    async fn ask(&self, fake: &FakeProvider, scenario: &str, stream: bool, body: Value) -> Answer {
        let model = format!("fake-{scenario}");
        let mut body = body;
        if self.name == "responses" {
            body["model"] = json!(model);
            body["stream"] = json!(stream);
        }
        let path = (self.path)(&model, stream);
        let call = Call::post(fake.address(), path, body.to_string());
        call.header("authorization", "Bearer k")
            .send()
            .await
            .unwrap()
    }

    /// The events of a stream, however it is framed.
    fn events(&self, body: &bytes::Bytes) -> Vec<Value> {
        if self.name != "bedrock" {
            return events(body);
        }
        let mut rest: &[u8] = body;
        let mut found = Vec::new();
        while !rest.is_empty() {
            let number =
                |at: usize| u32::from_be_bytes(rest[at..at + 4].try_into().unwrap()) as usize;
            let (total, headers) = (number(0), number(4));
            assert_eq!(
                number(total - 4),
                crc32fast::hash(&rest[..total - 4]) as usize
            );
            let payload = &rest[12 + headers..total - 4];
            found.push(serde_json::from_slice(payload).unwrap_or_default());
            rest = &rest[total..];
        }
        found
    }
}

fn text_at<'a>(value: &'a Value, at: &str) -> Option<&'a str> {
    value.pointer(at)?.as_str()
}

#[tokio::test]
async fn a_stream_says_what_the_whole_answer_says() {
    let fake = fake().await;
    for vendor in &VENDORS {
        let body = (vendor.body)("hi");
        let whole = json(vendor.ask(&fake, "text", false, body.clone()).await).await;
        assert_eq!(text_at(&whole, vendor.text), Some(TEXT), "{whole}");
        assert_eq!(whole.pointer(vendor.input[0]), Some(&json!(21)), "{whole}");
        let stream = vendor
            .ask(&fake, "text", true, body)
            .await
            .whole()
            .await
            .unwrap();
        let events = vendor.events(&stream);
        let pieces = events.iter().filter(|one| {
            vendor.name != "responses" || one["type"] == "response.output_text.delta"
        });
        let said: String = pieces
            .filter_map(|one| text_at(one, vendor.delta))
            .collect();
        assert_eq!(said, TEXT, "{}", vendor.name);
        let last = events.last().unwrap();
        assert_eq!(last.pointer(vendor.input[1]), Some(&json!(21)), "{last}");
    }
    for request in fake.requests() {
        assert_eq!((request.tokens_sent, request.end), (7, End::Finished));
        assert_eq!(request.usage.unwrap().output, 7);
        assert_eq!(request.unknown_fields, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_the_vendor_refuses_is_refused() {
    let fake = fake().await;
    for vendor in &VENDORS {
        for (body, why) in (vendor.refused)() {
            let answer = vendor.ask(&fake, "text", false, body.clone()).await;
            let status = answer.status.as_u16();
            let error = json(answer).await;
            let message = text_at(&error, vendor.message).unwrap_or_default();
            assert!(
                [400, 404].contains(&status) && message.contains(why),
                "{body}: {error}"
            );
        }
        let path = (vendor.path)("fake-text", false);
        let call = Call::post(fake.address(), path, (vendor.body)("hi").to_string());
        let status = call.send().await.unwrap().status.as_u16();
        assert!(
            [401, 403].contains(&status),
            "{} without a key",
            vendor.name
        );
    }
}

#[tokio::test]
async fn faults_are_those_of_every_vendor() {
    let fake = fake().await;
    for vendor in &VENDORS {
        let ask = async |scenario: &str, stream: bool| {
            vendor
                .ask(&fake, scenario, stream, (vendor.body)("hi"))
                .await
        };
        let limited = ask("error-429", true).await;
        assert_eq!(limited.status, 429);
        let told = limited.header("retry-after").to_owned();
        let error = json(limited).await;
        assert!(text_at(&error, vendor.message).is_some(), "{error}");
        let in_body = error.pointer("/error/details/0/retryDelay") == Some(&json!("7s"));
        assert_eq!(
            (told == "7", in_body),
            (vendor.name != "gemini", vendor.name == "gemini")
        );

        for (scenario, end) in [("cut", End::Cut), ("truncated", End::Finished)] {
            let body = ask(scenario, true).await.whole().await;
            assert_eq!(body.is_err(), end == End::Cut, "{scenario}");
            let last = fake.requests().pop().unwrap();
            assert_eq!((last.end, last.tokens_sent, last.usage), (end, 2, None));
        }
        let broken = ask("malformed-chunk", true).await.whole().await.unwrap();
        let last = vendor.events(&broken).pop().unwrap();
        assert!(last.is_string() || last.is_null(), "{last}");
        for scenario in ["error-mid-stream", "error-in-200"] {
            let broken = ask(scenario, true).await.whole().await.unwrap();
            let last = vendor.events(&broken).pop().unwrap();
            assert!(text_at(&last, vendor.message).is_some(), "{last}");
        }
    }
}
