//! Reads JSON objects member by member, for the decoders of all dialects: every wrong type names its exact path
//! (`messages[1].content[0].image_url.url`), and what nobody asked for stays, in its order, as [`Extra`]. Nothing here
//! knows a dialect.

use super::DialectId;
use crate::ir::{Extra, Json, Loss, Malformed, Part, PartKind, is_lost};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Where a value stands. Costs nothing until it is shown.
#[derive(Clone, Copy, Debug)]
pub(in crate::dialect) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The body itself.
    pub(in crate::dialect) const ROOT: Path<'static> = Path {
        parent: None,
        step: Step::Root,
    };

    /// A member of the object that stands here.
    pub(in crate::dialect) fn key(&'p self, key: &'p str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    /// An element of the list that stands here.
    pub(in crate::dialect) fn index(&'p self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    /// What stands here is wrong.
    pub(in crate::dialect) fn wrong(&self, message: impl Into<String>) -> Malformed {
        match self.step {
            Step::Root => Malformed::body(message),
            Step::Key(_) | Step::Index(_) => Malformed::field(self.to_string(), message),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) if self.parent.is_none_or(|p| matches!(p.step, Step::Root)) => {
                f.write_str(key)
            }
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// The members of an object that were not asked for yet. `null` counts as absent for whoever asks by name; of a key
/// that stands twice the last one counts.
#[derive(Clone, Debug)]
pub(in crate::dialect) struct Fields<'a, 'p> {
    at: Path<'p>,
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a, 'p> Fields<'a, 'p> {
    /// Reads a whole body.
    pub(in crate::dialect) fn body(body: &'a [u8]) -> Result<Fields<'a, 'static>, Malformed> {
        let text = std::str::from_utf8(body)
            .map_err(|bad| Malformed::body(format!("the body is not UTF-8: {bad}")))?;
        let raw: &RawValue = serde_json::from_str(text)
            .map_err(|bad| Malformed::body(format!("the body is not valid JSON: {bad}")))?;
        Fields::of(raw, Path::ROOT)
    }

    /// Reads the object that stands at `at`.
    pub(in crate::dialect) fn of(raw: &'a RawValue, at: Path<'p>) -> Result<Self, Malformed> {
        match serde_json::from_str::<Members<'a>>(raw.get()) {
            Ok(Members(members)) => Ok(Self { at, members }),
            Err(_) => Err(at.wrong(format!("must be an object, but is {}", shape(raw)))),
        }
    }

    /// The same with every name in camel case: Google's servers know each field by two names (`system_instruction`).
    /// <https://protobuf.dev/programming-guides/json/>
    pub(in crate::dialect) fn camel_case(mut self) -> Self {
        for (name, _) in &mut self.members {
            if let Some(camel) = camel(name) {
                *name = Cow::Owned(camel);
            }
        }
        self
    }

    /// All members that were not asked for, in their order.
    pub(in crate::dialect) fn into_members(self) -> Vec<(Cow<'a, str>, &'a RawValue)> {
        self.members
    }

    /// Where this object stands.
    pub(in crate::dialect) fn at(&self) -> Path<'p> {
        self.at
    }

    /// Takes a member as it is.
    pub(in crate::dialect) fn take(&mut self, key: &str) -> Option<&'a RawValue> {
        let mut found = None;
        self.members.retain(|(name, value)| {
            let hit = name == key;
            if hit {
                found = Some(*value);
            }
            !hit
        });
        found.filter(|raw| raw.get() != "null")
    }

    /// Whether a member is there and not `null`.
    pub(in crate::dialect) fn has(&self, key: &str) -> bool {
        self.members
            .iter()
            .any(|(name, value)| name == key && value.get() != "null")
    }

    /// Takes a member that is `null`; says whether it was.
    pub(in crate::dialect) fn take_null(&mut self, key: &str) -> bool {
        let before = self.members.len();
        self.members
            .retain(|(name, value)| name != key || value.get() != "null");
        self.members.len() < before
    }

    /// A member that stays where it is.
    pub(in crate::dialect) fn peek(&self, key: &str) -> Option<&'a RawValue> {
        let member = self.members.iter().rev().find(|(name, _)| name == key);
        member
            .map(|(_, raw)| *raw)
            .filter(|raw| raw.get() != "null")
    }

    /// The elements of a list that stays where it is.
    pub(in crate::dialect) fn peek_list(
        &self,
        key: &str,
    ) -> Result<Option<Vec<&'a RawValue>>, Malformed> {
        let list = self.peek(key).map(|raw| serde_json::from_str(raw.get()));
        list.transpose()
            .map_err(|_| self.at.key(key).wrong("must be a list"))
    }

    /// Takes a member that must be there, as it is.
    pub(in crate::dialect) fn need(&mut self, key: &str) -> Result<&'a RawValue, Malformed> {
        self.take(key)
            .ok_or_else(|| self.at.key(key).wrong("is required"))
    }

    /// Takes a text.
    pub(in crate::dialect) fn string(&mut self, key: &str) -> Result<Option<String>, Malformed> {
        self.typed(key, "must be a string")
    }

    /// Takes a text that must be there.
    pub(in crate::dialect) fn need_string(&mut self, key: &str) -> Result<String, Malformed> {
        let raw = self.need(key)?;
        string(raw, &self.at.key(key))
    }

    /// Takes a boolean.
    pub(in crate::dialect) fn boolean(&mut self, key: &str) -> Result<Option<bool>, Malformed> {
        self.typed(key, "must be true or false")
    }

    /// Takes a whole number of 0 or more.
    pub(in crate::dialect) fn unsigned(&mut self, key: &str) -> Result<Option<u64>, Malformed> {
        self.typed(key, "must be a whole number of 0 or more")
    }

    /// Takes a whole number of 0 to 2³²−1.
    pub(in crate::dialect) fn small(&mut self, key: &str) -> Result<Option<u32>, Malformed> {
        self.typed(key, "must be a whole number of 0 to 4294967295")
    }

    /// Takes a whole number.
    pub(in crate::dialect) fn integer(&mut self, key: &str) -> Result<Option<i64>, Malformed> {
        self.typed(key, "must be a whole number")
    }

    /// Takes a number.
    pub(in crate::dialect) fn number(&mut self, key: &str) -> Result<Option<Number>, Malformed> {
        self.typed(key, "must be a number")
    }

    /// Takes an object that is kept as it was written.
    pub(in crate::dialect) fn json_object(&mut self, key: &str) -> Result<Option<Json>, Malformed> {
        Ok(self.object(key)?.map(json))
    }

    /// Takes an object as it is.
    pub(in crate::dialect) fn object(
        &mut self,
        key: &str,
    ) -> Result<Option<&'a RawValue>, Malformed> {
        let Some(raw) = self.take(key) else {
            return Ok(None);
        };
        if raw.get().starts_with('{') {
            return Ok(Some(raw));
        }
        Err(self
            .at
            .key(key)
            .wrong(format!("must be an object, but is {}", shape(raw))))
    }

    /// Takes a list.
    pub(in crate::dialect) fn list(
        &mut self,
        key: &str,
    ) -> Result<Option<Vec<&'a RawValue>>, Malformed> {
        self.typed(key, "must be a list")
    }

    /// What was not asked for, tagged with the dialect it came from.
    pub(in crate::dialect) fn rest(self, from: DialectId) -> Extra {
        let mut extra = Extra::default();
        self.rest_into(from, "", &mut extra);
        extra
    }

    /// Appends what was not asked for to the extras of an outer object, each name behind `prefix`.
    pub(in crate::dialect) fn rest_into(self, from: DialectId, prefix: &str, extra: &mut Extra) {
        for (key, value) in self.members {
            extra.push(from, format!("{prefix}{key}"), json(value));
        }
    }

    /// What was not asked for, as losses, each name behind `prefix`: where nothing carries it.
    pub(in crate::dialect) fn lost(self, prefix: &str) -> impl Iterator<Item = Loss> {
        let said = self.members.into_iter();
        said.filter_map(move |(key, value)| lost(prefix, &key, value))
    }

    /// Takes members that are labels (see [`Extra`]), each name behind `prefix`.
    pub(in crate::dialect) fn labels_into(
        &mut self,
        names: &[&str],
        from: DialectId,
        prefix: &str,
        extra: &mut Extra,
    ) {
        for name in names {
            if let Some(value) = self.take(name) {
                extra.label(from, &format!("{prefix}{name}"), json(value));
            }
        }
    }

    fn typed<T: Deserialize<'a>>(
        &mut self,
        key: &str,
        allowed: &str,
    ) -> Result<Option<T>, Malformed> {
        let Some(raw) = self.take(key) else {
            return Ok(None);
        };
        serde_json::from_str(raw.get())
            .map(Some)
            .map_err(|_| self.at.key(key).wrong(not(allowed, raw)))
    }
}

/// The loss of a member that nothing carries, if it is one.
pub(in crate::dialect) fn lost(prefix: &str, key: &str, value: &RawValue) -> Option<Loss> {
    // Said first of what many frames have: `null`.
    if value.get() == "null" {
        return None;
    }
    let field = format!("{prefix}{key}");
    is_lost(&field, value.get()).then(|| Loss::dropped(field))
}

/// The name in camel case; `None` where it is already.
pub(in crate::dialect) fn camel(name: &str) -> Option<String> {
    let (first, rest) = name.split_at_checked(1)?;
    if !rest.contains('_') {
        return None;
    }
    let mut out = first.to_owned();
    let mut words = rest.split('_');
    out.extend(words.next());
    for word in words {
        let mut letters = word.chars();
        out.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    Some(out)
}

/// Reads a text that stands at `at`.
pub(in crate::dialect) fn string(raw: &RawValue, at: &Path<'_>) -> Result<String, Malformed> {
    serde_json::from_str(raw.get()).map_err(|_| at.wrong(not("must be a string", raw)))
}

/// Why a value is not what it must be. A JSON text may be no string all the same: half of a surrogate pair (`\ud800`) stands
/// for no character.
fn not(allowed: &str, raw: &RawValue) -> String {
    match (allowed, raw.get().starts_with('"')) {
        ("must be a string", true) => {
            "must be valid text, but holds half of a surrogate pair".to_owned()
        }
        _ => format!("{allowed}, but is {}", shape(raw)),
    }
}

/// Keeps a value as it was written.
pub(in crate::dialect) fn json(raw: &RawValue) -> Json {
    Json::from(raw.to_owned())
}

/// What kind of JSON value it is, in words for people; short numbers and words are shown.
pub(in crate::dialect) fn shape(raw: &RawValue) -> Cow<'static, str> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => "an object".into(),
        Some(b'[') => "a list".into(),
        Some(b'"') => "a string".into(),
        _ if text.len() <= 24 => text.to_owned().into(),
        _ => "a number".into(),
    }
}

/// A part of a kind that is not known here, and that nobody else can be told: it is refused where another dialect follows.
/// `field` says which member tells, and `message` what would be allowed.
pub(in crate::dialect) fn unknown_part(
    from: DialectId,
    raw: &RawValue,
    field: &Path<'_>,
    message: impl Into<String>,
) -> Part {
    let mut part = Part::new(PartKind::Opaque(from, json(raw)));
    part.extra
        .note_unknown(from, field.to_string(), message.into());
    part
}

/// The `type` of an object that is kept as it was written; empty where it names none.
pub(in crate::dialect) fn type_of(json: &Json) -> String {
    Fields::body(json.get().as_bytes())
        .and_then(|mut fields| fields.string("type"))
        .ok()
        .flatten()
        .unwrap_or_default()
}

/// What an object that is kept as it was written is called: its `type`, or else its first member, since dialects without
/// types tell their parts apart by that.
pub(in crate::dialect) fn name_of(json: &Json) -> String {
    let named = type_of(json);
    if !named.is_empty() {
        return named;
    }
    let first = Fields::body(json.get().as_bytes())
        .ok()
        .and_then(|fields| Some(fields.members.first()?.0.to_string()));
    first.unwrap_or_default()
}

/// What a part is called in losses.
pub(in crate::dialect) fn name_of_part(kind: &PartKind) -> String {
    match kind {
        PartKind::Opaque(_, json) => name_of(json),
        kind => kind.as_str().to_owned(),
    }
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(map.size_hint().unwrap_or(8));
        while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            members.push((key, value));
        }
        Ok(Members(members))
    }
}

/// The name of a member, or another text, borrowed where it needs no unescaping.
pub(in crate::dialect) struct Key<'a>(pub(in crate::dialect) Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    /// Parts of dialects without types were lost as "content.".
    #[test]
    fn what_has_no_type_is_called_by_its_first_member() {
        let check = |text: &str, expect: &str| assert_eq!(name_of(&json(raw(text))), expect);
        check(r#"{"id":1,"type":"hologram"}"#, "hologram");
        check(r#"{"executableCode":{},"more":1}"#, "executableCode");
        check("{}", "");
    }

    #[test]
    fn a_path_shows_as_people_write_it() {
        let messages = Path::ROOT.key("messages");
        let second = messages.index(1);
        let content = second.key("content");
        let first = content.index(0);
        assert_eq!(first.key("text").to_string(), "messages[1].content[0].text");
    }

    #[test]
    fn wrong_types_name_the_path_and_what_is_allowed() {
        let outer = Path::ROOT.key("outer");
        let mut fields = Fields::of(raw(r#"{"n":-1,"s":7,"b":"yes","l":{}}"#), outer).unwrap();
        let say = |bad: Malformed| bad.to_string();
        assert_eq!(
            say(fields.unsigned("n").unwrap_err()),
            "outer.n: must be a whole number of 0 or more, but is -1"
        );
        assert_eq!(
            say(fields.string("s").unwrap_err()),
            "outer.s: must be a string, but is 7"
        );
        assert_eq!(
            say(fields.boolean("b").unwrap_err()),
            "outer.b: must be true or false, but is a string"
        );
        assert_eq!(
            say(fields.list("l").unwrap_err()),
            "outer.l: must be a list, but is an object"
        );
        let mut half = Fields::of(raw(r#"{"s":"\ud800"}"#), outer).unwrap();
        assert_eq!(
            say(half.string("s").unwrap_err()),
            "outer.s: must be valid text, but holds half of a surrogate pair"
        );
        assert_eq!(
            say(fields.need("gone").unwrap_err()),
            "outer.gone: is required"
        );
    }

    #[test]
    fn what_was_not_asked_for_stays_in_order_and_spelling() {
        let mut fields =
            Fields::body(br#"{"z": 1.50, "a":null,"model":"m","k\u00e9":[1, 2]}"#).unwrap();
        assert_eq!(fields.need_string("model").unwrap(), "m");
        let id = super::super::openai_chat::ID;
        let extra = fields.rest(id);
        let seen: Vec<_> = extra.of(id).map(|(k, v)| (k, v.get())).collect();
        assert_eq!(seen, [("z", "1.50"), ("a", "null"), ("ké", "[1, 2]")]);
    }

    #[test]
    fn a_field_is_known_by_either_name() {
        let check = |name: &str, expect: Option<&str>| assert_eq!(camel(name).as_deref(), expect);
        check("system_instruction", Some("systemInstruction"));
        check("response_json_schema", Some("responseJsonSchema"));
        check("topP", None);
        check("_responseJsonSchema", None);
        check("é_a", None);
        check("", None);
        let mut fields = Fields::body(br#"{"top_p":1,"topP":2}"#)
            .unwrap()
            .camel_case();
        assert_eq!(fields.unsigned("topP").unwrap(), Some(2));
    }

    #[test]
    fn null_is_absent_and_the_last_of_two_counts() {
        let mut fields = Fields::body(br#"{"a":1,"b":null,"a":2}"#).unwrap();
        assert_eq!(fields.unsigned("a").unwrap(), Some(2));
        assert_eq!(fields.unsigned("b").unwrap(), None);
    }
}
