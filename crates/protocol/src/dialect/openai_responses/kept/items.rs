//! The items of a conversation: given ids when they are kept, found by them, and sent again.

use super::Referred;
use super::origins::{Origin, Origins};
use crate::dialect::fields::Fields;
use crate::dialect::openai_responses::response::OWN_REASONING;
use crate::ir::Malformed;
use crate::splice::Document;
use memchr::memmem;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// The items that a request adds to a conversation, as they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    /// A JSON array.
    pub json: String,
    /// Their ids, in order.
    pub ids: Vec<String>,
}

/// Why items could not be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unjoined {
    /// One of them, or their list, is not what it must be.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// They are more than may be put together: an item that is referred to counts as often as it is.
    #[error("its items have more than {0} bytes")]
    TooLarge(usize),
}

/// Items that are put together, within a bound.
#[derive(Debug)]
pub(super) struct Joined {
    items: Vec<String>,
    origins: Origins,
    bytes_left: usize,
    max_bytes: usize,
}

impl Joined {
    /// None yet.
    pub(super) fn of(max_bytes: usize) -> Self {
        Self {
            items: Vec::new(),
            origins: Origins::default(),
            bytes_left: max_bytes,
            max_bytes,
        }
    }

    fn push(&mut self, item: String) -> Result<(), Unjoined> {
        let left = self.bytes_left.checked_sub(item.len());
        self.bytes_left = left.ok_or(Unjoined::TooLarge(self.max_bytes))?;
        self.items.push(item);
        Ok(())
    }

    /// An item from there, or none where it cannot go on.
    fn push_from(&mut self, origin: Origin, item: Option<String>) -> Result<(), Unjoined> {
        match item {
            Some(item) => {
                self.origins.came(origin);
                self.push(item)
            }
            None => {
                self.origins.left_out(&origin);
                Ok(())
            }
        }
    }

    /// All of them, as a JSON array.
    pub(super) fn list(&self) -> String {
        format!("[{}]", self.items.join(","))
    }

    /// Where they came from.
    pub(super) fn into_origins(self) -> Origins {
        self.origins
    }
}

/// Items whose ids only name them: a provider that keeps nothing wants them without.
const NAMED_ONLY: &[&str] = &[
    "message",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
];

/// How ids begin, by the kind of item; those of other kinds begin with `item_`.
const PREFIXES: &[(&str, &str)] = &[
    ("message", "msg"),
    ("reasoning", "rs"),
    ("function_call", "fc"),
    ("function_call_output", "fco"),
    ("custom_tool_call", "ctc"),
    ("custom_tool_call_output", "ctco"),
];

impl Items {
    /// Reads the member `input` of a request. Each item gets its type and an id where it has none, made of the request's
    /// id, and messages their content as a list; so clients read them again.
    ///
    /// # Errors
    /// When it is neither text nor a list of objects, refers to an item that is not given, or they have more than
    /// `max_bytes`.
    pub fn of(
        input: &str,
        referred: &Referred,
        request_id: &str,
        max_bytes: usize,
    ) -> Result<Self, Unjoined> {
        let seed = seed(request_id);
        let mut whole = Joined::of(max_bytes);
        let mut ids = Vec::new();
        each(input, |item| {
            let (item, id) = match referred_id(item)? {
                Some(id) => named(given(referred, &id)?, &seed, ids.len())?,
                None => named(item, &seed, ids.len())?,
            };
            ids.push(id);
            whole.push(item)
        })?;
        Ok(Self {
            json: whole.list(),
            ids,
        })
    }

    /// The ids of all items in a JSON array that have one.
    ///
    /// # Errors
    /// When it is no list of objects.
    pub fn ids(list: &str) -> Result<Vec<String>, Malformed> {
        let mut ids = Vec::new();
        each(list, |item| {
            ids.extend(id_of(item)?);
            Ok::<(), Malformed>(())
        })?;
        Ok(ids)
    }
}

/// What ids begin with that are made of a request's.
pub(super) fn seed(request_id: &str) -> String {
    let plain = request_id.chars().filter(char::is_ascii_alphanumeric);
    plain.collect()
}

/// The items that a response added to its conversation: a JSON array.
///
/// # Errors
/// When it is not an object with a list.
pub fn output(answer: &str) -> Result<String, Malformed> {
    let doc = Document::parse(answer.as_bytes())?;
    let output = doc.get("output");
    let output = output.ok_or_else(|| Malformed::field("output", "is required"))?;
    Ok(output.to_owned())
}

/// The ids of items that the member `input` names instead of repeating them.
///
/// # Errors
/// When it is neither text nor a list of objects.
pub fn references(input: &str) -> Result<Vec<String>, Malformed> {
    let mut ids = Vec::new();
    // Nearly no request has any.
    if input.starts_with('[') && memmem::find(input.as_bytes(), b"\"id\"").is_some() {
        each(input, |item| {
            ids.extend(referred_id(item)?);
            Ok::<(), Malformed>(())
        })?;
    }
    Ok(ids)
}

/// Adds the items of a JSON array that have one of these ids. A list that cannot be read has none.
pub fn find(list: &str, wanted: &BTreeSet<String>, found: &mut Referred) {
    // What was found until then stays.
    let _: Result<(), Malformed> = each(list, |item| {
        if let Some(id) = id_of(item)?.filter(|id| wanted.contains(id)) {
            found.insert(id, item.to_owned());
        }
        Ok(())
    });
}

/// Adds kept items as a provider that keeps nothing takes them.
pub(super) fn replay(list: &str, all: &mut Joined) -> Result<(), Unjoined> {
    each(list, |item| {
        let origin = all.origins.next_earlier();
        all.push_from(origin, replayed(item)?)
    })
}

/// Adds a request's own items, those that it refers to as [`replay`] does.
pub(super) fn resolve(input: &str, referred: &Referred, all: &mut Joined) -> Result<(), Unjoined> {
    let mut places = 0..;
    each(input, |item| {
        let origin = match input.starts_with('"') {
            true => Origin::Text,
            false => Origin::Own(places.next().unwrap_or_default()),
        };
        let item = match referred_id(item)? {
            Some(id) => replayed(given(referred, &id)?)?,
            None => Some(item.to_owned()),
        };
        all.push_from(origin, item)
    })
}

/// Looks at each item of an input: text is one message of the user.
fn each<E: From<Malformed>>(
    input: &str,
    mut look: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    if input.starts_with('"') {
        return look(&format!(
            r#"{{"type":"message","role":"user","content":{input}}}"#
        ));
    }
    let items: Vec<&RawValue> = serde_json::from_str(input)
        .map_err(|_| Malformed::field("input", "must be a string or a list of items"))?;
    items.into_iter().try_for_each(|item| look(item.get()))
}

/// The id of an item that only refers to another one.
fn referred_id(item: &str) -> Result<Option<String>, Malformed> {
    if memmem::find(item.as_bytes(), b"\"id\"").is_none() {
        return Ok(None);
    }
    let mut fields = fields(item)?;
    let refers = match fields.string("type")?.as_deref() {
        Some("item_reference") => true,
        Some(_) => false,
        None => !fields.has("role"),
    };
    Ok(fields.string("id")?.filter(|_| refers))
}

fn given<'r>(referred: &'r Referred, id: &str) -> Result<&'r str, Malformed> {
    let item = referred.get(id).map(String::as_str);
    item.ok_or_else(|| Malformed::field("input", format!("Item with id '{id}' not found.")))
}

fn id_of(item: &str) -> Result<Option<String>, Malformed> {
    Ok(fields(item)?.string("id")?.filter(|id| !id.is_empty()))
}

fn fields(item: &str) -> Result<Fields<'_, '_>, Malformed> {
    Fields::body(item.as_bytes())
}

/// An item's kind; messages may leave it out.
fn kind(doc: &Document<'_>) -> Result<String, Malformed> {
    Ok(match doc.string("type")? {
        Some(kind) => kind.into_owned(),
        None => "message".to_owned(),
    })
}

fn named(item: &str, seed: &str, n: usize) -> Result<(String, String), Malformed> {
    let mut doc = Document::parse(item.as_bytes())?;
    let kind = kind(&doc)?;
    if doc.string("type")?.is_none() {
        doc.set("type", &quoted(&kind));
    }
    if kind == "message" {
        let text = doc.get("content").filter(|raw| raw.starts_with('"'));
        if let Some(text) = text {
            let assistant = doc.string("role")?.as_deref() == Some("assistant");
            let part = match assistant {
                true => format!(r#"[{{"type":"output_text","text":{text},"annotations":[]}}]"#),
                false => format!(r#"[{{"type":"input_text","text":{text}}}]"#),
            };
            doc.set("content", &part);
        }
    }
    let own = doc.string("id")?.filter(|id| !id.is_empty());
    let own = own.map(std::borrow::Cow::into_owned);
    let id = own.unwrap_or_else(|| {
        let prefix = PREFIXES.iter().find(|(known, _)| *known == kind);
        let prefix = prefix.map_or("item", |(_, prefix)| prefix);
        // Not as those of answers are made, whose requests have the same id.
        let id = format!("{prefix}_tg_{seed}_in{n}");
        doc.set("id", &quoted(&id));
        id
    });
    Ok((text_of(&doc), id))
}

fn replayed(item: &str) -> Result<Option<String>, Malformed> {
    let mut doc = Document::parse(item.as_bytes())?;
    let kind = kind(&doc)?;
    if kind == "reasoning" {
        let sealed = doc.string("encrypted_content")?;
        let sealed = sealed.is_some_and(|it| !it.is_empty());
        // That of a provider which keeps nothing at all stands in its words.
        let id = doc.string("id")?;
        let told = id.is_some_and(|id| id.starts_with(OWN_REASONING));
        return Ok((sealed || told).then(|| item.to_owned()));
    }
    if NAMED_ONLY.contains(&kind.as_str()) {
        doc.remove("id");
    }
    Ok(Some(text_of(&doc)))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn text_of(doc: &Document<'_>) -> String {
    // A document is made of text.
    String::from_utf8_lossy(&doc.apply()).into_owned()
}
