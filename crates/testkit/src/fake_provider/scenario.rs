//! The list of scenarios: what the fake does when asked for the model `fake-<name>`. Whatever stands before `fake-` in
//! the model's name is ignored, so that two providers can offer the same scenario under different names.

mod conversation;
mod fault;

use super::answer::Answer;
use super::asked::{Asked, VendorError};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A scenario.
pub struct Scenario {
    /// Its name, without `fake-`.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    act: fn(&Asked, &Behaviour) -> Result<Act, VendorError>,
}

/// One request's behaviour: a scenario and its settings. It comes from the model's name, from a script, and from
/// directives in the prompt, the later ones winning.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The scenario's name.
    pub scenario: String,
    /// Output tokens of `count`, `gate`, `burst`, `slow`; default 20 (100 for `burst`).
    pub tokens: Option<usize>,
    /// Input tokens to report.
    pub input_tokens: Option<usize>,
    /// Whether usage is reported; default yes.
    pub report_usage: Option<bool>,
    /// Waits at this gate before each content chunk but the first; a whole answer waits once, before its head.
    pub gate: Option<String>,
    /// Milliseconds between chunks.
    pub delay_ms: Option<u64>,
    /// After how many content chunks a stream's fault strikes; default 2.
    pub after: Option<usize>,
    /// Seconds in `retry-after` of an error.
    pub retry_after: Option<u32>,
    /// The text to say instead of the scenario's own.
    pub text: Option<String>,
    /// Whether a tool is called again although it has answered.
    pub again: bool,
}

/// What is done about a request.
#[derive(Debug)]
pub enum Act {
    /// An answer is given.
    Say(Answer, Pace),
    /// The vendor's error.
    Fail(VendorError),
    /// Something no vendor documents.
    Odd(Odd),
    /// These bytes are the answer's body, whole or streamed.
    Raw(String),
}

/// How an answer is given.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// Whether all chunks go out in one write.
    pub burst: bool,
    /// Between chunks.
    pub delay: Option<Duration>,
    /// The gate to wait at.
    pub gate: Option<String>,
    /// What goes wrong, and after how many content chunks.
    pub fault: Option<(usize, StreamFault)>,
}

/// How a stream goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFault {
    /// The connection is closed.
    Cut,
    /// The body ends properly, without the dialect's own end.
    Truncated,
    /// A frame that is not JSON.
    Malformed,
    /// The vendor's error frame.
    ErrorFrame,
    /// Nothing more comes.
    Stall,
}

impl StreamFault {
    /// Whether a whole answer that goes wrong so is shorter than it should be, yet ends properly.
    pub fn shortens(self) -> bool {
        match self {
            Self::Truncated | Self::Malformed | Self::ErrorFrame => true,
            Self::Cut | Self::Stall => false,
        }
    }
}

/// Answers that no vendor documents and every vendor gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// A proxy's HTML page, status 502.
    Html502,
    /// Status 200 and half a JSON.
    HalfJson,
    /// Status 200 and no body.
    Empty,
    /// Status 200 and an error object.
    ErrorIn200,
    /// No answer at all; the connection stays open.
    Never,
}

/// Every scenario.
pub static SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "text",
        about: "a short text with letters outside ASCII",
        act: conversation::text,
    },
    Scenario {
        name: "tools",
        about: "a sentence, then calls the first tool; a second turn names the results it got",
        act: conversation::tools,
    },
    Scenario {
        name: "parallel-tools",
        about: "calls every tool at once",
        act: conversation::parallel_tools,
    },
    Scenario {
        name: "interleaved-tools",
        about: "calls every tool, arguments streamed in turns (OpenAI dialect only)",
        act: conversation::interleaved_tools,
    },
    Scenario {
        name: "structured-output",
        about: "JSON for the schema asked for",
        act: conversation::structured_output,
    },
    Scenario {
        name: "image",
        about: "media type and size of each image that arrived; 400 if none did",
        act: conversation::image,
    },
    Scenario {
        name: "reasoning",
        about: "thinks, then answers or calls the first tool; refuses thoughts whose signature changed",
        act: conversation::reasoning,
    },
    Scenario {
        name: "cached",
        about: "reports cache reads and writes",
        act: conversation::cached,
    },
    Scenario {
        name: "refusal",
        about: "declines",
        act: conversation::refusal,
    },
    Scenario {
        name: "length",
        about: "stops at the output bound",
        act: conversation::length,
    },
    Scenario {
        name: "count",
        about: "exactly `tokens` tokens, deterministic",
        act: conversation::count,
    },
    Scenario {
        name: "burst",
        about: "100 chunks in one write",
        act: conversation::burst,
    },
    Scenario {
        name: "slow",
        about: "chunks 20 ms apart",
        act: conversation::slow,
    },
    Scenario {
        name: "gate",
        about: "waits before each chunk but the first until the test releases it",
        act: conversation::gate,
    },
    Scenario {
        name: "raw",
        about: "the body is the script's `text`, byte for byte",
        act: |_, behaviour| Ok(Act::Raw(behaviour.text.clone().unwrap_or_default())),
    },
    Scenario {
        name: "error-400",
        about: "the vendor's invalid request error",
        act: |asked, behaviour| fault::status(400, asked, behaviour),
    },
    Scenario {
        name: "error-401",
        about: "the vendor's authentication error",
        act: |asked, behaviour| fault::status(401, asked, behaviour),
    },
    Scenario {
        name: "error-403",
        about: "the vendor's permission error",
        act: |asked, behaviour| fault::status(403, asked, behaviour),
    },
    Scenario {
        name: "error-404",
        about: "the vendor's unknown model",
        act: |asked, behaviour| fault::status(404, asked, behaviour),
    },
    Scenario {
        name: "error-413",
        about: "the vendor's too large a body",
        act: |asked, behaviour| fault::status(413, asked, behaviour),
    },
    Scenario {
        name: "error-429",
        about: "the vendor's rate limit, with retry-after",
        act: |asked, behaviour| fault::status(429, asked, behaviour),
    },
    Scenario {
        name: "error-500",
        about: "the vendor's own failure",
        act: |asked, behaviour| fault::status(500, asked, behaviour),
    },
    Scenario {
        name: "error-503",
        about: "no capacity; Anthropic says 529",
        act: |asked, behaviour| fault::status(503, asked, behaviour),
    },
    Scenario {
        name: "html-502",
        about: "a proxy's HTML page",
        act: |_, _| Ok(Act::Odd(Odd::Html502)),
    },
    Scenario {
        name: "half-json",
        about: "status 200 and half a JSON",
        act: |_, _| Ok(Act::Odd(Odd::HalfJson)),
    },
    Scenario {
        name: "empty",
        about: "status 200 and nothing",
        act: |_, _| Ok(Act::Odd(Odd::Empty)),
    },
    Scenario {
        name: "error-in-200",
        about: "an error inside a 200, as the first frame of a stream",
        act: |_, _| Ok(Act::Odd(Odd::ErrorIn200)),
    },
    Scenario {
        name: "never",
        about: "never answers",
        act: |_, _| Ok(Act::Odd(Odd::Never)),
    },
    Scenario {
        name: "error-mid-stream",
        about: "an error frame after `after` chunks",
        act: |asked, behaviour| fault::stream(StreamFault::ErrorFrame, asked, behaviour),
    },
    Scenario {
        name: "cut",
        about: "closes the connection after `after` chunks",
        act: |asked, behaviour| fault::stream(StreamFault::Cut, asked, behaviour),
    },
    Scenario {
        name: "truncated",
        about: "ends the body after `after` chunks without the dialect's end",
        act: |asked, behaviour| fault::stream(StreamFault::Truncated, asked, behaviour),
    },
    Scenario {
        name: "malformed-chunk",
        about: "a frame that is no JSON after `after` chunks",
        act: |asked, behaviour| fault::stream(StreamFault::Malformed, asked, behaviour),
    },
    Scenario {
        name: "stall",
        about: "sends the head and what comes before the first token, then nothing",
        act: fault::stall,
    },
    Scenario {
        name: "stall-mid-stream",
        about: "sends `after` chunks, then nothing",
        act: |asked, behaviour| fault::stream(StreamFault::Stall, asked, behaviour),
    },
];

impl Behaviour {
    /// A scenario with its usual settings.
    pub fn of(scenario: impl Into<String>) -> Self {
        Self {
            scenario: scenario.into(),
            ..Self::default()
        }
    }

    /// The behaviour that a model's name stands for, if it names any.
    pub fn of_model(model: &str) -> Option<Self> {
        let (_, name) = model.rsplit_once("fake-")?;
        find(name).map(|scenario| Self::of(scenario.name))
    }

    /// This behaviour with what the prompt's directives set.
    #[must_use]
    pub fn directed(mut self, asked: &Asked) -> Self {
        for (key, value) in asked.directives() {
            let number = value.parse::<u64>().ok();
            let count = value.parse::<usize>().ok();
            match key.as_str() {
                "tokens" => self.tokens = count,
                "input" => self.input_tokens = count,
                "after" => self.after = count,
                "delay_ms" => self.delay_ms = number,
                "usage" => self.report_usage = Some(value != "no"),
                "gate" => self.gate = Some(value),
                _ => {}
            }
        }
        self
    }

    /// What to do about a request.
    ///
    /// # Errors
    /// The vendor's error where the request does not fit the scenario, or no such scenario exists.
    pub fn act(&self, asked: &Asked) -> Result<Act, VendorError> {
        let Some(scenario) = find(&self.scenario) else {
            return Err(VendorError::new(
                404,
                format!("The model `{}` does not exist", asked.model),
            ));
        };
        (scenario.act)(asked, self)
    }

    fn pace(&self) -> Pace {
        Pace {
            burst: false,
            delay: self.delay_ms.map(Duration::from_millis),
            gate: self.gate.clone(),
            fault: None,
        }
    }
}

fn find(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}
