//! Every client's dialect in front of every provider's, through the whole program: two fakes, each as six providers.

mod answers;
mod breaks;
mod client;
mod hang_ups;

use crate::scene::{self, BEFORE_COMMIT, SOON, fake, setup};
use client::Client;
use serde_json::Value;
use std::sync::Arc;
use testkit::fake_provider::{End, FakeProvider, Recorded, SCENARIOS};
use testkit::gateway::{ModelEntry, ProviderEntry, TestGateway};

/// How a provider's dialect is set up.
struct Upstream {
    dialect: &'static str,
    /// Its base URL's path.
    base: &'static str,
    /// Whether it tells what was written to a cache; else that is input.
    tells_writes: bool,
    /// Whether every piece of a stream tells the usage so far, so that a stream that is left is billed exactly.
    tells_so_far: bool,
}

/// In an order in which each is followed by a dialect unlike it.
static UPSTREAMS: [Upstream; 6] = [
    Upstream {
        dialect: "openai_chat",
        base: "/v1",
        tells_writes: true,
        tells_so_far: false,
    },
    Upstream {
        dialect: "gemini",
        base: "/v1beta",
        tells_writes: false,
        tells_so_far: true,
    },
    Upstream {
        dialect: "anthropic",
        base: "/v1",
        tells_writes: true,
        tells_so_far: false,
    },
    Upstream {
        dialect: "bedrock",
        base: "",
        tells_writes: true,
        tells_so_far: false,
    },
    Upstream {
        dialect: "openai_responses",
        base: "/v1",
        tells_writes: true,
        tells_so_far: false,
    },
    Upstream {
        dialect: "cohere",
        base: "/v2",
        tells_writes: false,
        tells_so_far: false,
    },
];

/// The gateway between its fakes. The first fake serves `first-<dialect>/fake-<scenario>` in each dialect; together with the
/// second, which is dearer and speaks the dialect after it, `<client>-<dialect>/fake-<scenario>` for what fails early: a
/// name for each client, so that none meets an offering that another has made cool down.
struct Dialects {
    gateway: TestGateway,
    first: Arc<FakeProvider>,
    second: Arc<FakeProvider>,
}

impl Upstream {
    /// The id of the provider that speaks it at a fake.
    fn provider(&self, fake: &str) -> String {
        format!("{fake}-{}", self.dialect.replace('_', "-"))
    }

    fn native(&self, scenario: &str) -> String {
        format!("{}/fake-{scenario}", self.provider("first"))
    }

    fn shared(&self, client: &Client, scenario: &str) -> String {
        format!("{}/fake-{scenario}", self.provider(client.name))
    }
}

impl Dialects {
    async fn start(config: &str) -> Self {
        let (first, second) = (fake().await, fake().await);
        let setup = setup(providers(&first, &second), config);
        Self {
            gateway: TestGateway::start(setup).await.unwrap(),
            first: Arc::new(first),
            second: Arc::new(second),
        }
    }

    async fn record(&self, id: &str) -> Value {
        scene::record(&self.gateway, id).await
    }

    /// What became at the first fake of the request that was marked so.
    async fn ended(&self, mark: &str) -> Recorded {
        let found = self.first.wait(SOON, |all| {
            let mut marked = all.iter().filter(|one| one.id.as_deref() == Some(mark));
            marked.find(|one| one.end != End::Open).cloned()
        });
        found.await.expect(mark)
    }
}

fn providers(first: &FakeProvider, second: &FakeProvider) -> Vec<ProviderEntry> {
    let priced = |id: String, (input, output): (&str, &str)| ModelEntry {
        id,
        input: input.to_owned(),
        output: output.to_owned(),
    };
    let shared = |of: &Upstream, prices: (&str, &str)| -> Vec<ModelEntry> {
        let cases = BEFORE_COMMIT.iter();
        let names = cases.flat_map(|(scenario, _)| {
            let clients = client::CLIENTS.iter();
            clients.map(move |client| of.shared(client, scenario))
        });
        names.map(|name| priced(name, prices)).collect()
    };
    let mut all = Vec::new();
    let before = UPSTREAMS.iter().cycle().skip(UPSTREAMS.len() - 1);
    for (upstream, before) in UPSTREAMS.iter().zip(before) {
        let entry = |name: &str, fake: &FakeProvider, models: Vec<ModelEntry>| ProviderEntry {
            id: upstream.provider(name),
            base_url: format!("{}{}", fake.url(), upstream.base),
            speaks: upstream.dialect.to_owned(),
            models,
        };
        let own = SCENARIOS.iter();
        let own = own.map(|scenario| priced(format!("fake-{}", scenario.name), ("1", "2")));
        let models = own.chain(shared(upstream, ("1", "2"))).collect();
        all.push(entry("first", first, models));
        let models = shared(before, ("3", "6"));
        all.push(entry("second", second, models));
    }
    all
}
