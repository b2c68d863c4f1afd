//! What names mean, and what is offered where they mean nothing.

use super::*;
use crate::catalog::Catalog;

fn provider(name: &str, more: &str) -> String {
    format!(
        "name = \"{name}\"\nbase_url = \"https://p.example/v1\"\nspeaks = [\"openai_chat\"]\n{more}\n"
    )
}

/// A model by slug, with its offerings by provider and the provider's own name.
fn model(slug: &str, more: &str, offerings: &[(&str, &str)]) -> String {
    let mut text = format!("[[model]]\nslug = \"{slug}\"\nname = \"{slug}\"\n{more}\n");
    for (provider, wire_id) in offerings {
        text += &format!(
            "[[model.offering]]\nprovider = \"{provider}\"\nwire_id = \"{wire_id}\"\ndate = \"2026-11-21\"\n"
        );
    }
    text
}

fn catalog() -> Catalog {
    let meta = [
        model(
            "llama-3.3-70b-instruct",
            "aliases = [\"llama-3.3-70b\"]",
            &[("groq", "llama-3.3-70b-versatile")],
        ),
        model("twin", "", &[("groq", "meta-twin")]),
    ];
    let other = [
        model(
            "twin",
            "",
            &[("local", "llama3.2:1b"), ("local", "vendor/twin:free")],
        ),
        model("mini:free", "", &[("local", "Lab/Mini:free")]),
    ];
    let files = [
        (
            "providers/groq.toml",
            provider("Groq", "aliases = [\"groqcloud\"]"),
        ),
        ("providers/local.toml", provider("Local", "")),
        ("models/meta.toml", meta.concat()),
        ("models/other.toml", other.concat()),
    ];
    Catalog::parse(files.iter().map(|(path, text)| (*path, &**text))).unwrap()
}

/// What a name means: `model`, `model @ provider`, with `: suffix` where there is one.
fn meaning(name: &str) -> Result<String, Unknown> {
    meaning_in(&catalog(), name)
}

fn meaning_in(catalog: &Catalog, name: &str) -> Result<String, Unknown> {
    let found = catalog.resolve(name)?;
    let mut text = catalog.model(found.model).id.clone();
    if let Some(provider) = found.provider {
        text = format!("{text} @ {}", catalog.provider(provider).id);
    }
    if let Some(suffix) = found.suffix {
        text = format!("{text} : {suffix:?}");
    }
    Ok(text)
}

#[test]
fn a_model_has_many_names() {
    for (name, expect) in [
        ("meta/llama-3.3-70b-instruct", "meta/llama-3.3-70b-instruct"),
        ("llama-3.3-70b", "meta/llama-3.3-70b-instruct"),
        ("Llama 3.3 70B", "meta/llama-3.3-70b-instruct"),
        ("META/Llama-3-3-70B-Instruct", "meta/llama-3.3-70b-instruct"),
        ("llama-3.3-70b-instruct", "meta/llama-3.3-70b-instruct"),
        ("llama-3.3-70b-versatile", "meta/llama-3.3-70b-instruct"),
        ("groq/llama-3.3-70b", "meta/llama-3.3-70b-instruct @ groq"),
        (
            "groq/llama-3.3-70b-versatile",
            "meta/llama-3.3-70b-instruct @ groq",
        ),
        (
            "groq/meta/llama-3.3-70b-instruct",
            "meta/llama-3.3-70b-instruct @ groq",
        ),
        (
            "groqcloud/llama-3.3-70b",
            "meta/llama-3.3-70b-instruct @ groq",
        ),
        ("meta/twin", "meta/twin"),
        ("local/llama3.2:1b", "other/twin @ local"),
    ] {
        assert_eq!(meaning(name).as_deref(), Ok(expect), "{name}");
    }
}

#[test]
fn only_known_suffixes_are_taken_off() {
    for (name, expect) in [
        ("meta/twin:floor", "meta/twin : Floor"),
        (
            "groq/llama-3.3-70b:free",
            "meta/llama-3.3-70b-instruct @ groq : Free",
        ),
        ("llama3.2:1b", "other/twin"),
        // One provider's name for its free offering: no other provider's may be billed for it.
        ("vendor/twin:free", "other/twin : Free"),
        ("local/vendor/twin:free", "other/twin @ local : Free"),
        ("Vendor/Twin:Free", "other/twin : Free"),
        ("llama3.2:1b:free", "other/twin : Free"),
        // A model that is called so, whatever it costs, by each of its names.
        ("other/mini:free", "other/mini:free"),
        ("Other/Mini:Free", "other/mini:free"),
        ("mini:free", "other/mini:free"),
        ("local/Lab/Mini:free", "other/mini:free @ local"),
    ] {
        assert_eq!(meaning(name).as_deref(), Ok(expect), "{name}");
    }
    assert!(meaning("meta/twin:quick").is_err());
}

#[test]
fn what_means_nothing_names_what_is_close() {
    for (name, close) in [
        ("lama-3.3-70b", vec!["meta/llama-3.3-70b-instruct"]),
        (
            "meta/LLAMA-3.3-70B-Instrct",
            vec!["meta/llama-3.3-70b-instruct"],
        ),
        (
            "vendor/llama-3.3-70b-instrct",
            vec!["meta/llama-3.3-70b-instruct"],
        ),
        ("twin", vec!["other/twin", "meta/twin"]),
        ("local/llama-3.3-70b", vec!["meta/llama-3.3-70b-instruct"]),
        ("gpt-4o", vec![]),
        ("", vec![]),
        (&"llama-3.3-70b".repeat(100), vec![]),
    ] {
        let unknown = meaning(name).unwrap_err();
        assert_eq!(unknown.close, close, "{name}");
    }
    assert_eq!(
        meaning("twin").unwrap_err().to_string(),
        "no model is called 'twin'; close names: other/twin, meta/twin"
    );
}

/// Names of one shape, with one author who has a provider, whose spellings differ.
fn spelled() -> Catalog {
    let by_author = [
        model(
            "large-2",
            "aliases = [\"lab/large\", \"lab/large-2411\"]",
            &[("lab", "large-2411"), ("groq", "lab-ai/large-2")],
        ),
        model(
            "small-7b",
            "aliases = [\"lab/small\"]",
            &[("groq", "small-7b")],
        ),
        model(
            "router",
            "aliases = [\"local/router\"]",
            &[("local", "router")],
        ),
    ];
    let other = model("guest-70b", "", &[("lab", "guest-70b"), ("local", "guest")]);
    let files = [
        ("providers/groq.toml", provider("Groq", "")),
        (
            "providers/lab.toml",
            provider("Lab", "aliases = [\"la-platform\"]"),
        ),
        ("providers/local.toml", provider("Local", "")),
        ("models/lab-ai.toml", by_author.concat()),
        ("models/other.toml", other),
    ];
    Catalog::parse(files.iter().map(|(path, text)| (*path, &**text))).unwrap()
}

#[test]
fn who_made_a_model_stands_in_front_in_any_spelling_and_another_provider_restricts() {
    let catalog = spelled();
    for (name, expect) in [
        // The author, as ecosystems spell it, in front of any of the model's names.
        ("lab-ai/large-2", "lab-ai/large-2"),
        ("lab/large", "lab-ai/large-2"),
        ("lab/large-2", "lab-ai/large-2"),
        ("lab/large-2411", "lab-ai/large-2"),
        ("lab/small-7b", "lab-ai/small-7b"),
        ("LAB/Small 7B", "lab-ai/small-7b"),
        ("labai/large-2", "lab-ai/large-2"),
        // A provider, where it made it not.
        ("lab/guest-70b", "other/guest-70b @ lab"),
        ("la-platform/large-2", "lab-ai/large-2 @ lab"),
        ("groq/large-2", "lab-ai/large-2 @ groq"),
        ("Groq/Small-7B", "lab-ai/small-7b @ groq"),
        ("groq/lab/small", "lab-ai/small-7b @ groq"),
        // One alias alone makes no spelling.
        ("local/router", "lab-ai/router"),
        ("local/guest", "other/guest-70b @ local"),
    ] {
        assert_eq!(meaning_in(&catalog, name).as_deref(), Ok(expect), "{name}");
    }
    assert!(meaning_in(&catalog, "groq/guest-70b").is_err());
}

#[test]
fn what_is_a_begin_or_words_of_names_is_offered_before_what_is_nearly_one() {
    let slugs = [
        ("codestral-2508", 2),
        ("codestral-22b", 1),
        ("mixtral-8x7b-instruct", 3),
        ("mixtral-8x22b-instruct", 1),
        ("gpt-4o", 3),
        ("gpt-4o-mini", 2),
        ("gpt-4.1", 1),
        ("qwen2.5-72b-instruct", 1),
        ("claude-sonnet-4.5", 1),
    ];
    let models = slugs.map(|(slug, offerings)| {
        let all = [("groq", slug), ("local", slug), ("lab", slug)];
        model(slug, "", &all[..offerings])
    });
    let files = [
        ("providers/groq.toml", provider("Groq", "")),
        ("providers/lab.toml", provider("Lab", "")),
        ("providers/local.toml", provider("Local", "")),
        ("models/all.toml", models.concat()),
    ];
    let catalog = Catalog::parse(files.iter().map(|(path, text)| (*path, &**text))).unwrap();
    for (name, expect) in [
        ("codestral", vec!["codestral-2508", "codestral-22b"]),
        ("mistral/Codestral", vec!["codestral-2508", "codestral-22b"]),
        (
            "mixtral",
            vec!["mixtral-8x7b-instruct", "mixtral-8x22b-instruct"],
        ),
        // Of several, those that most providers serve.
        ("gpt", vec!["gpt-4o", "gpt-4o-mini", "gpt-4.1"]),
        ("qwen2.5-72b", vec!["qwen2.5-72b-instruct"]),
        (
            "qwen2.5-72b-instruct-turbo-awq",
            vec!["qwen2.5-72b-instruct"],
        ),
        ("sonnet 4.5", vec!["claude-sonnet-4.5"]),
        ("gpt-4o-minni", vec!["gpt-4o-mini", "gpt-4o"]),
        ("nothing-like-it", vec![]),
        ("g", vec![]),
    ] {
        let unknown = catalog.resolve(name).unwrap_err();
        let ids: Vec<_> = expect.iter().map(|slug| format!("all/{slug}")).collect();
        assert_eq!(unknown.close, ids, "{name}");
    }
    assert_eq!(catalog.provider_like("grok"), Some("groq"));
}
