//! `tollgate catalog`: counts, updates from a file, and the way back.

use super::Folder;

/// A list with one known offering at another price, and one that is new.
const LIST: &str = r#"{
  "gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1.25e-07, "output_cost_per_token": 6e-07,
    "source": "https://openai.example/pricing"},
  "gpt-99": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}
}"#;

#[test]
fn the_catalogue_is_counted() {
    let folder = Folder::new();
    let counts = folder.json(&["catalog", "--json"]);
    assert!(counts["providers"].as_u64().unwrap() >= 60);
    assert!(counts["offerings"].as_u64().unwrap() >= 4000);
    let number = |name: &str| counts["chat"][name].as_u64().unwrap();
    assert!(
        number("unpriced") * 100 < number("offerings") * 3,
        "{}",
        counts["chat"]
    );
    let why = counts["unpriced"].as_object().unwrap();
    assert!(why.keys().all(|reason| !reason.is_empty()));
    let text = folder.said(&["catalog"]);
    assert!(text.contains("\ngroq "), "{text}");
    assert!(!folder.path("data").exists(), "counting makes no folder");
}

#[test]
fn an_update_is_shown_first_then_applied_and_can_be_undone() {
    let folder = Folder::new();
    folder.write("prices.json", LIST);
    let update = ["catalog", "update", "--from", "prices.json"];
    let shown = folder.said(&update);
    assert!(
        shown.contains("  + openai gpt-99 (openai/gpt-99)\n"),
        "{shown}"
    );
    assert!(
        shown.contains("  $ openai gpt-4o-mini (openai/gpt-4o-mini): input 0.15"),
        "{shown}"
    );
    assert!(shown.contains("Nothing was changed"));
    assert!(!folder.path("data").exists());

    let before = folder.json(&["catalog", "--json"])["by_provider"]["openai"].clone();
    folder.said(&["catalog", "update", "--from", "prices.json", "--apply"]);
    let after = folder.json(&["catalog", "--json"])["by_provider"]["openai"].clone();
    assert_ne!(before, after);
    let again = folder.said(&["catalog", "update", "--from", "prices.json", "--apply"]);
    assert!(again.contains("up to date"), "{again}");
    folder.said(&["catalog", "rollback"]);
    assert_eq!(
        folder.json(&["catalog", "--json"])["by_provider"]["openai"],
        before
    );
    let twice = folder.run(&["catalog", "rollback"]);
    assert_eq!(twice.code, 1);
    assert!(
        twice
            .stderr
            .contains("there is no catalogue before this one"),
        "{}",
        twice.stderr
    );
}

#[test]
fn what_is_no_price_list_changes_nothing() {
    let folder = Folder::new();
    folder.write("prices.json", "{\"hello\": 1}");
    let done = folder.run(&["catalog", "update", "--from", "prices.json", "--apply"]);
    assert_eq!(done.code, 1);
    assert!(
        done.stderr
            .contains("neither the JSON of models.dev nor LiteLLM"),
        "{}",
        done.stderr
    );
    let done = folder.run(&["catalog", "update", "--from", "missing.json"]);
    assert!(
        done.stderr.contains("cannot read missing.json"),
        "{}",
        done.stderr
    );
}
