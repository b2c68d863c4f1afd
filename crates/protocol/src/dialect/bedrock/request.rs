//! Requests: what the pipeline needs to know of one before it is decoded, and the edits that send it on to a provider
//! of the same dialect. Reading and writing a whole one stand in the files below.

mod decode;
mod documents;
mod encode;
mod foreign_reasoning;
mod part_blocks;
mod reasoning;
mod tools;

pub(super) use decode::decode;
pub(super) use encode::encode;
pub(super) use part_blocks::input_json;

use crate::dialect::codec::{Needs, Outline};
use crate::dialect::controls;
use crate::dialect::fields::{Fields, Path};
use crate::ir::{Loss, Malformed};
use crate::splice::Document;
use memchr::memmem;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// Reads what the pipeline needs to know. Model and streaming are said in the path.
pub(super) fn outline(doc: &Document<'_>) -> Result<Outline, Malformed> {
    // A prompt that is kept by the provider brings its own.
    if doc.is_hollow("messages") && doc.get("promptVariables").is_none() {
        return Err(Malformed::field(
            "messages",
            "must hold at least one message",
        ));
    }
    Ok(Outline {
        model: String::new(),
        stream: false,
        include_usage: true,
        max_output_tokens: match member(doc, "inferenceConfig")? {
            Some(mut config) => config.unsigned("maxTokens")?,
            None => None,
        },
        needs: needs(doc)?,
        freeform_tools: Vec::new(),
        controls: controls(doc)?,
    })
}

/// The official clients write no member that Converse does not know, but for what is meant for the model.
fn controls(doc: &Document<'_>) -> Result<Vec<(&'static str, String)>, Malformed> {
    let mut found = controls::read(doc);
    if let Some(mut more) = member(doc, decode::MORE_FIELDS)?
        && let Some(raw) = more.take(controls::INSIDE)
    {
        let at = more.at();
        controls::read_inside(Fields::of(raw, at.key(controls::INSIDE))?, &mut found)?;
    }
    Ok(found)
}

fn needs(doc: &Document<'_>) -> Result<Needs, Malformed> {
    let blocks = Blocks::of(doc);
    let tools = match member(doc, "toolConfig")? {
        Some(mut config) => config.list("tools")?.is_some_and(|tools| !tools.is_empty()),
        None => false,
    };
    let structured_output = match member(doc, "outputConfig")? {
        Some(config) => config.has("textFormat"),
        None => false,
    };
    let reasoning = match member(doc, decode::MORE_FIELDS)? {
        Some(mut more) => {
            let mut on = more.has("reasoning_effort");
            for name in decode::THINKING {
                if let Some(raw) = more.take(name) {
                    let kind = Fields::of(raw, more.at().key(name))?.string("type")?;
                    on |= kind.is_some_and(|kind| kind != "disabled");
                }
            }
            on
        }
        None => false,
    };
    Ok(Needs {
        tools,
        vision: blocks.images,
        files: blocks.documents,
        audio: blocks.audio,
        structured_output,
        reasoning,
    })
}

/// A top-level member that is an object.
fn member<'d>(doc: &'d Document<'_>, name: &'d str) -> Result<Option<Fields<'d, 'd>>, Malformed> {
    let Some(text) = doc.get(name).filter(|raw| *raw != "null") else {
        return Ok(None);
    };
    let at = Path::ROOT.key(name);
    let raw = serde_json::from_str(text).map_err(|bad| at.wrong(bad.to_string()))?;
    Fields::of(raw, at).map(Some)
}

/// Which media stand in the messages, and in the tool results in them.
#[derive(Clone, Copy, Debug, Default)]
struct Blocks {
    images: bool,
    documents: bool,
    audio: bool,
}

impl Blocks {
    /// Looks. The blocks are read only where one of the words occurs at all, since it may also stand in a text.
    fn of(doc: &Document<'_>) -> Self {
        let mut found = Self::default();
        let Some(messages) = doc.get("messages") else {
            return found;
        };
        let mentions = |word: &str| memmem::find(messages.as_bytes(), word.as_bytes()).is_some();
        if !["\"image\"", "\"document\"", "\"audio\""]
            .iter()
            .any(|word| mentions(word))
        {
            return found;
        }
        for message in serde_json::from_str::<Vec<Holder<'_>>>(messages).unwrap_or_default() {
            found.look(message.content, WithResults::Yes);
        }
        found
    }

    fn look(&mut self, content: Option<&RawValue>, with_results: WithResults) {
        let list = content.map_or("[]", RawValue::get);
        for block in serde_json::from_str::<Vec<Holder<'_>>>(list).unwrap_or_default() {
            self.images |= block.image.is_some();
            self.documents |= block.document.is_some();
            self.audio |= block.audio.is_some();
            if let (Some(result), WithResults::Yes) = (block.tool_result, with_results) {
                let inner = serde_json::from_str::<Holder<'_>>(result.get()).unwrap_or_default();
                self.look(inner.content, WithResults::No);
            }
        }
    }
}

/// Whether tool results are looked into: results hold no results.
#[derive(Clone, Copy)]
enum WithResults {
    Yes,
    No,
}

/// A message, a block or a tool's result, as far as it is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Holder<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow, rename = "toolResult")]
    tool_result: Option<&'a RawValue>,
    image: Option<IgnoredAny>,
    document: Option<IgnoredAny>,
    audio: Option<IgnoredAny>,
}

/// Same dialect: the gateway's own controls come out, and so does reasoning that another dialect's provider did. The
/// model stands in the path.
pub(super) fn retarget(doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss> {
    controls::remove(doc, &outline.controls);
    doc.remove_in(decode::MORE_FIELDS, controls::INSIDE);
    foreign_reasoning::remove(doc, model)
}
