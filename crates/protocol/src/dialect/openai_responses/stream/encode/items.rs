//! Items: each is told when it begins, and whole when it ends.

use super::super::frames::frame;
use super::{Encoder, OpenItem};
use crate::dialect::openai_responses::item::{self, Labels};
use crate::dialect::openai_responses::response;
use crate::dialect::write;
use crate::ir::{CallKind, Json, Opening, Part, PartKind, Reasoning, ToolCall};

impl Encoder {
    pub(super) fn open(&mut self, opening: &Opening, out: &mut Vec<u8>) {
        self.begin(out);
        let part = match opening {
            Opening::Text => Part::text(""),
            Opening::Refusal => Part::new(PartKind::Refusal(String::new())),
            Opening::Reasoning => Part::new(PartKind::Reasoning(Reasoning::default())),
            Opening::EncryptedReasoning(sealed) => Part::new(PartKind::Reasoning(Reasoning {
                encrypted: Some(sealed.clone()),
                ..Reasoning::default()
            })),
            Opening::ToolCall { id, name, kind } => {
                let wrapped = self.reply.freeform_tools.contains(name);
                Part::new(PartKind::ToolCall(ToolCall {
                    id: id.clone(),
                    name: name.clone(),
                    arguments: String::new(),
                    kind: if wrapped { CallKind::Freeform } else { *kind },
                }))
            }
            Opening::Whole(part) => return self.whole(part, out),
        };
        let is_said = matches!(part.kind, PartKind::Text(_) | PartKind::Refusal(_));
        if !(is_said && self.is_message_open()) {
            self.close_item(out);
            let wrapped = match opening {
                Opening::ToolCall { name, kind, .. } => {
                    *kind == CallKind::Function && self.reply.freeform_tools.contains(name)
                }
                _ => false,
            };
            self.open_item(&part, wrapped, out);
        }
        let Some(open) = &mut self.open else { return };
        open.parts.push(part);
        open.part_open = true;
        if is_said {
            self.content_part("response.content_part.added", out);
        }
    }

    fn is_message_open(&self) -> bool {
        let first = self.open.as_ref().and_then(|open| open.parts.first());
        first.is_some_and(|part| matches!(part.kind, PartKind::Text(_) | PartKind::Refusal(_)))
    }

    /// Whether the open item is a call with all that it is called with.
    pub(super) fn is_call_whole(&self) -> bool {
        let whole = self.open.as_ref().filter(|open| !open.part_open);
        let first = whole.and_then(|open| open.parts.first());
        first.is_some_and(|part| matches!(part.kind, PartKind::ToolCall(_)))
    }

    fn open_item(&mut self, part: &Part, wrapped: bool, out: &mut Vec<u8>) {
        let one = item::of_parts(std::slice::from_ref(part));
        let Some(one) = one.first() else { return };
        let id = response::item_id(one, self.items.len(), &self.reply);
        let written = match one {
            item::Item::Message(_) => empty_message(&id),
            item::Item::Reasoning(..) => empty_reasoning(&id),
            other => self.written(*other, &id, "in_progress"),
        };
        self.item_frame("response.output_item.added", &written, out);
        self.open = Some(OpenItem {
            id,
            parts: Vec::new(),
            part_open: false,
            logprobs: Vec::new(),
            wrapped,
        });
    }

    fn written(&self, one: item::Item<'_>, id: &str, status: &str) -> Json {
        let labels = Labels {
            id: Some(id),
            status: Some(status),
            names: &self.asked.names,
            logprobs: None,
        };
        let mut list = Vec::with_capacity(256);
        write::list(&mut list, |list| item::write(list, one, &labels));
        let inner = list.get(1..list.len().saturating_sub(1));
        let text = String::from_utf8_lossy(inner.unwrap_or_default()).into_owned();
        let mut json = Json::parse(text).unwrap_or_else(|_| Json::null());
        if let (item::Item::Call(_, call), "in_progress") = (one, status)
            && call.arguments.is_empty()
        {
            // What it is called with is still to come.
            json = Json::parse(
                json.get()
                    .replacen(r#""arguments":"{}""#, r#""arguments":"""#, 1),
            )
            .unwrap_or(json);
        }
        json
    }

    fn item_frame(&mut self, name: &str, item: &Json, out: &mut Vec<u8>) {
        frame(out, name, self.next, |o| {
            o.value("output_index", &self.items.len());
            o.value("item", item);
        });
        self.next += 1;
    }

    /// A part that is complete at once.
    fn whole(&mut self, part: &Part, out: &mut Vec<u8>) {
        self.close_item(out);
        let one = item::of_parts(std::slice::from_ref(part));
        let Some(one) = one.first() else { return };
        if matches!(one, item::Item::Unsayable(_)) {
            return self.losses.note(response::unsayable(part));
        }
        let id = response::item_id(one, self.items.len(), &self.reply);
        for (name, status) in [
            ("response.output_item.added", "in_progress"),
            ("response.output_item.done", "completed"),
        ] {
            let written = self.written(*one, &id, status);
            self.item_frame(name, &written, out);
        }
        let written = self.written(*one, &id, "completed");
        self.items.push(written);
    }

    pub(super) fn close_item(&mut self, out: &mut Vec<u8>) {
        self.close_part(out);
        let Some(open) = self.open.take() else { return };
        let items = item::of_parts(&open.parts);
        let Some(one) = items.first() else { return };
        let status = response::item_status(one, self.stop.as_ref());
        let written = self.written(*one, &open.id, status);
        self.item_frame("response.output_item.done", &written, out);
        self.items.push(written);
    }
}

/// A message that nothing was said in yet.
fn empty_message(id: &str) -> Json {
    Json::of(&serde_json::json!({
        "type": "message", "id": id, "status": "in_progress", "role": "assistant", "content": [],
    }))
}

/// Reasoning that nothing is known of yet.
fn empty_reasoning(id: &str) -> Json {
    Json::of(&serde_json::json!({ "type": "reasoning", "id": id, "summary": [] }))
}
