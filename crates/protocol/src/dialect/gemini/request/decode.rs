//! Reads a client's request. Fields: <https://ai.google.dev/api/generate-content#request-body> (2026-11).

use super::super::ID;
use super::super::parts::{self, Calls};
use super::{config, tools};
use crate::dialect::controls;
use crate::dialect::fields::{Fields, Path, shape};
use crate::ir::{Extra, Malformed, Message, Part, PartKind, Reasoning, Request, Role};
use serde_json::value::RawValue;

/// Reads a whole request. Model and streaming stand in the path.
pub(in super::super) fn decode(body: &[u8]) -> Result<Request, Malformed> {
    let mut fields = Fields::body(body)?.camel_case();
    fields.take("model");
    let mut extra = Extra::default();
    let mut request = Request {
        include_usage: true,
        ..Request::default()
    };
    instructions(&mut fields, &mut request)?;
    contents(&mut fields, &mut request)?;
    tools::read(&mut fields, &mut request)?;
    tools::read_config(&mut fields, &mut request, &mut extra)?;
    config::read(&mut fields, &mut request, &mut extra)?;
    request.service_tier = fields.string("serviceTier")?;
    fields.rest_into(ID, "", &mut extra);
    extra.0.retain(|(_, key, _)| !controls::is_control(key));
    request.extra = extra;
    Ok(request)
}

fn instructions(fields: &mut Fields<'_, '_>, request: &mut Request) -> Result<(), Malformed> {
    let Some(raw) = fields.take("systemInstruction") else {
        return Ok(());
    };
    let at = Path::ROOT.key("systemInstruction");
    let mut calls = Calls::default();
    let parts = if raw.get().starts_with('"') {
        vec![Part::text(crate::dialect::fields::string(raw, &at)?)]
    } else {
        let mut content = Fields::of(raw, at)?.camel_case();
        // It has a role in the same type as turns do, and no meaning.
        content.take("role");
        let list = content.list("parts")?.unwrap_or_default();
        let parts = parts::read_all(list, at.key("parts"), &mut calls)?;
        let extra = content.rest(ID);
        request.messages.push(Message {
            role: Role::System,
            parts,
            name: None,
            extra,
        });
        return Ok(());
    };
    request.messages.push(Message {
        role: Role::System,
        parts,
        name: None,
        extra: Extra::default(),
    });
    Ok(())
}

fn contents(fields: &mut Fields<'_, '_>, request: &mut Request) -> Result<(), Malformed> {
    let raw = fields.need("contents")?;
    let at = Path::ROOT.key("contents");
    let list: Vec<&RawValue> = match raw.get().as_bytes().first() {
        // The REST reference has a list; its servers take a single turn too.
        Some(b'{') => vec![raw],
        _ => serde_json::from_str(raw.get())
            .map_err(|_| at.wrong(format!("must be a list of contents, but is {}", shape(raw))))?,
    };
    if list.is_empty() {
        return Err(at.wrong("must hold at least one turn"));
    }
    let mut calls = Calls::default();
    for (index, raw) in list.into_iter().enumerate() {
        let at = at.index(index);
        let mut content = Fields::of(raw, at)?.camel_case();
        let role = match content.string("role")?.as_deref() {
            // Old clients answer functions as `function`.
            None | Some("user" | "function" | "") => Role::User,
            Some("model") => Role::Assistant,
            Some(other) => {
                let say = format!("must be `user` or `model`, but is `{other}`");
                return Err(at.key("role").wrong(say));
            }
        };
        let goes_on = request.messages.last().is_some_and(|it| it.role == role);
        if role == Role::Assistant && !goes_on {
            calls.begin_turn();
        }
        let list = content.list("parts")?.unwrap_or_default();
        let parts = parts::read_all(list, at.key("parts"), &mut calls)?;
        let message = Message {
            role,
            parts,
            name: None,
            extra: content.rest(ID),
        };
        match request.messages.last_mut() {
            Some(last) if goes_on && role == Role::Assistant => go_on(last, message),
            _ => request.messages.push(message),
        }
    }
    Ok(())
}

/// Official clients keep a streamed answer as one turn for each chunk; together they are what the model said.
fn go_on(last: &mut Message, more: Message) {
    let mut parts = more.parts.into_iter().peekable();
    if let (Some(end), Some(begin)) = (last.parts.last_mut(), parts.peek())
        && let Some(joined) = joined(end, begin)
    {
        end.kind = joined;
        parts.next();
    }
    last.parts.extend(parts);
    last.extra.0.extend(more.extra.0);
}

/// Two pieces of one text or one thought.
fn joined(end: &Part, begin: &Part) -> Option<PartKind> {
    if !end.extra.is_empty() || !begin.extra.is_empty() {
        return None;
    }
    match (&end.kind, &begin.kind) {
        (PartKind::Text(a), PartKind::Text(b)) => Some(PartKind::Text(format!("{a}{b}"))),
        (PartKind::Reasoning(a), PartKind::Reasoning(b))
            if a.signature.is_none() && a.encrypted.is_none() && goes_with(b) =>
        {
            let mut whole = b.clone();
            whole.text.insert_str(0, &a.text);
            Some(PartKind::Reasoning(whole))
        }
        _ => None,
    }
}

/// Whether it is more of the thought before it: text, or the proof that another dialect's provider gave at its end. A
/// proof of this dialect without text is of what follows.
fn goes_with(more: &Reasoning) -> bool {
    let foreign = more
        .signature
        .as_ref()
        .is_some_and(|it| it.open(ID).is_none());
    !more.text.is_empty() || foreign
}
