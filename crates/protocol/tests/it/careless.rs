//! Streams and answers of servers that are careless, but whose meaning is plain: they reach clients of their own dialect as
//! they came and all others translated, and what cannot be told is named.

use crate::run::{self, Relayed};
use protocol::dialect::{DIALECTS, Dialect, anthropic, gemini, openai_chat};
use protocol::ir::{Loss, Malformed, Response, Usage};
use protocol::mend;
use protocol::relay::Relay;

/// Chunks of chat with these deltas and the end, as a stream.
fn chat(deltas: &[&str]) -> String {
    let deltas = deltas.iter().map(|delta| {
        format!(r#"data: {{"id":"c","choices":[{{"index":0,"delta":{delta}}}]}}"#) + "\n\n"
    });
    deltas.collect::<String>() + CHAT_END
}

const CHAT_END: &str = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

fn relayed(client: &'static Dialect, provider: &'static Dialect, stream: &str) -> Relayed {
    run::relay(client, provider, &run::reply(), stream.as_bytes(), 64)
}

/// What a client of chat reads of it as text.
fn text(client: &Dialect, relayed: &Relayed) -> String {
    let events = run::decode(client, &relayed.out, 64).unwrap();
    let told = crate::fold::fold("", &events);
    assert!(told.ended);
    let parts = told.response.choices.into_iter().flat_map(|it| it.parts);
    let texts = parts.filter_map(|part| match part.kind {
        protocol::ir::PartKind::Text(text) => Some(text),
        _ => None,
    });
    texts.collect()
}

/// What a client gets, without our cost.
fn unpriced(relayed: &Relayed) -> String {
    String::from_utf8_lossy(&relayed.out).replace(",\"cost\":1", "")
}

/// The streams of three dialects with the same pieces of text.
fn streams(pieces: &[&str]) -> Vec<(&'static Dialect, String)> {
    let each = |before: &str, after: &str| -> String {
        let pieces = pieces
            .iter()
            .map(|piece| format!("{before}{piece}{after}\n\n"));
        pieces.collect()
    };
    let chat = each(
        r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":""#,
        r#""}}]}"#,
    ) + CHAT_END;
    let claude = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    )
    .to_owned()
        + &each(
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"",
            "\"}}",
        )
        + concat!(
            "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":1}}\n\n",
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        );
    let google = each(
        r#"data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":""#,
        r#""}]}}]}"#,
    ) + "data: {\"candidates\":[{\"index\":0,\"finishReason\":\"STOP\"}]}\n\n";
    vec![
        (&openai_chat::DIALECT, chat),
        (&anthropic::DIALECT, claude),
        (&gemini::DIALECT, google),
    ]
}

/// Servers that cut texts by units of UTF-16 ended every stream, even those that pass as they are.
#[test]
fn half_of_a_character_ends_no_stream() {
    let check = |pieces: &[&str], expect: &str, lost: &[Loss]| {
        for (provider, stream) in streams(pieces) {
            let same = relayed(provider, provider, &stream);
            assert_eq!(same.fault, None, "{}", provider.id);
            assert_eq!(unpriced(&same), stream);
            for (client, _) in streams(&[]) {
                if client.id == provider.id {
                    continue;
                }
                let case = format!("{} {}", client.id, provider.id);
                let other = relayed(client, provider, &stream);
                assert_eq!(other.fault, None, "{case}");
                assert_eq!(text(client, &other), expect, "{case}");
                assert_eq!(other.losses, lost, "{case}");
            }
        }
    };
    check(&["ok ", r"\ud83d", r"\ude00!"], "ok 😀!", &[]);
    let lost = Loss::approximated("content");
    check(&["ok ", r"a\ud83d b", "c"], "ok a\u{fffd} bc", &[lost]);
}

fn whole(body: &str) -> Result<Response, Malformed> {
    let provider = openai_chat::DIALECT.chat.provider.unwrap();
    let seen = mend::read(body.as_bytes(), |body| provider.read_whole(body))?;
    let span = seen.usage_span.unwrap();
    assert!(body[span].starts_with(r#"{"prompt_tokens":5"#));
    mend::read(body.as_bytes(), |body| provider.decode_response(body))
}

/// Half of a character, and usage stated twice, made an answer a 502, and its provider was asked again.
#[test]
fn a_careless_answer_is_read() {
    let response = whole(
        r#"{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"a\ud83d"},"finish_reason":"stop"}],"usage":null,"usage":{"prompt_tokens":5,"prompt_tokens":5,"completion_tokens":1}}"#,
    );
    let response = response.unwrap();
    assert_eq!(response.usage.unwrap().input, 5);
    assert_eq!(
        format!("{:?}", response.choices[0].parts[0].kind),
        "Text(\"a\u{fffd}\")"
    );
}

/// `"usage":null,"usage":{…}` ended a stream in its midst.
#[test]
fn a_member_said_twice_ends_no_stream() {
    let twice = r#"data: {"id":"c","id":"c","choices":[{"index":0,"index":0,"delta":{"content":"a"},"delta":{"content":"b"}}],"usage":null,"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
    let stream = format!("{twice}\n\n{CHAT_END}");
    let same = relayed(&openai_chat::DIALECT, &openai_chat::DIALECT, &stream);
    assert_eq!(same.fault, None);
    assert_eq!(unpriced(&same), stream);
    let other = relayed(&anthropic::DIALECT, &openai_chat::DIALECT, &stream);
    assert_eq!(other.fault, None);
    assert_eq!(text(&anthropic::DIALECT, &other), "b");
}

/// It was dropped without a word, and not counted.
#[test]
fn text_after_the_end_is_counted_and_named() {
    let late =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"LATE\"}}]}\n\n";
    let stream =
        chat(&[r#"{"content":"A"}"#]).replace("data: [DONE]", &format!("{late}data: [DONE]"));
    let reply = run::reply();
    let mut relay = Relay::chat(&anthropic::DIALECT, &openai_chat::DIALECT, &reply).unwrap();
    relay.push(stream.as_bytes(), &|_, _| None).unwrap();
    assert!(relay.ended());
    assert_eq!(relay.tally().text_bytes, 5);
    assert_eq!(relay.losses(), [Loss::dropped("message.content")]);
}

/// A call without arguments held back all that came after it, until the end.
#[test]
fn a_call_without_arguments_holds_nothing_back() {
    let call = r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}"#;
    let check = |delta: &str, expect: &str| {
        let reply = run::reply();
        let mut relay = Relay::chat(&anthropic::DIALECT, &openai_chat::DIALECT, &reply).unwrap();
        let mut give = |deltas: &[&str]| {
            let chunks = chat(deltas);
            let chunks = chunks.strip_suffix(CHAT_END).unwrap();
            relay.push(chunks.as_bytes(), &|_, _| None).unwrap();
            String::from_utf8(relay.take().to_vec()).unwrap()
        };
        assert!(give(&[call]).contains("tool_use"));
        let written = give(&[delta]);
        assert!(written.contains(expect), "{written}");
    };
    check(r#"{"content":"word"}"#, "word");
    check(r#"{"reasoning_content":"thought"}"#, "thought");
}

/// What was not waiting behind anything was counted as if it were: streams ended at 4 MiB in one chunk.
#[test]
fn a_long_chunk_waits_for_nothing() {
    let long = "a".repeat(5 << 20);
    let stream = chat(&[&format!(r#"{{"content":"{long}"}}"#)]);
    let whole = stream.len();
    let (client, provider) = (&anthropic::DIALECT, &openai_chat::DIALECT);
    let relayed = run::relay(client, provider, &run::reply(), stream.as_bytes(), whole);
    assert_eq!(relayed.fault, None);
    assert!(text(client, &relayed) == long);
}

/// Counts that no exchange can have were told as they were, beside a cost by estimate.
#[test]
fn impossible_usage_is_left_out() {
    let usage =
        r#"data: {"id":"c","choices":[],"usage":{"prompt_tokens":1e30,"completion_tokens":1}}"#;
    let stream =
        chat(&[r#"{"content":"A"}"#]).replace("data: [DONE]", &format!("{usage}\n\ndata: [DONE]"));
    for client in DIALECTS.iter().filter(|it| it.chat.client.is_some()) {
        if client.id == openai_chat::ID {
            continue;
        }
        let relayed = relayed(client, &openai_chat::DIALECT, &stream);
        let written = String::from_utf8_lossy(&relayed.out);
        assert!(!written.contains(&u64::MAX.to_string()), "{written}");
        assert!(relayed.losses.contains(&Loss::dropped("usage")));
    }
    assert!(
        !Usage {
            input: u64::MAX,
            ..Usage::default()
        }
        .is_possible()
    );
}
