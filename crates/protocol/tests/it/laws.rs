//! The golden laws, over every fixture of every dialect. Those of streams that go through a relay, for every pair of
//! dialects, are the relay's own (`relay/matrix.rs`).

use crate::fixtures::{self, ErrorFixture, value};
use crate::fold::{fold, gist};
use crate::{diff, frames, readable, run};
use protocol::dialect::{DIALECTS, Dialect, FrameKind, Framing, Reply, controls, gemini};
use protocol::ir::{Event, Loss};
use protocol::splice::Document;
use protocol::sse::Framer;
use serde_json::Value;

/// Where decoding and encoding again may change a document of one dialect, and why. A path ends the search: what
/// stands below it may differ too.
struct Normalisation {
    dialect: &'static str,
    file: &'static str,
    path: &'static str,
    #[expect(dead_code, reason = "for people")]
    why: &'static str,
}

const fn may(
    dialect: &'static str,
    file: &'static str,
    path: &'static str,
    why: &'static str,
) -> Normalisation {
    Normalisation {
        dialect,
        file,
        path,
        why,
    }
}

const REQUEST: &str = "request.json";
const RESPONSE: &str = "response.json";

const NORMALISATIONS: &[Normalisation] = &[
    may(
        "anthropic",
        REQUEST,
        "output_",
        "output_format is the older name of output_config.format",
    ),
    may(
        "anthropic",
        REQUEST,
        "tools[].type",
        "custom is what a tool is anyway",
    ),
    may(
        "bedrock",
        REQUEST,
        "messages[].content[].toolResult.content",
        "a tool's JSON is read as text by the model",
    ),
    may(
        "bedrock",
        RESPONSE,
        "metrics",
        "how long it took is measured by the gateway",
    ),
    may(
        "openai_chat",
        REQUEST,
        "max_completion_tokens",
        "is the newer name of max_tokens",
    ),
    may("openai_chat", REQUEST, "max_tokens", "as above"),
    may(
        "openai_chat",
        REQUEST,
        "reasoning",
        "is said in words, as reasoning_effort",
    ),
    may(
        "openai_chat",
        RESPONSE,
        "choices[].message.content",
        "thoughts move from the parts to reasoning_content",
    ),
    may(
        "openai_chat",
        RESPONSE,
        "choices[].message.reasoning_content",
        "as above",
    ),
    may(
        "openai_responses",
        REQUEST,
        "tools[].strict",
        "is said, where it was left to the default",
    ),
    may(
        "gemini",
        REQUEST,
        "contents[].parts[].thoughtSignature",
        "the stand-in of a call whose signature is lost",
    ),
    may(
        "gemini",
        RESPONSE,
        "candidates[].finishReason",
        "several words say that a filter ended it",
    ),
    may(
        "gemini",
        RESPONSE,
        "candidates[].logprobsResult",
        "ids of tokens mean nothing elsewhere",
    ),
];

/// The dialects that clients speak and providers too.
fn two_sided() -> impl Iterator<Item = &'static Dialect> {
    let both = |it: &&&Dialect| it.chat.client.is_some() && it.chat.provider.is_some();
    DIALECTS.iter().filter(both).copied()
}

/// The dialects that clients speak.
fn clients() -> impl Iterator<Item = &'static Dialect> {
    DIALECTS
        .iter()
        .filter(|it| it.chat.client.is_some())
        .copied()
}

/// The dialects that providers speak.
fn providers() -> impl Iterator<Item = &'static Dialect> {
    DIALECTS
        .iter()
        .filter(|it| it.chat.provider.is_some())
        .copied()
}

/// What a dialect calls the object that holds token counts and our cost.
fn usage_of(dialect: &Dialect) -> &'static str {
    if dialect.id == gemini::ID {
        "usageMetadata"
    } else {
        "usage"
    }
}

fn assert_same(dialect: &Dialect, file: &str, case: &str, left: &Value, right: &Value) {
    let unlisted: Vec<String> = diff::paths(left, right)
        .into_iter()
        .filter(|path| !controls::is_control(path))
        .filter(|path| !is_listed(dialect, file, path))
        .collect();
    assert!(
        unlisted.is_empty(),
        "{}/{case}/{file}: {unlisted:?}\n{left}\n{right}",
        dialect.id
    );
}

fn is_listed(dialect: &Dialect, file: &str, path: &str) -> bool {
    NORMALISATIONS.iter().any(|may| {
        may.dialect == dialect.id.as_str() && may.file == file && path.starts_with(may.path)
    })
}

#[test]
fn requests_come_back_as_they_were() {
    for dialect in two_sided() {
        let (client, provider) = (dialect.chat.client.unwrap(), dialect.chat.provider.unwrap());
        for fixture in fixtures::all(dialect, "request.json") {
            let case = &fixture.case;
            let request = client.decode_request(&fixture.body).unwrap();
            let encoded = provider.encode_request(&request).unwrap();
            for loss in &encoded.losses {
                let listed = is_listed(dialect, REQUEST, &loss.field);
                assert!(listed, "{case}: {loss:?}");
            }
            let (was, is) = (value(case, &fixture.body), value(case, &encoded.body));
            assert_same(dialect, "request.json", case, &was, &is);
            // Nothing is lost that only encoding hides.
            let again = client.decode_request(&encoded.body).unwrap();
            let twice = provider.encode_request(&again).unwrap();
            assert_eq!(value(case, &twice.body), is, "{case}");
        }
    }
}

#[test]
fn outlines_agree_with_what_is_decoded() {
    for dialect in clients() {
        let client = dialect.chat.client.unwrap();
        for fixture in fixtures::all(dialect, "request.json") {
            let case = &fixture.case;
            let outline = client
                .outline(&Document::parse(&fixture.body).unwrap())
                .unwrap();
            let request = client.decode_request(&fixture.body).unwrap();
            assert_eq!(outline.model, request.model, "{case}");
            assert_eq!(outline.stream, request.stream, "{case}");
            assert_eq!(
                outline.max_output_tokens, request.max_output_tokens,
                "{case}"
            );
            assert_eq!(outline.needs.tools, !request.tools.is_empty(), "{case}");
        }
    }
}

#[test]
fn retargeting_touches_only_the_model_controls_and_usage() {
    for dialect in two_sided() {
        let client = dialect.chat.client.unwrap();
        for fixture in fixtures::all(dialect, "request.json") {
            let case = &fixture.case;
            let mut doc = Document::parse(&fixture.body).unwrap();
            let outline = client.outline(&doc).unwrap();
            dialect
                .chat_pass
                .unwrap()
                .retarget(&mut doc, &outline, "wire-model");
            let sent = value(case, &doc.apply());
            let mut expect = value(case, &fixture.body);
            let members = expect.as_object_mut().unwrap();
            // Some dialects name the model outside the body.
            if !outline.model.is_empty() {
                members.insert("model".into(), "wire-model".into());
            }
            for control in controls::CONTROLS {
                members.remove(*control);
            }
            for path in diff::paths(&expect, &sent) {
                assert!(path.starts_with("stream_options"), "{case}: {path}");
            }
        }
    }
}

#[test]
fn answers_come_back_as_they_were() {
    for dialect in two_sided() {
        let (client, provider) = (dialect.chat.client.unwrap(), dialect.chat.provider.unwrap());
        for fixture in fixtures::all(dialect, "response.json") {
            let case = &fixture.case;
            let response = provider.decode_response(&fixture.body).unwrap();
            let encoded = client.encode_response(&response, &run::reply(), None);
            assert_eq!(encoded.losses, [], "{case}");
            let (was, is) = (value(case, &fixture.body), value(case, &encoded.body));
            assert_same(dialect, "response.json", case, &was, &is);
            let priced = client.encode_response(&response, &run::reply(), Some("0.5"));
            assert_eq!(
                value(case, &priced.body)[usage_of(dialect)]["cost"],
                0.5,
                "{case}"
            );
        }
    }
}

#[test]
fn a_glance_at_an_answer_sees_what_decoding_sees() {
    for dialect in providers() {
        let provider = dialect.chat.provider.unwrap();
        for fixture in fixtures::all(dialect, "response.json") {
            let case = &fixture.case;
            let response = provider.decode_response(&fixture.body).unwrap();
            let seen = provider.read_whole(&fixture.body).unwrap();
            assert_eq!(seen.usage, response.usage, "{case}");
            assert_eq!(seen.service_tier, response.service_tier, "{case}");
            let span = seen.usage_span.unwrap();
            let stated = &value(case, &fixture.body)[usage_of(dialect)];
            assert_eq!(&value(case, &fixture.body[span]), stated, "{case}");
            let cut = &fixture.body[..fixture.body.len() * 2 / 3];
            assert!(provider.read_whole(cut).is_err(), "{case}");
            assert!(provider.decode_response(cut).is_err(), "{case}");
        }
        for bad in ["", "<html>", "[]", "{}", "null", "\"x\""] {
            assert!(provider.read_whole(bad.as_bytes()).is_err(), "{bad}");
            assert!(provider.decode_response(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}

#[test]
fn a_stream_is_the_same_however_it_is_cut() {
    for dialect in providers() {
        let tap = |stream: &[u8], chunk| {
            let passes = dialect.chat_pass.is_some();
            passes.then(|| run::tap(dialect, stream, chunk))
        };
        for fixture in fixtures::all(dialect, "stream.sse") {
            let (case, stream) = (&fixture.case, fixture.body.as_slice());
            let events = run::decode(dialect, stream, stream.len());
            let tapped = tap(stream, stream.len());
            for chunk in [1, 2, 7, 64] {
                assert_eq!(run::decode(dialect, stream, chunk), events, "{case}");
                assert_eq!(tap(stream, chunk), tapped, "{case}");
            }
        }
    }
}

#[test]
fn a_tap_sees_what_decoding_sees() {
    for dialect in two_sided() {
        for fixture in fixtures::all(dialect, "stream.sse") {
            let (case, stream) = (&fixture.case, fixture.body.as_slice());
            let events = run::decode(dialect, stream, 64).unwrap();
            let told = fold(case, &events);
            let tapped = run::tap(dialect, stream, 64).unwrap();
            assert_eq!(tapped.usage, told.response.usage, "{case}");
            assert_eq!(tapped.complete, told.ended, "{case}");
            let mut errors = tapped.kinds.iter().filter_map(|kind| match kind {
                FrameKind::Error(error) => Some(error),
                _ => None,
            });
            assert_eq!(errors.next_back(), told.error.as_ref(), "{case}");
            // What a model generates for its own dialect's tools is counted, and has no event.
            let unsaid = run::decoder(dialect, stream).unsaid_bytes();
            let said = text_bytes(&events);
            assert_eq!(tapped.text_bytes, said + unsaid, "{case}");
            let tier = run::decoder(dialect, stream);
            assert_eq!(tapped.tier.as_deref(), tier.service_tier(), "{case}");
        }
    }
}

fn text_bytes(events: &[Event]) -> u64 {
    use protocol::ir::Delta::{Arguments, Reasoning, Signature, Text};
    let each = events.iter().map(|event| match event {
        Event::Delta {
            delta: Text(text) | Reasoning(text) | Arguments(text),
            ..
        } => text.len(),
        Event::Delta {
            delta: Signature(_),
            ..
        } => 0,
        _ => 0,
    });
    each.sum::<usize>() as u64
}

#[test]
fn an_answer_is_the_same_whole_and_streamed() {
    for dialect in providers() {
        let provider = dialect.chat.provider.unwrap();
        for fixture in fixtures::all(dialect, "stream.sse") {
            let case = &fixture.case;
            let Some(body) = fixtures::one(dialect, case, "response.json") else {
                continue;
            };
            let events = run::decode(dialect, &fixture.body, 64).unwrap();
            let streamed = fold(case, &events).response;
            let whole = provider.decode_response(&body).unwrap();
            assert_eq!(streamed.usage, whole.usage, "{case}");
            assert_eq!(streamed.service_tier, whole.service_tier, "{case}");
            assert_eq!(streamed.choices.len(), whole.choices.len(), "{case}");
            for (a, b) in streamed.choices.iter().zip(&whole.choices) {
                assert_eq!(gist(a), gist(b), "{case}");
                assert_eq!(a.stop, b.stop, "{case}");
            }
        }
    }
}

#[test]
fn an_answer_loses_the_same_whole_and_streamed() {
    for provider in providers() {
        for fixture in fixtures::all(provider, "stream.sse") {
            let case = &fixture.case;
            let Some(body) = fixtures::one(provider, case, "response.json") else {
                continue;
            };
            // Cut arguments are no object, which some whole answers must hold; a stream's pieces are text.
            if case == "cut_call" {
                continue;
            }
            let whole = provider.chat.provider.unwrap().decode_response(&body);
            let whole = whole.unwrap();
            for client in clients().filter(|client| client.id != provider.id) {
                let reply = run::reply();
                let writer = client.chat.client.unwrap();
                let whole = writer.encode_response(&whole, &reply, None).losses;
                let streamed = run::relay(client, provider, &reply, &fixture.body, 64).losses;
                let sorted = |mut losses: Vec<Loss>| {
                    losses.sort_by(|a, b| a.field.cmp(&b.field));
                    losses
                };
                let (whole, mut streamed) = (sorted(whole), sorted(streamed));
                // What it proves is said by then.
                streamed.retain(|loss| loss.field != "content.thinking.signature");
                assert_eq!(streamed, whole, "{}/{case} to {}", provider.id, client.id);
            }
        }
    }
}

#[test]
fn a_stream_written_again_tells_the_same() {
    for dialect in two_sided() {
        for fixture in fixtures::all(dialect, "stream.sse") {
            let case = &fixture.case;
            let events = run::decode(dialect, &fixture.body, 64).unwrap();
            let told = fold(case, &events);
            let mut encoder = dialect.chat.client.unwrap().stream_encoder(&run::reply());
            let mut out = Vec::new();
            for event in &events {
                encoder.encode(event, None, &mut out);
            }
            let again = fold(case, &run::decode(dialect, &out, 64).unwrap());
            assert_eq!(again.ended, told.ended, "{case}");
            assert_eq!(
                again.error.map(|error| (error.kind, error.message)),
                told.error.map(|error| (error.kind, error.message)),
                "{case}"
            );
            let (a, b) = (&again.response, &told.response);
            if !b.choices.is_empty() {
                assert_eq!((&a.id, &a.model), (&b.id, &b.model), "{case}");
                assert_eq!(a.service_tier, b.service_tier, "{case}");
            }
            if told.ended {
                assert_eq!(a.usage, b.usage, "{case}");
            }
            assert_eq!(a.choices.len(), b.choices.len(), "{case}");
            for (a, b) in a.choices.iter().zip(&b.choices) {
                assert_eq!(gist(a), gist(b), "{case}");
                assert_eq!(
                    (&a.stop, &a.stop_sequence),
                    (&b.stop, &b.stop_sequence),
                    "{case}"
                );
            }
        }
    }
}

#[test]
fn the_cost_stands_in_a_stream_once() {
    for provider in providers() {
        for fixture in fixtures::all(provider, "stream.sse") {
            for client in clients() {
                let relayed = run::relay(client, provider, &run::reply(), &fixture.body, 64);
                let text = readable::to_text(client.framing, &relayed.out);
                let told = run::decode(provider, &fixture.body, 64).unwrap();
                let told = fold(&fixture.case, &told);
                let costs = text.matches("\"cost\":").count();
                let due = told.ended && told.response.usage.is_some();
                let case = format!("{} {}/{}", client.id, provider.id, fixture.case);
                assert!(
                    costs <= 1 && (costs == 1 || !due),
                    "{case}: {costs}\n{text}"
                );
            }
        }
    }
}

/// What may stand between two tokens of JSON.
const SPACES: &[&str] = &["\n", "\r\n\n\r\t "];

/// JSON with `space` between its tokens: behind what opens or divides, and before what closes.
fn aired(json: &str, space: &str) -> String {
    let (mut out, mut in_string, mut escaped) = (String::new(), false, false);
    for letter in json.chars() {
        let closes = matches!(letter, '}' | ']');
        out.push_str(if closes && !in_string { space } else { "" });
        out.push(letter);
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' | ',' | ':' if !in_string => out.push_str(space),
            _ => {}
        }
    }
    out
}

/// Streams of clients whose request was written over many lines were torn where an answer repeats the request.
#[test]
fn no_request_tears_a_frame() {
    let provider = DIALECTS.iter().find(|it| it.id.as_str() == "openai_chat");
    let provider = *provider.unwrap();
    let stream = fixtures::one(provider, "parallel_tools", "stream.sse").unwrap();
    for client in clients() {
        for fixture in fixtures::all(client, "request.json") {
            let compact = value(&fixture.case, &fixture.body).to_string();
            for space in SPACES {
                let reply = Reply {
                    asked: aired(&compact, space).into(),
                    ..run::reply()
                };
                let relayed = run::relay(client, provider, &reply, &stream, stream.len());
                let case = format!("{} {} {space:?}", client.id, fixture.case);
                frames::assert_whole(&case, client, client.framing, &relayed.out);
            }
        }
    }
}

/// Models write the arguments of their calls over many lines; where a dialect has an object for them, they tore the frame.
#[test]
fn no_arguments_tear_a_frame() {
    for provider in providers() {
        for fixture in fixtures::all(provider, "stream.sse") {
            let text = readable::to_text(provider.framing, &fixture.body);
            // The last is no JSON, and were an event of its own.
            for space in SPACES.iter().chain(&["\n\ndata: {}\n\n"]) {
                let stream = aired_stream(&text, space);
                let stream = readable::to_bytes(provider.framing, stream.as_bytes());
                for client in clients().filter(|client| client.id != provider.id) {
                    let case = format!("{} {} {space:?}", client.id, fixture.case);
                    // Gemini's clients may ask for an array.
                    let array = (client.id == gemini::ID).then_some(Framing::JsonArray);
                    for framing in [Some(client.framing), array].into_iter().flatten() {
                        let reply = Reply {
                            framing,
                            ..run::reply()
                        };
                        let whole = stream.len();
                        let relayed = run::relay(client, provider, &reply, &stream, whole);
                        frames::assert_whole(&case, client, framing, &relayed.out);
                    }
                }
            }
        }
    }
}

/// A stream with each event over many lines, and `space` between the tokens of the arguments in it, as far as a piece of
/// them begins with an object.
fn aired_stream(stream: &str, space: &str) -> String {
    let mut framer = Framer::default();
    let mut frames = framer.push(stream.as_bytes());
    let mut out = String::new();
    while let Some(frame) = frames.next().unwrap() {
        let Ok(mut data) = serde_json::from_slice::<Value>(&frame.data) else {
            out.push_str(std::str::from_utf8(frame.raw).unwrap());
            continue;
        };
        air_arguments(&mut data, space);
        let event = frame.event.map(|name| format!("event: {name}\n"));
        out.push_str(&event.unwrap_or_default());
        for line in aired(&data.to_string(), "\n").lines() {
            out.push_str(&format!("data: {line}\n"));
        }
        out.push('\n');
    }
    out
}

fn air_arguments(value: &mut Value, space: &str) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text)
                        if text.starts_with('{')
                            && ["arguments", "partial_json", "input"].contains(&key.as_str()) =>
                    {
                        *text = aired(text, space);
                    }
                    _ => air_arguments(member, space),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|it| air_arguments(it, space)),
        _ => {}
    }
}

#[test]
fn errors_are_told_apart() {
    for dialect in DIALECTS {
        for fixture in fixtures::all(dialect, "error.json") {
            let case = &fixture.case;
            let told: ErrorFixture = serde_json::from_slice(&fixture.body).unwrap();
            let body = serde_json::to_vec(&told.body).unwrap();
            let error = dialect.errors.decode(told.status, &body);
            if let Some(kind) = told.kind {
                assert_eq!(error.kind, kind, "{case}");
            }
            assert_eq!(
                Some(error.message.as_str()),
                told.body["error"]["message"]
                    .as_str()
                    .or(told.body["message"].as_str())
            );
            let (written, status) = (dialect.errors.encode(&error, "req_1"), error.kind.status());
            let read = dialect.errors.decode(status, &written);
            assert_eq!(
                (read.kind, &read.param),
                (error.kind, &error.param),
                "{case}"
            );
            for other in DIALECTS {
                let written = other.errors.encode(&error, "req_1");
                let read = other.errors.decode(status, &written);
                assert_eq!(read.message, error.message, "{case}");
            }
        }
    }
}

#[test]
fn every_case_says_where_its_shape_comes_from() {
    for dialect in DIALECTS {
        for folder in fixtures::folders(dialect) {
            let source = std::fs::read_to_string(folder.join("source.md"));
            assert!(
                source.is_ok_and(|text| text.contains("<https://")),
                "{}",
                folder.display()
            );
        }
    }
}
