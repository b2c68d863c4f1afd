//! Requests that lean on what is kept, and answers as clients see them.

use super::*;

fn alone(body: &str, turns: &[(&str, &str)], referred: &[(&str, &str)]) -> String {
    let turns: Vec<Turn<'_>> = turns
        .iter()
        .map(|(input, answer)| Turn { input, answer })
        .collect();
    let referred = referred
        .iter()
        .map(|(id, item)| ((*id).to_owned(), (*item).to_owned()))
        .collect();
    let mut doc = Document::parse(body.as_bytes()).unwrap();
    match stand_alone(&mut doc, &turns, &referred, 10_000) {
        Ok(_) => String::from_utf8(doc.apply().into_owned()).unwrap(),
        Err(bad) => bad.to_string(),
    }
}

#[test]
fn what_is_asked_is_read() {
    let check = |body: &str, expect: Result<(bool, Option<&str>), &str>| {
        let doc = Document::parse(body.as_bytes()).unwrap();
        let got = asks(&doc, "019-a").map(|asks| (asks.store, asks.previous));
        let expect = expect.map(|(store, previous)| (store, previous.map(str::to_owned)));
        match (got, expect) {
            (Err(got), Err(expect)) => assert!(got.to_string().contains(expect), "{got}"),
            (got, expect) => assert_eq!(got.ok(), expect.ok(), "{body}"),
        }
    };
    check("{}", Ok((true, None)));
    check(
        r#"{"store":null,"previous_response_id":null}"#,
        Ok((true, None)),
    );
    check(
        r#"{"store":false,"previous_response_id":"resp_1"}"#,
        Ok((false, Some("resp_1"))),
    );
    check(r#"{"store":1}"#, Err("store"));
    check(r#"{"previous_response_id":7}"#, Err("previous_response_id"));
    check(r#"{"conversation":"conv_1"}"#, Err("previous_response_id"));
    check(r#"{"conversation":null}"#, Ok((true, None)));
}

#[test]
fn a_request_gets_all_that_was_said_before() {
    let body = r#"{"input":"And now?","model":"m","previous_response_id":"resp_2"}"#;
    let now = r#"{"type":"message","role":"user","content":"And now?"}"#;
    let first = (
        r#"[{"type":"message","id":"msg_1","role":"user","content":"Hi"}]"#,
        r#"{"output":[{"type":"reasoning","id":"rs_1","summary":[]},{"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{}"}]}"#,
    );
    let second = (
        r#"[{"type":"function_call_output","call_id":"c","output":"1","id":"fco_1"}]"#,
        r#"{"output":[{"type":"reasoning","id":"rs_2","encrypted_content":"gAAA"},{"type":"web_search_call","id":"ws_1"}]}"#,
    );
    let expect = [
        r#"{"type":"message","role":"user","content":"Hi"}"#,
        r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#,
        r#"{"type":"function_call_output","call_id":"c","output":"1"}"#,
        r#"{"type":"reasoning","id":"rs_2","encrypted_content":"gAAA"}"#,
        r#"{"type":"web_search_call","id":"ws_1"}"#,
        now,
    ];
    assert_eq!(
        alone(body, &[first, second], &[]),
        format!(r#"{{"input":[{}],"model":"m"}}"#, expect.join(","))
    );
}

/// Reasoning without what it could be sent back as was left out in silence, and losses counted items that the client never
/// sent.
#[test]
fn what_cannot_go_on_is_named_and_places_are_the_clients() {
    let turns = [(
        r#"[{"type":"message","role":"user","content":"Hi"}]"#,
        r#"{"output":[{"type":"reasoning","id":"rs_1","summary":[]},{"type":"reasoning","id":"rs_tg_1_0","summary":[]},{"type":"reasoning","id":"rs_2","encrypted_content":"gAAA"}]}"#,
    )];
    let turns: Vec<Turn<'_>> = turns
        .iter()
        .map(|(input, answer)| Turn { input, answer })
        .collect();
    let origins = |input: &str| {
        let mut doc = Document::parse(input.as_bytes()).unwrap();
        stand_alone(&mut doc, &turns, &Referred::new(), 10_000).unwrap()
    };
    let on = origins(r#"{"input":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#);
    let lost: Vec<&str> = on.lost().iter().map(|loss| &*loss.field).collect();
    assert_eq!(lost, ["previous_response_id[1].summary"]);
    let check = |on: &Origins, field: &str, expect: &str| {
        assert_eq!(on.name(field.to_owned()), expect);
    };
    check(&on, "input[0].content", "previous_response_id[0].content");
    check(
        &on,
        "input[2].encrypted_content",
        "previous_response_id[3].encrypted_content",
    );
    check(
        &on,
        "input[4].content[0].detail",
        "input[1].content[0].detail",
    );
    check(&on, "input[9].x", "input[9].x");
    check(&on, "tools[0].strict", "tools[0].strict");
    check(&origins(r#"{"input":"Hi."}"#), "input[3].content", "input");
}

#[test]
fn items_are_referred_to_with_and_without_a_type() {
    let message = r#"{"type":"message","id":"msg_1","role":"user","content":"Hi"}"#;
    let bare = r#"{"type":"message","role":"user","content":"Hi"}"#;
    let input = r#"[{"type":"item_reference","id":"msg_1"},{"id":"msg_1"},{"id":"x","role":"user","content":"y"}]"#;
    assert_eq!(references(input).unwrap(), ["msg_1", "msg_1"]);
    let body = format!(r#"{{"input":{input}}}"#);
    assert_eq!(
        alone(&body, &[], &[("msg_1", message)]),
        format!(r#"{{"input":[{bare},{bare},{{"id":"x","role":"user","content":"y"}}]}}"#)
    );
    assert_eq!(
        alone(&body, &[], &[]),
        "input: Item with id 'msg_1' not found."
    );
    assert_eq!(references(r#""{\"id\": 1}""#).unwrap(), [""; 0]);
}

#[test]
fn kept_items_have_types_and_ids() {
    let check = |input: &str, json: &str, ids: &[&str]| {
        let items = Items::of(input, &Referred::new(), "019-a", 10_000).unwrap();
        assert_eq!(
            (items.json.as_str(), items.ids),
            (json, ids.iter().map(|id| (*id).to_owned()).collect())
        );
        assert_eq!(Items::ids(json).unwrap(), ids);
    };
    check(
        r#""Hi""#,
        r#"[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}],"id":"msg_tg_019a_in0"}]"#,
        &["msg_tg_019a_in0"],
    );
    check(
        r#"[{"role":"assistant","content":"x"},{"type":"function_call_output","id":"mine","call_id":"c","output":"1"},{"type":"odd"}]"#,
        concat!(
            r#"[{"role":"assistant","content":[{"type":"output_text","text":"x","annotations":[]}],"type":"message","id":"msg_tg_019a_in0"},"#,
            r#"{"type":"function_call_output","id":"mine","call_id":"c","output":"1"},{"type":"odd","id":"item_tg_019a_in2"}]"#
        ),
        &["msg_tg_019a_in0", "mine", "item_tg_019a_in2"],
    );
    assert!(Items::of("[1]", &Referred::new(), "x", 10_000).is_err());
    assert!(Items::of("7", &Referred::new(), "x", 10_000).is_err());
}

/// Each of many references to one item became a copy of it before anything was measured.
#[test]
fn an_item_referred_to_many_times_counts_as_often() {
    let text = "x".repeat(900);
    let message = format!(r#"{{"type":"message","id":"msg_1","role":"user","content":"{text}"}}"#);
    let referred = Referred::from([("msg_1".to_owned(), message)]);
    let check = |times: usize, fits: bool| {
        let input = vec![r#"{"type":"item_reference","id":"msg_1"}"#; times].join(",");
        let input = format!("[{input}]");
        let body = format!(r#"{{"input":{input}}}"#);
        let mut doc = Document::parse(body.as_bytes()).unwrap();
        let joined = stand_alone(&mut doc, &[], &referred, 10_000).map(|_| ());
        let kept = Items::of(&input, &referred, "019-a", 10_000).map(|_| ());
        for got in [joined, kept] {
            let expect = if fits {
                Ok(())
            } else {
                Err(Unjoined::TooLarge(10_000))
            };
            assert_eq!(got, expect, "{times}");
        }
    };
    check(10, true);
    check(11, false);
    check(100_000, false);
}

#[test]
fn a_provider_keeps_nothing() {
    let check = |body: &str, is_kept: bool, expect: &str| {
        let mut doc = Document::parse(body.as_bytes()).unwrap();
        for_provider(&mut doc, is_kept);
        assert_eq!(std::str::from_utf8(&doc.apply()).unwrap(), expect);
    };
    check("{\"a\":1}", true, "{\"a\":1,\"store\":false}");
    check(
        r#"{"store":true,"previous_response_id":null}"#,
        true,
        r#"{"store":false}"#,
    );
    check(
        r#"{"store":true,"reasoning":{"effort":"low"}}"#,
        true,
        r#"{"store":false,"reasoning":{"effort":"low"},"include":["reasoning.encrypted_content"]}"#,
    );
    check(
        r#"{"store":true,"reasoning":{"effort":"low"},"include":["x"]}"#,
        true,
        r#"{"store":false,"reasoning":{"effort":"low"},"include":["x","reasoning.encrypted_content"]}"#,
    );
    for body in [
        r#"{"store":false,"reasoning":{"effort":"none"}}"#,
        r#"{"store":false,"reasoning":{"effort":"low"},"include":["reasoning.encrypted_content"]}"#,
    ] {
        check(body, true, body);
    }
    let body = r#"{"store":false,"reasoning":{"effort":"low"}}"#;
    check(body, false, body);
}

#[test]
fn an_answer_shows_what_the_client_asked() {
    let asks = Asks {
        store: true,
        previous: Some("resp_1".to_owned()),
        stand_in: "resp_tg_1".to_owned(),
    };
    let check = |answer: &str, expect: &str| {
        assert_eq!(
            std::str::from_utf8(&shown(answer.as_bytes(), &asks)).unwrap(),
            expect
        );
    };
    check(
        r#"{"id":"resp_2","previous_response_id":null,"store":false}"#,
        r#"{"id":"resp_2","previous_response_id":"resp_1","store":true}"#,
    );
    let same = r#"{"store":true, "previous_response_id":"resp_1"}"#;
    check(same, same);
    // A provider that gives each response the same id would make it go on from itself.
    check(
        r#"{"id":"resp_1","previous_response_id":"resp_1","store":true}"#,
        r#"{"id":"resp_tg_1","previous_response_id":"resp_1","store":true}"#,
    );
    assert_eq!(id(br#"{"id":"resp_2"}"#).as_deref(), Some("resp_2"));
    assert_eq!(id(br#"{"id":""}"#), None);
    assert_eq!(id(b"{"), None);
}

#[test]
fn the_last_event_has_the_answer() {
    let check = |bytes: &str, expect: Option<&str>| {
        let got = ended(bytes.as_bytes());
        let got = got.map(|(all, span)| String::from_utf8_lossy(&all[span]).into_owned());
        assert_eq!(got.as_deref(), expect, "{bytes}");
    };
    let answer = r#"{"id":"resp_1"}"#;
    let delta = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"\\\"response\\\"\"}\n\n";
    for kind in ENDED {
        let last =
            format!("event: {kind}\ndata: {{\"type\":\"{kind}\",\"response\":{answer}}}\n\n");
        check(&format!(": keep-alive\n\n{delta}{last}"), Some(answer));
        check(&format!("{delta}{last}data: [DONE]\n\n"), Some(answer));
    }
    check(
        &format!("event: response.completed\r\ndata: {{\"response\":{answer}}}\r\n\r\n"),
        Some(answer),
    );
    check(
        &format!("data: {{\"type\":\"response.failed\",\"response\":{answer}}}\n\n"),
        None,
    );
    // Torn by line ends, it went out as if it were kept.
    let torn =
        "event: response.completed\ndata: {\"response\":\ndata: {\"id\":\ndata: \"resp_1\"}}\n\n";
    let stream = format!("{delta}{torn}data: [DONE]\n\n");
    check(&stream, Some("{\"id\": \"resp_1\"}"));
    let (mended, _) = ended(stream.as_bytes()).unwrap();
    let line = "event: response.completed\ndata: {\"response\": {\"id\": \"resp_1\"}}\n\n";
    assert_eq!(
        String::from_utf8_lossy(&mended),
        format!("{delta}{line}data: [DONE]\n\n")
    );
    // Over a limit of 1 MiB, it did so too.
    let long = format!("{{\"id\":\"{}\"}}", "r".repeat(3 << 20));
    check(
        &format!("data: {{\"type\":\"response.completed\",\"response\":{long}}}\n\n"),
        Some(&long),
    );
    check(delta, None);
    check("", None);
}

const ENDED: [&str; 2] = ["response.completed", "response.incomplete"];

/// An editor of the answer at the end alone left `store: false`, which the provider was asked for, in the first events.
#[test]
fn the_first_events_tell_what_the_client_asked() {
    let asks = Asks {
        store: true,
        previous: Some("resp_0".to_owned()),
        stand_in: "resp_tg_0".to_owned(),
    };
    let check = |bytes: &str, expect: &str| {
        let got = begun(bytes.as_bytes(), &asks);
        assert_eq!(String::from_utf8_lossy(&got), expect, "{bytes}");
    };
    let event = |kind: &str, answer: &str| {
        format!("event: {kind}\ndata: {{\"type\":\"{kind}\",\"response\":{answer}}}\n\n")
    };
    let theirs =
        r#"{"id":"r","store":false,"instructions":"\"store\":false","previous_response_id":null}"#;
    let ours = r#"{"id":"r","store":true,"instructions":"\"store\":false","previous_response_id":"resp_0"}"#;
    let delta =
        "data: {\"type\":\"response.output_text.delta\",\"delta\":\"\\\"response\\\"\"}\n\n";
    let last = event("response.completed", theirs);
    let preamble = |answer: &str| {
        let begins = [
            "response.created",
            "response.queued",
            "response.in_progress",
        ];
        begins.map(|kind| event(kind, answer)).join(": ping\n\n")
    };
    check(
        &format!("{}{delta}{last}", preamble(theirs)),
        &format!("{}{delta}{last}", preamble(ours)),
    );
    check(&preamble(theirs), &preamble(ours));
    check(&preamble(ours), &preamble(ours));
    let crlf = format!("event: response.created\r\ndata: {{\"response\":{theirs}}}\r\n\r\n");
    check(&crlf, &crlf.replace(theirs, ours));
    // What cannot be read stays as it is.
    for odd in [
        delta,
        "data: {\"type\":\"response.created\"}\n\n",
        "data: [DONE]\n\n",
        "",
        "data: {",
    ] {
        check(odd, odd);
    }
}
