//! Figures of a list that cannot be meant, and names that mean another version at one provider.

use super::{LAB, ids, listed, model, offering};
use crate::import::{List, Prior, Report, Rules, Sources, build};
use crate::{Listing, ModelFile};

/// 3,200 dollars for a million tokens was a price per token where one per thousand was meant; nobody else sold the model.
#[test]
fn a_price_beyond_what_anybody_asks_is_left_out_of_a_sole_seller_too() {
    for (output, is_left_out) in [("600", false), ("9710", true)] {
        let (listing, report) = listed(LAB, &[("a", "brain-1", "100", output)]);
        let priced = !offering(model(&listing, "lab/brain-1"), "a")
            .price
            .is_empty();
        assert_eq!((priced, report.far.len() == 1), (!is_left_out, is_left_out));
    }
}

/// A reseller of what only its author has was believed to give away three quarters of it, since that is not tenfold.
#[test]
fn a_resellers_price_is_near_the_authors_where_nobody_else_has_the_model() {
    let set = format!("set_prices = [\"lab\"]\n{LAB}[open_weights]\n\"lab/brain\" = false\n");
    let open = set.replace("= false", "= true");
    let check = |rules: &str, lines: &[(&str, &str, &str, &str)], expect: &[&str]| {
        let (_, report) = listed(rules, lines);
        let places = report.far.iter().map(|far| far.place.as_str());
        let left_out: Vec<&str> = places.filter_map(|place| place.split(' ').nth(2)).collect();
        assert_eq!(left_out, expect);
    };
    let lines = [
        ("home", "brain-1", "20", "80"),
        ("a", "brain-1", "20", "80"),
        ("b", "brain-1", "18", "72"),
        ("c", "brain-1", "10", "20"),
        ("d", "brain-1", "55", "80"),
    ];
    check(&set, &lines, &["c", "d"]);
    check(&open, &lines, &[]);
    check(LAB, &lines, &[]);
    // All others are behind the author's new price: their lists are old, and no mistake of one.
    let behind = [
        ("home", "brain-1", "1", "2"),
        ("a", "brain-1", "0.2", "1.5"),
        ("b", "brain-1", "0.2", "1.5"),
        ("c", "brain-1", "0.2", "1.5"),
    ];
    check(&set, &behind, &[]);
}

/// One list gave a model of 400,000 tokens five million.
#[test]
fn a_context_far_above_all_others_is_left_out_and_told() {
    let check = |rules: &str, contexts: &[(&str, u64)], expect: &[&str]| {
        let (brain, report) = limited(rules, "context", contexts);
        let without = brain.offering.iter().filter(|one| one.context.is_none());
        let without: Vec<&str> = without.map(|one| one.provider.as_str()).collect();
        assert_eq!(
            (without.as_slice(), report.large.len()),
            (expect, expect.len())
        );
    };
    let closed = format!("{LAB}[open_weights]\n\"lab/brain\" = false\n");
    let several = [("home", 400), ("a", 400), ("b", 409)];
    check(LAB, &[&several[..], &[("c", 5000)]].concat(), &["c"]);
    check(LAB, &[&several[..], &[("c", 1000)]].concat(), &[]);
    check(&closed, &[&several[..], &[("c", 1000)]].concat(), &["c"]);
    // Fewer know too little of it, and what is small is what somebody serves.
    check(LAB, &[("home", 400), ("a", 400), ("c", 5000)], &[]);
    check(LAB, &[&several[..], &[("c", 16)]].concat(), &[]);
}

/// Names without a version had put four versions of Mistral Large, of three prices, into one model.
#[test]
fn a_name_without_a_version_means_what_the_rules_say_it_means_there() {
    let rules = format!(
        "{LAB}[means]\n\"a/brain-latest\" = \"lab/brain-2402\"\n\"home/brain\" = \"lab/brain-2512\"\n\
         \"b/lab/brain\" = \"lab/brain-2512\"\n[merge]\n\"lab/brain\" = \"lab/brain-2407\"\n"
    );
    let lines = [
        ("a", "brain-latest", "8", "24"),
        ("a", "brain-2402", "8", "24"),
        ("b", "lab/brain", "0.5", "1.5"),
        ("c", "lab/brain", "2", "6"),
        ("d", "brain-2407", "2", "6"),
        ("home", "brain", "0.5", "1.5"),
        ("home", "brain-2512", "0.5", "1.5"),
    ];
    let (listing, report) = listed(&rules, &lines);
    let versions = ["lab/brain-2402", "lab/brain-2407", "lab/brain-2512"];
    assert_eq!(ids(&listing), versions);
    for (id, offered) in versions.into_iter().zip([2, 2, 3]) {
        let model = model(&listing, id);
        assert_eq!(model.offering.len(), offered, "{id}");
        let first = &model.offering[0].price;
        assert!(model.offering.iter().all(|one| one.price == *first), "{id}");
    }
    // What one reseller means by it takes the name from nobody.
    assert_eq!(model(&listing, versions[1]).aliases, ["lab/brain"]);
    assert!(report.contested.is_empty());
}

/// Resellers of Claude wrote its whole context where the length of an answer belongs.
#[test]
fn an_output_longer_than_a_closed_models_author_gives_is_left_out_and_told() {
    let check = |rules: &str, outputs: &[(&str, u64)], expect: &[&str]| {
        let (brain, report) = limited(rules, "output", outputs);
        let without = brain.offering.iter().filter(|one| one.max_output.is_none());
        let without: Vec<&str> = without.map(|one| one.provider.as_str()).collect();
        assert_eq!(
            (without.as_slice(), report.long.len()),
            (expect, expect.len())
        );
    };
    let closed = format!("{LAB}[open_weights]\n\"lab/brain\" = false\n");
    let all = [("home", 64), ("a", 64), ("b", 1000), ("c", 8)];
    check(&closed, &all, &["b"]);
    // Who has the weights may serve more, and without the author's own nobody knows.
    check(LAB, &all, &[]);
    check(&closed, &all[1..], &[]);
}

/// One model at several providers, with one limit each.
fn limited(rules: &str, limit: &str, tokens: &[(&str, u64)]) -> (ModelFile, Report) {
    let (mut files, mut list) = (Vec::new(), Vec::new());
    for (id, tokens) in tokens {
        let file = format!("name = \"{id}\"\n[known_as]\nmodels_dev = [\"{id}\"]");
        files.push((format!("providers/{id}.toml"), file));
        list.push(format!(
            r#""{id}": {{"models": {{"brain-1": {{"name": "Brain", "limit": {{"{limit}": {tokens}}}}}}}}}"#
        ));
    }
    let base = Listing::read(files.iter().map(|(path, text)| (&**path, &**text))).unwrap();
    let rules = Rules::read(rules).unwrap();
    let json = format!("{{{}}}", list.join(","));
    let (listing, report) = build(&Sources {
        base: &base,
        prior: Prior::Stays,
        rules: &rules,
        lists: vec![(List::ModelsDev, &json)],
        date: "2026-11-21",
    })
    .unwrap();
    (model(&listing, "lab/brain-1").clone(), report)
}
