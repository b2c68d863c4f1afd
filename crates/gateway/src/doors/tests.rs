//! Which path finds which door, and what is read from it.

use super::{Answer, DOORS, Found, Said, dialect_of, find, model_in};
use http::{HeaderMap, HeaderValue, Method};
use protocol::dialect::{Operation, gemini, openai_chat};

fn check(method: Method, path: &str, anthropic: bool, expect: &str) {
    let mut headers = HeaderMap::new();
    if anthropic {
        headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
    }
    let got = match find(&method, path, &headers) {
        Found::Door { door, rest } => format!(
            "{} {} {:?}",
            door.dialect.id,
            door.path,
            rest.unwrap_or_default()
        ),
        Found::WrongMethod { allowed } => format!("405 {}", allowed.join(", ")),
        Found::Nowhere { meant } => format!("404 {}", meant.unwrap_or("-")),
    };
    assert_eq!(got, expect, "{method} {path}");
}

#[test]
fn the_table_settles_what_collides() {
    check(
        Method::POST,
        "/v1/chat/completions",
        false,
        "openai_chat /v1/chat/completions \"\"",
    );
    check(
        Method::POST,
        "/v1/chat/completions/",
        false,
        "openai_chat /v1/chat/completions \"\"",
    );
    check(
        Method::POST,
        "/v1/responses",
        false,
        "openai_responses /v1/responses \"\"",
    );
    check(
        Method::POST,
        "/v1/messages",
        false,
        "anthropic /v1/messages \"\"",
    );
    check(
        Method::POST,
        "/anthropic/v1/messages",
        false,
        "anthropic /anthropic/v1/messages \"\"",
    );
    check(
        Method::GET,
        "/v1/models",
        false,
        "openai_chat /v1/models \"\"",
    );
    check(Method::GET, "/v1/models", true, "anthropic /v1/models \"\"");
    for base in ["", "/api"] {
        let find = |path: &str, door: &str, rest: &str| {
            let expect = format!("openai_chat {base}{door} {rest:?}");
            check(Method::GET, &format!("{base}{path}"), false, &expect);
        };
        find("/v1/models/count", "/v1/models/count", "");
        find("/v1/models/a/b:free", "/v1/models/{model}", "a/b:free");
        for path in ["/v1/models/a/b/endpoints", "/v1/models/a%2Fb/endpoints"] {
            let rest = path.replace("/v1/models/", "").replace("/endpoints", "");
            find(path, "/v1/models/{model}/endpoints", &rest);
        }
        find("/v1/model/a/b", "/v1/model/{model}", "a/b");
        find("/v1/providers", "/v1/providers", "");
    }
    check(
        Method::GET,
        "/merge/v1/models/a/b",
        false,
        "merge /merge/v1/models/{model} \"a/b\"",
    );
    check(
        Method::GET,
        "/v1/models/openai/gpt-4o",
        false,
        "openai_chat /v1/models/{model} \"openai/gpt-4o\"",
    );
    check(
        Method::GET,
        "/v1/models/openai%2Fgpt-4o",
        true,
        "anthropic /v1/models/{model} \"openai%2Fgpt-4o\"",
    );
    let bedrock = |path: &str, expect: &str| {
        for prefix in ["/bedrock", ""] {
            let expect = expect.replace("{}", prefix);
            check(Method::POST, &format!("{prefix}{path}"), false, &expect);
        }
    };
    bedrock(
        "/model/us.anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse",
        "bedrock {}/model/{model}/converse \"us.anthropic.claude-3-5-sonnet-20241022-v2%3A0\"",
    );
    bedrock(
        "/model/openai/gpt-4o-mini/converse-stream",
        "bedrock {}/model/{model}/converse-stream \"openai/gpt-4o-mini\"",
    );
    bedrock(
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x/converse",
        "bedrock {}/model/{model}/converse \"arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x\"",
    );
    check(Method::GET, "/model/x/converse", false, "405 POST");
    check(
        Method::POST,
        "/v4/ai/language-model",
        false,
        "ai_sdk /v4/ai/language-model \"\"",
    );
    check(
        Method::GET,
        "/v4/ai/config",
        false,
        "ai_sdk /v4/ai/config \"\"",
    );
    check(Method::GET, "/v4/ai/language-model", false, "405 POST");
    check(
        Method::POST,
        "/merge/v1/responses",
        false,
        "merge /merge/v1/responses \"\"",
    );
    let one = "/v1/responses/resp_1";
    for method in [Method::GET, Method::DELETE] {
        let expect = "openai_responses /v1/responses/{id} \"resp_1\"";
        check(method, one, false, expect);
    }
    check(Method::POST, one, false, "405 GET, DELETE");
    let input = "/v1/responses/resp_1/input_items";
    let expect = "openai_responses /v1/responses/{id}/input_items \"resp_1\"";
    check(Method::GET, input, false, expect);
    check(Method::DELETE, input, false, "405 GET");
    let cancel = "/v1/responses/resp_1/cancel";
    let expect = "openai_responses /v1/responses/{id}/cancel \"resp_1\"";
    check(Method::POST, cancel, false, expect);
    check(Method::GET, "/v1/responses/a/b", false, "404 -");
    check(Method::GET, "/v1/responses", false, "405 POST");
    check(Method::GET, "/v1/messages", false, "405 POST");
    check(Method::POST, "/v1/models", false, "405 GET");
}

#[test]
fn a_base_url_off_by_a_segment_is_told_the_right_path() {
    check(Method::POST, "/v1/v1/messages", false, "404 /v1/messages");
    check(
        Method::POST,
        "/v1/v1/chat/completions",
        false,
        "404 /v1/chat/completions",
    );
    check(
        Method::POST,
        "/chat/completions",
        false,
        "404 /v1/chat/completions",
    );
    check(
        Method::POST,
        "/anthropic/messages",
        true,
        "404 /anthropic/v1/messages",
    );
    check(
        Method::POST,
        "/openai/v1/embeddings",
        false,
        "404 /v1/embeddings",
    );
    check(
        Method::POST,
        "/bedrock/v1/model/x/converse-stream",
        false,
        "404 /bedrock/model/{model}/converse-stream",
    );
    check(Method::POST, "/model//converse", false, "404 -");
    check(Method::POST, "/responses", false, "404 /v1/responses");
    check(Method::POST, "/v1/v1/responses", false, "404 /v1/responses");
    for path in [
        "/language-model",
        "/v1/language-model",
        "/v4/language-model",
        "/v3/ai/language-model",
    ] {
        check(Method::POST, path, false, "404 /v4/ai/language-model");
    }
    check(Method::GET, "/v1/ai/config", false, "404 /v4/ai/config");
    check(Method::GET, "/config", false, "404 -");
    check(
        Method::POST,
        "/merge/responses",
        false,
        "404 /merge/v1/responses",
    );
    check(
        Method::POST,
        "/merge/v1/v1/responses",
        false,
        "404 /merge/v1/responses",
    );
    check(Method::POST, "/nothing", false, "404 -");
}

fn check_gemini(method: Method, path: &str, expect: &str) {
    let mut headers = HeaderMap::new();
    headers.insert("x-goog-api-key", HeaderValue::from_static("k"));
    let got = match find(&method, path, &headers) {
        Found::Door { door, rest } => {
            let stream = door.said == Said::Path { stream: true };
            let model = rest.map(|rest| model_in(door, &rest)).unwrap_or_default();
            format!("{} {stream} {model}", door.dialect.id)
        }
        Found::WrongMethod { allowed } => format!("405 {}", allowed.join(", ")),
        Found::Nowhere { meant } => format!("404 {}", meant.unwrap_or("-")),
    };
    assert_eq!(got, expect, "{method} {path}");
}

#[test]
fn a_gemini_path_names_model_and_verb() {
    for base in ["/v1beta", "/v1", "/gemini/v1beta", "/gemini/v1"] {
        for (model, expect) in [
            ("gemini-2.5-pro", "gemini-2.5-pro"),
            ("openai/gpt-4o-mini", "openai/gpt-4o-mini"),
            ("openai%2Fgpt-4o-mini", "openai/gpt-4o-mini"),
            ("models/gemini-2.5-pro", "gemini-2.5-pro"),
            ("qwen/qwen3:8b", "qwen/qwen3:8b"),
            ("a:generateContent", "a:generateContent"),
        ] {
            let path = format!("{base}/models/{model}");
            let whole = format!("{path}:generateContent");
            check_gemini(Method::POST, &whole, &format!("gemini false {expect}"));
            let stream = format!("{path}:streamGenerateContent");
            check_gemini(Method::POST, &stream, &format!("gemini true {expect}"));
        }
        check_gemini(Method::GET, &format!("{base}/models"), "gemini false ");
        check_gemini(
            Method::GET,
            &format!("{base}/models/openai/gpt-4o"),
            "gemini false openai/gpt-4o",
        );
    }
    check_gemini(
        Method::GET,
        "/v1beta/models/x:generateContent",
        "gemini false x:generateContent",
    );
    check_gemini(Method::POST, "/v1beta/models", "405 GET");
}

#[test]
fn a_vertex_path_names_an_author_too() {
    for base in ["/v1beta1", "/v1"] {
        for place in ["", "/projects/p-1/locations/eu"] {
            for (named, expect) in [
                ("google/models/gemini-2.5-pro", "gemini-2.5-pro"),
                ("openai/models/gpt-4o-mini", "openai/gpt-4o-mini"),
                ("google/models/openai%2Fgpt-4o-mini", "openai/gpt-4o-mini"),
            ] {
                let path = format!("{base}{place}/publishers/{named}:streamGenerateContent");
                check_gemini(Method::POST, &path, &format!("gemini true {expect}"));
            }
        }
        let path = format!("{base}/projects/p/publishers/google/models/x:generateContent");
        check_gemini(
            Method::POST,
            &path,
            "404 /v1beta/models/{model}:generateContent",
        );
    }
}

#[test]
fn a_verb_below_the_wrong_base_is_told_the_right_path() {
    for (path, expect) in [
        (
            "/v1/v1beta/models/x:generateContent",
            "/v1beta/models/{model}:generateContent",
        ),
        (
            "/models/x:streamGenerateContent",
            "/v1beta/models/{model}:streamGenerateContent",
        ),
        (
            "/gemini/models/x:generateContent",
            "/gemini/v1beta/models/{model}:generateContent",
        ),
    ] {
        check_gemini(Method::POST, path, &format!("404 {expect}"));
    }
    let headers = HeaderMap::new();
    let complains = |path: &str| dialect_of(path, &headers).id;
    assert_eq!(complains("/v1beta/nothing"), gemini::ID);
    assert_eq!(complains("/x:streamGenerateContent"), gemini::ID);
    assert_eq!(complains("/v1/nothing"), openai_chat::ID);
}

#[test]
fn every_exchange_has_a_client_codec() {
    for door in DOORS {
        let present = match door.answer {
            Answer::Exchange(Operation::Chat) => door.dialect.chat.client.is_some(),
            Answer::Exchange(Operation::Embed) => door.dialect.embed.client.is_some(),
            Answer::Catalogue(_) | Answer::Kept(_) => true,
        };
        assert!(present, "{}", door.name());
    }
}

/// A base URL with a segment too many once met a kept response's path, and a wrong path of Merge's was sent to OpenAI's.
#[test]
fn a_wrong_path_is_never_sent_to_another_ecosystem() {
    let nowhere = |method, path: &str, meant: &str| {
        check(method, path, false, &format!("404 {meant}"));
    };
    nowhere(Method::POST, "/v1/responses/responses", "/v1/responses");
    nowhere(Method::GET, "/v1/responses/responses", "/v1/responses");
    nowhere(
        Method::POST,
        "/api/v1/chat/completions",
        "/v1/chat/completions",
    );
    nowhere(Method::POST, "/merge/v1/embeddings", "-");
    let invoke = "/bedrock/model/simulator%2Fecho/invoke";
    nowhere(Method::POST, invoke, "/bedrock/model/{model}/converse");
    check(
        Method::PUT,
        "/v1/responses/resp_1",
        false,
        "405 GET, DELETE",
    );
}
