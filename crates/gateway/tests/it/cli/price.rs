//! `tollgate price`: one case, many, with and without a data folder.

use super::Folder;
use serde_json::Value;

const USAGE: &str = r#"{"input": 1000, "cache_read": 10000, "output": 100}"#;

#[test]
fn a_case_is_priced_at_every_provider() {
    let folder = Folder::new();
    let quote = folder.json(&[
        "price",
        "gpt-4o-mini",
        "--usage",
        USAGE,
        "--at",
        "2026-11-21",
        "--json",
    ]);
    assert_eq!(quote["model"], "openai/gpt-4o-mini");
    assert_eq!(quote["at"], "2026-11-21T00:00:00.000Z");
    let all = quote["offerings"].as_array().unwrap();
    assert!(all.len() >= 3, "{quote}");
    let openai = all.iter().find(|one| one["provider"] == "openai").unwrap();
    // 1000 × 0.15 + 10000 × 0.075 + 100 × 0.6 per million
    assert_eq!(openai["cost_usd"], "0.00096");
    assert_eq!(openai["breakdown"]["cache_read"], "0.00075");
    assert!(openai["source"].as_str().unwrap().starts_with("https://"));
    assert!(!folder.path("data").exists(), "pricing makes no folder");
}

#[test]
fn a_case_is_shown_as_a_table() {
    let folder = Folder::new();
    let said = folder.said(&[
        "price",
        "gpt-4o-mini",
        "--provider",
        "openai",
        "--usage",
        USAGE,
        "--at",
        "2026-11-21",
    ]);
    assert_eq!(
        said,
        "openai/gpt-4o-mini at openai only: 1000 input, 10000 cache_read, 100 output\n\
         at 2026-11-21T00:00:00.000Z, tier standard; USD\n\n\
         Provider  Model there    Total    input  cache_read   output\n\
         openai    gpt-4o-mini  0.00096  0.00015     0.00075  0.00006\n"
    );
}

#[test]
fn many_cases_are_priced_line_by_line() {
    let folder = Folder::new();
    folder.write(
        "cases.jsonl",
        "{\"model\": \"gpt-4o-mini\", \"provider\": \"openai\", \"usage\": {\"input\": 1000000}}\n\n\
         {\"model\": \"gpt-4o-mini\", \"usage\": {\"tokens\": 1}}\n\
         {\"model\": \"gpt-4o-mini\"}\n\
         {\"model\": \"gpt-4o-mini\", \"provider\": \"openai\", \"usage\": {\"output\": 1000000}, \"tier\": \"priority\"}\n\
         {\"model\": \"gpt-4o-minni\", \"usage\": {}}\nnonsense\n",
    );
    let done = folder.run(&["price", "--batch", "cases.jsonl"]);
    assert_eq!(done.code, 1, "one of them is no case");
    let lines: Vec<Value> = done
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["offerings"][0]["cost_usd"], "0.15");
    assert_eq!(lines[3]["offerings"][0]["cost_usd"], "1");
    // Each error says its own line, though the one before the first of them is empty.
    for (answer, line, expect) in [
        (1, 3, "line 3, column 43: 'tokens' is no dimension of usage"),
        (2, 4, "line 4, column 24: missing field `usage`"),
        (4, 6, "line 6: no model is called 'gpt-4o-minni'"),
        (5, 7, "line 7, column 2: expected ident"),
    ] {
        let error = lines[answer]["error"].as_str().unwrap();
        assert!(error.starts_with(expect), "{error}");
        assert_eq!(lines[answer]["line"], line);
    }
    assert_eq!(lines.len(), 6);
}

/// The file's negotiated price holds, and the same is said from a data folder, through the admin API.
#[test]
fn negotiated_prices_are_seen_with_and_without_a_data_folder() {
    let folder = Folder::new();
    folder.write(
        "tollgate.toml",
        "[providers.openai]\nmodels = [{ id = \"gpt-4o-mini\", input = \"0.1\", output = \"0.4\" }]\n",
    );
    let asked = [
        "price",
        "gpt-4o-mini",
        "--provider",
        "openai",
        "--usage",
        "{\"input\": 10}",
        "--at",
        "2026-11-21",
        "--json",
    ];
    let plain = folder.json(&asked);
    assert_eq!(plain["offerings"][0]["cost_usd"], "0.000001");
    folder.with_data();
    assert_eq!(folder.json(&asked), plain);
    let wrong = folder.run(&["price", "gpt-4o-minni", "--usage", "{}"]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong
            .stderr
            .contains("no model is called 'gpt-4o-minni'; close names: openai/gpt-4o-mini"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_dimension_that_does_not_exist_is_named() {
    let done = Folder::new().run(&["price", "gpt-4o-mini", "--usage", "{\"prompt_tokens\": 1}"]);
    assert_eq!(done.code, 2);
    assert!(
        done.stderr
            .contains("'prompt_tokens' is no dimension of usage; there are input, cache_read"),
        "{}",
        done.stderr
    );
}
