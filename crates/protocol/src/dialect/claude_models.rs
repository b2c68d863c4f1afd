//! What Claude's generations take and refuse. Anthropic's API refuses for one generation what it demands of another, so the
//! names of its models are read here, for all dialects that reach them, and nowhere else: the provider's own name, or where
//! that does not tell (a profile, a deployment), the catalogue's.
//!
//! | | thinking | can be off | efforts | sampling | forced tools | begun answers |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | up to 3.5 | none | – | none | yes | yes | yes |
//! | 3.7 to 4.5 | a budget | yes | none; Opus 4.5: up to `high` | yes | yes | yes |
//! | 4.6 | both | yes | all but `xhigh` | yes | yes | no |
//! | Mythos Preview | both | no | all but `xhigh` | no | yes | no |
//! | 4.7 to 5 | adaptive | yes, but for Fable and Mythos | all | no | yes | no |
//! | after 5: Haiku | adaptive | yes | all | no | yes | no |
//! | after 5: Sonnet | adaptive | as `between_tools` | all | no | no | no |
//! | after 5: others | adaptive | no | all | no | no | no |
//!
//! While it thinks, no model goes on with an answer that the client began. From 5 on thinking is switched off only with an effort of `high` or less.
//! <https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting> (modes),
//! <https://platform.claude.com/docs/en/build-with-claude/effort>,
//! <https://platform.claude.com/docs/en/models/sonnet-5-5/migration-guide> (what returns a 400),
//! <https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5> (forced tools),
//! <https://platform.claude.com/docs/en/models/sonnet-5/migration-guide> (sampling),
//! <https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-6#prefill-removal> (begun answers) (2026-11)

use crate::ir::{Effort, Request, ToolChoice};

/// What one model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialect) struct Claude {
    /// How it can be told to think.
    pub(in crate::dialect) thinking: Thinking,
    /// How it can be told not to.
    pub(in crate::dialect) off: Off,
    /// The words it knows for how hard to work.
    efforts: Efforts,
    /// Whether it takes `temperature`, `top_p` and `top_k` other than their defaults.
    pub(in crate::dialect) samples: bool,
    /// Whether a tool can be demanded of it.
    forces_tools: bool,
    /// Whether it goes on with an answer that the client began: a last turn of the model's.
    pub(in crate::dialect) takes_prefill: bool,
}

/// How a model can be told to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialect) enum Thinking {
    /// It does not think.
    None,
    /// Up to a budget.
    Budget,
    /// Either way.
    Both,
    /// As much as it finds right.
    Adaptive,
    /// Nobody knows; what the client asked for is sent.
    Unknown,
}

/// How a model can be told not to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialect) enum Off {
    /// `disabled`.
    Disabled,
    /// `disabled`, with an effort of `high` at most.
    UpToHigh,
    /// `between_tools`.
    BetweenTools,
    /// Not at all.
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Efforts {
    None,
    UpToHigh,
    AllButXHigh,
    All,
}

impl Claude {
    /// A model of which nothing is known.
    pub(in crate::dialect) const UNKNOWN: Self = Self {
        thinking: Thinking::Unknown,
        off: Off::Disabled,
        efforts: Efforts::All,
        samples: true,
        forces_tools: true,
        takes_prefill: true,
    };

    /// The model that a request goes to.
    pub(in crate::dialect) fn asked(request: &Request) -> Self {
        let known_as = request.known_as.as_deref().unwrap_or_default();
        Self::named(&request.model)
            .or_else(|| Self::named(known_as))
            .unwrap_or(Self::UNKNOWN)
    }

    /// The model of that name; `None` where it does not tell.
    fn named(name: &str) -> Option<Self> {
        let (_, rest) = name.split_once("claude")?;
        let words: Vec<&str> = rest
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let line = Line::of(&words);
        match version(&words) {
            Some(version) => Some(Self::of(line, version)),
            None if words.starts_with(&["mythos", "preview"]) => Some(Self {
                thinking: Thinking::Both,
                off: Off::Never,
                efforts: Efforts::AllButXHigh,
                samples: false,
                forces_tools: true,
                takes_prefill: false,
            }),
            None => None,
        }
    }

    fn of(line: Line, version: (u8, u8)) -> Self {
        let old = |thinking, efforts| Self {
            thinking,
            efforts,
            ..Self::UNKNOWN
        };
        let efforts_of_old = match line {
            Line::Opus if version == (4, 5) => Efforts::UpToHigh,
            _ => Efforts::None,
        };
        if version < (3, 7) {
            return old(Thinking::None, Efforts::None);
        }
        if version < (4, 6) {
            return old(Thinking::Budget, efforts_of_old);
        }
        if version == (4, 6) {
            return Self {
                takes_prefill: false,
                ..old(Thinking::Both, Efforts::AllButXHigh)
            };
        }
        let after_5 = version > (5, 0);
        Self {
            thinking: Thinking::Adaptive,
            off: match line {
                Line::Fable => Off::Never,
                Line::Haiku => Off::UpToHigh,
                Line::Sonnet if after_5 => Off::BetweenTools,
                Line::Opus | Line::Other if after_5 => Off::Never,
                Line::Opus | Line::Sonnet | Line::Other if version >= (5, 0) => Off::UpToHigh,
                Line::Opus | Line::Sonnet | Line::Other => Off::Disabled,
            },
            efforts: Efforts::All,
            samples: false,
            forces_tools: !after_5 || line == Line::Haiku,
            takes_prefill: false,
        }
    }

    /// The effort that it knows for this one, the next lower where it does not know the word; `None` where it knows none.
    pub(in crate::dialect) fn effort(self, asked: Effort) -> Option<Effort> {
        let asked = asked.max(Effort::Low);
        match self.efforts {
            Efforts::None => None,
            Efforts::UpToHigh => Some(asked.min(Effort::High)),
            Efforts::AllButXHigh if asked == Effort::XHigh => Some(Effort::High),
            Efforts::AllButXHigh | Efforts::All => Some(asked),
        }
    }

    /// Whether the choice of a tool can be said to it.
    pub(in crate::dialect) fn takes(self, choice: &ToolChoice) -> bool {
        self.forces_tools || !choice.demands_a_call()
    }
}

/// Models that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Haiku,
    Sonnet,
    Opus,
    /// And Mythos, which is the same for those who were approved.
    Fable,
    /// A name that is not known yet.
    Other,
}

impl Line {
    fn of(words: &[&str]) -> Self {
        let line = words.iter().find_map(|word| match *word {
            "haiku" => Some(Self::Haiku),
            "sonnet" => Some(Self::Sonnet),
            "opus" => Some(Self::Opus),
            "fable" | "mythos" => Some(Self::Fable),
            _ => None,
        });
        line.unwrap_or(Self::Other)
    }
}

/// The version among the words of a name: `opus-4-7`, `4.7-opus`, `sonnet-4-20250514`, `v2:1`. A date is none.
fn version(words: &[&str]) -> Option<(u8, u8)> {
    let number = |word: &&str| {
        let digits = word.strip_prefix('v').unwrap_or(word);
        digits.parse::<u8>().ok()
    };
    let at = words.iter().position(|word| number(word).is_some())?;
    let major = number(words.get(at)?)?;
    let minor = words.get(at + 1).filter(|word| !word.starts_with('v'));
    Some((major, minor.and_then(number).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_versions() {
        let check = |name: &str, expect: Option<(u8, u8)>| {
            let (_, rest) = name.split_once("claude").unwrap();
            let words: Vec<&str> = rest.split(['-', '.', ':', '@', '/']).collect();
            let words: Vec<&str> = words.into_iter().filter(|it| !it.is_empty()).collect();
            assert_eq!(version(&words), expect, "{name}");
        };
        check("claude-opus-4-7", Some((4, 7)));
        check("anthropic/claude-4.7-opus-20260416", Some((4, 7)));
        check("us.anthropic.claude-opus-4-6-v1", Some((4, 6)));
        check("claude-sonnet-4-20250514", Some((4, 0)));
        check("claude-3-7-sonnet@20250219", Some((3, 7)));
        check("anthropic.claude-sonnet-4-5-20250929-v1:0", Some((4, 5)));
        check("anthropic.claude-v2:1", Some((2, 1)));
        check("claude-sonnet-5", Some((5, 0)));
        check("claude-mythos-preview", None);
        check("claude-latest", None);
    }

    #[test]
    fn generations_differ_in_what_they_take() {
        use Thinking::{Adaptive, Both, Budget};
        let check = |name: &str, thinking, off, samples, forces| {
            let it = Claude::named(name).unwrap();
            let seen = (it.thinking, it.off, it.samples, it.forces_tools);
            assert_eq!(seen, (thinking, off, samples, forces), "{name}");
        };
        check(
            "claude-3-5-sonnet-20241022",
            Thinking::None,
            Off::Disabled,
            true,
            true,
        );
        check("claude-haiku-4-5", Budget, Off::Disabled, true, true);
        check("claude-sonnet-4-6", Both, Off::Disabled, true, true);
        check("claude-mythos-preview", Both, Off::Never, false, true);
        check("claude-opus-4-7", Adaptive, Off::Disabled, false, true);
        check(
            "anthropic.claude-opus-4-8",
            Adaptive,
            Off::Disabled,
            false,
            true,
        );
        check("claude-sonnet-5", Adaptive, Off::UpToHigh, false, true);
        check("claude-opus-5", Adaptive, Off::UpToHigh, false, true);
        check("claude-fable-5", Adaptive, Off::Never, false, true);
        check("claude-mythos-5-1", Adaptive, Off::Never, false, false);
        check("claude-opus-5-5", Adaptive, Off::Never, false, false);
        check(
            "claude-sonnet-5-5",
            Adaptive,
            Off::BetweenTools,
            false,
            false,
        );
        check("claude-haiku-5-5", Adaptive, Off::UpToHigh, false, true);
        assert_eq!(Claude::named("claude-latest"), None);
        assert_eq!(Claude::named("amazon.nova-pro-v1:0"), None);
    }

    #[test]
    fn the_catalogues_name_tells_where_the_providers_does_not() {
        let request = |model: &str, known_as: Option<&str>| Request {
            model: model.into(),
            known_as: known_as.map(str::to_owned),
            ..Request::default()
        };
        let check = |model, known_as, expect| {
            assert_eq!(Claude::asked(&request(model, known_as)).thinking, expect);
        };
        let opus = Some("anthropic/claude-opus-4.7");
        check("my-deployment", opus, Thinking::Adaptive);
        check("claude-opus-4-5", opus, Thinking::Budget);
        check("my-deployment", None, Thinking::Unknown);
    }

    #[test]
    fn begun_answers_are_for_models_up_to_4_5() {
        let takes = |name| Claude::named(name).unwrap().takes_prefill;
        for name in ["claude-3-5-sonnet-20241022", "claude-haiku-4-5"] {
            assert!(takes(name), "{name}");
        }
        for name in [
            "claude-sonnet-4-6",
            "claude-mythos-preview",
            "anthropic.claude-opus-4-7",
            "claude-haiku-5-5",
        ] {
            assert!(!takes(name), "{name}");
        }
    }

    #[test]
    fn efforts_that_a_model_does_not_know_become_the_next_lower() {
        let check = |name: &str, asked, expect| {
            assert_eq!(Claude::named(name).unwrap().effort(asked), expect, "{name}");
        };
        check("claude-opus-4-7", Effort::XHigh, Some(Effort::XHigh));
        check("claude-opus-4-7", Effort::Minimal, Some(Effort::Low));
        check("claude-opus-4-6", Effort::XHigh, Some(Effort::High));
        check("claude-opus-4-6", Effort::Max, Some(Effort::Max));
        check("claude-opus-4-5", Effort::Max, Some(Effort::High));
        check("claude-sonnet-4-5", Effort::Low, None);
    }
}
