//! Reasoning: how much of it a client asks for, and what a model gave.

use super::Sealed;

/// How much to reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReasoningRequest {
    /// In words (OpenAI's `reasoning_effort`, Anthropic's `output_config.effort`).
    pub effort: Option<Effort>,
    /// In tokens (Anthropic's `thinking.budget_tokens`).
    pub budget_tokens: Option<u64>,
    /// Explicitly on (`Some(true)`: Anthropic's `thinking.type` `enabled` or `adaptive`, or any of OpenAI's efforts but
    /// `none`) or off. `None` with an effort is Anthropic's effort alone: how much to spend in all, thinking or not.
    pub enabled: Option<bool>,
    /// The model decides how much (Anthropic's `thinking.type = adaptive`).
    pub adaptive: bool,
    /// What the client wants to see of it, where said.
    pub summary: Option<ReasoningSummary>,
    /// Whether the client's dialect shows what is thought where nothing is said: Anthropic's with a budget, which only
    /// models take that show a summary by default; not with `adaptive`, which the newest models omit by default
    /// <https://platform.claude.com/docs/en/build-with-claude/extended-thinking> (2026-11). Providers that show nothing
    /// unasked are asked for [`ReasoningSummary::Auto`] then.
    pub shown_unasked: bool,
}

impl ReasoningRequest {
    /// What the client expects to see, said or not.
    pub fn expected(&self) -> Option<ReasoningSummary> {
        let unasked = self.shown_unasked && !self.is_off();
        self.summary.or(unasked.then_some(ReasoningSummary::Auto))
    }

    /// Whether the client wants none.
    pub fn is_off(&self) -> bool {
        self.enabled == Some(false) || self.effort == Some(Effort::None)
    }

    /// The name of what says most exactly how much was asked for: the field that is lost where it cannot be said.
    pub fn field(&self) -> &'static str {
        if self.budget_tokens.is_some() {
            "thinking.budget_tokens"
        } else if self.effort.is_some() {
            "reasoning_effort"
        } else {
            "reasoning"
        }
    }
}

/// What a client wants to see of the reasoning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasoningSummary {
    /// Nothing (Gemini's `includeThoughts: false`, Anthropic's `thinking.display: omitted`).
    Omitted,
    /// Nothing, since nothing was said and the client's dialect shows nothing then (Gemini's). Nobody loses anything where a
    /// provider shows it all the same.
    Unasked,
    /// As much as the provider gives by default (OpenAI's `auto`, Gemini's `includeThoughts: true`, Anthropic's
    /// `summarized`).
    Auto,
    /// Little (OpenAI's `concise`).
    Concise,
    /// Much (OpenAI's `detailed`).
    Detailed,
}

/// How hard to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    XHigh,
    Max,
}

impl Effort {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The effort that a word on the wire stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::None,
            Self::Minimal,
            Self::Low,
            Self::Medium,
            Self::High,
            Self::XHigh,
            Self::Max,
        ]
        .into_iter()
        .find(|effort| effort.as_str() == word)
    }

    /// How many reasoning tokens this effort stands for, where a provider wants a number: the one table that every
    /// dialect uses, in both directions. `None` stands for none.
    pub fn budget_tokens(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Minimal => 1024,
            Self::Low => 2048,
            Self::Medium => 8192,
            Self::High => 16_384,
            Self::XHigh => 24_576,
            Self::Max => 32_768,
        }
    }

    /// The effort that a number of reasoning tokens stands for: the largest whose own number is not above it, and
    /// `Minimal` for fewer.
    pub fn of_budget(tokens: u64) -> Self {
        [Self::Max, Self::XHigh, Self::High, Self::Medium, Self::Low]
            .into_iter()
            .find(|effort| effort.budget_tokens() <= tokens)
            .unwrap_or(Self::Minimal)
    }
}

/// A model's reasoning, with what proves where it came from. Where a provider signs another part for the thinking before
/// it (Gemini's `thoughtSignature` of a function call), the signature stands in a reasoning part of its own right before
/// that part, so that every dialect carries it the same way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reasoning {
    /// The text, possibly empty where only an opaque proof is given.
    pub text: String,
    /// The signature of the text (Anthropic's).
    pub signature: Option<Sealed>,
    /// Encrypted reasoning (`redacted_thinking`).
    pub encrypted: Option<Sealed>,
}
