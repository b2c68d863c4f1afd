//! What the design forbids and a compiler does not see: arrows between rooms, imports between dialects, provider ids in
//! code, SQL outside the store.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, and what each may lean on.
const ARROWS: [(&str, &[&str]); 7] = [
    ("protocol", &[]),
    ("listing", &[]),
    ("domain", &["protocol", "listing"]),
    ("upstream", &["protocol", "domain"]),
    ("store", &["protocol", "domain"]),
    (
        "gateway",
        &["protocol", "listing", "domain", "upstream", "store"],
    ),
    ("testkit", &[]),
];

/// Literals that are a dialect's name, a header or a member, and only happen to read like a provider's id.
const NOT_A_PROVIDER: &[(&str, &str)] = &[
    ("crates/protocol/src/dialect/anthropic/", "anthropic"),
    ("crates/protocol/src/dialect/cohere/", "cohere"),
    // A list of dialects by the names that another ecosystem has for them.
    (
        "crates/protocol/src/dialect/openai_chat/reasoning.rs",
        "anthropic",
    ),
    // The AI SDK's namespaces for what one vendor's package alone knows.
    ("crates/protocol/src/dialect/ai_sdk/", "anthropic"),
    ("crates/protocol/src/dialect/ai_sdk/", "bedrock"),
    ("crates/protocol/src/dialect/ai_sdk/", "openai"),
    ("crates/upstream/src/simulator", "simulator"),
    // The transport of that name.
    ("crates/listing/src/write.rs", "simulator"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file of the rooms, by its path from the root, without its tests.
fn sources() -> Vec<(String, String)> {
    let root = root();
    let mut files = Vec::new();
    for (room, _) in ARROWS {
        rust_files(&root.join("crates").join(room).join("src"), &mut files);
    }
    let mut read: Vec<(PathBuf, String)> = Vec::new();
    let mut tests: BTreeSet<PathBuf> = BTreeSet::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        tests.extend(modules_for_tests(&text).map(|name| below(&path).join(name)));
        read.push((path, text));
    }
    // A module that only tests see is a file or a folder of that name.
    let is_test = |path: &Path| {
        path.ancestors()
            .any(|part| tests.contains(&part.with_extension("")))
    };
    read.iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, text)| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            // Inline tests stand last.
            let code = text.split("#[cfg(test)]\nmod tests {").next();
            (name.to_owned(), code.unwrap_or_default().to_owned())
        })
        .collect()
}

/// The names in `#[cfg(test)] mod name;`.
fn modules_for_tests(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim);
    lines
        .clone()
        .zip(lines.skip(1))
        .filter(|(attribute, _)| *attribute == "#[cfg(test)]")
        .filter_map(|(_, line)| line.rsplit_once("mod ")?.1.strip_suffix(';'))
}

/// Where the modules of a file are.
fn below(file: &Path) -> PathBuf {
    match file.file_stem().unwrap().to_str().unwrap() {
        "mod" | "lib" | "main" => file.parent().unwrap().to_owned(),
        stem => file.with_file_name(stem),
    }
}

#[test]
fn tests_are_told_from_code() {
    let sources = sources();
    let has = |name: &str| sources.iter().any(|(file, _)| file == name);
    assert!(has("crates/domain/src/catalog/overlay.rs"));
    assert!(!has("crates/domain/src/catalog/overlay/tests.rs"));
    assert!(!has(
        "crates/protocol/src/dialect/anthropic/tests/fixtures.rs"
    ));
    let (_, overlay) = sources
        .iter()
        .find(|(file, _)| file.ends_with("catalog/overlay.rs"))
        .unwrap();
    assert!(
        overlay.contains("fn add_provider"),
        "code behind `mod tests;` is code"
    );
}

#[test]
fn arrows_point_one_way() {
    let rooms: Vec<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    for (room, allowed) in ARROWS {
        let manifest =
            fs::read_to_string(root().join("crates").join(room).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let Some(dependencies) = manifest.get("dependencies").and_then(toml::Value::as_table)
        else {
            continue;
        };
        for name in dependencies
            .keys()
            .filter(|name| rooms.contains(&name.as_str()))
        {
            assert!(
                allowed.contains(&name.as_str()),
                "{room} leans on {name}; it may lean on {allowed:?}"
            );
        }
    }
}

#[test]
fn dialects_never_import_each_other() {
    let folder = root().join("crates/protocol/src/dialect");
    let dialects: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let entry = entry.unwrap();
            entry
                .path()
                .is_dir()
                .then(|| entry.file_name().into_string().unwrap())
        })
        .collect();
    for (file, code) in sources() {
        let Some(own) = dialects
            .iter()
            .find(|name| file.starts_with(&format!("crates/protocol/src/dialect/{name}/")))
        else {
            continue;
        };
        for other in dialects.iter().filter(|other| *other != own) {
            assert!(
                !code.contains(&format!("{other}::")),
                "{file} imports the dialect {other}"
            );
        }
    }
}

#[test]
fn every_decoder_is_fuzzed_once() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for dialect in protocol::dialect::DIALECTS {
        let sides = [
            ("request", dialect.chat.client.is_some()),
            ("answer", dialect.chat.provider.is_some()),
            ("stream", dialect.chat.provider.is_some()),
            ("error", true),
        ];
        for (reads, _) in sides.iter().filter(|(_, present)| *present) {
            let target = format!("name = \"{reads}_{}\"", dialect.id);
            let times = manifest.matches(&target).count();
            assert_eq!(times, 1, "fuzz/Cargo.toml has {target} {times} times");
        }
    }
}

#[test]
fn no_code_branches_on_a_provider() {
    let providers: BTreeSet<String> = fs::read_dir(root().join("catalog/providers"))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(providers.len() >= 10, "the catalogue was not found");
    for (file, code) in sources() {
        if file.starts_with("crates/testkit/") {
            continue;
        }
        for provider in &providers {
            let excused = NOT_A_PROVIDER
                .iter()
                .any(|(place, word)| word == provider && file.starts_with(place));
            let literal = format!("\"{provider}\"");
            assert!(
                excused || !code.contains(&literal),
                "{file} names the provider {provider}: that is catalogue data"
            );
        }
    }
}

#[test]
fn only_the_store_holds_sql() {
    for (file, code) in sources() {
        if file.starts_with("crates/store/") {
            continue;
        }
        for word in ["INSERT INTO ", "DELETE FROM ", "CREATE TABLE "] {
            assert!(!code.contains(word), "{file} holds SQL");
        }
    }
}
