//! The catalogue that ships: its files parse, agree with each other, and say what they must.

mod duplicates;
mod known;

use super::{Catalog, Provider, Transport};
use crate::pricing::{self, ServiceTier};
use protocol::dialect::Operation;
use protocol::ir::Usage;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

/// Read once: there is much of it.
fn seed() -> &'static Catalog {
    static SEED: OnceLock<Catalog> = OnceLock::new();
    SEED.get_or_init(read)
}

fn read() -> Catalog {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut files = Vec::new();
    for folder in ["providers", "models"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            files.push((
                path.to_str().unwrap().to_owned(),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    let files = files.iter().map(|(path, text)| (&**path, &**text));
    Catalog::parse(files).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn it_has_what_the_public_lists_know() {
    let seed = seed();
    let reachable = |(_, provider): &(_, &Provider)| {
        let mut addresses = provider.endpoints.iter().map(|at| at.base_url.as_str());
        addresses.all(|url| url.starts_with("http")) && !provider.evidence.is_empty()
    };
    assert!(seed.providers().all(|provider| reachable(&provider)));
    let counts = [
        (seed.providers().count(), 60),
        (seed.models().count(), 1600),
        (seed.offerings().count(), 4000),
    ];
    for (count, least) in counts {
        assert!(count >= least, "{counts:?}");
    }
    let shared = seed.models().filter(|(_, model)| {
        let providers: BTreeSet<_> = model
            .offerings
            .iter()
            .map(|idx| seed.offering(*idx).provider)
            .collect();
        providers.len() > 1
    });
    assert!(shared.count() >= 500, "fallback needs somewhere to go");
}

/// One variable that enabled two providers would send one's key to the other.
#[test]
fn no_two_providers_share_a_variable() {
    let mut owners = BTreeMap::new();
    for (_, provider) in seed().providers() {
        for name in provider.env.iter().chain(&provider.base_url_env) {
            let other = owners.insert(name, &provider.id);
            assert_eq!(other, None, "{name} of {}", provider.id);
        }
    }
}

#[test]
fn nearly_all_chat_is_priced_and_every_price_has_a_source() {
    let seed = seed();
    let (mut chat, mut unpriced) = (0, 0);
    for (_, offering) in seed.offerings() {
        let name = format!(
            "{} at {}",
            offering.wire_id,
            seed.provider(offering.provider).id
        );
        let simulated = seed.provider(offering.provider).transport == Transport::Simulator;
        assert!(
            simulated || offering.facts.source.starts_with("https://"),
            "{name}"
        );
        assert!(offering.facts.date.is_some(), "{name}");
        assert_eq!(
            offering.price.is_none(),
            !offering.facts.unpriced.is_empty(),
            "{name}: what has no price says why"
        );
        if offering.operations.contains(&Operation::Chat) {
            chat += 1;
            unpriced += usize::from(offering.price.is_none());
        }
    }
    assert!(unpriced * 100 < chat * 3, "{unpriced} of {chat}");
}

/// Model pages of hosted gateways name these (November 2026).
#[test]
fn every_model_that_hosted_gateways_name_is_known() {
    let seed = seed();
    let named = include_str!("named_models.txt");
    let unknown: Vec<&str> = named
        .lines()
        .filter(|name| seed.resolve(name).is_err())
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(named.lines().count() >= 60);
}

#[test]
fn no_two_models_share_a_name() {
    let seed = seed();
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for (_, model) in seed.models() {
        let same = names.insert(listing::squash(&model.name), &model.id);
        assert_eq!(same, None, "{} is called as {}", model.id, model.name);
    }
    for (_, model) in seed.models() {
        for name in [&model.id].into_iter().chain(&model.aliases) {
            let spoken = seed.resolve(&name.to_uppercase()).unwrap().model;
            assert_eq!(seed.model(spoken).id, model.id, "{name}");
        }
        if let Some(next) = &model.facts.replaced_by {
            assert_eq!(seed.model(seed.resolve(next).unwrap().model).id, *next);
        }
    }
}

/// An author that is a path, a commitment or a reseller comes from a list's spelling of its own goods.
#[test]
fn every_author_is_somebody_who_makes_models() {
    let rules =
        listing::import::Rules::read(include_str!("../../../../catalog/rules.toml")).unwrap();
    let authors: BTreeSet<&str> = seed().models().map(|(_, model)| &*model.author).collect();
    let odd: Vec<&&str> = authors
        .iter()
        .filter(|author| !rules.knows_author(author))
        .collect();
    assert!(
        odd.is_empty(),
        "name them in rules.toml, or say whose they are: {odd:?}"
    );
    let gone: Vec<&str> = rules
        .authors_known()
        .filter(|known| !authors.contains(known))
        .collect();
    assert!(
        gone.is_empty(),
        "named in rules.toml, and of no model: {gone:?}"
    );
}

/// An id is no name, and `Gpt 4O Mini` is what a program makes of one.
#[test]
fn names_read_as_people_write_them() {
    let made = [
        "Gpt", "Glm", "Qwq", "Ai", "Llm", "Tts", "Vl", "Oss", "Ocr", "Api", "Asr", "Openai",
        "Deepseek", "Minimax", "Ernie", "Sdxl", "Mimo", "4O", "Moe",
    ];
    for (_, model) in seed().models() {
        let (id, name) = (&model.id, &model.name);
        let odd = name
            .split([' ', '-', '(', ')'])
            .find(|word| made.contains(word));
        assert_eq!(odd, None, "{id}: {name}");
        // OpenAI writes its o-series in lower case.
        let is_id = !name.chars().any(char::is_uppercase) && !name.starts_with(['o']);
        assert!(!is_id && !name.contains(['/', '_']), "{id}: {name}");
        assert_eq!(name.trim(), name, "{id}");
        assert!(
            !name.contains("  ") && !name.contains(&format!("({})", model.author)),
            "{id}: {name}"
        );
    }
}

#[test]
fn names_of_ecosystems_mean_the_model() {
    let seed = seed();
    for (name, id) in [
        ("gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"),
        ("anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4.5"),
        ("zai/glm-4.6", "z-ai/glm-4.6"),
        ("xai/grok-4", "x-ai/grok-4"),
        ("meta/llama-3.3-70b", "meta-llama/llama-3.3-70b-instruct"),
        (
            "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
            "anthropic/claude-sonnet-4.5",
        ),
        (
            "fireworks_ai/accounts/fireworks/models/glm-4p7",
            "z-ai/glm-4.7",
        ),
        (
            "together_ai/deepseek-ai/DeepSeek-V3",
            "deepseek/deepseek-v3",
        ),
        ("gemini/gemini-2.5-flash", "google/gemini-2.5-flash"),
        ("azure/gpt-4.1-mini", "openai/gpt-4.1-mini"),
    ] {
        let found = seed.resolve(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(seed.model(found.model).id, id, "{name}");
    }
}

#[test]
fn every_name_means_one_model() {
    let seed = seed();
    for (idx, provider) in seed.providers() {
        for name in [&provider.id].into_iter().chain(&provider.aliases) {
            assert_eq!(seed.find_provider(name), Some(idx), "{name}");
        }
    }
    for (idx, model) in seed.models() {
        assert!(!model.offerings.is_empty(), "{}", model.id);
        for name in [&model.id].into_iter().chain(&model.aliases) {
            let resolved = seed.resolve(name).unwrap();
            assert_eq!((resolved.model, resolved.provider), (idx, None), "{name}");
        }
        for offering in &model.offerings {
            let offering = seed.offering(*offering);
            let provider = seed.provider(offering.provider);
            let pinned = format!("{}/{}", provider.id, offering.wire_id);
            assert_eq!(seed.resolve(&pinned).unwrap().model, idx, "{pinned}");
        }
    }
}

#[test]
fn a_price_is_never_higher_for_a_cached_token_nor_lower_for_a_dearer_tier() {
    let seed = seed();
    for (_, offering) in seed.offerings() {
        let Some(price) = &offering.price else {
            continue;
        };
        let id = &offering.wire_id;
        for period in price.periods() {
            let rates = &period.standard.base;
            assert!(
                rates.cache_read.is_none_or(|read| read <= rates.input),
                "{id}"
            );
            assert!(
                rates.cache_write.is_none_or(|write| write >= rates.input),
                "{id}"
            );
            assert!(rates.cache_write_1h >= rates.cache_write || rates.cache_write_1h.is_none());
            for tier in &period.standard.context_tiers {
                assert!(tier.rates.input >= rates.input, "{id}");
            }
            for cheaper in [&period.flex, &period.batch].into_iter().flatten() {
                assert!(cheaper.base.input <= rates.input, "{id}");
            }
            if let Some(dearer) = &period.priority {
                assert!(dearer.base.input >= rates.input, "{id}");
            }
        }
    }
}

/// Bills checked by hand against the price lists.
#[test]
fn known_bills() {
    let check = |name: &str, provider: &str, usage: Usage, at: &str, usd: &str| {
        let seed = seed();
        let at: jiff::Timestamp = at.parse().unwrap();
        let model = seed.model(seed.resolve(name).unwrap().model);
        let mut offerings = model.offerings.iter().map(|idx| seed.offering(*idx));
        let offering = offerings
            .find(|offering| seed.provider(offering.provider).id == provider)
            .unwrap();
        let price = offering.price.as_ref().unwrap();
        let cost = pricing::cost(price, &usage, at.as_millisecond(), ServiceTier::Standard);
        assert_eq!(cost.unwrap().to_string(), usd, "{name}");
    };
    let usage = Usage {
        input: 1000,
        cache_read: 10_000,
        output: 100,
        ..Usage::default()
    };
    let saturday = "2026-11-21T12:00:00Z";
    // 1000 × 0.15 + 10000 × 0.075 + 100 × 0.6 per million
    check("gpt-4o-mini", "openai", usage, saturday, "0.00096");
    // 1000 × 1 + 10000 × 0.1 + 2000 × 1.25 + 500 × 2 + 100 × 5 per million
    let written = Usage {
        cache_write: 2500,
        cache_write_1h: 500,
        ..usage
    };
    check("claude-haiku-4-5", "anthropic", written, saturday, "0.006");
    // The whole request costs more above 272,000 tokens of input: 300000 × 5 + 100 × 22.5 per million
    let large = Usage {
        input: 300_000,
        output: 100,
        ..Usage::default()
    };
    check("gpt-5.4", "openai", large, saturday, "1.50225");
    // At the weekend half the price: 1000 × 0.66 + 10000 × 0.022 + 100 × 1.98 per million
    check("deepseek-v4-pro", "deepseek", usage, saturday, "0.001078");
    check(
        "deepseek-v4-pro",
        "deepseek",
        usage,
        "2026-11-20T02:00:00Z",
        "0.002156",
    );
}
