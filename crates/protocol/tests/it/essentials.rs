//! What a request is not put in another dialect's words without: every member of the list, at every provider that has no
//! word for it, is a refusal that names it; the same member saying nothing is none.

use crate::fixtures;
use protocol::dialect::{
    DIALECTS, Dialect, ESSENTIALS, Essential, Given, ai_sdk, anthropic, bedrock, check_essentials,
    find, gemini, merge, of_providers, openai_chat, openai_responses,
};
use protocol::ir::Malformed;
use serde_json::{Value, json};

/// What becomes of a client's request at a provider of another dialect: `None` if it is sent.
fn refused(client: &Dialect, body: &Value, to: &Dialect) -> Option<Malformed> {
    let body = serde_json::to_vec(body).unwrap();
    let request = client.chat.client.unwrap().decode_request(&body).unwrap();
    check_essentials(client, &request, to.id).err()
}

/// A dialect's plain question with one member more, at a path of names.
fn with(client: &Dialect, path: &str, value: &Value) -> Value {
    let body = fixtures::one(client, "text", "request.json").unwrap();
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    let mut at = &mut body;
    for name in path.split('.') {
        at = &mut at[name];
    }
    *at = value.clone();
    body
}

/// Values that count, and values that do not.
fn values(of: &Essential) -> (Vec<Value>, Vec<Value>) {
    let word = of.fields[0].ends_with("responseMimeType");
    let nothing = vec![json!(null)];
    match of.given {
        Given::Filled if word => (vec![json!("text/x.enum")], nothing),
        Given::Filled => (
            vec![json!({"id": "a"}), json!("a"), json!([{"a": 1}])],
            vec![json!(null), json!({}), json!([]), json!("")],
        ),
        Given::AtAll => (vec![json!({}), json!({"size": "low"})], nothing),
        Given::WithoutText => (
            vec![json!(["AUDIO"]), json!(["image", "audio"])],
            vec![
                json!(null),
                json!([]),
                json!(["TEXT", "IMAGE"]),
                json!(["text"]),
            ],
        ),
    }
}

#[test]
fn what_counts_is_refused_by_name_wherever_it_has_no_word() {
    for essential in ESSENTIALS {
        let client = find(essential.dialect.as_str()).unwrap();
        let (counts, says_nothing) = values(essential);
        for path in essential.fields {
            let path = path.replace('*', "vendor");
            for provider in of_providers().filter(|it| it.chat.provider.is_some()) {
                for value in &counts {
                    let body = with(client, &path, value);
                    let wrong = refused(client, &body, provider);
                    let field = wrong.as_ref().and_then(|wrong| wrong.field.clone());
                    let expect = (provider.id != client.id).then(|| path.clone());
                    assert_eq!(field, expect, "{} {path} {value}: {wrong:?}", provider.id);
                }
                for value in &says_nothing {
                    let body = with(client, &path, value);
                    let wrong = refused(client, &body, provider);
                    assert_eq!(wrong, None, "{} {path} {value}", provider.id);
                }
            }
        }
    }
}

/// Checks at every other dialect's providers; an empty expectation is a request that is sent.
fn check(client: &'static Dialect, more: &[(&str, Value)], expect: &str) {
    let body = fixtures::one(client, "text", "request.json").unwrap();
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    for (name, value) in more {
        body[*name] = value.clone();
    }
    let others = DIALECTS.iter().filter(|it| it.chat.provider.is_some());
    for provider in others.filter(|it| it.id != client.id) {
        let told = refused(client, &body, provider).map(|wrong| wrong.to_string());
        let told = told.unwrap_or_default();
        assert_eq!(told, expect, "{} to {}: {body}", client.id, provider.id);
    }
}

/// A tool that the provider runs is left out beside functions of the client's, which an agent declares it with, and
/// refused where it is all that there is to call.
#[test]
fn tools_of_the_providers_own_are_refused_where_they_are_alone() {
    let own = json!({"type": "web_search"});
    let function = json!({"type": "function", "name": "f", "parameters": {"type": "object"}});
    let told = |spoken: &str| {
        format!("tools[0]: is a tool that the provider must know by itself, which {spoken}")
    };
    let spoken = |dialect: &str| told(&format!("only providers that speak {dialect} can be told"));
    let responses = &openai_responses::DIALECT;
    check(responses, &[("tools", json!([own, function]))], "");
    check(
        responses,
        &[("tools", json!([own]))],
        &spoken("openai_responses"),
    );
    let search = json!({"type": "web_search_20250305", "name": "web_search"});
    let named = json!({"name": "f", "input_schema": {"type": "object"}});
    let messages = &anthropic::DIALECT;
    check(messages, &[("tools", json!([search, named]))], "");
    check(
        messages,
        &[("tools", json!([search]))],
        &spoken("anthropic"),
    );
    let google = json!({"googleSearch": {}});
    let declared = json!({"functionDeclarations": [{"name": "f"}]});
    check(
        &gemini::DIALECT,
        &[("tools", json!([google, declared]))],
        "",
    );
    check(
        &gemini::DIALECT,
        &[("tools", json!([google]))],
        &spoken("gemini"),
    );
    check(&gemini::DIALECT, &[("tools", json!([{}]))], "");
    let grounding = json!({"systemTool": {"name": "nova_grounding"}});
    let config = json!({"tools": [grounding]});
    let expect = spoken("bedrock").replace("tools", "toolConfig.tools");
    check(&bedrock::DIALECT, &[("toolConfig", config)], &expect);
    check(&merge::DIALECT, &[("tools", json!([own, function]))], "");
    check(
        &merge::DIALECT,
        &[("tools", json!([own]))],
        &told("no provider can be told"),
    );
    let provided = json!({"type": "provider", "id": "openai.web_search", "name": "w", "args": {}});
    check(
        &ai_sdk::DIALECT,
        &[("tools", json!([provided]))],
        &told("no provider can be told"),
    );
}

/// A forced tool that nobody declares was dropped, as a loss, and the answer was text.
#[test]
fn a_choice_of_what_is_not_declared_is_refused() {
    let unknown = "names `g`, which is no function that the tools declare";
    let nothing = "demands that a tool is called, but the tools declare no function";
    let chat = &openai_chat::DIALECT;
    let f = json!([{"type": "function", "function": {"name": "f"}}]);
    let named = |name: &str| json!({"type": "function", "function": {"name": name}});
    let among = |names: &[&str]| {
        let tools: Vec<Value> = names.iter().map(|name| named(name)).collect();
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": tools}})
    };
    check(
        chat,
        &[("tools", f.clone()), ("tool_choice", named("f"))],
        "",
    );
    check(
        chat,
        &[("tools", f.clone()), ("tool_choice", named("g"))],
        &format!("tool_choice: {unknown}"),
    );
    check(
        chat,
        &[("tool_choice", named("g"))],
        &format!("tool_choice: {unknown}"),
    );
    check(
        chat,
        &[("tool_choice", json!("required"))],
        &format!("tool_choice: {nothing}"),
    );
    check(chat, &[("tool_choice", json!("auto"))], "");
    check(
        chat,
        &[("tools", f.clone()), ("tool_choice", among(&["f"]))],
        "",
    );
    check(
        chat,
        &[("tools", f), ("tool_choice", among(&["f", "g"]))],
        &format!("tool_choice.allowed_tools: {unknown}"),
    );
    let f = json!([{"name": "f", "input_schema": {"type": "object"}}]);
    let choice = json!({"type": "tool", "name": "g"});
    check(
        &anthropic::DIALECT,
        &[("tools", f), ("tool_choice", choice)],
        &format!("tool_choice: {unknown}"),
    );
    let spec = json!({"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}});
    check(
        &bedrock::DIALECT,
        &[(
            "toolConfig",
            json!({"tools": [spec], "toolChoice": {"tool": {"name": "g"}}}),
        )],
        &format!("toolConfig.toolChoice: {unknown}"),
    );
    let declared = json!([{"functionDeclarations": [{"name": "f"}]}]);
    let calling = |names: &[&str]| json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": names}});
    let at = "toolConfig.functionCallingConfig";
    check(
        &gemini::DIALECT,
        &[("tools", declared.clone()), ("toolConfig", calling(&["g"]))],
        &format!("{at}: {unknown}"),
    );
    check(
        &gemini::DIALECT,
        &[("tools", declared), ("toolConfig", calling(&["f", "g"]))],
        &format!("{at}.allowedFunctionNames: {unknown}"),
    );
    check(
        &merge::DIALECT,
        &[("tool_choice", json!("required"))],
        &format!("tool_choice: {nothing}"),
    );
    let choice = json!({"type": "tool", "toolName": "g"});
    check(
        &ai_sdk::DIALECT,
        &[("toolChoice", choice)],
        &format!("toolChoice: {unknown}"),
    );
    let own = json!({"type": "web_search"});
    let f = json!({"type": "function", "name": "f", "parameters": {"type": "object"}});
    check(
        &openai_responses::DIALECT,
        &[("tools", json!([own, f])), ("tool_choice", own)],
        "tool_choice: makes a choice among the provider's own tools, which only providers that speak openai_responses \
         can be told",
    );
}

/// An empty id went to the provider, whose complaint named a field of its own; a turn's role left out made a user call tools.
#[test]
fn calls_are_the_models_and_have_ids() {
    let call = |id: &str| json!({"type": "tool_use", "id": id, "name": "f", "input": {}});
    let turns = |role: &str, id: &str| {
        json!([{"role": "user", "content": "Hi"}, {"role": role, "content": [call(id)]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "1"}]}])
    };
    let messages = |role: &str, id: &str, expect: &str| {
        check(
            &anthropic::DIALECT,
            &[("messages", turns(role, id))],
            expect,
        );
    };
    messages("assistant", "t1", "");
    messages(
        "assistant",
        "",
        "messages[1].content[0]: is a call without an id, by which its result names it",
    );
    messages(
        "user",
        "t1",
        "messages[1].content[0]: is a call of a tool, which only the model's own turns hold",
    );
    let contents = json!([{"role": "user", "parts": [{"text": "Hi"}]}, {"parts": [{"functionCall": {"name": "f"}}]}]);
    check(
        &gemini::DIALECT,
        &[("contents", contents)],
        "contents[1].parts[0]: is a call of a tool, which only the model's own turns hold",
    );
}

/// These were sent as they came, where they are refused in words that mean nothing to the client, or left out unnamed.
#[test]
fn what_is_no_object_or_not_known_is_named() {
    let chat = &openai_chat::DIALECT;
    let format = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "new": 1}});
    let body = with(chat, "response_format", &format);
    let body = serde_json::to_vec(&body).unwrap();
    let request = chat.chat.client.unwrap().decode_request(&body).unwrap();
    let encoded = anthropic::DIALECT
        .chat
        .provider
        .unwrap()
        .encode_request(&request)
        .unwrap();
    let lost: Vec<&str> = encoded.losses.iter().map(|loss| &*loss.field).collect();
    assert!(
        lost.contains(&"response_format.json_schema.new"),
        "{lost:?}"
    );
    let again = chat
        .chat
        .provider
        .unwrap()
        .encode_request(&request)
        .unwrap();
    let again: Value = serde_json::from_slice(&again.body).unwrap();
    assert_eq!(again["response_format"], format);
    let wrong = |client: &Dialect, path: &str, value: Value, field: &str| {
        let body = serde_json::to_vec(&with(client, path, &value)).unwrap();
        let told = client
            .chat
            .client
            .unwrap()
            .decode_request(&body)
            .unwrap_err();
        assert_eq!(told.field.as_deref(), Some(field), "{told}");
    };
    for schema in ["responseSchema", "responseJsonSchema"] {
        let config = json!({"responseMimeType": "application/json", schema: ["a"]});
        let field = format!("generationConfig.{schema}");
        wrong(&gemini::DIALECT, "generationConfig", config, &field);
    }
    for schema in ["parameters", "parametersJsonSchema"] {
        let tools = json!([{"functionDeclarations": [{"name": "f", schema: true}]}]);
        let field = format!("tools[0].functionDeclarations[0].{schema}");
        wrong(&gemini::DIALECT, "tools", tools, &field);
    }
    let format = json!({"type": "json", "schema": "a"});
    wrong(
        &ai_sdk::DIALECT,
        "responseFormat",
        format,
        "responseFormat.schema",
    );
}
