//! Anthropic's message threads, of which a client sends only what is new: whoever does not hold the conversation must not be
//! asked to go on with it, and the client must hear that in the words at which it sends all of it again.

use crate::scene::{Whole, fake, setup, whole};
use serde_json::{Value, json};
use testkit::client::Call;
use testkit::fake_provider::FakeProvider;
use testkit::gateway::{ModelEntry, ProviderEntry, TestGateway};

/// Providers of every dialect, and one that the catalogue says holds threads.
pub(super) const PROVIDERS: [(&str, &str, &str); 7] = [
    ("chat", "openai_chat", "/v1"),
    ("responses", "openai_responses", "/v1"),
    ("gemini", "gemini", "/v1beta"),
    ("bedrock", "bedrock", ""),
    ("cohere", "cohere", "/v2"),
    ("claude", "anthropic", "/v1"),
    ("anthropic", "anthropic", "/v1"),
];

/// A gateway between a client and all of them, which are one fake.
pub(super) struct World {
    pub(super) gateway: TestGateway,
    pub(super) fake: FakeProvider,
}

impl World {
    pub(super) async fn start() -> Self {
        let fake = fake().await;
        let models = [
            "fake-tools",
            "crew/fake-error-503",
            "anthropic.fake-text",
            "gemini-3-fake-text",
        ];
        let priced = |model: &&str| ModelEntry::priced(*model);
        let entries = PROVIDERS.map(|(id, speaks, base)| ProviderEntry {
            id: id.to_owned(),
            base_url: format!("{}{base}", fake.url()),
            speaks: speaks.to_owned(),
            models: models.iter().map(priced).collect(),
        });
        let gateway = TestGateway::start(setup(entries.into(), "")).await;
        let gateway = gateway.unwrap();
        Self { gateway, fake }
    }

    /// Asks at the door of Messages.
    pub(super) async fn ask(&self, model: &str, more: Value) -> Whole {
        let mut body = json!({"model": model, "max_tokens": 500});
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        let call = Call::post(self.gateway.address(), "/v1/messages", body.to_string())
            .header("x-api-key", self.gateway.key())
            .header("anthropic-version", "2023-06-01")
            .header("anthropic-beta", "message-threads-2026-08-12");
        whole(call).await
    }
}

fn question() -> Value {
    json!({
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Weather?"}],
        "tools": [{"name": "get_weather", "input_schema": {"type": "object", "properties": {}}}],
        "thread": {"type": "create"},
    })
}

fn next(id: &str, call: &Value, provider: Value) -> Value {
    json!({
        "messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": call, "content": "sunny"}]}],
        "thread": {"type": "continue", "previous_message_id": id},
        "provider": provider,
    })
}

/// The id of an answer's call.
fn call_of(answer: &Value) -> Value {
    answer["content"].as_array().unwrap().last().unwrap()["id"].clone()
}

#[tokio::test]
async fn a_thread_that_nobody_holds_is_refused_so_that_the_client_sends_all_of_it() {
    let world = World::start().await;
    for (provider, _, _) in PROVIDERS {
        let model = format!("{provider}/fake-tools");
        let holds = provider == "anthropic";
        world.fake.reset();
        let first = world.ask(&model, question()).await;
        let answer = first.json();
        assert_eq!(first.status, 200, "{provider}: {answer}");
        let lost = first.header("x-tollgate-lost");
        assert_eq!(
            lost.split(", ").any(|it| it == "thread"),
            !holds,
            "{provider}: {lost}"
        );
        let sent: Value = serde_json::from_slice(&world.fake.requests()[0].body).unwrap();
        assert_eq!(sent.get("thread").is_some(), holds, "{provider}: {sent}");

        let id = answer["id"].as_str().unwrap();
        let second = world
            .ask(&model, next(id, &call_of(&answer), json!({})))
            .await;
        let said = second.json();
        if holds {
            let text = said["content"][0]["text"].as_str().unwrap();
            assert!(text.ends_with("=sunny"), "{said}");
            assert_eq!(second.header("x-tollgate-lost"), "");
        } else {
            assert_eq!(second.status, 404, "{provider}: {said}");
            assert_eq!(said["error"]["type"], "not_found_error");
            assert_eq!(said["error"]["details"]["error_code"], "thread_not_found");
            assert_eq!(world.fake.requests().len(), 1, "{provider} was asked");
        }
        let strict = json!({"provider": {"require_parameters": true}, "thread": {"type": "create"},
            "messages": [{"role": "user", "content": "Weather?"}]});
        let strict = world.ask(&model, strict).await;
        assert_eq!(strict.status == 200, holds, "{provider}: {}", strict.json());
    }
}

#[tokio::test]
async fn what_a_holder_says_of_a_thread_is_told_in_its_words() {
    let world = World::start().await;
    let got = world
        .ask(
            "anthropic/fake-tools",
            next("msg_unknown", &json!("toolu_1"), json!({})),
        )
        .await;
    let said = got.json();
    assert_eq!(got.status, 404, "{said}");
    assert_eq!(
        said["error"]["details"],
        json!({"error_code": "thread_not_found"})
    );
    assert_eq!(said["error"]["message"], "The thread was not found.");
}

#[tokio::test]
async fn only_new_messages_never_go_to_another_provider() {
    let world = World::start().await;
    let order = json!({"order": ["anthropic", "claude", "chat"]});
    let next = next("msg_1", &json!("toolu_1"), order);
    let got = world.ask("crew/fake-error-503", next).await;
    let said = got.json();
    assert_eq!(got.status, 404, "{said}");
    assert_eq!(said["error"]["details"]["error_code"], "thread_not_found");
    let asked = world.fake.requests();
    let only_holder = asked.iter().all(|one| one.path == "/v1/messages");
    assert!(only_holder && asked.len() == 1, "{asked:?}");
}
