//! Requests: what the pipeline needs to know of one before it is decoded, and reading a whole one. How blocks of content
//! are read stands in the file below. <https://docs.merge.dev/merge-gateway/api-reference> (2026-08).

mod blocks;
mod decode;

pub(super) use decode::decode;

use crate::dialect::codec::{Needs, Outline};
use crate::dialect::controls;
use crate::dialect::fields::{Fields, Path};
use crate::ir::Malformed;
use crate::splice::Document;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The model that stands for "what the resolved routing policy says".
const DEFAULT_ROUTING: &str = "default_routing";

/// Reads what the pipeline needs to know.
pub(super) fn outline(doc: &Document<'_>) -> Result<Outline, Malformed> {
    let input = doc
        .get("input")
        .filter(|raw| *raw != "null")
        .ok_or_else(|| Malformed::field("input", "is required"))?;
    if doc.is_hollow("input") {
        return Err(Malformed::field("input", "must not be empty"));
    }
    let named = doc.string("model")?;
    Ok(Outline {
        model: model(named, doc.get("priority_order"))?,
        stream: doc.boolean("stream")?.unwrap_or(false),
        include_usage: true,
        max_output_tokens: doc.unsigned("max_tokens")?,
        needs: Needs {
            tools: doc
                .get("tools")
                .and_then(|raw| raw.strip_prefix('['))
                .is_some_and(|rest| !rest.trim_start().starts_with(']')),
            structured_output: doc.mentions_key("response_format", "json_schema"),
            reasoning: reasons(doc)?,
            ..media(input)
        },
        freeform_tools: Vec::new(),
        controls: controls(doc)?,
    })
}

/// What only some vendors know.
const OPTIONS: &str = "provider_options";

/// The official packages write no member that Merge does not know, but for the options of vendors.
fn controls(doc: &Document<'_>) -> Result<Vec<(&'static str, String)>, Malformed> {
    let mut found = controls::read(doc);
    if let Some(options) = doc.get(OPTIONS).filter(|raw| *raw != "null") {
        let at = Path::ROOT.key(OPTIONS);
        let options = serde_json::from_str(options).map_err(|bad| at.wrong(bad.to_string()))?;
        if let Some(inside) = Fields::of(options, at)?.take(controls::INSIDE) {
            controls::read_inside(Fields::of(inside, at.key(controls::INSIDE))?, &mut found)?;
        }
    }
    Ok(found)
}

/// The model to begin with: the one that is named, or the first of `priority_order`.
fn model(named: Option<Cow<'_, str>>, order: Option<&str>) -> Result<String, Malformed> {
    match named {
        Some(name) if name.is_empty() => Err(Malformed::field("model", "must not be empty")),
        Some(name) if name != DEFAULT_ROUTING => Ok(name.into_owned()),
        named => {
            let models = order.map(controls::priority_order).transpose()?;
            let first = models.and_then(|models| models.into_iter().next());
            first.ok_or_else(|| match named {
                Some(_) => Malformed::field(
                    "model",
                    "asks for the routing policy that applies, and there is none: name a model, or several in priority_order",
                ),
                None => Malformed::field("model", "is required, or priority_order"),
            })
        }
    }
}

/// Whether reasoning is asked for explicitly.
fn reasons(doc: &Document<'_>) -> Result<bool, Malformed> {
    let effort = doc.string("reasoning_effort")?;
    let Some(raw) = doc.get("thinking").filter(|raw| *raw != "null") else {
        return Ok(effort.is_some_and(|word| word != "none"));
    };
    let at = Path::ROOT.key("thinking");
    let raw: &RawValue = serde_json::from_str(raw).map_err(|bad| at.wrong(bad.to_string()))?;
    let kind = Fields::of(raw, at)?.string("type")?;
    Ok(kind.as_deref() != Some("disabled"))
}

/// Which media the input holds.
fn media(input: &str) -> Needs {
    let mut needs = Needs::default();
    if input.starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<Holder<'_>>>(input)
    {
        items.iter().for_each(|item| item.look(3, &mut needs));
    }
    needs
}

/// An item or a block: whatever may have blocks as its content.
#[derive(Deserialize)]
struct Holder<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

impl Holder<'_> {
    /// Notes what it is, and what stands in it at most `depth` levels down.
    fn look(&self, depth: u8, needs: &mut Needs) {
        match self.kind.as_deref() {
            Some("image" | "image_url") => needs.vision = true,
            Some("document") => needs.files = true,
            Some("audio") => needs.audio = true,
            _ => {}
        }
        let Some(below) = depth.checked_sub(1) else {
            return;
        };
        let blocks = self
            .content
            .filter(|content| content.get().starts_with('['))
            .and_then(|content| serde_json::from_str::<Vec<Holder<'_>>>(content.get()).ok());
        for block in blocks.iter().flatten() {
            block.look(below, needs);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Outline, Malformed> {
        outline(&Document::parse(body.as_bytes()).unwrap())
    }

    #[test]
    fn the_model_may_stand_in_the_order() {
        let check = |members: &str, expect: &str| {
            let got = match read(&format!(r#"{{"input":"Hi."{members}}}"#)) {
                Ok(outline) => outline.model,
                Err(bad) => bad.to_string(),
            };
            assert!(got.starts_with(expect), "{members}: {got}");
        };
        let order = r#","priority_order":[{"model":"b","priority":2},{"model":"a","priority":1}]"#;
        check(r#","model":"m""#, "m");
        check(&format!(r#","model":"m"{order}"#), "m");
        check(order, "a");
        check(&format!(r#","model":"default_routing"{order}"#), "a");
        check(r#","model":"default_routing""#, "model: asks for");
        check("", "model: is required");
        check(r#","model":"""#, "model: must not be empty");
        check(r#","priority_order":[]"#, "model: is required");
        check(r#","priority_order":7"#, "priority_order: ");
    }

    #[test]
    fn needs_are_found_wherever_they_stand() {
        let check = |body: &str, expect: Needs| {
            let body = format!(r#"{{"model":"m",{body}}}"#);
            assert_eq!(read(&body).unwrap().needs, expect, "{body}");
        };
        check(r#""input":"an image_url""#, Needs::default());
        let vision = Needs {
            vision: true,
            ..Needs::default()
        };
        check(
            r#""input":[{"type":"message","role":"user","content":[{"type":"image_url","url":"x"}]}]"#,
            vision,
        );
        check(
            r#""input":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image"}]}]"#,
            vision,
        );
        check(
            r#""input":[{"content":[{"type":"document"},{"type":"audio"}]}],"tools":[ ],"thinking":{"type":"enabled"}"#,
            Needs {
                files: true,
                audio: true,
                reasoning: true,
                ..Needs::default()
            },
        );
        check(
            r#""input":"x","thinking":{"type":"disabled"},"tools":[{}],"response_format":{"json_schema":{}}"#,
            Needs {
                tools: true,
                structured_output: true,
                ..Needs::default()
            },
        );
    }
}
