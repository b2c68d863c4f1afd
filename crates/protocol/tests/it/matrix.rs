//! Every client dialect with every other dialect of a provider: what each recorded request, answer and stream becomes
//! is a snapshot, and no pair is left out.

use crate::fixtures::{self, ErrorFixture, value};
use crate::fold::{fold, gist};
use crate::{frames, readable, run};
use protocol::dialect::{
    DIALECTS, Dialect, ToolAliases, check_essentials, freeform_as_functions, own_words::Naming,
    scope_call_ids,
};
use protocol::ir::{CallKind, Choice, Loss, PartKind, Sealed, Usage};
use serde_json::{Value, json};

/// Every pair of two different dialects that have the sides for it, client first.
fn pairs() -> impl Iterator<Item = (&'static Dialect, &'static Dialect)> {
    let clients = DIALECTS.iter().filter(|it| it.chat.client.is_some());
    clients.flat_map(|client| {
        let others = DIALECTS
            .iter()
            .filter(|other| other.id != client.id && other.chat.provider.is_some());
        others.map(|provider| (*client, *provider))
    })
}

fn snapshot(kind: &str, from: &Dialect, to: &Dialect, case: &str, text: &str) {
    let path = format!("snapshots/{kind}/{}_to_{}", from.id, to.id);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(case, text));
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn requests() {
    for (client, provider) in pairs() {
        for fixture in fixtures::all(client, "request.json") {
            let case = &fixture.case;
            let read = client.chat.client.unwrap().decode_request(&fixture.body);
            let mut request = read.unwrap();
            request.model = "wire-model".into();
            let known = check_essentials(client, &request, provider.id);
            let writer = provider.chat.provider.unwrap();
            if let Some(rule) = writer.tool_names() {
                ToolAliases::give(rule, &mut request);
            }
            let bent = match writer.takes_freeform() {
                true => Vec::new(),
                false => freeform_as_functions(&mut request),
            };
            let naming = Naming::of(client.chat.client.unwrap(), &request);
            let written = known.and_then(|()| {
                let written = writer.encode_request(&request);
                written.map_err(|bad| naming.malformed(bad))
            });
            let text = match written {
                Err(bad) => pretty(&json!({ "refused": bad.to_string() })),
                Ok(encoded) => {
                    let body = value(case, &encoded.body);
                    // What a provider of that dialect gets is a request of that dialect.
                    if let Some(reader) = provider.chat.client {
                        let again = reader.decode_request(&encoded.body);
                        let again = again.unwrap_or_else(|bad| panic!("{case}: {bad}"));
                        // Some dialects say both outside the body.
                        if !again.model.is_empty() {
                            assert_eq!(again.model, "wire-model", "{case}");
                            assert_eq!(again.stream, request.stream, "{case}");
                        }
                    }
                    let lost: Vec<Loss> = [encoded.losses, bent]
                        .into_iter()
                        .flatten()
                        .map(|loss| naming.loss(loss))
                        .collect();
                    pretty(&json!({ "lost": lost, "body": body }))
                }
            };
            snapshot("requests", client, provider, case, &text);
        }
    }
}

#[test]
fn answers() {
    for (client, provider) in pairs() {
        for fixture in fixtures::all(provider, "response.json") {
            let case = &fixture.case;
            let read = provider.chat.provider.unwrap();
            let mut response = read.decode_response(&fixture.body).unwrap();
            scope_call_ids(&mut response, &run::reply().request_id);
            let write = client.chat.client.unwrap();
            let encoded = write.encode_response(&response, &run::reply(), Some("0.25"));
            let body = encoded.body;
            if let Some(reader) = client.chat.provider {
                let again = reader.decode_response(&body).unwrap();
                assert_counts(case, response.usage, again.usage, &encoded.losses);
                assert_says_the_same(case, &response.choices, &again.choices, &encoded.losses);
            }
            snapshot(
                "answers",
                provider,
                client,
                case,
                &pretty(&json!({ "lost": encoded.losses, "body": value(case, &body) })),
            );
        }
    }
}

#[test]
fn streams() {
    for (client, provider) in pairs() {
        for fixture in fixtures::all(provider, "stream.sse") {
            let case = &fixture.case;
            let relayed = run::relay(client, provider, &run::reply(), &fixture.body, 64);
            let fault = relayed.fault.map(|fault| format!("fault: {fault:?}\n"));
            // Few errors have any.
            let fault = fault.map(|fault| fault.replace(", details: None", ""));
            let lost = relayed
                .losses
                .iter()
                .map(|loss| format!("lost: {loss:?}\n"));
            let notes: String = fault.into_iter().chain(lost).collect();
            frames::assert_whole(case, client, client.framing, &relayed.out);
            let text = readable::to_text(client.framing, &relayed.out);
            if !text.is_empty() && client.chat.provider.is_some() {
                let was = run::decode(provider, &fixture.body, 64).unwrap();
                let is = run::decode(client, &relayed.out, 64).unwrap();
                let (was, is) = (fold(case, &was), fold(case, &is));
                assert_eq!(is.ended, was.ended, "{case}");
                let (was, is) = (&was.response.choices, &is.response.choices);
                assert_says_the_same(case, was, is, &relayed.losses);
            }
            snapshot("streams", provider, client, case, &format!("{notes}{text}"));
        }
    }
}

/// What each error of a provider becomes for a client: status and body where nothing was sent yet, and the frame that ends
/// a stream.
#[test]
fn errors() {
    for (client, provider) in pairs() {
        let mut text = String::new();
        for fixture in fixtures::all(provider, "error.json") {
            let case = &fixture.case;
            let told: ErrorFixture = serde_json::from_slice(&fixture.body).unwrap();
            let body = serde_json::to_vec(&told.body).unwrap();
            let error = provider.errors.decode(told.status, &body);
            let status = error.kind.status();
            let whole = client.errors.encode(&error, "req_1");
            let again = client.errors.decode(status, &whole);
            assert_eq!(again.message, error.message, "{case}");
            let frame = client.chat.client.unwrap().stream_error(&error, "req_1");
            let frame = readable::to_text(client.framing, &frame);
            let (was, whole) = (told.status, value(case, &whole));
            let frame = frame.trim_end();
            text.push_str(&format!("{case}: {was} is {status}\n{whole}\n{frame}\n\n"));
        }
        snapshot("errors", provider, client, "all", &text);
    }
}

/// A translated answer says what the original said: the same text, reasoning and calls, though a dialect may have only
/// one answer, and another order of parts. A proof that has no place any more is named as lost.
fn assert_says_the_same(case: &str, was: &[Choice], is: &[Choice], losses: &[Loss]) {
    let Some((was, is)) = was.first().zip(is.first()) else {
        return;
    };
    let (mut was, is) = (Told::of(was), Told::of(is));
    if losses.contains(&Loss::dropped("content.thinking.signature")) {
        was.proofs.pop();
    }
    assert_eq!(is, was, "{case}");
}

/// Each count of a translated answer is the provider's, or it is zero and named as lost.
fn assert_counts(case: &str, was: Option<Usage>, is: Option<Usage>, losses: &[Loss]) {
    let counts = |usage: Option<Usage>| serde_json::to_value(usage.unwrap()).unwrap();
    let (was, is) = (counts(was), counts(is));
    for (name, count) in was.as_object().unwrap() {
        let named = losses.contains(&Loss::dropped(format!("usage.{name}")));
        let expect = if named { &json!(0) } else { count };
        assert_eq!(&is[name], expect, "{case}: {name}");
        assert!(!named || count != &json!(0), "{case}: {name} is no loss");
    }
}

#[derive(Debug, Default, PartialEq)]
struct Told {
    text: String,
    reasoning: String,
    proofs: Vec<Sealed>,
    calls: Vec<(String, String)>,
}

impl Told {
    fn of(choice: &Choice) -> Self {
        let mut told = Self::default();
        for kind in gist(choice) {
            match kind {
                PartKind::Text(text) | PartKind::Refusal(text) => told.text.push_str(&text),
                PartKind::Reasoning(reasoning) => {
                    told.reasoning.push_str(&reasoning.text);
                    let proofs = [reasoning.signature, reasoning.encrypted];
                    told.proofs
                        .extend(proofs.into_iter().flatten().map(unmarked));
                }
                PartKind::ToolCall(call) => {
                    // A dialect without freeform tools writes their text as the one argument of a function.
                    let wrapped = serde_json::json!({ "input": call.arguments }).to_string();
                    let arguments = match call.kind {
                        // What the output limit cut is nothing where a call must hold an object, which is told as lost.
                        CallKind::Function if !is_object(&call.arguments) => "{}".to_owned(),
                        CallKind::Function => call.arguments,
                        CallKind::Freeform => wrapped,
                    };
                    told.calls.push((call.name, arguments));
                }
                PartKind::Image(_)
                | PartKind::Audio(_)
                | PartKind::Video(_)
                | PartKind::File(_)
                | PartKind::ToolResult(_)
                | PartKind::Opaque(..) => {}
            }
        }
        told
    }
}

fn is_object(arguments: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, Value>>(arguments).is_ok()
}

/// A proof by its own origin. A stream that was written for a client carries a foreign one marked, and is read here as if
/// a provider of the client's dialect had made it.
fn unmarked(proof: Sealed) -> Sealed {
    let marked = proof.value.strip_prefix("tollgate:");
    let marked = marked.and_then(|rest| rest.split_once(':'));
    match marked.and_then(|(name, value)| Some((protocol::dialect::find(name)?, value))) {
        Some((origin, value)) => Sealed::new(origin.id, value),
        None => proof,
    }
}
