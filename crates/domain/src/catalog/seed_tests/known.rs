//! Facts of the catalogue that were wrong once: which name is which model, whose it is, what it does, when it came out.

use super::seed;
use crate::catalog::{Model, Offering};
use crate::money::PerMillion;
use protocol::dialect::Operation;

fn model(name: &str) -> &'static Model {
    let found = seed()
        .resolve(name)
        .unwrap_or_else(|error| panic!("{error}"));
    seed().model(found.model)
}

fn offerings(id: &str) -> impl Iterator<Item = &'static Offering> {
    model(id).offerings.iter().map(|idx| seed().offering(*idx))
}

fn offering(id: &str, provider: &str, wire_id: &str) -> &'static Offering {
    let mut all = offerings(id);
    all.find(|one| seed().provider(one.provider).id == provider && one.wire_id == wire_id)
        .unwrap_or_else(|| panic!("{id} at {provider} as {wire_id}"))
}

/// What providers, people and lists call a model.
#[test]
fn names_mean_the_model_they_are_of() {
    for (name, id) in [
        // Bedrock leaves out the family, and adds versions of its own.
        ("DeepSeek V3", "deepseek/deepseek-v3"),
        ("DeepSeek V3.1", "deepseek/deepseek-v3.1"),
        ("DeepSeek V3.2", "deepseek/deepseek-v3.2"),
        ("DeepSeek R1", "deepseek/deepseek-r1"),
        ("bedrock/deepseek.r1-v1:0", "deepseek/deepseek-r1"),
        ("bedrock/deepseek.v3-v1:0", "deepseek/deepseek-v3.1"),
        ("bedrock/deepseek.v3.2", "deepseek/deepseek-v3.2"),
        ("bedrock/openai.gpt-oss-120b-1:0", "openai/gpt-oss-120b"),
        ("bedrock/openai.gpt-oss-20b-1:0", "openai/gpt-oss-20b"),
        (
            "bedrock/nvidia.nemotron-super-3-120b",
            "nvidia/nemotron-3-super-120b-a12b",
        ),
        ("Nemotron 3 Super", "nvidia/nemotron-3-super-120b-a12b"),
        (
            "bedrock/mistral.mistral-7b-instruct-v0:2",
            "mistralai/mistral-7b-instruct-v0.2",
        ),
        (
            "bedrock/mistral.mixtral-8x7b-instruct-v0:1",
            "mistralai/mixtral-8x7b-instruct",
        ),
        ("bedrock/anthropic.claude-v2:1", "anthropic/claude-2.1"),
        (
            "bedrock/meta.llama3-2-11b-instruct-v1:0",
            "meta-llama/llama-3.2-11b-vision-instruct",
        ),
        // What thinks is another model, where it has weights of its own.
        (
            "qwen3-235b-a22b-thinking-2507",
            "qwen/qwen3-235b-a22b-thinking-2507",
        ),
        ("qwen3-235b-a22b", "qwen/qwen3-235b-a22b"),
        (
            "qwen3-30b-a3b-thinking-2507",
            "qwen/qwen3-30b-a3b-thinking-2507",
        ),
        ("qwen3-max-thinking", "qwen/qwen3-max-thinking"),
        ("kimi-k2-thinking", "moonshotai/kimi-k2-thinking"),
        (
            "volcengine/kimi-k2-thinking-251104",
            "moonshotai/kimi-k2-thinking",
        ),
        ("kimi-k2", "moonshotai/kimi-k2"),
        ("kimi-k2-0711-preview", "moonshotai/kimi-k2"),
        (
            "longcat-flash-thinking-2601",
            "meituan/longcat-flash-thinking-2601",
        ),
        ("grok-code-fast-1", "x-ai/grok-code-fast-1"),
        ("grok-build-0.1", "x-ai/grok-build-0.1"),
        // What is only switched to think is not.
        (
            "nano-gpt/claude-opus-4-thinking:1024",
            "anthropic/claude-opus-4",
        ),
        (
            "302ai/claude-opus-4-1-20250805-thinking",
            "anthropic/claude-opus-4.1",
        ),
        ("302ai/deepseek-v3.2-thinking", "deepseek/deepseek-v3.2"),
        // One model under many names.
        ("amazon/nova-lite", "amazon/nova-lite-v1"),
        ("gpt-4o-20240806", "openai/gpt-4o-2024-08-06"),
        ("gemini-3-flash", "google/gemini-3-flash-preview"),
        ("claude-3-5-sonnet-20241022", "anthropic/claude-3.5-sonnet"),
        ("claude-3-5-sonnet-latest", "anthropic/claude-3.5-sonnet"),
        ("mistral-nemo-instruct-2407", "mistralai/mistral-nemo"),
        ("open-mixtral-8x7b", "mistralai/mixtral-8x7b-instruct"),
        ("cohere-embed-v3-english", "cohere/embed-english-v3.0"),
        (
            "azure/gpt-35-turbo-16k-0613",
            "openai/gpt-3.5-turbo-16k-0613",
        ),
        ("opencode/glm-4.7-free", "z-ai/glm-4.7"),
        ("fireworks/glm-5p3-us", "z-ai/glm-5.3"),
        // A name without a version means what its provider means by it.
        ("mistralai/mistral-large", "mistralai/mistral-large-2407"),
        ("azure/mistral-large-latest", "mistralai/mistral-large-2402"),
        ("azure-ai/mistral-large", "mistralai/mistral-large-2402"),
        (
            "llmgateway/mistral-large-latest",
            "mistralai/mistral-large-2512",
        ),
        ("mistral-large-latest", "mistralai/mistral-large-2512"),
        ("mistral/mistral-medium", "mistralai/mistral-medium-2604"),
        (
            "mistral/magistral-small-latest",
            "mistralai/mistral-small-2603",
        ),
        (
            "mistral/devstral-small-latest",
            "mistralai/devstral-small-2512",
        ),
        ("gemini-pro-latest", "google/gemini-pro-latest"),
        // A version with its own price is its own.
        ("gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"),
        ("gpt-4o", "openai/gpt-4o"),
    ] {
        assert_eq!(model(name).id, id, "{name}");
    }
}

#[test]
fn models_are_of_those_who_made_them() {
    for (name, author) in [
        ("rerank-2.5", "voyage"),
        ("rerank-2-lite", "voyage"),
        ("rerank-v3.5", "cohere"),
        ("google-vertex/search_api", "google"),
        ("snowflake/reka-core", "rekaai"),
        ("snowflake/reka-flash", "rekaai"),
    ] {
        assert_eq!(model(name).author, author, "{name}");
    }
    assert!(seed().resolve("z-ai/glm").is_err(), "a family is no model");
}

#[test]
fn what_does_not_chat_does_not_say_so() {
    for id in [
        "amazon/titan-embed-text-v2",
        "baai/bge-large-en-v1.5",
        "baai/bge-reranker-base",
        "baai/bge-small-en-v1.5",
        "google/gemini-2.5-pro-preview-tts",
        "google/lyria-3-pro-preview",
        "intfloat/e5-large-v2",
        "openai/gpt-realtime",
        "openai/omni-moderation-latest",
        "openai/whisper-1",
        "pfnet/plamo-embedding-1b",
        "qwen/qwen-omni-turbo-realtime",
        "qwen/qwen3-asr-flash",
        "sentence-transformers/all-mini-lm-l6-v2",
        "voyage/rerank-2.5",
        "x-ai/grok-imagine-image-pro",
    ] {
        for offering in offerings(id) {
            let chats = offering.operations.contains(&Operation::Chat);
            assert!(!chats, "{id} as {}", offering.wire_id);
        }
    }
    // Asked as one asks a model that chats, but for something else.
    for (id, does) in [
        ("deepseek/deepseek-ocr", "ocr"),
        ("meta-llama/llama-guard-4-12b", "moderate"),
        ("google/gemini-2.5-flash-image", "image"),
    ] {
        for offering in offerings(id) {
            assert!(offering.facts.elsewhere.contains(&does), "{id}");
            assert!(offering.operations.contains(&Operation::Chat), "{id}");
        }
    }
    // What makes no text and is not asked in a conversation is told by its name.
    let words = ["embed", "rerank", "whisper", "-tts", "-asr", "transcribe"];
    for (_, offering) in seed().offerings() {
        let id = &seed().model(offering.model).id;
        let chats = offering.operations.contains(&Operation::Chat);
        let named = words.iter().any(|word| id.contains(word));
        assert!(!(chats && named), "{id}");
    }
}

#[test]
fn days_of_release_are_those_of_the_announcement() {
    for (id, day) in [
        ("openai/gpt-4", "2023-03-14"),
        ("openai/o3-deep-research", "2025-06-26"),
        ("openai/gpt-4o-2024-05-13", "2024-05-13"),
        ("openai/gpt-oss-safeguard-20b", "2025-10-29"),
        ("x-ai/grok-3", "2025-02-17"),
        ("amazon/nova-2-lite-v1", "2025-12-02"),
        ("qwen/qwen3-235b-a22b", "2025-04-28"),
        ("meta-llama/llama-2-70b-chat", "2023-07-18"),
        // Known by the version that a price list names alone.
        ("z-ai/glm-5.3", "2026-08-16"),
        ("anthropic/claude-sonnet-5", "2026-06-30"),
    ] {
        let released = model(id).released.map(|day| day.to_string());
        assert_eq!(released.as_deref(), Some(day), "{id}");
    }
    let models = seed().models().count();
    let dated = seed()
        .models()
        .filter(|(_, model)| model.released.is_some());
    let dated = dated.count();
    assert!(dated * 100 >= models * 65, "{dated} of {models}");
}

#[test]
fn open_weights_are_said_to_be() {
    for (id, open) in [
        ("meta-llama/llama-3.3-70b-instruct", true),
        ("openai/gpt-oss-120b", true),
        ("openai/gpt-oss-safeguard-120b", true),
        ("openai/gpt-4o", false),
        ("qwen/qwen3-vl-32b-instruct", true),
        ("qwen/qwen3-max", false),
        ("mistralai/mistral-7b-instruct", true),
        ("mistralai/mixtral-8x7b-instruct", true),
        ("mistralai/codestral-2508", false),
        ("deepseek/deepseek-v3", true),
        ("deepseek/deepseek-r1-distill-qwen-14b", true),
        ("moonshotai/kimi-k2", true),
        ("z-ai/glm-4.6", true),
        ("z-ai/glm-5.1", true),
        ("google/gemma-2-9b-it", true),
        ("google/gemini-2.5-pro", false),
    ] {
        assert_eq!(model(id).facts.open_weights, Some(open), "{id}");
    }
    // Nobody has these closed.
    let open = [
        "meta-llama/llama-",
        "openai/gpt-oss",
        "deepseek/deepseek-",
        "google/gemma-",
    ];
    for (_, model) in seed().models() {
        if open.iter().any(|begin| model.id.starts_with(begin)) {
            assert_eq!(model.facts.open_weights, Some(true), "{}", model.id);
        }
    }
}

#[test]
fn models_are_called_as_people_call_them() {
    for (id, name) in [
        ("ai21/jamba-1-5-large", "Jamba 1.5 Large"),
        ("amazon/nova-lite-v1", "Nova Lite"),
        ("cohere/command-r", "Command R"),
        ("cohere/command-r-plus", "Command R+"),
        ("deepseek/deepseek-r1", "DeepSeek R1"),
        ("deepseek/deepseek-v3", "DeepSeek V3"),
        ("deepseek/deepseek-v3.1", "DeepSeek V3.1"),
        ("moonshotai/kimi-k2", "Kimi K2"),
        ("openai/gpt-3.5-turbo-16k-0613", "GPT-3.5 Turbo 16K 0613"),
        ("openai/o1", "o1"),
        ("mistralai/mixtral-8x7b-instruct", "Mixtral 8x7B Instruct"),
        ("x-ai/grok-4-fast", "Grok 4 Fast"),
    ] {
        assert_eq!(&*model(id).name, name);
    }
    let signed = [
        "Cohere ",
        "AI21 ",
        "OpenAI ",
        "Moonshot Kimi",
        "Nvidia ",
        "NVIDIA ",
        "The Drummer ",
        "GPT-35",
    ];
    for (_, model) in seed().models() {
        let odd = signed.iter().find(|begin| model.name.starts_with(**begin));
        assert_eq!(odd, None, "{}: {}", model.id, model.name);
        // `8X7B`, `Llama 3 1`, `E2b`.
        for word in model.name.split(' ') {
            let is_size =
                word.contains('X') && word.ends_with('B') && word.starts_with(char::is_numeric);
            assert!(!is_size, "{}: {}", model.id, model.name);
        }
    }
}

/// Input and output of a price now.
fn asks(offering: &Offering) -> Option<(PerMillion, PerMillion)> {
    let price = offering.price.as_ref()?;
    let rates = &price.periods().last()?.standard.base;
    Some((rates.input, rates.output))
}

#[test]
fn a_version_with_its_own_price_leaves_the_models_price_alone() {
    let prices: Vec<_> = offerings("openai/gpt-4o")
        .filter(|one| seed().provider(one.provider).id == "openai")
        .map(asks)
        .collect();
    let dated = asks(offering(
        "openai/gpt-4o-2024-05-13",
        "openai",
        "gpt-4o-2024-05-13",
    ));
    assert_eq!(prices.len(), 1);
    assert_ne!(prices[0], dated);
}

/// Four of them were one model, at 0.5 to 8 dollars.
#[test]
fn versions_of_mistral_large_are_models_of_their_own() {
    for (version, dearest) in [
        ("2402", "8"),
        ("2407", "3"),
        ("2411", "2.006"),
        ("2512", "1.2"),
    ] {
        let id = format!("mistralai/mistral-large-{version}");
        let asked = offerings(&id).filter_map(asks).map(|(input, _)| input);
        assert_eq!(asked.max(), dearest.parse().ok(), "{id}");
    }
}

#[test]
fn contexts_that_cannot_be_meant_are_left_out() {
    for (id, provider, wire_id) in [
        ("openai/gpt-5-nano", "snowflake", "openai-gpt-5-nano"),
        ("z-ai/glm-5", "mistral", "zai-glm-5"),
        (
            "anthropic/claude-opus-4.5",
            "gmicloud",
            "anthropic/claude-opus-4.5",
        ),
    ] {
        assert_eq!(offering(id, provider, wire_id).context, None, "{id}");
    }
    // Large, and meant: the weights can be had.
    let large = offering(
        "nvidia/nemotron-3.5-lightning-30b-a3b",
        "nebius",
        "nvidia/Nemotron-3_5-Lightning",
    );
    assert_eq!(large.context, Some(1_048_576));
}

/// Resellers wrote the whole context there, and the model was shown with it.
#[test]
fn no_claude_answers_at_more_length_than_its_author_lets_it() {
    for (id, most) in [
        ("anthropic/claude-sonnet-4.6", 128_000),
        ("anthropic/claude-haiku-4.5", 64_000),
    ] {
        let longest = offerings(id).filter_map(|one| one.max_output).max();
        assert_eq!(longest, Some(most), "{id}");
    }
}

#[test]
fn prices_that_cannot_be_meant_are_left_out() {
    for (id, provider, wire_id) in [
        ("core42/jais-30b-chat", "azure-ai", "jais-30b-chat"),
        ("openai/o3-pro", "nano-gpt", "openai/o3-pro-2025-06-10"),
        ("google/gemini-2.5-flash", "oci", "google.gemini-2.5-flash"),
        ("openai/gpt-5-nano", "snowflake", "openai-gpt-5-nano"),
        ("mistralai/mistral-nemo", "helicone", "mistral-nemo"),
        ("x-ai/grok-4-fast", "oci", "xai.grok-4-fast"),
        ("x-ai/grok-code-fast-1", "oci", "xai.grok-code-fast-1"),
        (
            "qwen/qwen3-235b-a22b-thinking-2507",
            "wandb",
            "Qwen/Qwen3-235B-A22B-Thinking-2507",
        ),
        (
            "cohere/embed-multilingual-light-v3.0",
            "cohere",
            "embed-multilingual-light-v3.0",
        ),
    ] {
        let one = offering(id, provider, wire_id);
        assert!(one.price.is_none(), "{id} at {provider}");
        assert!(!one.facts.unpriced.is_empty(), "{id} at {provider}");
    }
    // Cheap by a tenth and a third, and meant.
    for (id, provider, wire_id) in [
        ("openai/gpt-5-nano", "jiekou", "gpt-5-nano"),
        ("google/gemini-2.5-flash", "poe", "google/gemini-2.5-flash"),
    ] {
        assert!(offering(id, provider, wire_id).price.is_some(), "{id}");
    }
    // Dear, and meant.
    assert!(
        offering("deepseek/deepseek-v3.2", "sambanova", "DeepSeek-V3.2")
            .price
            .is_some()
    );
}

#[test]
fn o3_cost_five_times_as_much_before_its_price_was_cut() {
    let price = offering("openai/o3", "openai", "o3")
        .price
        .as_ref()
        .unwrap();
    let [before, since] = price.periods() else {
        panic!("{price:?}")
    };
    assert!(before.standard.base.input > since.standard.base.input);
    let cut: jiff::Timestamp = "2025-06-10T00:00:00Z".parse().unwrap();
    assert_eq!(since.from_ms, cut.as_millisecond());
}

#[test]
fn a_flexible_request_of_gemini_costs_half_in_large_ones_too() {
    for (provider, wire_id) in [
        ("google-ai-studio", "gemini-2.5-pro"),
        ("google-vertex", "gemini-2.5-pro"),
    ] {
        let one = offering("google/gemini-2.5-pro", provider, wire_id);
        let price = one.price.as_ref().unwrap();
        let period = price.periods().last().unwrap();
        let flex = period.flex.as_ref().unwrap();
        assert_eq!(
            flex.context_tiers.len(),
            period.standard.context_tiers.len(),
            "{provider}"
        );
        assert!(flex.context_tiers[0].rates.input < period.standard.context_tiers[0].rates.input);
    }
}

/// Gateways spell authors as they like, often as their provider is called: that binds to nobody. A provider's id in front of
/// what others made does.
#[test]
fn words_in_front_that_say_who_made_it_bind_to_no_provider() {
    let seed = seed();
    for (name, expect) in [
        ("xai/grok-4.3", ("x-ai", None)),
        ("x-ai/grok-4.3", ("x-ai", None)),
        ("mistral/mistral-large", ("mistralai", None)),
        ("mistral/codestral-2508", ("mistralai", None)),
        ("zai/glm-5.1", ("z-ai", None)),
        ("alibaba/qwen3-max", ("qwen", None)),
        ("gemini/gemini-2.5-pro", ("google", None)),
        ("openai/gpt-4o-mini", ("openai", None)),
        ("azure/gpt-4o-mini", ("openai", Some("azure"))),
        ("vertex/gemini-2.5-pro", ("google", Some("google-vertex"))),
        ("groq/openai/gpt-oss-120b", ("openai", Some("groq"))),
        (
            "bedrock/claude-sonnet-4.5",
            ("anthropic", Some("amazon-bedrock")),
        ),
    ] {
        let found = seed.resolve(name).unwrap();
        let provider = found.provider.map(|idx| seed.provider(idx).id.as_str());
        let author = seed.model(found.model).author.as_str();
        assert_eq!((author, provider), expect, "{name}");
    }
}

#[test]
fn what_people_try_first_has_close_names() {
    for (name, begin) in [
        ("codestral", "mistralai/codestral-"),
        ("mixtral", "mistralai/mixtral-8x"),
        ("gpt", "openai/gpt-"),
        ("claude", "anthropic/claude-"),
        ("qwen2.5-72b", "qwen/qwen"),
        ("qwen2.5-72b-instruct-turbo-awq", "qwen/qwen"),
        ("gpt-4o-minni", "openai/gpt-4o-mini"),
    ] {
        // Where a name has come to mean one model, nobody is asked.
        if let Err(unknown) = seed().resolve(name) {
            let likeliest = unknown.close.first().map_or("", String::as_str);
            assert!(likeliest.starts_with(begin), "{name}: {:?}", unknown.close);
        }
    }
}
