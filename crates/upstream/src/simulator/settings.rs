//! How a simulated model behaves: the defaults of its name, and what a request sets with a `simulator` member or the
//! header of that name. Strict: what is not known is refused with the field's name and what is allowed.

use protocol::ir::Malformed;
use serde_json::{Map, Value};
use std::time::Duration;

/// The request header that carries the same JSON object as the `simulator` member, for clients of other dialects.
pub const HEADER: &str = "x-tollgate-simulator";

/// What the ids of all models begin with.
const AUTHOR: &str = "simulator/";

/// The models, by the last segment of their id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// Repeats the last user text.
    Echo,
    /// Answers at once.
    Fast,
    /// Answers slowly.
    Slow,
    /// Reasons first.
    Reasoner,
    /// Fails for some requests, always the same ones.
    Flaky,
    /// Makes vectors.
    Embed,
}

impl Model {
    const ALL: [Self; 6] = [
        Self::Echo,
        Self::Fast,
        Self::Slow,
        Self::Reasoner,
        Self::Flaky,
        Self::Embed,
    ];

    /// The model of that id, with or without `simulator/`.
    pub(super) fn find(id: &str) -> Option<Self> {
        let of_slug = |model: &Self| model.slug() == id.strip_prefix(AUTHOR).unwrap_or(id);
        Self::ALL.into_iter().find(of_slug)
    }

    /// The whole id.
    pub(super) fn id(self) -> String {
        format!("{AUTHOR}{}", self.slug())
    }

    fn slug(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Fast => "fast",
            Self::Slow => "slow",
            Self::Reasoner => "reasoner",
            Self::Flaky => "flaky",
            Self::Embed => "embed",
        }
    }

    /// How it behaves where the request says nothing.
    pub(super) fn defaults(self) -> Settings {
        match self {
            Self::Echo | Self::Fast | Self::Flaky | Self::Embed => Settings::default(),
            Self::Slow => Settings {
                first_token: Duration::from_millis(1500),
                tokens_per_second: Some(10),
                ..Settings::default()
            },
            Self::Reasoner => Settings {
                first_token: Duration::from_millis(300),
                tokens_per_second: Some(60),
                ..Settings::default()
            },
        }
    }
}

/// How one answer behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// Before the first token.
    pub(super) first_token: Duration,
    /// Pace; `None` is all at once.
    pub(super) tokens_per_second: Option<u32>,
    /// Length of the visible text; `None` is as it comes.
    pub(super) output_tokens: Option<u32>,
    /// What goes wrong.
    pub(super) fault: Option<Fault>,
    /// After how many tokens it goes wrong (not for a status, which comes instead of the answer).
    pub(super) fault_after_tokens: u32,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// An HTTP status instead of the answer.
    Status(u16),
    /// Nothing more comes, and the connection stays open.
    Stall,
    /// The connection closes.
    Cut,
    /// Broken JSON comes.
    Malformed,
    /// An error object comes, under status 200.
    ErrorIn200,
}

impl Fault {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "stall" => Self::Stall,
            "cut" => Self::Cut,
            "malformed" => Self::Malformed,
            "error_in_200" => Self::ErrorIn200,
            _ => {
                let status = word.strip_prefix("status:")?.parse().ok()?;
                (400..=599)
                    .contains(&status)
                    .then_some(Self::Status(status))?
            }
        })
    }
}

impl Settings {
    /// These settings, changed as a request's JSON object asks.
    ///
    /// # Errors
    /// Names the member that is unknown or out of its range.
    pub(super) fn changed(mut self, json: &str) -> Result<Self, Malformed> {
        let members: Map<String, Value> = serde_json::from_str(json)
            .map_err(|_| Malformed::field("simulator", "expected a JSON object"))?;
        for (name, value) in &members {
            let within = |max: u32| whole_number(name, value, max);
            match name.as_str() {
                "first_token_ms" => {
                    self.first_token = Duration::from_millis(within(600_000)?.into());
                }
                "tokens_per_second" => {
                    self.tokens_per_second = match within(1_000_000)? {
                        0 => None,
                        pace => Some(pace),
                    };
                }
                "output_tokens" => self.output_tokens = Some(within(20_000)?),
                "fault_after_tokens" => self.fault_after_tokens = within(20_000)?,
                "fault" => self.fault = fault(value)?,
                _ => return Err(unknown(name)),
            }
        }
        Ok(self)
    }
}

fn whole_number(name: &str, value: &Value, max: u32) -> Result<u32, Malformed> {
    value
        .as_u64()
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| *number <= max)
        .ok_or_else(|| wrong(name, format!("expected a whole number from 0 to {max}")))
}

fn fault(value: &Value) -> Result<Option<Fault>, Malformed> {
    if value.is_null() {
        return Ok(None);
    }
    let fault = value.as_str().and_then(Fault::parse);
    fault.map(Some).ok_or_else(|| {
        let allowed = "expected \"status:<400 to 599>\", \"stall\", \"cut\", \"malformed\", \"error_in_200\" or null";
        wrong("fault", allowed.to_owned())
    })
}

fn unknown(name: &str) -> Malformed {
    wrong(
        name,
        "not known; allowed are first_token_ms, tokens_per_second, output_tokens, fault and fault_after_tokens"
            .to_owned(),
    )
}

fn wrong(name: &str, message: String) -> Malformed {
    Malformed::field(format!("simulator.{name}"), message)
}

#[cfg(test)]
mod tests {
    use super::{Fault, Model, Settings};
    use std::time::Duration;

    #[test]
    fn every_member_is_read() {
        let json = r#"{"first_token_ms":300,"tokens_per_second":50,"output_tokens":200,"fault":"status:503","fault_after_tokens":5}"#;
        let expect = Settings {
            first_token: Duration::from_millis(300),
            tokens_per_second: Some(50),
            output_tokens: Some(200),
            fault: Some(Fault::Status(503)),
            fault_after_tokens: 5,
        };
        assert_eq!(Settings::default().changed(json), Ok(expect));
    }

    #[test]
    fn what_is_not_said_keeps_the_models_default() {
        let slow = Model::Slow.defaults();
        let changed = slow
            .changed(r#"{"tokens_per_second":0,"fault":null}"#)
            .unwrap();
        assert_eq!(changed.first_token, slow.first_token);
        assert_eq!(changed.tokens_per_second, None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |json: &str, expect: &str| {
            let said = Settings::default().changed(json).unwrap_err().to_string();
            assert!(said.starts_with(expect), "{json}: {said}");
        };
        check("[]", "simulator: expected a JSON object");
        check(
            "{\"first_token_ms\":-1}",
            "simulator.first_token_ms: expected a whole number from 0 to 600000",
        );
        check(
            "{\"output_tokens\":\"9\"}",
            "simulator.output_tokens: expected",
        );
        check(
            "{\"output_tokens\":20001}",
            "simulator.output_tokens: expected",
        );
        check("{\"fault\":\"status:200\"}", "simulator.fault: expected");
        check("{\"fault\":\"explode\"}", "simulator.fault: expected");
        check("{\"speed\":1}", "simulator.speed: not known; allowed are");
    }

    #[test]
    fn models_are_found_with_and_without_their_author() {
        assert_eq!(Model::find("simulator/echo"), Some(Model::Echo));
        assert_eq!(Model::find("slow"), Some(Model::Slow));
        assert_eq!(Model::find("simulator/other"), None);
    }
}
