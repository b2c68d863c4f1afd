//! Tools whose names a provider would refuse: asked for by aliases that it takes, and called by the client's own names, in
//! whole answers and in streams, at every dialect that restricts names.

use crate::fold::fold;
use crate::run;
use protocol::dialect::{DIALECTS, Dialect, NameRule, ToolAliases, anthropic, openai_chat};
use protocol::ir::{
    CallKind, Choice, Delta, Event, Opening, Part, PartKind, Request, Response, Start, StopReason,
    Tool, ToolCall, ToolChoice, Usage,
};
use protocol::relay::Relay;
use serde_json::json;
use std::collections::HashSet;

/// More than any dialect takes.
const LONG: &str = "get_the_weather_of_the_day_after_tomorrow_in_the_town_where_the_user_lives_or_if_that_is_not_known_in_the_capital_of_the_country_instead";

/// The dialects that restrict names, and how.
fn restricting() -> impl Iterator<Item = (&'static Dialect, &'static NameRule)> {
    DIALECTS.iter().filter_map(|dialect| {
        let rule = dialect.chat.provider?.tool_names()?;
        Some((*dialect, rule))
    })
}

/// A client of another dialect.
fn other(provider: &Dialect) -> &'static Dialect {
    match provider.id == anthropic::ID {
        true => &openai_chat::DIALECT,
        false => &anthropic::DIALECT,
    }
}

/// A request whose second tool was called before and must be called again.
fn asked() -> Request {
    let tools = ["fs/read", "fs.read", "fs read", "fs_read", "3d", LONG];
    let tools = tools.map(|name| json!({"type": "function", "function": {"name": name}}));
    let body = json!({
        "model": "m",
        "tools": tools,
        "tool_choice": {"type": "function", "function": {"name": "fs read"}},
        "messages": [
            {"role": "user", "content": "Read it."},
            {"role": "assistant", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "fs read", "arguments": "{}"}},
                {"id": "c2", "type": "function", "function": {"name": "fs:old", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "no"},
            {"role": "tool", "tool_call_id": "c2", "content": "no"},
        ],
    });
    let client = openai_chat::DIALECT.chat.client.unwrap();
    client
        .decode_request(&serde_json::to_vec(&body).unwrap())
        .unwrap()
}

fn declared(request: &Request) -> Vec<&str> {
    request.tools.iter().filter_map(Tool::name).collect()
}

fn called(request: &Request) -> Vec<&str> {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    calls(parts).collect()
}

#[test]
fn a_provider_is_asked_by_names_that_it_takes() {
    for (provider, rule) in restricting() {
        let mut request = asked();
        ToolAliases::give(rule, &mut request);
        let encoded = provider.chat.provider.unwrap().encode_request(&request);
        let body = encoded.unwrap().body;
        let reader = provider.chat.client.unwrap();
        let sent = reader.decode_request(&body).unwrap();
        let names = declared(&sent);
        assert_eq!(names.len(), 6, "{}: {names:?}", provider.id);
        let odd = names.iter().find(|name| !rule.takes(name));
        assert_eq!(odd, None, "{}", provider.id);
        assert_eq!(names[3], "fs_read", "{}", provider.id);
        let distinct: HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), 6, "{}: {names:?}", provider.id);
        let [again, old] = called(&sent)[..] else {
            panic!("{}: {sent:?}", provider.id);
        };
        assert_eq!(again, names[2], "{}", provider.id);
        assert!(rule.takes(old), "{}: {old}", provider.id);
        assert_eq!(
            sent.tool_choice,
            Some(ToolChoice::Named(again.to_owned())),
            "{}",
            provider.id
        );
    }
}

/// A call of the request's tool at that place, as the provider knows it.
fn call(request: &Request, at: usize) -> ToolCall {
    ToolCall {
        id: format!("call_{at}"),
        name: declared(request)[at].to_owned(),
        arguments: "{}".to_owned(),
        kind: CallKind::Function,
    }
}

#[test]
fn a_whole_answer_calls_tools_by_the_clients_names() {
    for (provider, rule) in restricting() {
        let mut request = asked();
        let aliases = ToolAliases::give(rule, &mut request);
        let parts = (0..6).map(|at| Part::new(PartKind::ToolCall(call(&request, at))));
        let answer = Response {
            choices: vec![Choice {
                parts: parts.collect(),
                stop: Some(StopReason::ToolCalls),
                ..Choice::default()
            }],
            ..Response::default()
        };
        let writer = provider.chat.client.unwrap();
        let body = writer.encode_response(&answer, &run::reply(), None).body;
        let mut read = provider
            .chat
            .provider
            .unwrap()
            .decode_response(&body)
            .unwrap();
        aliases.lift(&mut read);
        assert_eq!(names(&read), declared(&asked()), "{}", provider.id);
    }
}

#[test]
fn a_stream_calls_tools_by_the_clients_names() {
    for (provider, rule) in restricting() {
        let mut request = asked();
        let aliases = ToolAliases::give(rule, &mut request);
        let stream = stream(provider, &request);
        let client = other(provider);
        let mut relay = Relay::chat(client, provider, &run::reply())
            .unwrap()
            .lifting(aliases);
        let unpriced = |_: &Usage, _: Option<&str>| None;
        for piece in stream.chunks(7) {
            relay.push(piece, &unpriced).unwrap();
        }
        relay.finish(&unpriced).unwrap();
        let events = run::decode(client, &relay.take(), 64).unwrap();
        let told = fold(provider.id.as_str(), &events).response;
        assert_eq!(names(&told), declared(&asked()), "{}", provider.id);
    }
}

/// A provider's stream that calls each tool of a request.
fn stream(provider: &Dialect, request: &Request) -> Vec<u8> {
    let mut events = vec![Event::Start(Start::default())];
    for at in 0..6 {
        let ToolCall {
            id,
            name,
            arguments,
            kind,
        } = call(request, at);
        let (choice, index) = (0, u32::try_from(at).unwrap());
        let part = Opening::ToolCall { id, name, kind };
        let delta = Delta::Arguments(arguments);
        events.extend([
            Event::Open {
                choice,
                index,
                part,
            },
            Event::Delta {
                choice,
                index,
                delta,
            },
            Event::Close { choice, index },
        ]);
    }
    events.extend([
        Event::Stop {
            choice: 0,
            reason: StopReason::ToolCalls,
            sequence: None,
        },
        Event::Usage(Usage::default()),
        Event::End,
    ]);
    let mut encoder = provider.chat.client.unwrap().stream_encoder(&run::reply());
    let mut out = Vec::new();
    for event in &events {
        encoder.encode(event, None, &mut out);
    }
    out
}

fn names(response: &Response) -> Vec<&str> {
    let parts = response.choices.iter().flat_map(|choice| &choice.parts);
    calls(parts).collect()
}

fn calls<'p>(parts: impl Iterator<Item = &'p Part>) -> impl Iterator<Item = &'p str> {
    parts.filter_map(|part| match &part.kind {
        PartKind::ToolCall(call) => Some(call.name.as_str()),
        _ => None,
    })
}
