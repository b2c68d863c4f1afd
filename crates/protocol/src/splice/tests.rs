//! Tests of the scanner against `serde_json`, and of the edits against the same edits on values.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn doc(body: &str) -> Document<'_> {
    Document::parse(body.as_bytes()).unwrap()
}

fn check_error(body: impl AsRef<[u8]>, expect: &str) {
    let error = Document::parse(body.as_ref()).unwrap_err();
    assert_eq!(error.to_string(), expect);
    assert_eq!(error.field, None);
}

#[test]
fn says_what_is_wrong_and_where() {
    check_error("", "the body is empty; a JSON object is expected");
    check_error(
        "[1]",
        "not valid JSON: the body must be a JSON object, beginning with `{` (line 1, column 1, byte 0)",
    );
    check_error(
        "{\"a\": 1,\n  b: 2}",
        "not valid JSON: expected a key in double quotes (line 2, column 3, byte 11)",
    );
    check_error(
        "{\"a\": [1, 2",
        "not valid JSON: it ends too early (line 1, column 12, byte 11)",
    );
    check_error(
        "{\"a\": 1,}",
        "not valid JSON: expected a key in double quotes (line 1, column 9, byte 8)",
    );
    check_error(
        "{\"a\": 'x'}",
        "not valid JSON: expected a value (line 1, column 7, byte 6)",
    );
    check_error(
        "{\"a\": \"x\ny\"}",
        "not valid JSON: control characters in strings must be escaped (line 1, column 9, byte 8)",
    );
    check_error(
        "{\"a\": 1} {",
        "not valid JSON: nothing may follow the object (line 1, column 10, byte 9)",
    );
    check_error(
        b"{\"a\": \"\xff\"}",
        "not valid JSON: it must be UTF-8 (line 1, column 8, byte 7)",
    );
}

#[test]
fn bounds_depth_as_serde_json_does() {
    for levels in [1, 2, 125, 126, 127, 200, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let inner = if open == "[" { "" } else { "0" };
            let body = format!(
                "{{\"x\":{}{inner}{}}}",
                open.repeat(levels),
                close.repeat(levels)
            );
            let read = serde_json::from_str::<Value>(&body).is_ok();
            assert_eq!(Document::parse(body.as_bytes()).is_ok(), read, "{levels}");
        }
    }
}

#[test]
fn bounds_members() {
    let body = |count: usize| format!("{{{}}}", vec!["\"\":0"; count].join(","));
    assert!(Document::parse(body(1024).as_bytes()).is_ok());
    let error = Document::parse(body(1025).as_bytes()).unwrap_err();
    assert!(error.message.contains("more than 1024 members"), "{error}");
}

#[test]
fn reads_members() {
    let body = r#" {"a" : "x", "mod\u0065l":"m", "n": 1.50 , "a":[1, 2],"z":null} "#;
    let doc = doc(body);
    assert_eq!(doc.get("a"), Some("[1, 2]"));
    assert_eq!(doc.get("model"), Some("\"m\""));
    assert_eq!(doc.get("n"), Some("1.50"));
    assert_eq!(doc.get("none"), None);
    assert_eq!(doc.kind("a"), Some(Kind::Array));
    assert_eq!(doc.kind("z"), Some(Kind::Null));
    assert_eq!(doc.apply(), body.as_bytes());
    assert!(matches!(doc.apply(), Cow::Borrowed(_)));
    assert!(doc.edits().is_empty());
}

#[test]
fn reads_types() {
    let doc = doc(
        r#"{"s":"a\n\u00e9","p":"plain","half":"\ud800","t":true,"u":7,"f":7.0,"m":-1,"e":1e3,"big":99999999999999999999,"o":{},"z":null}"#,
    );
    assert_eq!(doc.string("s").unwrap().unwrap(), "a\né");
    assert!(matches!(doc.string("p"), Ok(Some(Cow::Borrowed("plain")))));
    assert_eq!(doc.boolean("t"), Ok(Some(true)));
    assert_eq!(doc.unsigned("u"), Ok(Some(7)));
    for key in ["z", "none"] {
        assert_eq!(doc.string(key), Ok(None));
        assert_eq!(doc.boolean(key), Ok(None));
        assert_eq!(doc.unsigned(key), Ok(None));
    }
    let said = |wrong: Malformed| wrong.to_string();
    assert_eq!(
        doc.string("o").map_err(said),
        Err("o: must be a string, not an object".into())
    );
    assert_eq!(
        doc.string("half").map_err(said),
        Err("half: must be valid text, but holds half of a surrogate pair".into())
    );
    assert_eq!(
        doc.boolean("s").map_err(said),
        Err("s: must be true or false, not a string".into())
    );
    for (key, shown) in [
        ("f", "7.0"),
        ("m", "-1"),
        ("e", "1e3"),
        ("big", "99999999999999999999"),
        ("s", "a string"),
    ] {
        let expect = format!("{key}: must be a whole number of 0 or more, not {shown}");
        assert_eq!(doc.unsigned(key).map_err(said), Err(expect));
    }
}

#[test]
fn sees_keys_and_not_texts() {
    let mentions = |value: &str| {
        let body = format!(r#"{{"image_url":0,"messages":{value}}}"#);
        doc(&body).mentions_key("messages", "image_url")
    };
    assert!(mentions(r#"[{"content":[{"image_url":{}}]}]"#));
    assert!(mentions("{\"image_url\"\n : 1}"));
    assert!(!mentions(r#"[{"type":"image_url"}]"#));
    assert!(!mentions(r#"["image_url", ":"]"#));
    assert!(!mentions(r#""say \"image_url\": 1""#));
    assert!(!mentions(r#"{"say \"image_url": 1}"#));
    assert!(!mentions(r#"{"image_url\"": 1}"#));
    assert!(!mentions(r#"{"ximage_url": 1}"#));
    assert!(!doc("{}").mentions_key("messages", "image_url"));
}

/// Checks the bytes and the lines that some edits make of a body.
fn check(body: &str, edit: impl Fn(&mut Document<'_>), bytes: &str, lines: &[&str]) {
    let mut doc = doc(body);
    edit(&mut doc);
    assert_eq!(std::str::from_utf8(&doc.apply()), Ok(bytes), "{body}");
    assert_eq!(doc.edits(), lines, "{body}");
}

#[test]
fn sets() {
    let set = |doc: &mut Document<'_>| doc.set("model", "\"b\"");
    check(
        r#"{ "x":1.0 , "model" : "a" , "y":2 }"#,
        set,
        r#"{ "x":1.0 , "model" : "b" , "y":2 }"#,
        &["replace model"],
    );
    check(
        r#"{"mod\u0065l":1}"#,
        set,
        r#"{"mod\u0065l":"b"}"#,
        &["replace model"],
    );
    check(r#"{"model":"b"}"#, set, r#"{"model":"b"}"#, &[]);
    check("{}", set, r#"{"model":"b"}"#, &["insert model"]);
    check("{ }", set, r#"{"model":"b" }"#, &["insert model"]);
    check(
        "{\n  \"x\": 1\n}\n",
        set,
        "{\n  \"x\": 1,\"model\":\"b\"\n}\n",
        &["insert model"],
    );
    check(
        r#"{"model":1, "x":2, "model":3}"#,
        set,
        r#"{ "x":2, "model":"b"}"#,
        &["remove model", "replace model"],
    );
}

#[test]
fn removes() {
    let cut = |key: &'static str| move |doc: &mut Document<'_>| doc.remove(key);
    let body = "{ \"a\": 1 , \"b\": 2,\n\"c\": 3 }";
    check(body, cut("a"), "{ \"b\": 2,\n\"c\": 3 }", &["remove a"]);
    check(body, cut("b"), "{ \"a\": 1,\n\"c\": 3 }", &["remove b"]);
    check(body, cut("c"), "{ \"a\": 1 , \"b\": 2 }", &["remove c"]);
    check(body, cut("d"), body, &[]);
    check("{ \"a\": 1 }", cut("a"), "{ }", &["remove a"]);
    check(
        r#"{"a":1,"b":2,"\u0061":3}"#,
        cut("a"),
        r#"{"b":2}"#,
        &["remove a", "remove a"],
    );
}

#[test]
fn renames() {
    let to_b = |doc: &mut Document<'_>| doc.rename("a", "b");
    check(
        r#"{"a" :1.0,"c":2}"#,
        to_b,
        r#"{"b" :1.0,"c":2}"#,
        &["rename a to b"],
    );
    check(r#"{"c":2}"#, to_b, r#"{"c":2}"#, &[]);
    check(
        r#"{"b":1,"a":2,"a":3,"b":4}"#,
        to_b,
        r#"{"b":3}"#,
        &["remove b", "remove a", "rename a to b", "remove b"],
    );
    check(
        r#"{"a":1}"#,
        |doc| {
            doc.rename("a", "b");
            doc.set("b", "2");
            doc.set("a", "3");
        },
        r#"{"b":2,"a":3}"#,
        &["rename a to b, replace b", "insert a"],
    );
}

#[test]
fn edits_build_on_edits() {
    check(
        r#"{"a":1}"#,
        |doc| {
            doc.set("x", "1");
            doc.remove("x");
        },
        r#"{"a":1}"#,
        &[],
    );
    check(
        r#"{"a":1}"#,
        |doc| {
            doc.remove("a");
            doc.set("a", "2");
            assert_eq!(doc.get("a"), Some("2"));
        },
        r#"{"a":2}"#,
        &["remove a", "insert a"],
    );
}

#[test]
fn removes_inside() {
    let ours = |doc: &mut Document<'_>| doc.remove_in("more", "ours");
    check(
        r#"{"more":{"a": 1, "ours":{}}}"#,
        ours,
        r#"{"more":{"a": 1}}"#,
        &["replace more"],
    );
    check(
        r#"{"more":{"ours":1},"a":2}"#,
        ours,
        r#"{"a":2}"#,
        &["remove more"],
    );
    for body in [
        r#"{"more":{"a":1}}"#,
        r#"{"more":null}"#,
        r#"{"more":[1]}"#,
        "{}",
    ] {
        check(body, ours, body, &[]);
    }
}

#[test]
fn sets_inside() {
    let usage = |doc: &mut Document<'_>| doc.set_in("stream_options", "include_usage", "true");
    check(
        r#"{"stream":true}"#,
        usage,
        r#"{"stream":true,"stream_options":{"include_usage":true}}"#,
        &["insert stream_options"],
    );
    check(
        r#"{"stream_options": { "x": 1 }}"#,
        usage,
        r#"{"stream_options": { "x": 1,"include_usage":true }}"#,
        &["replace stream_options"],
    );
    check(
        r#"{"stream_options":{"include_usage":false,"x":1}}"#,
        usage,
        r#"{"stream_options":{"include_usage":true,"x":1}}"#,
        &["replace stream_options"],
    );
    let body = r#"{"stream_options":{"include_usage":true}}"#;
    check(body, usage, body, &[]);
    check(
        r#"{"stream_options":null}"#,
        usage,
        r#"{"stream_options":{"include_usage":true}}"#,
        &["replace stream_options"],
    );
}

#[test]
fn inserts_into_an_object_at_a_span() {
    let insert = |text: &str, span: Range<usize>| {
        String::from_utf8(insert_member(text.as_bytes(), span, "cost", "0.00012")).unwrap()
    };
    assert_eq!(insert("data: {}\n", 6..8), "data: {\"cost\":0.00012}\n");
    assert_eq!(insert("{\"a\":1}", 0..7), "{\"a\":1,\"cost\":0.00012}");
    assert_eq!(insert("{ \"a\":1 }", 0..9), "{ \"a\":1,\"cost\":0.00012 }");
    assert_eq!(
        insert("{\"cost\":9,\"a\":1}", 0..16),
        "{\"cost\":0.00012,\"a\":1}"
    );
    for span in [0..3, 1..7, 5..6, 0..99] {
        assert_eq!(insert("{\"a\":1}", span), "{\"a\":1}");
    }
    let object = insert_member(b"{}", 0..2, "b", r#"{"c":2}"#);
    assert_eq!(object, br#"{"b":{"c":2}}"#);
    assert_eq!(insert_member(b"{}", 0..2, "a", "oops"), b"{}");
}

#[derive(Clone, Debug)]
enum Edit {
    Set(&'static str, &'static str),
    SetIn(&'static str, &'static str, &'static str),
    Remove(&'static str),
    Rename(&'static str, &'static str),
}

const KEYS: [&str; 6] = ["a", "b", "c", "model", "é", "q\"\\"];

fn edit() -> impl Strategy<Value = Edit> {
    let key = || prop::sample::select(&KEYS[..]);
    let value = || prop::sample::select(&["1", "\"x\"", "{\"b\":2}", "[]", "null", "-0.50"][..]);
    prop_oneof![
        (key(), value()).prop_map(|(k, v)| Edit::Set(k, v)),
        (key(), key(), value()).prop_map(|(k, i, v)| Edit::SetIn(k, i, v)),
        key().prop_map(Edit::Remove),
        (key(), key()).prop_map(|(k, t)| Edit::Rename(k, t)),
    ]
}

/// A member written in some way: key, value, and the white space around them.
fn member() -> impl Strategy<Value = (String, String)> {
    let key = prop::sample::select(vec![
        "\"a\"",
        "\"b\"",
        "\"c\"",
        "\"model\"",
        "\"mod\\u0065l\"",
        "\"\\u0061\"",
        "\"é\"",
        "\"q\\\"\\\\\"",
        "\"other\"",
        "\"\"",
    ]);
    let value = prop::sample::select(vec![
        "1.50",
        "1e2",
        "-0",
        "\"x,}\\\"{\"",
        "{\"b\" : [1, {}] ,\"b\":3}",
        "[ ]",
        "{ }",
        "null",
        "true",
        "\"\\ud83d\\ude00 é\"",
        "[\"]\", [[0]], {\"a\": \"}\"}]",
    ]);
    let space = || prop::sample::select(vec!["", "", " ", "\n  ", "\r\n\t"]);
    (key, value, space(), space(), space(), space()).prop_map(|(k, v, s1, s2, s3, s4)| {
        let name = serde_json::from_str(k).unwrap();
        (name, format!("{s1}{k}{s2}:{s3}{v}{s4}"))
    })
}

fn object() -> impl Strategy<Value = (Vec<String>, String)> {
    let members = prop::collection::vec(member(), 0..8);
    (members, prop::sample::select(vec!["", " ", "\n"])).prop_map(|(members, space)| {
        let (keys, texts): (Vec<_>, Vec<_>) = members.into_iter().unzip();
        let inner = if texts.is_empty() {
            space.to_owned()
        } else {
            texts.join(",")
        };
        (keys, format!("{space}{{{inner}}}{space}"))
    })
}

fn apply_to_document(doc: &mut Document<'_>, edit: &Edit) {
    match *edit {
        Edit::Set(key, json) => doc.set(key, json),
        Edit::SetIn(outer, inner, json) => doc.set_in(outer, inner, json),
        Edit::Remove(key) => doc.remove(key),
        Edit::Rename(from, to) => doc.rename(from, to),
    }
}

fn apply_to_value(value: &mut Value, edit: &Edit) {
    let map = value.as_object_mut().unwrap();
    match *edit {
        Edit::Set(key, json) => {
            map.insert(key.into(), serde_json::from_str(json).unwrap());
        }
        Edit::SetIn(outer, inner, json) => {
            let object = map.entry(outer).or_insert(Value::Null);
            if !object.is_object() {
                *object = Value::Object(serde_json::Map::new());
            }
            object[inner] = serde_json::from_str(json).unwrap();
        }
        Edit::Remove(key) => {
            map.remove(key);
        }
        Edit::Rename(from, to) => {
            if let Some(value) = map.remove(from) {
                map.insert(to.into(), value);
            }
        }
    }
}

fn touched(edits: &[Edit]) -> Vec<&'static str> {
    edits
        .iter()
        .flat_map(|edit| match *edit {
            Edit::Set(key, _) | Edit::SetIn(key, ..) | Edit::Remove(key) => vec![key],
            Edit::Rename(from, to) => vec![from, to],
        })
        .collect()
}

/// The members as they are written, outside those named: from the start of the key to the end of the value.
fn untouched_texts(body: &str, touched: &[&str]) -> Vec<String> {
    let keep = |member: &Member| {
        let name: String = serde_json::from_str(&body[member.key.clone()]).unwrap();
        let text = body[member.key.start..member.value.end].to_owned();
        (!touched.contains(&&*name)).then_some(text)
    };
    scan::members(body)
        .unwrap()
        .iter()
        .filter_map(keep)
        .collect()
}

proptest! {
    #[test]
    fn edits_equal_edits_on_values(
        (_, body) in object(),
        edits in prop::collection::vec(edit(), 0..6),
    ) {
        let mut value: Value = serde_json::from_str(&body).unwrap();
        let mut doc = doc(&body);
        for edit in &edits {
            apply_to_document(&mut doc, edit);
            apply_to_value(&mut value, edit);
        }
        let bytes = doc.apply();
        let text = std::str::from_utf8(&bytes).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value.clone());
        for key in KEYS {
            let read = doc.get(key).map(|raw| serde_json::from_str::<Value>(raw).unwrap());
            prop_assert_eq!(read.as_ref(), value.get(key));
        }
        let touched = touched(&edits);
        prop_assert_eq!(untouched_texts(text, &touched), untouched_texts(&body, &touched));
        prop_assert_eq!(doc.edits().is_empty(), text == body);
    }

    #[test]
    fn removing_what_was_inserted_gives_the_same_bytes(
        (keys, body) in object(),
        json in "[1-9][0-9]{0,2}",
    ) {
        prop_assume!(!keys.contains(&"new".to_owned()));
        let mut first = doc(&body);
        first.set("new", &json);
        let bytes = first.apply().into_owned();
        let mut second = Document::parse(&bytes).unwrap();
        second.remove("new");
        prop_assert_eq!(second.apply(), body.as_bytes());
    }

    /// Mutated JSON is accepted exactly where `serde_json` accepts it.
    #[test]
    fn agrees_with_serde_json_on_what_is_json(
        (_, body) in object(),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::sample::select(
                b"{}[]\",:\\u0a1.e-+ \n\x01\xc3\x7ftn".to_vec()), 0..3_u8), 0..4),
    ) {
        let mut bytes = body.into_bytes();
        for (index, byte, how) in changes {
            let at = index.index(bytes.len() + 1);
            match how {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() => { bytes.remove(at); }
                _ => {}
            }
        }
        let serde = serde_json::from_slice::<&serde_json::value::RawValue>(&bytes);
        let is_object = serde.is_ok_and(|raw| raw.get().starts_with('{'));
        prop_assert_eq!(Document::parse(&bytes).is_ok(), is_object);
    }

    #[test]
    fn finds_the_end_of_plain_text(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
        let expect = bytes.iter().position(special).unwrap_or(bytes.len());
        prop_assert_eq!(scan::plain_length(&bytes), expect);
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = Document::parse(&bytes);
        let _ = insert_member(&bytes, 1..bytes.len() / 2, "a", "1");
    }
}

#[test]
fn an_index_stands_for_another_scan() {
    let body = br#"{ "a": 1, "b": [2], "a": 3 }"#;
    let index = Document::parse(body).unwrap().into_index();
    let mut again = Document::indexed(body, &index).unwrap();
    assert_eq!(again.get("a"), Some("3"));
    again.set("b", "null");
    assert_eq!(&*again.apply(), br#"{ "a": 1, "b": null, "a": 3 }"#);
    // Another body is not cut at this one's places.
    let other = Document::indexed(br#"{"c": 1}"#, &index).unwrap();
    assert_eq!(other.get("c"), Some("1"));
    assert!(Document::indexed(b"{", &index).is_err());
}
