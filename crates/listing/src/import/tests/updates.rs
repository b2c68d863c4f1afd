//! A newer list over what is known.

use super::{
    LAB, LITELLM, MODELS_DEV, PROVIDERS, RULES, listed, listed_over, made, model, offering,
};
use crate::import::{Expected, List, Missing, Prices, Prior, Renewal, Rules, Sources, build};
use crate::{Diff, Listing};

const CAREFUL: Prior = Prior::Yields(Renewal {
    missing: Missing::Goes,
    prices: Prices::OwnOnly,
});
const OVERRULING: Prior = Prior::Yields(Renewal {
    missing: Missing::Goes,
    prices: Prices::All,
});

fn built(lists: &[(List, &str)]) -> Listing {
    made(&Listing::read(PROVIDERS).unwrap(), Prior::Stays, lists).0
}

#[test]
fn what_is_kept_by_hand_yields_only_where_the_operator_says_so() {
    let hand = "[[model]]\nslug = \"gpt-4o-mini\"\nname = \"GPT-4o mini\"\n[[model.offering]]\nprovider = \"acme\"\nwire_id = \"gpt-4o-mini\"\nsource = \"https://acme.example\"\ndate = \"2026-01-01\"\n[[model.offering.price]]\nrates = { input = \"0.2\", output = \"0.6\" }\n";
    let base = Listing::read(PROVIDERS.into_iter().chain([("models/openai.toml", hand)])).unwrap();
    let inputs = |prior| {
        let (listing, report) = made(&base, prior, &[(List::LiteLlm, LITELLM)]);
        let own = offering(model(&listing, "openai/gpt-4o-mini"), "acme").clone();
        let inputs = own.price.iter().map(|one| one.rates.input.clone().unwrap());
        (inputs.collect::<Vec<_>>().join(", "), report.disagreements)
    };
    assert_eq!(inputs(Prior::Stays).0, "0.2");
    let (kept, disagreements) = inputs(CAREFUL);
    assert_eq!(kept, "0.2");
    let told: Vec<String> = disagreements.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "gpt-4o-mini (openai/gpt-4o-mini) input: catalogue 0.2 litellm 0.15; taken catalogue (somebody read it on the provider's page)"
        ]
    );
    assert_eq!(
        inputs(OVERRULING).0,
        "0.2, 0.15",
        "and the past keeps its price"
    );
}

#[test]
fn what_came_from_another_list_stays_and_the_difference_is_told() {
    let before = built(&[(List::ModelsDev, MODELS_DEV)]);
    let dearer = LITELLM.replace("1.5e-07", "9e-07");
    let (after, report) = made(&before, CAREFUL, &[(List::LiteLlm, &dearer)]);
    let diff = Diff::between(&before, &after);
    assert_eq!((diff.prices.len(), diff.removed.len()), (0, 0));
    assert!(
        report
            .disagreements
            .iter()
            .any(|one| one.at.wire_id == "gpt-4o-mini"
                && one.rate == "input"
                && one.why == "it came from another list"),
        "{report}"
    );
}

#[test]
fn the_list_that_built_it_changes_nothing() {
    for list in [(List::LiteLlm, LITELLM), (List::ModelsDev, MODELS_DEV)] {
        let before = built(&[(List::LiteLlm, LITELLM), (List::ModelsDev, MODELS_DEV)]);
        let (after, report) = made(&before, CAREFUL, &[list]);
        let diff = Diff::between(&before, &after);
        assert!(diff.is_empty(), "{}", diff.told(&report));
    }
}

#[test]
fn a_day_of_end_that_was_put_off_is_taken() {
    let before = built(&[(List::LiteLlm, LITELLM)]);
    let later = LITELLM.replace("2027-01-01", "2027-06-01");
    let (after, _) = made(&before, CAREFUL, &[(List::LiteLlm, &later)]);
    let own = offering(model(&after, "openai/gpt-4o-mini"), "acme");
    assert_eq!(own.deprecated.as_deref(), Some("2027-06-01"));
    assert_eq!(Diff::between(&before, &after).facts[0].1, "deprecated");
}

#[test]
fn an_update_lets_go_of_what_its_list_no_longer_has() {
    let before = built(&[(List::LiteLlm, LITELLM)]);
    let shorter = r#"{"acme_ai/gpt-4o-mini": {"litellm_provider": "acme_ai", "mode": "chat", "input_cost_per_token": 1e-07, "output_cost_per_token": 6e-07}}"#;
    let (after, report) = made(&before, CAREFUL, &[(List::LiteLlm, shorter)]);
    let diff = Diff::between(&before, &after);
    let removed: Vec<String> = diff.removed.iter().map(ToString::to_string).collect();
    assert_eq!(removed, ["draw (openai/draw)"]);
    assert_eq!(
        report.expected["acme"],
        Expected {
            known: 2,
            missing: 1
        }
    );
    // What the list does not say any more is still so, and last month was cheaper.
    assert_eq!(diff.prices.len(), 1);
    assert_eq!(
        diff.prices[0].1,
        "from 2026-11-21: input 0.15 -> 0.1, as before: batch input, batch output, cache_read, output, per_web_search"
    );
    let (again, _) = made(&after, CAREFUL, &[(List::LiteLlm, shorter)]);
    assert!(
        Diff::between(&after, &again).is_empty(),
        "an update twice is one"
    );
    let keeping = Prior::Yields(Renewal {
        missing: Missing::Stays,
        prices: Prices::OwnOnly,
    });
    let (kept, _) = made(&before, keeping, &[(List::LiteLlm, shorter)]);
    assert_eq!(Diff::between(&before, &kept).removed, []);
}

#[test]
fn a_provider_that_a_list_does_not_name_is_left_alone() {
    let before = built(&[(List::ModelsDev, MODELS_DEV)]);
    let one: serde_json::Value = serde_json::from_str(MODELS_DEV).unwrap();
    let only = serde_json::json!({"acme": one["acme"]}).to_string();
    let (after, report) = made(&before, CAREFUL, &[(List::ModelsDev, &only)]);
    let diff = Diff::between(&before, &after);
    assert!(diff.is_empty(), "{}", diff.told(&report));
    assert_eq!(report.expected.keys().collect::<Vec<_>>(), ["acme"]);
}

/// A list that slips by a factor of a thousand changes no price, and what was not believed before is not now.
#[test]
fn a_price_far_from_what_others_ask_is_not_taken() {
    let lines = |own: &'static str, slip: &'static str| {
        [
            ("a", "brain-1", own, "2"),
            ("b", "brain-1", "1.2", "2.5"),
            ("c", "brain-1", "0.9", "2"),
            ("d", "brain-1", slip, "2"),
        ]
    };
    let (before, _) = listed(LAB, &lines("1", "900"));
    let inputs = |prior| {
        let (after, report) = listed_over(&before, prior, LAB, &lines("1000", "900"));
        let brain = model(&after, "lab/brain-1");
        let of = |provider| {
            let price = offering(brain, provider).price.last()?;
            price.rates.input.clone()
        };
        (of("a"), of("d"), report.far.len())
    };
    let price = |text: &str| Some(text.to_owned());
    assert_eq!(inputs(CAREFUL), (price("1"), None, 2));
    assert_eq!(inputs(OVERRULING), (price("1000"), price("900"), 0));
    let (after, report) = listed_over(&before, CAREFUL, LAB, &lines("1.5", "1.1"));
    let brain = model(&after, "lab/brain-1");
    let renewed = ["a", "d"].map(|id| {
        offering(brain, id)
            .price
            .last()
            .unwrap()
            .rates
            .input
            .clone()
    });
    assert_eq!(renewed, [price("1.5"), price("1.1")]);
    assert_eq!(report.far.len(), 0);
}

/// A list was called unreadable, by a place in a line of two million letters.
#[test]
fn a_value_that_cannot_be_read_is_named_by_entry_and_field() {
    let lists = [(List::LiteLlm, LITELLM), (List::ModelsDev, MODELS_DEV)];
    let before = built(&lists);
    for (list, good, bad, expect) in [
        (
            List::ModelsDev,
            r#""limit": {"context": 128000"#,
            r#""limit": {"context": -5"#,
            "models.dev acme/gpt-4o-mini: limit.context is -5",
        ),
        (
            List::ModelsDev,
            r#"{"input": 1.5, "output": 2}"#,
            r#""free of charge""#,
            "models.dev router/the-lab/Brain-FP8: cost is \"free of charge\"",
        ),
        (
            List::ModelsDev,
            r#"{"input": 3, "output": 4, "tier""#,
            r#"{"input": "much", "output": 4, "tier""#,
            "models.dev acme/brain-2026-01-01: cost.tiers.input is \"much\"",
        ),
        (
            List::LiteLlm,
            r#""output_cost_per_token": 6e-07"#,
            r#""output_cost_per_token": [6e-07]"#,
            "litellm acme_ai/gpt-4o-mini: output_cost_per_token is [6e-07]",
        ),
        (
            List::LiteLlm,
            "1.5e-07",
            "1.5e+13",
            "litellm acme_ai/gpt-4o-mini: input_cost_per_token is 1.5e+13",
        ),
        (
            List::LiteLlm,
            r#""output_cost_per_image": 0.04"#,
            r#""output_cost_per_image": -1"#,
            "litellm acme_ai/draw: output_cost_per_image is -1",
        ),
    ] {
        let (_, text) = lists.into_iter().find(|(of, _)| *of == list).unwrap();
        assert!(text.contains(good), "{good}");
        let broken = text.replacen(good, bad, 1);
        let (after, report) = made(&before, CAREFUL, &[(list, &broken)]);
        let told: Vec<String> = report.unread.iter().map(ToString::to_string).collect();
        assert_eq!(told, [expect]);
        let diff = Diff::between(&before, &after);
        assert_eq!((diff.prices.len(), diff.removed.len()), (0, 0), "{expect}");
    }
}

/// Most of it is in another format: an update from it would know nothing of what it names.
#[test]
fn a_list_that_is_mostly_broken_is_refused_by_its_first_fault() {
    let base = built(&[]);
    let rules = Rules::read(RULES).unwrap();
    let broken = LITELLM.replace("_per_token\": ", "_per_token\": -");
    let broken = broken.replace("_per_image\": ", "_per_image\": -");
    let refused = build(&Sources {
        base: &base,
        prior: CAREFUL,
        rules: &rules,
        lists: vec![(List::LiteLlm, &broken)],
        date: "2026-11-21",
    });
    assert_eq!(
        refused.unwrap_err().to_string(),
        "this is no list of litellm: 3 of its entries cannot be read, the first: \
         litellm acme_ai/draw: output_cost_per_image is -0.04"
    );
}

/// The base price of large requests' tiers fell to a third, and a large request stayed as dear as before.
#[test]
fn tiers_of_context_that_follow_are_told() {
    let before = built(&[(List::ModelsDev, MODELS_DEV)]);
    let tiers = r#", "tiers": [{"input": 3, "output": 4, "tier": {"size": 1000}}]"#;
    let cheaper = MODELS_DEV.replace(tiers, "");
    let cheaper = cheaper.replace(
        r#"{"input": 1, "output": 2}"#,
        r#"{"input": 0.5, "output": 2}"#,
    );
    let (after, report) = made(&before, CAREFUL, &[(List::ModelsDev, &cheaper)]);
    let told = Diff::between(&before, &after).told(&report);
    let expect = "  $ brain-2026-01-01 (lab/brain): from 2026-11-21: input 1 -> 0.5, input above 1000 3 -> 1.5, \
                  as before: output, output above 1000; its tiers of context follow in proportion, since the list names none\n";
    assert!(told.contains(expect), "{told}");
}
