//! Lists become listings.

use super::{List, Prior, Report, Rules, Sources, build};

mod doubts;
mod updates;

use crate::{Listing, ModelFile, OfferingFile};
use std::collections::BTreeMap;

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

/// A listing of lines as models.dev has them: provider, name, input and output.
fn listed(rules: &str, lines: &[(&str, &str, &str, &str)]) -> (Listing, Report) {
    let files: Vec<(String, String)> = lines
        .iter()
        .map(|(id, ..)| {
            let file = format!("name = \"{id}\"\n[known_as]\nmodels_dev = [\"{id}\"]");
            (format!("providers/{id}.toml"), file)
        })
        .collect();
    let base = Listing::read(files.iter().map(|(path, text)| (&**path, &**text))).unwrap();
    listed_over(&base, Prior::Stays, rules, lines)
}

/// The same over what is known.
fn listed_over(
    base: &Listing,
    prior: Prior,
    rules: &str,
    lines: &[(&str, &str, &str, &str)],
) -> (Listing, Report) {
    let rules = Rules::read(rules).unwrap();
    let mut providers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (provider, name, input, output) in lines {
        providers.entry(provider).or_default().push(format!(
            r#""{name}": {{"name": "{name}", "open_weights": false, "cost": {{"input": {input}, "output": {output}}}}}"#
        ));
    }
    let list: Vec<String> = providers
        .iter()
        .map(|(id, models)| {
            let models = models.join(",");
            format!(r#""{id}": {{"name": "{id}", "models": {{{models}}}}}"#)
        })
        .collect();
    let json = format!("{{{}}}", list.join(","));
    let sources = Sources {
        base,
        prior,
        rules: &rules,
        lists: vec![(List::ModelsDev, &json)],
        date: "2026-11-21",
    };
    build(&sources).unwrap()
}

fn ids(listing: &Listing) -> Vec<String> {
    let models = listing.authors.iter().flat_map(|(author, file)| {
        let slugs = file.model.iter().map(|model| &model.slug);
        slugs.map(move |slug| format!("{author}/{slug}"))
    });
    models.collect()
}

const LAB: &str = "known = [\"lab\", \"other\"]\nsuffixes = [\"-latest\", \"-free\"]\n[first_party]\nhome = \"lab\"\n[prefixes]\nbrain = \"lab\"\n";

#[test]
fn a_price_far_from_what_others_ask_is_left_out_and_told() {
    let lines = [
        ("home", "brain-1", "1", "2"),
        ("a", "brain-1", "1.2", "2.5"),
        ("b", "brain-1", "20", "40"),
        ("c", "brain-1", "0.02", "2"),
        ("d", "brain-1", "0.9", "2"),
    ];
    let (listing, report) = listed(LAB, &lines);
    let brain = model(&listing, "lab/brain-1");
    let priced: Vec<&str> = brain
        .offering
        .iter()
        .filter(|one| !one.price.is_empty())
        .map(|one| one.provider.as_str())
        .collect();
    assert_eq!(priced, ["a", "d", "home"]);
    assert!(offering(brain, "b").unpriced.is_some());
    assert_eq!(report.far.len(), 2);
    assert_eq!(
        report.far[0].to_string(),
        "lab/brain-1 at b as brain-1: models.dev 20, 40; others 0.95, 2; taken none"
    );
    let meant = format!("{LAB}[far]\n\"b/brain-1\" = \"it is gold\"\n");
    let (listing, report) = listed(&meant, &lines);
    assert!(
        !offering(model(&listing, "lab/brain-1"), "b")
            .price
            .is_empty()
    );
    assert_eq!(report.far.len(), 1);
}

#[test]
fn of_two_far_prices_the_authors_own_is_believed() {
    let (listing, report) = listed(
        LAB,
        &[("home", "brain-1", "1", "2"), ("a", "brain-1", "30", "60")],
    );
    let brain = model(&listing, "lab/brain-1");
    assert!(!offering(brain, "home").price.is_empty());
    assert!(offering(brain, "a").price.is_empty());
    assert_eq!(report.far.len(), 1);
    // Of two others, nobody knows.
    let (_, report) = listed(
        LAB,
        &[("b", "brain-1", "1", "2"), ("a", "brain-1", "30", "60")],
    );
    assert!(report.far.is_empty());
}

#[test]
fn a_dated_version_with_its_own_price_is_its_own_model() {
    let same = [
        ("home", "brain-1", "1", "2"),
        ("home", "brain-1-2025-01-02", "1", "2"),
    ];
    assert_eq!(ids(&listed(LAB, &same).0), ["lab/brain-1"]);
    let dearer = [
        ("home", "brain-1", "1", "2"),
        ("home", "brain-1-2025-01-02", "2", "4"),
    ];
    assert_eq!(
        ids(&listed(LAB, &dearer).0),
        ["lab/brain-1", "lab/brain-1-2025-01-02"]
    );
    let two = [
        ("home", "brain-1", "1", "2"),
        ("home", "brain-1-2025-01-02", "1", "2"),
        ("home", "brain-1-20250607", "1", "2"),
    ];
    assert_eq!(ids(&listed(LAB, &two).0).len(), 3);
    let current = format!("{LAB}[current]\n\"lab/brain-1\" = [\"20250607\"]\n");
    let (listing, _) = listed(&current, &two);
    assert_eq!(ids(&listing), ["lab/brain-1", "lab/brain-1-2025-01-02"]);
    assert_eq!(model(&listing, "lab/brain-1").offering.len(), 2);
    assert_eq!(
        model(&listing, "lab/brain-1-2025-01-02")
            .released
            .as_deref(),
        Some("2025-01-02")
    );
}

#[test]
fn one_line_of_merging_stands_for_all_spellings() {
    let rules = format!("{LAB}[merge]\n\"lab/brain-3.2-11b\" = \"lab/brain-vision\"\n");
    let lines = [
        ("home", "brain-vision", "1", "2"),
        ("a", "brain3-2-11b-free", "0", "0"),
        ("b", "Brain_3.2_11B", "1", "2"),
    ];
    assert_eq!(ids(&listed(&rules, &lines).0), ["lab/brain-vision"]);
}

#[test]
fn what_is_only_to_be_had_as_the_newest_says_so() {
    let lines = [
        ("home", "brain-latest", "1", "2"),
        ("home", "brain-2-latest", "1", "2"),
        ("a", "brain-2", "1", "2"),
    ];
    assert_eq!(
        ids(&listed(LAB, &lines).0),
        ["lab/brain-2", "lab/brain-latest"]
    );
}

#[test]
fn rules_know_better_than_lists() {
    let rules = format!(
        "{LAB}[does]\n\"-embed\" = [\"embed\"]\n[open_weights]\n\"lab/\" = true\n\"lab/brain-2\" = false\n\
         [released]\n\"lab/brain-1\" = \"2020-02-02\"\n[misprinted]\n\"models.dev a/brain-2\" = \"a slip\"\n\
         [naming.own]\nonly_own = true\n"
    )
    .replace("[first_party]", "[first_party]\nown = \"other\"");
    let lines = [
        ("a", "brain-1", "1", "2"),
        ("a", "brain-1-embed", "1", "0"),
        ("a", "brain-2", "1", "2"),
        ("own", "brain-9", "1", "2"),
    ];
    let (listing, _) = listed(&rules, &lines);
    let embed = model(&listing, "lab/brain-1-embed");
    assert_eq!(embed.operations.as_deref(), Some(&["embed".to_owned()][..]));
    assert!(!embed.capabilities.contains(&"streaming".to_owned()));
    let one = model(&listing, "lab/brain-1");
    assert_eq!(
        (one.open_weights, one.released.as_deref()),
        (Some(true), Some("2020-02-02"))
    );
    assert_eq!(model(&listing, "lab/brain-2").open_weights, Some(false));
    assert!(
        offering(model(&listing, "lab/brain-2"), "a")
            .price
            .is_empty()
    );
    assert!(ids(&listing).contains(&"other/brain-9".to_owned()));
}

#[test]
fn names_that_differ_in_case_alone_are_one_offering() {
    let json = r#"{"acme": {"name": "Acme", "models": {"gpt-9-large": {"name": "GPT-9 Large", "limit": {"context": 9, "output": 3}}}}}"#;
    let prices = r#"{"acme_ai/GPT-9-Large": {"litellm_provider": "acme_ai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}"#;
    let base = Listing::read(PROVIDERS).unwrap();
    let lists = [(List::ModelsDev, json), (List::LiteLlm, prices)];
    let (listing, _) = made(&base, Prior::Stays, &lists);
    let [one] = model(&listing, "openai/gpt-9-large").offering.as_slice() else {
        panic!("{listing:?}")
    };
    assert_eq!(one.wire_id, "GPT-9-Large", "as LiteLLM sends it");
    assert_eq!(one.also, ["gpt-9-large"]);
    assert_eq!((one.context, one.price.len()), (Some(9), 1));
}
