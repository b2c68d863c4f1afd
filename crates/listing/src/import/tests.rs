//! Lists become listings.

use super::{List, Prior, Report, Rules, Sources, build};
use crate::{Diff, Listing, ModelFile, OfferingFile};

const RULES: &str = r#"
spelled_by = ["router"]
suffixes = ["-latest", ":free"]
quantizations = ["fp8"]
skip = ["acme/eu/*"]
hyphenated = ["gpt"]
[authors]
openai = "openai"
lab = "lab"
the-lab = "lab"
[prefixes]
"gpt-" = "openai"
[first_party]
acme = "openai"
[words]
gpt = "GPT"
[names]
"lab/brain" = "The Brain"
[merge]
"lab/cortex" = "lab/brain"
"#;

const PROVIDERS: [(&str, &str); 3] = [
    (
        "providers/acme.toml",
        "name = \"Acme\"\n[known_as]\nmodels_dev = [\"acme\"]\nlitellm = [\"acme_ai\"]\ngenai_prices = [\"acme\"]",
    ),
    (
        "providers/router.toml",
        "name = \"Router\"\n[known_as]\nmodels_dev = [\"router\"]",
    ),
    (
        "providers/charity.toml",
        "name = \"Charity\"\nfree = \"it is one\"\n[known_as]\nmodels_dev = [\"charity\"]",
    ),
];

const MODELS_DEV: &str = r#"{
  "acme": {"name": "Acme", "models": {
    "gpt-4o-mini": {"name": "GPT-4o mini", "release_date": "2024-07-18", "knowledge": "2023-09", "open_weights": false,
      "tool_call": true, "structured_output": true, "temperature": true, "modalities": {"input": ["text", "image", "pdf"], "output": ["text"]},
      "limit": {"context": 128000, "output": 16384}, "cost": {"input": 0.15, "output": 0.6, "cache_read": 0.08}},
    "gpt-9": {"name": "GPT-9 (latest)", "cost": {"input": 0, "output": 0}},
    "brain-2026-01-01": {"name": "Brain", "cost": {"input": 1, "output": 2, "tiers": [{"input": 3, "output": 4, "tier": {"size": 1000}}]}}
  }},
  "router": {"name": "Router", "models": {
    "openai/gpt-4o-mini": {"name": "OpenAI: GPT-4o-mini", "cost": {"input": 0.15, "output": 0.6}},
    "the-lab/Brain-FP8": {"name": "Brain FP8", "cost": {"input": 1.5, "output": 2}},
    "the-lab/cortex": {"name": "Cortex", "cost": {"input": 1.5, "output": 2}},
    "the-lab/brain:free": {"name": "Brain (free)", "cost": {"input": 0, "output": 0}}
  }},
  "charity": {"name": "Charity", "models": {"gpt-4o-mini": {"name": "GPT-4o mini", "cost": {"input": 0, "output": 0}}}},
  "nobody": {"name": "Nobody", "models": {"x": {"name": "X"}}}
}"#;

const LITELLM: &str = r#"{
  "sample_spec": {"litellm_provider": "acme_ai"},
  "acme_ai/gpt-4o-mini": {"litellm_provider": "acme_ai", "mode": "chat", "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07,
    "cache_read_input_token_cost": 7.5e-08, "input_cost_per_token_batches": 7.5e-08, "output_cost_per_token_batches": 3e-07,
    "supports_parallel_function_calling": true, "default_reasoning_effort": "low", "supports_low_reasoning_effort": true, "deprecation_date": "2027-01-01",
    "search_context_cost_per_query": {"search_context_size_medium": 0.025}, "source": "https://acme.example/prices"},
  "acme_ai/eu/gpt-4o-mini": {"litellm_provider": "acme_ai", "mode": "chat", "input_cost_per_token": 2e-07},
  "acme_ai/draw": {"litellm_provider": "acme_ai", "mode": "image_generation", "output_cost_per_image": 0.04}
}"#;

const GENAI_PRICES: &str = r#"[
  {"provider": "acme", "source": "https://acme.example/p", "id": "gpt-4o-mini", "names": ["gpt-4o-mini", "gpt-4o-mini-x"],
   "periods": [{"from": null, "rates": {"input_mtok": "0.3", "output_mtok": "1.2"}},
               {"from": "2026-06-01", "rates": {"input_mtok": "0.15", "output_mtok": "0.6"}},
               {"from": "2026-12-01", "rates": {"input_mtok": "0.1", "output_mtok": "0.4"}}]}
]"#;

fn made(base: &Listing, prior: Prior, lists: &[(List, &str)]) -> (Listing, Report) {
    let rules = Rules::read(RULES).unwrap();
    let sources = Sources {
        base,
        prior,
        rules: &rules,
        lists: lists.to_vec(),
        date: "2026-11-21",
    };
    build(&sources).unwrap()
}

fn all() -> (Listing, Report) {
    let lists = [
        (List::ModelsDev, MODELS_DEV),
        (List::LiteLlm, LITELLM),
        (List::GenaiPrices, GENAI_PRICES),
    ];
    made(&Listing::read(PROVIDERS).unwrap(), Prior::Stays, &lists)
}

fn model<'a>(listing: &'a Listing, id: &str) -> &'a ModelFile {
    let (author, slug) = id.split_once('/').unwrap();
    let models = &listing.authors[author].model;
    models
        .iter()
        .find(|model| model.slug == slug)
        .unwrap_or_else(|| panic!("{id}"))
}

fn offering<'a>(model: &'a ModelFile, provider: &str) -> &'a OfferingFile {
    model
        .offering
        .iter()
        .find(|one| one.provider == provider)
        .unwrap()
}

#[test]
fn what_several_lists_say_of_one_offering_is_put_together() {
    let (listing, _) = all();
    let mini = model(&listing, "openai/gpt-4o-mini");
    assert_eq!(
        mini.name, "GPT-4o mini",
        "as its author's own list entry has it"
    );
    assert_eq!(mini.released.as_deref(), Some("2024-07-18"));
    let own = offering(mini, "acme");
    assert_eq!((own.context, own.max_output), (Some(128_000), Some(16_384)));
    assert_eq!(own.deprecated.as_deref(), Some("2027-01-01"));
    assert_eq!(own.defaults["reasoning_effort"], "low");
    assert_eq!(
        (own.source.as_str(), own.via.as_deref()),
        ("https://acme.example/prices", Some("litellm"))
    );
    let [_, now, _] = own.price.as_slice() else {
        panic!("{:?}", own.price)
    };
    assert_eq!(
        now.rates.cache_read.as_deref(),
        Some("0.075"),
        "more digits than 0.08"
    );
    assert_eq!(now.rates.per_web_search.as_deref(), Some("0.025"));
    assert_eq!(
        now.batch.as_ref().unwrap().rates.output.as_deref(),
        Some("0.3")
    );
}

#[test]
fn changes_keep_their_days() {
    let (listing, _) = all();
    let own = offering(model(&listing, "openai/gpt-4o-mini"), "acme");
    let days: Vec<(Option<&str>, Option<&str>)> = own
        .price
        .iter()
        .map(|period| (period.from.as_deref(), period.rates.input.as_deref()))
        .collect();
    assert_eq!(
        days,
        [
            (None, Some("0.3")),
            (Some("2026-06-01"), Some("0.15")),
            (Some("2026-12-01"), Some("0.1"))
        ]
    );
}

#[test]
fn spellings_of_one_model_meet() {
    let (listing, report) = all();
    let brain = model(&listing, "lab/brain");
    let wire_ids: Vec<&str> = brain
        .offering
        .iter()
        .map(|one| one.wire_id.as_str())
        .collect();
    assert_eq!(
        wire_ids,
        [
            "brain-2026-01-01",
            "the-lab/Brain-FP8",
            "the-lab/brain:free",
            "the-lab/cortex"
        ]
    );
    assert_eq!(brain.name, "The Brain");
    assert_eq!(brain.offering[1].quantization.as_deref(), Some("fp8"));
    assert_eq!(brain.offering[0].price[0].above[0].tokens, 1000);
    assert!(brain.aliases.contains(&"the-lab/cortex".to_owned()));
    assert_eq!(report.skipped, 1);
    assert_eq!(
        report.not_imported,
        [(List::ModelsDev.as_str(), "nobody".to_owned(), 1)]
    );
}

#[test]
fn a_price_of_nothing_needs_a_reason() {
    let (listing, _) = all();
    let free = |id, provider| {
        let one = offering(model(&listing, id), provider);
        (one.price.len(), one.unpriced.is_some())
    };
    assert_eq!(
        free("openai/gpt-4o-mini", "charity"),
        (1, false),
        "the provider's file says why"
    );
    assert_eq!(free("openai/gpt-9", "acme"), (0, true));
    let brain = model(&listing, "lab/brain");
    assert_eq!(
        brain.offering[2].price[0].rates.input.as_deref(),
        Some("0"),
        "the name says so"
    );
}

#[test]
fn what_is_no_chat_has_its_own_prices() {
    let (listing, _) = all();
    let draw = model(&listing, "openai/draw");
    assert_eq!(draw.operations.as_deref(), Some(&["image".to_owned()][..]));
    assert_eq!(draw.offering[0].price[0].per["output_image"], "0.04");
}

#[test]
fn what_is_kept_by_hand_wins_when_building_and_yields_to_an_operators_update() {
    let hand = "[[model]]\nslug = \"gpt-4o-mini\"\nname = \"GPT-4o mini\"\n[[model.offering]]\nprovider = \"acme\"\nwire_id = \"gpt-4o-mini\"\nsource = \"https://acme.example\"\ndate = \"2026-01-01\"\n[[model.offering.price]]\nrates = { input = \"0.2\", output = \"0.7\" }\n";
    let base = Listing::read(PROVIDERS.into_iter().chain([("models/openai.toml", hand)])).unwrap();
    let input = |prior| {
        let (listing, _) = made(&base, prior, &[(List::LiteLlm, LITELLM)]);
        let own = offering(model(&listing, "openai/gpt-4o-mini"), "acme").clone();
        own.price[0].rates.input.clone().unwrap()
    };
    assert_eq!(input(Prior::Stays), "0.2");
    assert_eq!(input(Prior::Yields), "0.15");
}

#[test]
fn an_update_lets_go_of_what_its_list_no_longer_has() {
    let (before, _) = made(
        &Listing::read(PROVIDERS).unwrap(),
        Prior::Stays,
        &[(List::LiteLlm, LITELLM)],
    );
    let shorter = r#"{"acme_ai/gpt-4o-mini": {"litellm_provider": "acme_ai", "mode": "chat", "input_cost_per_token": 1e-07, "output_cost_per_token": 6e-07}}"#;
    let (after, _) = made(&before, Prior::Yields, &[(List::LiteLlm, shorter)]);
    let diff = Diff::between(&before, &after);
    assert_eq!(diff.removed, ["acme draw (openai/draw)"]);
    assert_eq!(diff.prices.len(), 1);
    let (again, _) = made(&after, Prior::Yields, &[(List::LiteLlm, shorter)]);
    assert!(
        Diff::between(&after, &again).is_empty(),
        "an update twice is one"
    );
}

#[test]
fn building_again_gives_the_same() {
    assert_eq!(all().0, all().0);
    let error = build(&Sources {
        base: &Listing::default(),
        prior: Prior::Stays,
        rules: &Rules::default(),
        lists: vec![(List::LiteLlm, "[]")],
        date: "2026-11-21",
    });
    assert!(
        error
            .unwrap_err()
            .to_string()
            .starts_with("this is no list of litellm")
    );
}
