//! Reads objects into types in one pass, as serde's derive does, and keeps aside what a type has no member for: in streams,
//! whose frames are many and small, nothing more than that is done unless there is something to keep. Nothing here knows a
//! dialect.

use super::DialectId;
use super::fields::{Key, json, lost};
use crate::ir::{Extra, Losses};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A type that is read member by member.
pub(in crate::dialect) trait Object<'de>: Default {
    /// Takes one member, whichever way; of one that stands twice the last counts.
    fn member<A: MapAccess<'de>>(&mut self, member: Member<'_, 'de, A>) -> Result<(), A::Error>;
}

/// A member whose value is still to be read.
pub(in crate::dialect) struct Member<'m, 'de, A> {
    name: Cow<'de, str>,
    map: &'m mut A,
}

impl<'de, A: MapAccess<'de>> Member<'_, 'de, A> {
    /// What it is called.
    pub(in crate::dialect) fn name(&self) -> &str {
        &self.name
    }

    /// Reads it.
    pub(in crate::dialect) fn read<T: Deserialize<'de>>(
        self,
        into: &mut T,
    ) -> Result<(), A::Error> {
        *into = self.map.next_value()?;
        Ok(())
    }

    /// Reads a text, borrowed where it needs no unescaping; `null` says nothing.
    pub(in crate::dialect) fn text<T: From<Cow<'de, str>>>(
        self,
        into: &mut T,
    ) -> Result<(), A::Error> {
        if let Some(Key(text)) = self.map.next_value()? {
            *into = text.into();
        }
        Ok(())
    }

    /// Reads one that is an object, or `null`.
    pub(in crate::dialect) fn object<T: Object<'de>>(
        self,
        into: &mut Option<T>,
    ) -> Result<(), A::Error> {
        let value: Option<Known<T>> = self.map.next_value()?;
        *into = value.map(|Known(object)| object);
        Ok(())
    }

    /// Reads one that is a list of objects, or `null`.
    pub(in crate::dialect) fn objects<T: Object<'de>>(
        self,
        into: &mut Option<Vec<T>>,
    ) -> Result<(), A::Error> {
        let list: Option<Vec<Known<T>>> = self.map.next_value()?;
        *into = list.map(|list| list.into_iter().map(|Known(object)| object).collect());
        Ok(())
    }

    /// Passes over it: nobody loses anything by it.
    pub(in crate::dialect) fn skip(self) -> Result<(), A::Error> {
        let IgnoredAny = self.map.next_value()?;
        Ok(())
    }

    /// Keeps it aside.
    pub(in crate::dialect) fn keep(self, unread: &mut Unread<'de>) -> Result<(), A::Error> {
        unread.0.push((self.name, self.map.next_value()?));
        Ok(())
    }
}

/// The members that a type has no place for, in their order.
#[derive(Clone, Debug, Default)]
pub(in crate::dialect) struct Unread<'de>(Vec<(Cow<'de, str>, &'de RawValue)>);

impl<'de> Unread<'de> {
    /// Notes them as lost, each name behind `prefix`.
    pub(in crate::dialect) fn note(&self, prefix: &str, losses: &mut Losses) {
        let each = self.0.iter();
        losses.extend(each.filter_map(|(name, value)| lost(prefix, name, value)));
    }

    /// Keeps them for clients of the dialect that they came from, each name behind `prefix`.
    pub(in crate::dialect) fn keep(&self, from: DialectId, prefix: &str, extra: &mut Extra) {
        for (name, value) in &self.0 {
            extra.push(from, format!("{prefix}{name}"), json(value));
        }
    }

    /// Keeps them as labels.
    pub(in crate::dialect) fn keep_as_labels(
        &self,
        from: DialectId,
        prefix: &str,
        extra: &mut Extra,
    ) {
        for (name, value) in &self.0 {
            extra.label(from, &format!("{prefix}{name}"), json(value));
        }
    }
}

/// Reads an object.
///
/// # Errors
/// When it is none, or a member is of a type that the object does not have there.
pub(in crate::dialect) fn read<'de, T: Object<'de>>(json: &'de [u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json).map(|Known(object)| object)
}

/// An object, for serde.
#[derive(Debug)]
pub(in crate::dialect) struct Known<T>(pub(in crate::dialect) T);

impl<'de, T: Object<'de>> Deserialize<'de> for Known<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = deserializer.deserialize_map(ObjectVisitor(PhantomData))?;
        Ok(Self(object))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut object = T::default();
        while let Some(Key(name)) = map.next_key()? {
            let map = &mut map;
            object.member(Member { name, map })?;
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Loss;

    #[derive(Debug, Default)]
    struct Pair<'de> {
        left: u8,
        inner: Option<Vec<Pair<'de>>>,
        unread: Unread<'de>,
    }

    impl<'de> Object<'de> for Pair<'de> {
        fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
            match it.name() {
                "left" => it.read(&mut self.left),
                "inner" => it.objects(&mut self.inner),
                "right" => it.skip(),
                _ => it.keep(&mut self.unread),
            }
        }
    }

    #[test]
    fn what_has_no_member_is_kept_aside() {
        let text = r#"{"left":1,"\u006eew":[1],"right":{"a":2},"left":3,"usage":0,"inner":[{"more":{}}],"no":null}"#;
        let pair: Pair<'_> = read(text.as_bytes()).unwrap();
        assert_eq!(pair.left, 3);
        let mut losses = Losses::default();
        pair.unread.note("", &mut losses);
        pair.inner.unwrap()[0].unread.note("inner.", &mut losses);
        let expect = [Loss::dropped("new"), Loss::dropped("inner.more")];
        assert_eq!(losses.as_slice(), expect);
        for wrong in ["[]", "1", r#"{"left":"x"}"#, r#"{"left":1"#] {
            assert!(read::<Pair<'_>>(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
