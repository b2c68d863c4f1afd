//! Usage as people write it: a JSON object of counts, in the words of records. What a record could not hold is refused.

use protocol::ir::Usage;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Counts by dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(pub(crate) Usage);

/// Every dimension, and where its count is.
type Dimension = (&'static str, fn(&mut Usage) -> &mut u64);

const DIMENSIONS: [Dimension; 11] = [
    ("input", |usage| &mut usage.input),
    ("cache_read", |usage| &mut usage.cache_read),
    ("cache_write", |usage| &mut usage.cache_write),
    ("cache_write_1h", |usage| &mut usage.cache_write_1h),
    ("output", |usage| &mut usage.output),
    ("reasoning", |usage| &mut usage.reasoning),
    ("audio_input", |usage| &mut usage.audio_input),
    ("audio_output", |usage| &mut usage.audio_output),
    ("image_input", |usage| &mut usage.image_input),
    ("image_output", |usage| &mut usage.image_output),
    ("web_searches", |usage| &mut usage.web_searches),
];

/// No request has more: with every price there is, the cost then fits a record.
const MOST: u64 = 1 << 40;

impl Counts {
    /// Every dimension with its count.
    pub(crate) fn named(mut self) -> impl Iterator<Item = (&'static str, u64)> {
        DIMENSIONS
            .into_iter()
            .map(move |(name, count)| (name, *count(&mut self.0)))
    }

    /// Parts that are no more than the whole.
    fn checked(self) -> Result<Self, String> {
        let usage = &self.0;
        let of_input = usage.audio_input.saturating_add(usage.image_input);
        let of_output = [usage.reasoning, usage.audio_output, usage.image_output];
        let of_output = of_output.into_iter().fold(0, u64::saturating_add);
        let parts = [
            (
                "cache_write_1h is",
                usage.cache_write_1h,
                "cache_write",
                usage.cache_write,
            ),
            (
                "audio_input and image_input are",
                of_input,
                "input",
                usage.input,
            ),
            (
                "reasoning, audio_output and image_output are",
                of_output,
                "output",
                usage.output,
            ),
        ];
        match parts.into_iter().find(|(_, part, _, whole)| part > whole) {
            None => Ok(self),
            Some((part, count, whole, of)) => Err(format!(
                "{part} contained in {whole}: {count} cannot be of {of}"
            )),
        }
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.named().filter(|(_, count)| *count > 0))
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Counts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of counts such as {\"input\": 1000, \"output\": 100}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Counts, A::Error> {
        let mut counts = Counts::default();
        let mut said: Vec<&str> = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            let known = DIMENSIONS.iter().find(|(known, _)| *known == name);
            let Some((known, place)) = known else {
                let all = DIMENSIONS.map(|(name, _)| name).join(", ");
                return Err(A::Error::custom(format!(
                    "'{name}' is no dimension of usage; there are {all}"
                )));
            };
            // Which of the two is meant nobody can know.
            if said.contains(known) {
                return Err(A::Error::custom(format!("'{name}' is said twice")));
            }
            said.push(known);
            let count: serde_json::Value = members.next_value()?;
            let count = count.as_u64().filter(|count| *count <= MOST);
            *place(&mut counts.0) = count.ok_or_else(|| {
                A::Error::custom(format!("{name}: expected a whole number from 0 to {MOST}"))
            })?;
        }
        counts.checked().map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Counts, String> {
        serde_json::from_str(json).map_err(|error: serde_json::Error| error.to_string())
    }

    /// A dimension that records gain is one here too.
    #[test]
    fn every_dimension_of_usage_can_be_written() {
        let fields = serde_json::to_value(Usage::default()).unwrap();
        let mut fields: Vec<&String> = fields.as_object().unwrap().keys().collect();
        let mut named: Vec<String> = DIMENSIONS.map(|(name, _)| name.to_owned()).to_vec();
        fields.sort();
        named.sort();
        assert_eq!(fields, named.iter().collect::<Vec<_>>());
        for (name, place) in DIMENSIONS {
            let mut usage = Usage::default();
            *place(&mut usage) = 7;
            let written = serde_json::to_value(usage).unwrap();
            assert_eq!(written[name], 7, "{name}");
        }
    }

    #[test]
    fn counts_are_read_and_written() {
        let counts = read(r#"{"output": 100, "input": 1000, "reasoning": 0}"#).unwrap();
        assert_eq!((counts.0.input, counts.0.output), (1000, 100));
        let written = serde_json::to_string(&counts).unwrap();
        assert_eq!(written, r#"{"input":1000,"output":100}"#);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let check = |json: &str, expect: &str| {
            let error = read(json).unwrap_err();
            assert!(error.contains(expect), "{error}");
        };
        check(r#"{"prompt_tokens": 1}"#, "'prompt_tokens' is no dimension");
        check(r#"{"input": -1}"#, "input: expected a whole number");
        check(r#"{"input": 1.5}"#, "input: expected a whole number");
        check(r#"{"input": 1099511627777}"#, "from 0 to 1099511627776");
        check(
            r#"{"reasoning": 5}"#,
            "reasoning, audio_output and image_output are contained in output: 5 cannot be of 0",
        );
        check(
            r#"{"cache_write": 1, "cache_write_1h": 2}"#,
            "cache_write_1h is contained in cache_write",
        );
        check("[]", "an object of counts");
        check(
            r#"{"input": 1, "output": 2, "input": 1}"#,
            "'input' is said twice",
        );
    }
}
