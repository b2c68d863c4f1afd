//! No model stands in the catalogue twice: spellings, versions, regions and free offerings of one are one.

use super::seed;
use std::collections::{BTreeMap, BTreeSet};

/// Endings that say how, where or in which build a model is served, not which it is.
const ENDINGS: [&str; 20] = [
    "-v1",
    "-v1.0",
    "-v1.1",
    "-v0.1",
    "-free",
    "-us",
    "-eu",
    "-global",
    "-cn",
    "-instruct",
    "-chat",
    "-it",
    "-preview",
    "-hf",
    "-maas",
    "-tee",
    "-fp8",
    "-bf16",
    "-001",
    "-latest",
];

/// What differs in such an ending alone and is two models, and why.
const APART: [(&str, &[&str]); 6] = [
    (
        "the first of a family, and whichever is its newest",
        &["google/gemini-pro-latest"],
    ),
    (
        "the author serves the preview and what came of it side by side, or did, and they differ",
        &[
            "baidu/ernie-x1-32k-preview",
            "google/gemini-2.5-flash-image-preview",
            "google/gemini-2.5-flash-preview",
            "google/gemini-2.5-pro-preview",
            "google/gemini-3-pro-image-preview",
            "google/gemini-3.1-flash-image-preview",
            "google/gemini-3.1-flash-lite-preview",
            "google/gemini-3.5-transcribe-live-preview",
            "google/gemini-3.5-transcribe-preview",
            "google/gemini-embedding-2-preview",
            "google/gemini-omni-1.1-flash-preview",
            "google/veo-3.1-fast-generate-preview",
            "google/veo-3.1-generate-preview",
            "openai/gpt-4-turbo-preview",
            "openai/gpt-5.5-cyber-preview",
            "openai/o1-preview",
            "qwen/qwen3-max-preview",
            "qwen/qwq-32b-preview",
            "tencent/hy3-preview",
            "tencent/hy4-preview",
            "x-ai/grok-imagine-video-1.5-preview",
        ],
    ),
    (
        "a base model beside one that was taught to chat or to follow instructions",
        &[
            "01-ai/yi-34b-chat",
            "mistralai/mistral-7b-v0.1",
            "mistralai/mixtral-8x7b-v0.1",
            "qwen/qwen1.5-72b-chat",
            "togethercomputer/redpajama-incite-7b-instruct",
            "voyage/voyage-large-2-instruct",
        ],
    ),
    (
        "OpenAI's: the one that answers in ChatGPT, and another for completions",
        &[
            "openai/gpt-3.5-turbo-instruct",
            "openai/gpt-5-chat",
            "openai/gpt-5.1-chat",
            "openai/gpt-5.2-chat",
        ],
    ),
    (
        "a name without a version, which means what its seller means by it",
        &["mistralai/mistral-7b-instruct"],
    ),
    ("another version", &["thedrummer/anubis-70b-v1.1"]),
];

#[test]
fn no_model_stands_there_twice() {
    let apart: Vec<&str> = APART
        .iter()
        .flat_map(|(why, ids)| {
            assert!(!why.is_empty());
            ids.iter().copied()
        })
        .collect();
    let mut met: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (_, model) in seed().models() {
        met.entry(bare(&model.id)).or_default().push(&model.id);
    }
    let mut twice = Vec::new();
    let mut used = Vec::new();
    for ids in met.values().filter(|ids| ids.len() > 1) {
        let (listed, others): (Vec<&str>, Vec<&str>) =
            ids.iter().partition(|id| apart.contains(id));
        used.extend(listed);
        if others.len() > 1 {
            twice.push(others);
        }
    }
    assert!(
        twice.is_empty(),
        "one model each, or say why not: {twice:?}"
    );
    let idle: Vec<&&str> = apart.iter().filter(|id| !used.contains(id)).collect();
    assert!(idle.is_empty(), "listed, and like no other: {idle:?}");
}

#[test]
fn no_provider_serves_a_name_twice() {
    let mut names = BTreeSet::new();
    for (_, offering) in seed().offerings() {
        let provider = &seed().provider(offering.provider).id;
        let is_new = names.insert((provider, offering.wire_id.to_lowercase()));
        assert!(is_new, "{provider} {}", offering.wire_id);
    }
}

#[test]
fn ids_that_differ_in_spelling_alone_meet() {
    for (one, other) in [
        ("amazon/nova-lite-v1", "amazon/nova-lite"),
        (
            "meta-llama/llama3-2-11b-instruct",
            "meta-llama/llama-3.2-11b",
        ),
        ("cohere/embed-v-4-0", "cohere/embed-v4.0"),
        ("openai/gpt-4o-20240806", "openai/gpt-4o-2024-08-06"),
        ("google/gemini-3-flash", "google/gemini-3-flash-preview"),
        ("z-ai/glm-4.7-free", "z-ai/glm-4.7"),
        ("z-ai/glm-5.3-us", "z-ai/glm-5.3"),
    ] {
        assert_eq!(bare(one), bare(other));
    }
    assert_ne!(bare("openai/gpt-4o-2024-08-06"), bare("openai/gpt-4o"));
    assert_ne!(bare("qwen/qwen3-4b"), bare("qwen/qwen3-14b"));
}

/// An id without what does not tell models apart.
fn bare(id: &str) -> String {
    let (author, mut slug) = id.split_once('/').unwrap();
    while let Some(rest) = ENDINGS
        .iter()
        .find_map(|ending| slug.strip_suffix(ending).filter(|rest| !rest.is_empty()))
    {
        slug = rest;
    }
    let mut out = format!("{author}/");
    for word in slug.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '+') {
        let is_version = |rest: &&str| !rest.starts_with(|first: char| first.is_ascii_alphabetic());
        out.push_str(word.strip_prefix('v').filter(is_version).unwrap_or(word));
    }
    out
}
