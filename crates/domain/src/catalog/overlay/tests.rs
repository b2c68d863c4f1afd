//! What an operator's words make of a catalogue.

mod names;

use super::{ModelOverlay, Overlay, ProviderOverlay};
use crate::catalog::{Auth, Catalog, Resolved};
use crate::pricing::OwnPrice;
use protocol::dialect::{Operation, anthropic, openai_chat};

const FILES: [(&str, &str); 2] = [
    (
        "providers/acme.toml",
        r#"name = "Acme"
aliases = ["acme-ai"]
base_url = "https://acme.example/v1"
speaks = ["openai_chat", "anthropic"]
headers = { x-team = "a", x-other = "b" }
[dialects.anthropic]
base_url = "https://acme.example/claude"
auth = { header = "x-api-key" }
[[quirks]]
is = { drop = { field = "user" } }
dialect = "openai_chat"
source = "https://acme.example/docs""#,
    ),
    (
        "models/lab.toml",
        r#"
[[model]]
slug = "one"
name = "One"
aliases = ["uno"]
capabilities = ["streaming"]
[[model.offering]]
provider = "acme"
wire_id = "one-v1"
context = 1000
source = "https://acme.example/prices"
date = "2026-11-21"
[[model.offering.price]]
rates = { input = "2", output = "4" }
"#,
    ),
];

fn overlaid(providers: Vec<ProviderOverlay>) -> Result<Catalog, String> {
    let seed = Catalog::parse(FILES).unwrap();
    seed.overlay(&Overlay { providers })
        .map_err(|error| error.to_string())
}

fn provider(id: &str) -> ProviderOverlay {
    ProviderOverlay {
        id: id.to_owned(),
        ..ProviderOverlay::default()
    }
}

fn mybox(models: &[&str]) -> ProviderOverlay {
    ProviderOverlay {
        base_url: Some("http://10.0.0.5:8000/v1/".to_owned()),
        models: models
            .iter()
            .map(|id| ModelOverlay {
                id: (*id).to_owned(),
                ..ModelOverlay::default()
            })
            .collect(),
        ..provider("mybox")
    }
}

/// A name's model and whether a provider is fixed by it.
fn meaning(catalog: &Catalog, name: &str) -> (String, bool) {
    let Resolved {
        model, provider, ..
    } = catalog.resolve(name).unwrap();
    (catalog.model(model).id.clone(), provider.is_some())
}

#[test]
fn a_new_provider_needs_an_address_and_nothing_else() {
    let catalog = overlaid(vec![mybox(&["a"])]).unwrap();
    let mybox = catalog.provider(catalog.find_provider("mybox").unwrap());
    let endpoint = mybox.endpoint(openai_chat::ID).unwrap();
    assert_eq!(mybox.endpoints.len(), 1);
    assert_eq!(endpoint.base_url, "http://10.0.0.5:8000/v1");
    assert_eq!(endpoint.auth, Auth::Bearer);
    let model = catalog.model(catalog.resolve("a").unwrap().model);
    let offering = catalog.offering(model.offerings[0]);
    assert_eq!(offering.wire_id, "a");
    assert_eq!(offering.operations, [Operation::Chat, Operation::Embed]);
    assert_eq!(
        (offering.price.clone(), offering.capabilities),
        (None, None)
    );
    assert_eq!(
        overlaid(vec![provider("mybox")]).unwrap_err(),
        "providers.mybox.base_url: a provider that the catalogue does not know needs a base_url"
    );
}

#[test]
fn a_models_id_follows_from_its_name() {
    let catalog = overlaid(vec![mybox(&[
        "a",
        "qwen/b",
        "uno",
        "one-v1",
        "/models/c.gguf",
    ])])
    .unwrap();
    for (name, id, pinned) in [
        ("a", "mybox/a", false),
        ("mybox/a", "mybox/a", false),
        ("qwen/b", "qwen/b", false),
        ("mybox/qwen/b", "qwen/b", true),
        ("b", "qwen/b", false),
        ("mybox/uno", "lab/one", true),
        ("mybox/one-v1", "lab/one", true),
        ("/models/c.gguf", "mybox//models/c.gguf", false),
    ] {
        assert_eq!(meaning(&catalog, name), (id.to_owned(), pinned), "{name}");
    }
    let one = catalog.model(catalog.resolve("lab/one").unwrap().model);
    assert_eq!(one.offerings.len(), 3, "the seed's and two more");
}

#[test]
fn two_providers_of_one_named_model_share_it() {
    let other = ProviderOverlay {
        id: "otherbox".to_owned(),
        ..mybox(&["qwen/b", "a"])
    };
    let catalog = overlaid(vec![mybox(&["qwen/b", "a"]), other]).unwrap();
    let shared = catalog.model(catalog.resolve("qwen/b").unwrap().model);
    assert_eq!(shared.offerings.len(), 2);
    let unknown = catalog.resolve("a").unwrap_err();
    assert_eq!(
        unknown.close,
        ["mybox/a", "otherbox/a"],
        "a bare name of two"
    );
}

#[test]
fn a_known_provider_can_be_moved() {
    let moved = ProviderOverlay {
        base_url: Some("http://127.0.0.1:9/v1".to_owned()),
        headers: vec![("X-Team".to_owned(), "c".to_owned())],
        ..provider("acme-ai")
    };
    let catalog = overlaid(vec![moved]).unwrap();
    assert_eq!(catalog.providers().count(), 1);
    let acme = catalog.provider(catalog.find_provider("acme").unwrap());
    for endpoint in &acme.endpoints {
        assert_eq!(
            endpoint.base_url, "http://127.0.0.1:9/v1",
            "no request goes where it went"
        );
    }
    let header = Auth::Header("x-api-key".to_owned());
    assert_eq!(acme.endpoint(anthropic::ID).unwrap().auth, header);
    assert_eq!(acme.endpoint(openai_chat::ID).unwrap().quirks.len(), 1);
    let headers: Vec<_> = acme.headers.iter().map(|(a, b)| (&**a, &**b)).collect();
    assert_eq!(headers, [("x-other", "b"), ("x-team", "c")]);
}

#[test]
fn a_known_provider_can_speak_less_or_other() {
    let less = ProviderOverlay {
        speaks: Some(vec!["anthropic".to_owned()]),
        ..provider("acme")
    };
    let catalog = overlaid(vec![less]).unwrap();
    let acme = catalog.provider(catalog.find_provider("acme").unwrap());
    assert!(acme.endpoint(openai_chat::ID).is_none());
    assert_eq!(acme.endpoints[0].base_url, "https://acme.example/claude");
    assert_eq!(catalog.offerings[0].dialects, [anthropic::ID]);
}

#[test]
fn a_known_offering_can_be_priced_anew() {
    let negotiated = ModelOverlay {
        id: "one-v1".to_owned(),
        price: own_input("1.5"),
        max_output: Some(7),
        ..ModelOverlay::default()
    };
    let catalog = overlaid(vec![ProviderOverlay {
        models: vec![negotiated],
        ..provider("acme")
    }])
    .unwrap();
    assert_eq!(catalog.offerings.len(), 1);
    let offering = &catalog.offerings[0];
    let price = offering.price.as_ref().unwrap();
    let base = &price.periods()[0].standard.base;
    assert_eq!(
        (base.input.to_string(), base.output.to_string()),
        ("1.5".to_owned(), "4".to_owned())
    );
    assert_eq!(
        (offering.context, offering.max_output),
        (Some(1000), Some(7))
    );
    assert!(offering.capabilities.is_some(), "what is not said stays");
}

fn own_input(usd: &str) -> OwnPrice {
    OwnPrice {
        input: Some(usd.parse().unwrap()),
        ..OwnPrice::default()
    }
}

fn multiplied(id: &str, by: &str) -> ModelOverlay {
    ModelOverlay {
        id: id.to_owned(),
        price_multiplier: Some(by.parse().unwrap()),
        ..ModelOverlay::default()
    }
}

/// What the catalogue's one offering costs, in USD per million tokens of input.
fn input_price(models: Vec<ModelOverlay>) -> Result<String, String> {
    let catalog = overlaid(vec![ProviderOverlay {
        models,
        ..provider("acme")
    }])?;
    let price = catalog.offerings[0].price.as_ref().unwrap();
    Ok(price.periods()[0].standard.base.input.to_string())
}

#[test]
fn prices_of_the_catalogue_can_be_multiplied() {
    let own = |rates: &str| ModelOverlay {
        price: own_input(rates),
        price_multiplier: None,
        ..multiplied("one-v1", "1")
    };
    let plain = || ModelOverlay {
        price_multiplier: None,
        ..multiplied("one-v1", "1")
    };
    for (models, expect) in [
        (vec![multiplied("*", "0.75")], "1.5"),
        (vec![multiplied("one-v1", "0.9")], "1.8"),
        // One model's word wins over that of all, and is about the catalogue's price.
        (
            vec![multiplied("one-v1", "0.9"), multiplied("*", "0.75")],
            "1.8",
        ),
        (vec![own("1.2"), multiplied("*", "0.75")], "1.2"),
        (vec![plain(), multiplied("*", "0.75")], "1.5"),
    ] {
        assert_eq!(input_price(models).as_deref(), Ok(expect));
    }
    let both = ModelOverlay {
        price_multiplier: Some("2".parse().unwrap()),
        ..own("1.2")
    };
    let more = ModelOverlay {
        context: Some(5),
        ..multiplied("*", "2")
    };
    for (model, expect) in [
        (
            both,
            "models[0]: 'one-v1': has prices of its own or a price_multiplier, not both",
        ),
        (
            multiplied("other", "2"),
            "models[0]: 'other': price_multiplier: the catalogue has no price of it",
        ),
        (
            more,
            "models[0]: '*': stands for all models and takes a price_multiplier, nothing else",
        ),
    ] {
        let heard = input_price(vec![model]).unwrap_err();
        assert!(heard.contains(expect), "{heard}");
    }
}

/// A provider of the operator's own has no prices in the catalogue, and a factor prices nothing there.
#[test]
fn a_multiplier_for_all_models_of_ones_own_provider_is_refused() {
    let own = ProviderOverlay {
        models: vec![
            multiplied("*", "0.8"),
            ModelOverlay {
                price_multiplier: None,
                ..multiplied("m", "1")
            },
        ],
        ..mybox(&[])
    };
    let heard = overlaid(vec![own]).unwrap_err();
    assert!(
        heard.contains(
            ".models[0]: '*': price_multiplier: the catalogue lists nothing at this provider"
        ),
        "{heard}"
    );
}

/// Once `aa` serves `xx/y`, a provider `xx` that serves `y` is one more provider of it, in whichever order they come.
#[test]
fn one_id_said_in_two_ways_is_one_model() {
    let named = |id: &str, model: &str| ProviderOverlay {
        id: id.to_owned(),
        models: vec![ModelOverlay {
            id: model.to_owned(),
            ..ModelOverlay::default()
        }],
        ..mybox(&[])
    };
    let (whole, short) = (named("aa", "xx/y"), named("xx", "y"));
    for both in [vec![whole.clone(), short.clone()], vec![short, whole]] {
        let catalog = overlaid(both).unwrap();
        let model = catalog.resolve("xx/y").unwrap().model;
        assert_eq!(catalog.model(model).offerings.len(), 2);
    }
}

#[test]
fn mistakes_name_their_place() {
    let check = |said: ProviderOverlay, expect: &str| {
        let heard = overlaid(vec![said]).unwrap_err();
        assert!(heard.starts_with(expect), "{heard}");
    };
    check(
        ProviderOverlay {
            speaks: Some(vec!["gopher".to_owned()]),
            ..mybox(&[])
        },
        "providers.mybox.speaks: unknown dialect 'gopher'; allowed are openai_chat, ",
    );
    check(
        ProviderOverlay {
            base_url: Some("mybox:8000".to_owned()),
            ..mybox(&[])
        },
        "providers.mybox.base_url: 'mybox:8000' is no base URL; expected http:// or https://, a host and a path",
    );
    let long = "x".repeat(65);
    for id in [
        "", ".", "..", "my/box", "My", "a b", "a\u{0}", "<img>", "é", &long,
    ] {
        check(
            ProviderOverlay {
                id: id.to_owned(),
                ..mybox(&[])
            },
            &format!("providers.{id}.id: a provider's id has 1 to 64 of a-z, 0-9"),
        );
    }
    overlaid(vec![ProviderOverlay {
        id: format!("my-box_2.{}", "x".repeat(55)),
        ..mybox(&[])
    }])
    .unwrap();
    let singing = ModelOverlay {
        id: "a".to_owned(),
        operations: Some(vec!["sing".to_owned()]),
        ..ModelOverlay::default()
    };
    check(
        ProviderOverlay {
            models: vec![singing],
            ..mybox(&[])
        },
        "providers.mybox.models[0]: 'a': unknown operation 'sing'; allowed are chat, embed",
    );
}
