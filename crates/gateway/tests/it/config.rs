//! `tollgate.toml` and the environment: what they enable, and how mistakes are told.

use crate::cli::Folder;
use crate::scene::{Door, SOON, Whole, call_with, fake, setup, whole};
use serde_json::{Value, json};
use testkit::client::Call;
use testkit::fake_provider::{Behaviour, FakeProvider};
use testkit::gateway::TestGateway;

/// A gateway with this configuration and these variables, and nothing else.
async fn started(config: &str, env: &[(&str, &str)]) -> TestGateway {
    let mut setup = setup(Vec::new(), config);
    let env = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    setup.env.extend(env);
    TestGateway::start(setup).await.unwrap()
}

async fn ask(gateway: &TestGateway, door: Door, model: &str) -> Whole {
    let body = door.body(model, "hi", false).to_string();
    whole(call_with(gateway.address(), door, gateway.key(), body)).await
}

async fn models(gateway: &TestGateway) -> Vec<String> {
    let call = Call::get(gateway.address(), "/v1/models")
        .header("authorization", format!("Bearer {}", gateway.key()));
    let list = whole(call).await.json();
    let data = list["data"].as_array().unwrap();
    data.iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

fn sent_header(fake: &FakeProvider, name: &str) -> Option<String> {
    let received = fake.requests().pop().unwrap();
    let mut all = received.headers.into_iter();
    all.find(|(header, _)| header == name)
        .map(|(_, value)| value)
}

/// A new provider that speaks OpenAI's dialect: TOML only, in both spellings of models.
#[tokio::test]
async fn a_new_provider_is_ten_lines_of_toml() {
    let fake = fake().await;
    let config = format!(
        r#"
[providers.acme]
base_url = "{url}/v1"
api_key = "${{ACME_KEY}}"
speaks = ["openai_chat"]
headers = {{ x-team = "blue" }}
models = ["fake-text", "meta-llama/fake-count"]

[providers.priced]
base_url = "{url}/v1/"
api_key = "k"
[[providers.priced.models]]
id = "fake-text"
input = "0.075"
output = "0.3"
[[providers.priced.models]]
id = "fake-cached"
input = "3"
output = "15"
cache_read = "0.3"
cache_write = "3.75"
"#,
        url = fake.url()
    );
    let gateway = started(&config, &[("ACME_KEY", "secret-of-acme")]).await;
    let listed = models(&gateway).await;
    for model in [
        "acme/fake-text",
        "meta-llama/fake-count",
        "priced/fake-text",
        "priced/fake-cached",
    ] {
        assert!(
            listed.iter().any(|one| one == model),
            "{model} in {listed:?}"
        );
        for door in [Door::Chat, Door::Messages] {
            assert_eq!(
                ask(&gateway, door, model).await.status,
                200,
                "{door:?} {model}"
            );
        }
    }
    assert_eq!(
        ask(&gateway, Door::Chat, "acme/fake-text").await.status,
        200
    );
    assert_eq!(
        sent_header(&fake, "authorization").as_deref(),
        Some("Bearer secret-of-acme")
    );
    assert_eq!(sent_header(&fake, "x-team").as_deref(), Some("blue"));
    let records = gateway.wait_for_records(9, SOON).await.unwrap();
    let cost = |model: &str| {
        let of = records.iter().find(|one| one["model"] == model).unwrap();
        of["cost_usd"].clone()
    };
    assert_eq!(
        cost("acme/fake-text"),
        Value::Null,
        "without a price it is served, unpriced"
    );
    // 21 tokens at 0.075 and 7 at 0.3.
    assert_eq!(cost("priced/fake-text"), "0.000003675");
    let cached = records
        .iter()
        .find(|one| one["model"] == "priced/fake-cached")
        .unwrap();
    let output = cached["usage"]["output"].as_u64().unwrap();
    // 100 at 3, 2000 read at 0.3, 300 written at 3.75, the output at 15: millionths of a USD.
    let millionths = 300 + 600 + 1125 + 15 * output;
    assert_eq!(cached["cost_usd"], crate::scene::usd(millionths));
}

/// The usual variable enables a provider of the catalogue; the file may send it elsewhere or switch it off.
#[tokio::test]
async fn a_provider_is_enabled_by_its_usual_variable() {
    let fake = fake().await;
    let key = [("OPENAI_API_KEY", "sk-of-the-operator")];
    let elsewhere = format!("[providers.openai]\nbase_url = \"{}/v1\"\n", fake.url());
    let gateway = started(&elsewhere, &key).await;
    fake.script("gpt-4o-mini", [Behaviour::of("text")]);
    let got = ask(&gateway, Door::Chat, "openai/gpt-4o-mini").await;
    assert_eq!(got.status, 200, "{:?}", got.json());
    assert_eq!(
        sent_header(&fake, "authorization").as_deref(),
        Some("Bearer sk-of-the-operator")
    );
    assert_eq!(got.header("x-tollgate-provider"), "openai");
    // A quirk of the catalogue: this provider's new models want the new name.
    let sent: Value = serde_json::from_slice(&fake.requests()[0].body).unwrap();
    assert_eq!(
        (&sent["max_completion_tokens"], sent.get("max_tokens")),
        (&json!(4000), None)
    );

    for (config, env, word) in [
        (
            "[providers.openai]\nenabled = false\n",
            &key[..],
            "no provider of openai/gpt-4o-mini is set up here",
        ),
        (
            "",
            &[][..],
            "the operator can enable openai (OPENAI_API_KEY)",
        ),
        (
            elsewhere.as_str(),
            &[][..],
            "the operator can enable openai (OPENAI_API_KEY)",
        ),
    ] {
        let gateway = started(config, env).await;
        let got = ask(&gateway, Door::Chat, "openai/gpt-4o-mini").await;
        assert_eq!(got.status, 404);
        let said = got.json();
        assert_eq!(said["error"]["code"], "model_not_available");
        let message = said["error"]["message"].as_str().unwrap();
        assert!(message.contains(word), "{message}");
        assert!(
            !models(&gateway)
                .await
                .iter()
                .any(|id| id.starts_with("openai/"))
        );
    }
}

/// An operator's own provider without a key is asked without one; a local address stands in its own variable.
#[tokio::test]
async fn a_provider_may_want_no_key() {
    let fake = fake().await;
    let config = format!(
        "[providers.near]\nbase_url = \"{}/v1\"\nmodels = [\"fake-text\"]\n",
        fake.url()
    );
    let gateway = started(&config, &[]).await;
    ask(&gateway, Door::Chat, "near/fake-text").await;
    assert_eq!(sent_header(&fake, "authorization"), None);

    let address = fake.address().to_string();
    let config = "[providers.ollama]\nmodels = [\"fake-text\"]\n";
    let gateway = started(config, &[("OLLAMA_HOST", &address)]).await;
    ask(&gateway, Door::Chat, "ollama/fake-text").await;
    assert_eq!(fake.requests().pop().unwrap().path, "/v1/chat/completions");
}

/// A header that takes the bare key, instead of a bearer token.
#[tokio::test]
async fn a_key_may_go_into_a_header_of_its_own() {
    let fake = fake().await;
    let config = format!(
        "[providers.near]\nbase_url = \"{}/v1\"\napi_key = \"k\"\nauth_header = \"X-Secret\"\nmodels = [\"fake-text\"]\n",
        fake.url()
    );
    let gateway = started(&config, &[]).await;
    ask(&gateway, Door::Chat, "near/fake-text").await;
    assert_eq!(sent_header(&fake, "x-secret").as_deref(), Some("k"));
    assert_eq!(sent_header(&fake, "authorization"), None);
}

#[tokio::test]
async fn mistakes_are_told_with_file_line_and_fix() {
    let folder = Folder::new();
    let cases = [
        (
            "[server]\nlissten = \"x\"\n",
            "bad.toml:2:1: unknown field `lissten`",
        ),
        ("[sevrer]\n", "bad.toml:1:2: unknown field `sevrer`"),
        ("[server]\nlisten = 5\n", "bad.toml:2:10: "),
        (
            "[server]\nlisten = \"nowhere\"\n",
            "bad.toml:2:10: listen: 'nowhere' is not an address; write one like",
        ),
        ("[server]\n\nmax_body_bytes = -1\n", "bad.toml:3:18: "),
        (
            "[providers.a]\nbase_url = \"http://x/v1\"\napi_key = \"${NOT_SET}\"\n",
            "bad.toml:3:11: the environment variable NOT_SET is not set",
        ),
        (
            "[providers.a]\nbase_url = \"http://x/v1\"\nspeaks = [\"klingon\"]\n",
            "bad.toml:3:10: speaks: there is no dialect 'klingon'; known are",
        ),
        (
            "[providers.a]\nbase_url = \"http://x/v1\"\nmodels = [{ id = \"m\", input = 5 }]\n",
            "bad.toml:3:",
        ),
        (
            "[providers.a]\nbase_url = \"http://x/v1\"\n[[providers.a.models]]\nid = \"m\"\ninput = \"cheap\"\n",
            "bad.toml:5:9: input: ",
        ),
        (
            "[providers.a]\nmodels = [\"m\"]\n",
            "a provider that the catalogue does not know needs a base_url",
        ),
        (
            "[providers.\"a/b\"]\nbase_url = \"http://x/v1\"\n",
            "bad.toml:1:1: providers.a/b.id: a provider's id has 1 to 64 of",
        ),
        ("what is this\n", "bad.toml:1:"),
    ];
    for (config, expect) in cases {
        folder.write("bad.toml", config);
        let done = folder.run(&[
            "serve",
            "--config",
            "bad.toml",
            "--data",
            "data",
            "--listen",
            "127.0.0.1:0",
        ]);
        assert_eq!(done.code, 1, "{config}");
        assert!(
            done.stderr.contains(expect),
            "{config}\nsaid {}\nwant {expect}",
            done.stderr
        );
    }
    let done = folder.run(&["serve", "--config", "missing.toml", "--data", "data"]);
    assert!(
        done.code == 1 && done.stderr.contains("cannot read missing.toml"),
        "{}",
        done.stderr
    );
}

#[tokio::test]
async fn a_management_token_that_could_be_guessed_stops_the_start() {
    let mut setup = setup(Vec::new(), "");
    setup.env = vec![("TOLLGATE_ADMIN_TOKEN".to_owned(), "secret".to_owned())];
    let error = TestGateway::start(setup).await.err().unwrap().to_string();
    assert!(error.contains("at least 16 characters"), "{error}");
}
