//! What the names in an operator's entries mean, and which are taken for slips of the pen.

use super::*;

fn at_acme(models: Vec<ModelOverlay>) -> ProviderOverlay {
    ProviderOverlay {
        models,
        ..provider("acme")
    }
}

fn entry(id: &str) -> ModelOverlay {
    ModelOverlay {
        id: id.to_owned(),
        ..ModelOverlay::default()
    }
}

#[test]
fn an_own_entry_is_about_the_model_that_a_client_would_get_by_its_name() {
    for name in [
        "one-v1", "One-V1", "one v1", "ONE", "lab/one", "Lab/One", "uno", "acme/uno",
    ] {
        let said = ModelOverlay {
            price: own_input("1"),
            ..entry(name)
        };
        let catalog = overlaid(vec![at_acme(vec![said])]).unwrap();
        assert_eq!(
            (catalog.models.len(), catalog.offerings.len()),
            (1, 1),
            "{name}"
        );
        let price = catalog.offerings[0].price.as_ref().unwrap();
        assert_eq!(
            price.periods()[0].standard.base.input.to_string(),
            "1",
            "{name}"
        );
        assert_eq!(catalog.offerings[0].wire_id, "one-v1", "{name}");
    }
    // Elsewhere it is one more offering of the same model, which that provider calls so.
    let catalog = overlaid(vec![mybox(&["One V1"])]).unwrap();
    assert_eq!((catalog.models.len(), catalog.offerings.len()), (1, 2));
    assert_eq!(catalog.offerings[1].wire_id, "One V1");
    // Of two own providers, who write it in two ways.
    let other = ProviderOverlay {
        id: "otherbox".to_owned(),
        ..mybox(&["Qwen/B"])
    };
    let catalog = overlaid(vec![mybox(&["qwen/b"]), other]).unwrap();
    assert_eq!((catalog.models.len(), catalog.offerings.len()), (2, 3));
}

#[test]
fn one_model_named_twice_is_refused_and_both_places_are_named() {
    let check = |names: [&str; 2], expect: Option<&str>| {
        let models = names.map(|name| match name {
            "*" => multiplied("*", "0.5"),
            name => entry(name),
        });
        let seed = Catalog::parse(FILES).unwrap();
        let laid = seed.overlay(&Overlay {
            providers: vec![at_acme(models.into())],
        });
        let Some(expect) = expect else {
            assert!(laid.is_ok(), "{names:?}");
            return;
        };
        let error = laid.unwrap_err();
        assert_eq!(error.to_string(), expect);
        assert_eq!(error.again.as_deref(), Some("providers.acme.models[0]"));
    };
    check(
        ["one-v1", "LAB/One"],
        Some(
            "providers.acme.models[1]: 'LAB/One': models[0] ('one-v1') is about the same: say all in one entry",
        ),
    );
    check(
        ["*", "*"],
        Some(
            "providers.acme.models[1]: '*': models[0] ('*') is about the same: say all in one entry",
        ),
    );
    check(
        ["mine-7b", "Mine 7B"],
        Some(
            "providers.acme.models[1]: 'Mine 7B': models[0] ('mine-7b') is about the same: say all in one entry",
        ),
    );
    check(["*", "one-v1"], None);
    check(["mine-7b", "mine-8b"], None);
    let twice = overlaid(vec![provider("acme"), provider("acme-ai")]).unwrap_err();
    assert_eq!(
        twice,
        "providers.acme-ai: is the same provider as providers.acme: say all of it there"
    );
}

#[test]
fn a_slip_of_the_pen_is_no_new_model_unless_it_says_so() {
    let seed = Catalog::parse([
        FILES[0],
        (
            "models/openai.toml",
            r#"
[[model]]
slug = "gpt-4o-mini"
name = "GPT-4o mini"
[[model.offering]]
provider = "acme"
wire_id = "gpt-4o-mini"
date = "2026-11-21"
"#,
        ),
    ])
    .unwrap();
    let heard = |said: ProviderOverlay| {
        let overlay = Overlay {
            providers: vec![said],
        };
        let doubts = seed.doubts(&overlay, 0).into_iter();
        doubts.map(|error| error.to_string()).collect::<Vec<_>>()
    };
    let nothing: Vec<String> = Vec::new();
    for name in [
        "gpt-4o-minni",
        "gtp-4o-mini",
        "opnai/gpt-4o-mini",
        "GPT-4o-mni",
        "gpt4omin",
    ] {
        let expect = |id: &str| {
            format!(
                "providers.{id}.models[0]: id: no model is called '{name}' (did you mean openai/gpt-4o-mini?): \
                 where it is another model, say new = true"
            )
        };
        assert_eq!(heard(at_acme(vec![entry(name)])), [expect("acme")]);
        assert_eq!(heard(mybox(&[name])), [expect("mybox")]);
        let new = ModelOverlay {
            is_new: true,
            ..entry(name)
        };
        assert_eq!(heard(at_acme(vec![new])), nothing);
    }
    for name in [
        "GPT-4o Mini",
        "gpt-5o-mini",
        "lab/gpt-4o-mini",
        "mine",
        "*",
        "openai/gpt-4o-mini",
    ] {
        assert_eq!(heard(at_acme(vec![entry(name)])), nothing, "{name}");
    }
    // Each own provider may have a model of one bare name.
    let both = overlaid(vec![mybox(&["fake-text"])]).unwrap();
    let other = ProviderOverlay {
        id: "otherbox".to_owned(),
        ..mybox(&["fake-text"])
    };
    let overlay = Overlay {
        providers: vec![other],
    };
    assert_eq!(both.doubts(&overlay, 0), []);
    let new = ModelOverlay {
        is_new: true,
        ..entry("GPT-4o Mini")
    };
    let apart = seed.overlay(&Overlay {
        providers: vec![at_acme(vec![new])],
    });
    assert_eq!(apart.unwrap().models.len(), 2);
    let known = ModelOverlay {
        is_new: true,
        ..entry("one-v1")
    };
    let there = ModelOverlay {
        is_new: true,
        ..entry("lab/one")
    };
    // The catalogue has come to know both since they were written.
    let overlay = Overlay {
        providers: vec![
            at_acme(vec![known]),
            ProviderOverlay {
                models: vec![there],
                ..mybox(&[])
            },
        ],
    };
    let seed = Catalog::parse(FILES).unwrap();
    let doubts = seed.doubts(&overlay, 0).into_iter();
    let doubts: Vec<String> = doubts.map(|error| error.to_string()).collect();
    assert_eq!(
        doubts,
        [
            "providers.acme.models[0]: 'one-v1': new: the catalogue has it at this provider: leave new out",
            "providers.mybox.models[0]: 'lab/one': new: there is a model lab/one: leave new out",
        ]
    );
    let laid = seed.overlay(&overlay).unwrap();
    assert_eq!((laid.models.len(), laid.offerings.len()), (1, 2));
}

/// Real models' names were refused for those of others.
#[test]
fn variants_of_known_models_are_no_slips_of_the_pen() {
    let model = |slug: &str| {
        format!(
            "[[model]]\nslug = \"{slug}\"\nname = \"{slug}\"\n[[model.offering]]\nprovider = \"acme\"\n\
             wire_id = \"{slug}\"\ndate = \"2026-11-21\"\n"
        )
    };
    let known = ["deepseek-vl2", "gemma-3-4b-it", "gpt-oss-20b"];
    let known: String = known.into_iter().map(model).collect();
    let seed = Catalog::parse([FILES[0], ("models/lab.toml", &known)]).unwrap();
    for (name, doubted) in [
        ("deepseek-v2", false),
        ("lab/gemma-3-4b-pt", false),
        ("gpt-oss-20b-ft", false),
        ("deepseak-vl2", true),
        ("gpt-os-20b", true),
    ] {
        let overlay = Overlay {
            providers: vec![at_acme(vec![entry(name)])],
        };
        assert_eq!(!seed.doubts(&overlay, 0).is_empty(), doubted, "{name}");
    }
}

#[test]
fn a_provider_that_is_nearly_called_so_is_told() {
    assert_eq!(
        overlaid(vec![provider("acmee")]).unwrap_err(),
        "providers.acmee.base_url: a provider that the catalogue does not know needs a base_url (did you mean acme?)"
    );
}
