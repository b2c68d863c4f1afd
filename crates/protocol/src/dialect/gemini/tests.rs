//! Cases that need more than one file of the dialect: what clients write otherwise than the reference, and what models of
//! older generations get.

use super::{DIALECT, ID, request};
use crate::dialect::{anthropic, fields::Fields};
use crate::ir::{
    Effort, MediaSource, Message, PartKind, Reasoning, ReasoningRequest, ReasoningSummary, Request,
    Role, Sealed,
};
use serde_json::{Value, json};

fn decode(body: &Value) -> Request {
    request::decode(body.to_string().as_bytes()).unwrap()
}

/// What a provider gets, and what was lost.
fn encode(request: &Request) -> (Value, Vec<String>) {
    let encoded = request::encode(request).unwrap();
    let losses = encoded.losses.into_iter().map(|loss| loss.field);
    (
        serde_json::from_slice(&encoded.body).unwrap(),
        losses.collect(),
    )
}

fn of_model(message: &Message) -> Vec<&PartKind> {
    assert_eq!(message.role, Role::Assistant);
    message.parts.iter().map(|part| &part.kind).collect()
}

#[test]
fn every_field_has_two_names() {
    let snake = decode(&json!({
        "system_instruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"parts": [{"inline_data": {"mime_type": "image/png", "data": "iVBO"}}]},
            {"role": "model", "parts": [
                {"function_call": {"id": "a", "name": "f", "args": {"snake_case": 1}}, "thought_signature": "c2ln"}]},
            {"role": "function", "parts": [
                {"function_response": {"id": "a", "name": "f", "response": {"snake_case": {"b_c": 2}}}}]},
        ],
        "tools": [{"function_declarations": [{"name": "f", "parameters": {
            "type": "object", "properties": {"snake_case": {"type": "number", "any_of": []}}}}]}],
        "tool_config": {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["f"]}},
        "generation_config": {"max_output_tokens": 9, "top_k": 40.0,
            "thinking_config": {"include_thoughts": false, "thinking_budget": 100}},
    }));
    let camel = decode(&json!({
        "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "iVBO"}}]},
            {"role": "model", "parts": [
                {"functionCall": {"id": "a", "name": "f", "args": {"snake_case": 1}}, "thoughtSignature": "c2ln"}]},
            {"role": "user", "parts": [
                {"functionResponse": {"id": "a", "name": "f", "response": {"snake_case": {"b_c": 2}}}}]},
        ],
        "tools": [{"functionDeclarations": [{"name": "f", "parameters": {
            "type": "OBJECT", "properties": {"snake_case": {"type": "NUMBER", "anyOf": []}}}}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        "generationConfig": {"maxOutputTokens": 9, "topK": 40, "thinkingConfig": {"includeThoughts": false, "thinkingBudget": 100}},
    }));
    assert_eq!(snake, camel);
    assert_eq!(snake.extra.0, []);
}

/// Clients that never wrote `includeThoughts` heard that it was lost, and were refused for it where they demanded all.
#[test]
fn thoughts_that_nobody_spoke_of_are_no_wish_to_lose() {
    for (config, expect) in [
        (json!({"thinkingLevel": "HIGH"}), ReasoningSummary::Unasked),
        (
            json!({"includeThoughts": false, "thinkingBudget": 9}),
            ReasoningSummary::Omitted,
        ),
        (json!({"includeThoughts": true}), ReasoningSummary::Auto),
    ] {
        let request = decode(&json!({
            "contents": [{"parts": [{"text": "Hi."}]}],
            "generationConfig": {"thinkingConfig": config},
        }));
        let asked = request.reasoning.unwrap();
        assert_eq!(asked.summary, Some(expect), "{config}");
    }
}

/// As google-genai for Python writes bytes.
#[test]
fn base64_in_the_letters_of_addresses_is_told_in_the_usual_ones() {
    for (said, expect) in [("__-A", "//+A"), ("_w", "/w=="), ("iVBO", "iVBO")] {
        let request = decode(&json!({"contents": [
            {"parts": [{"inlineData": {"mimeType": "image/png", "data": said}}]},
        ]}));
        let PartKind::Image(media) = &request.messages[0].parts[0].kind else {
            panic!("{request:?}");
        };
        let MediaSource::Base64 { data, .. } = &media.source else {
            panic!("{media:?}");
        };
        assert_eq!(data, expect);
    }
}

#[test]
fn a_streamed_answer_comes_back_as_one_turn() {
    let proof = super::signature::write(&Sealed::new(anthropic::ID, "c2ln")).into_owned();
    let part = |part: Value| json!({"role": "model", "parts": [part]});
    let request = decode(&json!({"contents": [
        {"role": "user", "parts": [{"text": "Weather?"}]},
        part(json!({"text": "Let me ", "thought": true})),
        part(json!({"text": "look.", "thought": true})),
        part(json!({"text": "", "thought": true, "thoughtSignature": proof})),
        part(json!({"text": "I am "})),
        part(json!({"text": "looking."})),
        part(json!({"functionCall": {"id": "a", "name": "f"}, "thoughtSignature": "b3du"})),
        part(json!({"functionCall": {"id": "b", "name": "f"}})),
        part(json!({"text": ""})),
        {"role": "user", "parts": [{"functionResponse": {"id": "b", "name": "f", "response": {"output": "2"}}}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "a", "name": "f", "response": {"output": "1"}}}]},
    ]}));
    let said = of_model(&request.messages[1]);
    let whole = Reasoning {
        text: "Let me look.".into(),
        signature: Some(Sealed::new(anthropic::ID, "c2ln")),
        encrypted: None,
    };
    assert_eq!(said[0], &PartKind::Reasoning(whole));
    assert_eq!(said[1], &PartKind::Text("I am looking.".into()));
    let own = Reasoning {
        signature: Some(Sealed::new(ID, "b3du")),
        ..Reasoning::default()
    };
    assert_eq!(said[2], &PartKind::Reasoning(own));
    let (body, losses) = encode(&request);
    assert_eq!(losses, ["messages[1].content[0]"]);
    // The responses stand together, in the order of their calls.
    assert_eq!(
        body["contents"][2]["parts"],
        json!([
            {"functionResponse": {"id": "a", "name": "f", "response": {"output": "1"}}},
            {"functionResponse": {"id": "b", "name": "f", "response": {"output": "2"}}},
        ])
    );
    assert_eq!(body["contents"][1]["parts"][1]["thoughtSignature"], "b3du");
}

#[test]
fn thinking_is_said_as_each_generation_takes_it() {
    let check = |model: &str, asked: ReasoningRequest, expect: Value, lost: &[&str]| {
        let mut request = decode(&json!({"contents": [{"parts": [{"text": "Hi"}]}]}));
        request.model = model.into();
        request.reasoning = Some(asked);
        let (body, losses) = encode(&request);
        assert_eq!(
            body["generationConfig"]["thinkingConfig"], expect,
            "{model}"
        );
        assert_eq!(losses, lost, "{model}");
    };
    let effort = |effort| ReasoningRequest {
        effort: Some(effort),
        ..ReasoningRequest::default()
    };
    let on = |budget_tokens, adaptive| ReasoningRequest {
        budget_tokens,
        adaptive,
        enabled: Some(true),
        ..ReasoningRequest::default()
    };
    let off = ReasoningRequest {
        enabled: Some(false),
        ..ReasoningRequest::default()
    };
    let (older, pro, newer, newer_pro) = (
        "gemini-2.5-flash",
        "gemini-2.5-pro",
        "gemini-3.5-flash",
        "gemini-3-pro-preview",
    );
    let word = &["reasoning_effort"][..];
    // They do not think, and refuse to be told.
    let first = "gemini-2.0-flash";
    check(first, off.clone(), Value::Null, &[]);
    check(first, effort(Effort::None), Value::Null, &[]);
    check(first, effort(Effort::Low), Value::Null, word);
    check(
        older,
        effort(Effort::Max),
        json!({"thinkingBudget": 24_576}),
        word,
    );
    check(
        newer,
        effort(Effort::Low),
        json!({"thinkingLevel": "LOW"}),
        &[],
    );
    check(
        newer,
        effort(Effort::Max),
        json!({"thinkingLevel": "HIGH"}),
        word,
    );
    check(
        newer_pro,
        effort(Effort::Minimal),
        json!({"thinkingLevel": "LOW"}),
        word,
    );
    check(
        newer,
        effort(Effort::None),
        json!({"thinkingLevel": "MINIMAL"}),
        word,
    );
    check(older, off.clone(), json!({"thinkingBudget": 0}), &[]);
    check(
        pro,
        off.clone(),
        json!({"thinkingBudget": 128}),
        &["reasoning"],
    );
    check(
        newer,
        off,
        json!({"thinkingLevel": "MINIMAL"}),
        &["reasoning"],
    );
    let shown = json!({"thinkingBudget": 24_576, "includeThoughts": true});
    check(
        older,
        on(Some(60_000), false),
        shown,
        &["thinking.budget_tokens"],
    );
    check(
        newer,
        on(Some(60_000), false),
        json!({"thinkingBudget": 60_000, "includeThoughts": true}),
        &[],
    );
    check(
        older,
        on(None, true),
        json!({"thinkingBudget": -1, "includeThoughts": true}),
        &[],
    );
    check(newer, on(None, true), json!({"includeThoughts": true}), &[]);
    let hidden = ReasoningRequest {
        summary: Some(ReasoningSummary::Omitted),
        ..on(Some(2048), false)
    };
    check(older, hidden, json!({"thinkingBudget": 2048}), &[]);
}

#[test]
fn older_models_get_neither_stand_ins_nor_images_inside_of_responses() {
    let mut request = decode(&json!({"contents": [
        {"parts": [{"text": "Map?"}]},
        {"role": "model", "parts": [{"functionCall": {"id": "a", "name": "map", "args": {}}}]},
        {"parts": [{"functionResponse": {"id": "a", "name": "map", "response": {"output": "Here:"},
            "parts": [{"inlineData": {"mimeType": "image/png", "data": "iVBO"}}]}}]},
    ]}));
    request.model = "gemini-2.5-flash".into();
    let (older, losses) = encode(&request);
    assert_eq!(losses, ["messages[2].content[0]"]);
    assert_eq!(
        older["contents"][1]["parts"][0].get("thoughtSignature"),
        None
    );
    assert_eq!(
        older["contents"][2]["parts"][1]["inlineData"]["data"],
        "iVBO"
    );
    request.model = "gemini-3.5-flash".into();
    let (newer, losses) = encode(&request);
    assert_eq!(losses, Vec::<String>::new());
    assert_eq!(
        newer["contents"][1]["parts"][0]["thoughtSignature"],
        "skip_thought_signature_validator"
    );
    assert_eq!(newer["contents"][2]["parts"].as_array().unwrap().len(), 1);
}

#[test]
fn a_model_stands_where_its_name_says() {
    let check = |model: &str, stream: bool, expect: &str| {
        assert_eq!(DIALECT.chat.provider.unwrap().path(model, stream), expect);
    };
    check(
        "gemini-2.5-pro",
        false,
        "/models/gemini-2.5-pro:generateContent",
    );
    check(
        "gemini-2.5-pro",
        true,
        "/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
    );
    check("models/x", false, "/models/x:generateContent");
    check("tunedModels/x", false, "/tunedModels/x:generateContent");
    check(
        "publishers/meta/models/x",
        false,
        "/publishers/meta/models/x:generateContent",
    );
}

#[test]
fn wrong_requests_name_the_field() {
    let check = |body: Value, expect: &str| {
        let bad = request::decode(body.to_string().as_bytes()).unwrap_err();
        assert_eq!(bad.to_string(), expect);
    };
    check(json!({}), "contents: is required");
    check(
        json!({"contents": "Hi"}),
        "contents: must be a list of contents, but is a string",
    );
    check(
        json!({"contents": [{"role": "assistant", "parts": []}]}),
        "contents[0].role: must be `user` or `model`, but is `assistant`",
    );
    check(
        json!({"contents": [{"parts": [{"text": "x"}]}], "generation_config": {"max_output_tokens": "9"}}),
        "generationConfig.maxOutputTokens: must be a whole number of 0 or more, but is a string",
    );
    check(
        json!({"contents": [{"parts": [{"inline_data": {"data": "x"}}]}]}),
        "contents[0].parts[0].inlineData.mimeType: is required",
    );
    check(
        json!({"contents": [{"parts": [{"text": "x"}]}], "generationConfig": {"thinkingConfig": {"thinkingBudget": -7}}}),
        "generationConfig.thinkingConfig.thinkingBudget: must be -1 or more, but is -7",
    );
    assert!(Fields::body(b"[]").is_err());
}

#[test]
fn an_answer_without_a_candidate_is_none_unless_the_prompt_was_refused() {
    let read = |body: Value| {
        let body = body.to_string();
        let codec = DIALECT.chat.provider.unwrap();
        let whole = codec.decode_response(body.as_bytes()).is_ok();
        assert_eq!(codec.read_whole(body.as_bytes()).is_ok(), whole, "{body}");
        whole
    };
    let counts = json!({"promptTokenCount": 3, "totalTokenCount": 3});
    assert!(!read(json!({"usageMetadata": counts})));
    assert!(!read(json!({"candidates": [], "usageMetadata": counts})));
    assert!(read(
        json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": counts})
    ));
    assert!(read(json!({"candidates": [{"finishReason": "STOP"}]})));
}
