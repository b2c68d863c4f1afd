//! What catalogue files say, and what is heard where they say it wrongly.

use super::files;
use crate::catalog::{Auth, Capability, Catalog, CatalogError, Granted, Quirk, Transport};
use protocol::dialect::{Operation, anthropic, openai_chat};

const PROVIDER: &str = r#"name = "Acme"
base_url = "https://acme.example/v1/"
speaks = ["openai_chat", "anthropic"]
env = ["ACME_KEY"]
headers = { X-Team = "a" }

[dialects.anthropic]
base_url = "https://acme.example/claude/v1"
auth = { header = "X-Api-Key" }

[[quirks]]
is = { rename = { from = "max_completion_tokens", to = "max_tokens" } }
dialect = "openai_chat"
source = "https://acme.example/docs"

[[quirks]]
is = "reasoning_not_in_output"
source = "https://acme.example/docs"
"#;

const MODELS: &str = r#"[[model]]
slug = "one"
name = "One"
aliases = ["uno"]
released = "2026-01-31"
input = ["text", "image"]
capabilities = ["tools", "streaming"]

[[model.offering]]
provider = "acme"
wire_id = "one-v1"
context = 1000
dialects = ["anthropic"]
operations = ["chat", "embed"]
source = "https://acme.example/prices"
date = "2026-11-21"
[[model.offering.price]]
rates = { input = "2", output = "4" }
[[model.offering.price]]
from = "2026-02-01"
rates = { input = "1", output = "3", per_request = "0.5" }
above = [{ tokens = 10, rates = { input = "5", output = "6" } }]
batch = { rates = { input = "0.5", output = "0.6" } }
"#;

fn parse(provider: &str, models: &str) -> Result<Catalog, CatalogError> {
    files([
        ("catalog/models/lab.toml", models),
        ("catalog/README.md", "not a catalogue file"),
        ("catalog/providers/acme.toml", provider),
    ])
}

#[test]
fn a_provider_is_what_its_file_says() {
    let catalog = parse(PROVIDER, MODELS).unwrap();
    let acme = catalog.provider(catalog.find_provider("acme").unwrap());
    assert_eq!((acme.id.as_str(), acme.name.as_str()), ("acme", "Acme"));
    assert_eq!(acme.transport, Transport::Http);
    assert_eq!(acme.headers, [("x-team".to_owned(), "a".to_owned())]);
    assert!(acme.needs_credential());
    let chat = acme.endpoint(openai_chat::ID).unwrap();
    assert_eq!(chat.base_url, "https://acme.example/v1");
    assert_eq!(chat.auth, Auth::Bearer);
    let rename = Quirk::Rename {
        from: "max_completion_tokens".to_owned(),
        to: "max_tokens".to_owned(),
    };
    assert_eq!(chat.quirks, [rename, Quirk::ReasoningNotInOutput]);
    let claude = acme.endpoint(anthropic::ID).unwrap();
    assert_eq!(claude.base_url, "https://acme.example/claude/v1");
    assert_eq!(claude.auth, Auth::Header("x-api-key".to_owned()));
    assert_eq!(claude.quirks, [Quirk::ReasoningNotInOutput]);
}

#[test]
fn a_model_is_what_its_file_says() {
    let catalog = parse(PROVIDER, MODELS).unwrap();
    let model = catalog.model(catalog.resolve("uno").unwrap().model);
    assert_eq!(
        (model.id.as_str(), model.author.as_str()),
        ("lab/one", "lab")
    );
    assert_eq!(model.released, Some(jiff::civil::date(2026, 1, 31)));
    let offering = catalog.offering(model.offerings[0]);
    assert_eq!(offering.wire_id, "one-v1");
    assert_eq!((offering.context, offering.max_output), (Some(1000), None));
    assert_eq!(offering.dialects, [anthropic::ID]);
    assert_eq!(offering.operations, [Operation::Chat, Operation::Embed]);
    let can: Vec<Capability> = offering.capabilities.unwrap().iter().collect();
    let said = [Capability::Tools, Capability::Vision, Capability::Streaming];
    assert_eq!(can, said, "vision follows from the input");
}

#[test]
fn a_price_is_what_its_file_says() {
    let catalog = parse(PROVIDER, MODELS).unwrap();
    let price = catalog.offerings[0].price.clone().unwrap();
    let [first, second] = price.periods() else {
        panic!("two periods")
    };
    assert_eq!(first.from_ms, i64::MIN);
    let february = "2026-02-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap();
    assert_eq!(second.from_ms, february.as_millisecond());
    assert_eq!(second.standard.base.input.to_string(), "1");
    // Where a tier says nothing of requests and searches, they cost as ordinarily.
    let tier = &second.standard.context_tiers[0];
    assert_eq!(tier.rates.per_request.to_string(), "0.5");
    let batch = second.batch.clone().unwrap();
    assert_eq!(batch.base.per_request.to_string(), "0.5");
    assert_eq!(batch.base.output.to_string(), "0.6");
}

/// What is heard when `from` is replaced by `to` in one of the files.
fn check(from: &str, to: &str, place: &str, message: &str) {
    assert!(PROVIDER.contains(from) != MODELS.contains(from), "{from}");
    let error = parse(
        &PROVIDER.replacen(from, to, 1),
        &MODELS.replacen(from, to, 1),
    )
    .unwrap_err();
    let heard = error.to_string();
    let (heard_place, heard_message) = heard.split_once(": ").unwrap();
    assert_eq!(heard_place, place, "{heard}");
    assert!(heard_message.contains(message), "{heard}");
}

#[test]
fn a_wrong_provider_is_told_with_file_and_line() {
    let file = |line| format!("catalog/providers/acme.toml:{line}");
    check("env =", "envs =", &file(4), "unknown field `envs`");
    check(
        "\"openai_chat\", \"anthropic\"]",
        "\"openai_chat\", \"gopher\"]\n",
        &file(8),
        "unknown dialect of this provider 'anthropic'; allowed are openai_chat, gopher",
    );
    check(
        "[\"openai_chat\", \"anthropic\"]",
        "[\"openai_chat\", \"anthropic\", \"gopher\"]",
        &file(3),
        "unknown dialect 'gopher'; allowed are openai_chat, ",
    );
    check(
        "[\"openai_chat\", \"anthropic\"]",
        "[\"openai_chat\", \"anthropic\", \"anthropic\"]",
        &file(3),
        "'anthropic' stands twice",
    );
    check(
        "https://acme.example/v1/",
        "acme.example",
        &file(2),
        "'acme.example' is no base URL",
    );
    check(
        "https://acme.example/claude/v1",
        "https://acme.example/claude?v=1",
        &file(8),
        "is no base URL",
    );
    check(
        "\"reasoning_not_in_output\"\nsource = \"https://acme.example/docs\"",
        "\"reasoning_not_in_output\"\nsource = \"I heard\"",
        &file(18),
        "a quirk needs the page that documents it",
    );
    check(
        "\"reasoning_not_in_output\"",
        "\"sings\"",
        &file(17),
        "unknown variant `sings`",
    );
}

#[test]
fn a_wrong_model_is_told_with_file_and_line() {
    let file = |line| format!("catalog/models/lab.toml:{line}");
    check("context = 1000", "kontext = 1", &file(12), "unknown field");
    check(
        "provider = \"acme\"",
        "provider = \"acne\"",
        &file(10),
        "no file in providers/ is called 'acne'",
    );
    check(
        "dialects = [\"anthropic\"]",
        "dialects = [\"gemini\"]",
        &file(13),
        "the provider does not speak 'gemini'",
    );
    check(
        "[\"tools\", \"streaming\"]",
        "[\"tools\", \"vision\"]",
        &file(7),
        "unknown capability 'vision'; allowed are tools, parallel_tools",
    );
    check(
        "\"image\"",
        "\"smell\"",
        &file(6),
        "unknown modality 'smell'",
    );
    check(
        "\"embed\"",
        "\"sing\"",
        &file(14),
        "unknown operation 'sing'; allowed are chat, embed",
    );
    check("input = \"2\"", "input = 2", &file(18), "expected a string");
    check(
        "input = \"2\"",
        "input = \"0.0000001\"",
        &file(18),
        "more than 6 decimals cannot be kept exactly",
    );
    check(
        "per_request = \"0.5\"",
        "per_request = \"-0.5\"",
        &file(21),
        "negative",
    );
    check(
        "from = \"2026-02-01\"\n",
        "\n",
        &file(18),
        "two prices hold from the same day on",
    );
    check(
        "above = [",
        "above = [{ tokens = 10, rates = { input = \"5\", output = \"6\" } }, ",
        &file(22),
        "must ascend",
    );
    check(
        "batch = { rates",
        "off_peak = { windows = [\"always\"], rates",
        &file(23),
        "expected days and hours",
    );
    check(
        "from = \"2026-02-01\"",
        "from = \"2026-02-01\"\nuntil = \"2026-02-01\"",
        &file(20),
        "a price ends after it begins",
    );
    check(
        "date = \"2026-11-21\"",
        "date = \"2026-11-21\"\nunpriced = \"nobody says\"",
        &file(17),
        "a price or a reason for none, not both",
    );
    check(
        "date = \"2026-11-21\"",
        "date = \"2026-11-21\"\ndefaults = { seed = \"1\" }",
        &file(17),
        "'seed' is none of the parameters",
    );
    let twice = format!("{MODELS}\n{MODELS}");
    let error = parse(PROVIDER, &twice).unwrap_err();
    assert_eq!(
        error.to_string(),
        "catalog/models/lab.toml:25: another model is called 'lab/one' already"
    );
}

#[test]
fn data_terms_are_the_providers_unless_an_offering_has_its_own() {
    let terms = |word: &str| {
        format!(
            "data = {{ no_training = \"{word}\", source = \"https://acme.example/data\", date = \"2026-11-21\" }}\n"
        )
    };
    let provider = format!("{}{PROVIDER}", terms("default"));
    let granted = |models: &str| {
        let data = parse(&provider, models).unwrap().offerings[0]
            .facts
            .data
            .clone();
        (data.no_training, data.zero_retention)
    };
    assert_eq!(granted(MODELS), (Some(Granted::Default), None));
    let own = MODELS.replace("context =", &format!("{}context =", terms("by_agreement")));
    assert_eq!(granted(&own), (Some(Granted::ByAgreement), None));
    let error = parse(&format!("{}{PROVIDER}", terms("perhaps")), MODELS).unwrap_err();
    assert_eq!(
        error.to_string(),
        "catalog/providers/acme.toml:1: unknown data term 'perhaps'; allowed are default, by_agreement, none"
    );
}

#[test]
fn a_price_can_end() {
    let models = MODELS.replace(
        "from = \"2026-02-01\"",
        "from = \"2026-02-01\"\nuntil = \"2026-03-01\"",
    );
    let price = parse(PROVIDER, &models).unwrap().offerings[0]
        .price
        .clone()
        .unwrap();
    let input = |day: &str| {
        let at: jiff::Timestamp = day.parse().unwrap();
        let rates = price.rates(
            1,
            at.as_millisecond(),
            crate::pricing::ServiceTier::Standard,
        );
        rates.map(|rates| rates.input.to_string())
    };
    assert_eq!(input("2026-01-31T23:59:59Z").as_deref(), Some("2"));
    assert_eq!(input("2026-02-01T00:00:00Z").as_deref(), Some("1"));
    assert_eq!(input("2026-02-28T23:59:59Z").as_deref(), Some("1"));
    assert_eq!(input("2026-03-01T00:00:00Z"), None);
}

#[test]
fn a_file_stands_in_one_of_two_folders() {
    let error = files([("catalog/stray.toml", "")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "catalog/stray.toml:1: a catalogue file stands in providers/ or in models/"
    );
}

#[test]
fn the_order_of_files_does_not_matter() {
    let listed = |files: [(&str, &str); 3]| {
        let catalog = super::files(files).unwrap();
        let models: Vec<String> = catalog
            .models()
            .map(|(_, model)| model.id.clone())
            .collect();
        models
    };
    let other = MODELS.replace("uno", "due");
    let files = [
        ("models/b.toml", other.as_str()),
        ("providers/acme.toml", PROVIDER),
        ("models/a.toml", MODELS),
    ];
    let [first, second, third] = files;
    assert_eq!(listed(files), ["a/one", "b/one"]);
    assert_eq!(listed([third, second, first]), ["a/one", "b/one"]);
}
