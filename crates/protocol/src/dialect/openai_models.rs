//! What OpenAI's models take and refuse: one answers with a 400 what another demands, so that their names are read here, for
//! both formats that reach them, and nowhere else: the catalogue's name, or where there is none, the provider's own.
//!
//! | | efforts | off | sampling |
//! | --- | --- | --- | --- |
//! | GPT-3.5, 4, 4o, 4.1, 5 Chat | none | – | yes |
//! | o1-mini, o1-preview, GPT-5 search | none | – | no |
//! | deep research, later Chat models | `medium` | no | no |
//! | o1, o3, o4-mini, Codex up to 5.1 | `low` to `high` | no | no |
//! | gpt-oss | `low` to `high` | no | yes |
//! | GPT-5, mini, nano | `minimal` to `high` | no | no |
//! | GPT-5 Pro | `high` | no | no |
//! | later Pro | `medium` to `xhigh` | no | no |
//! | 5.1 | `low` to `high` | yes, by default | while off |
//! | 5.2 to 5.4 | `low` to `xhigh` | yes, by default | while off |
//! | later 5 | `low` to `xhigh` | yes | while off |
//! | Codex from 5.1 Max on | `low` to `xhigh` | no | no |
//! | 6 | `low` to `max` | Luna, 6 Sol, 6.1 Terra | while off |
//!
//! Of a model with another name nothing is known, and it gets what was asked for.
//! <https://platform.openai.com/docs/guides/reasoning>, <https://platform.openai.com/docs/guides/latest-model> (parameters),
//! <https://community.openai.com/t/1371738> (efforts, tried one by one), and what the public list of prices in litellm
//! 1.109.1 says of efforts from 5.4 on (2026-11)

use crate::ir::{Effort, Loss, ReasoningRequest, Request, Sampling};

/// What one model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialect) struct OpenAi {
    efforts: Efforts,
    off: Off,
    samples: Samples,
}

/// The words it knows for how hard to think, but for `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Efforts {
    /// It does not take the parameter.
    None,
    /// From the first to the second.
    Range(Effort, Effort),
    /// Nobody knows.
    Unknown,
}

/// Whether it takes the effort `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Off {
    Never,
    Asked,
    /// And does not think unless asked to.
    ByDefault,
    Unknown,
}

/// Whether it takes sampling parameters other than their defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Samples {
    Always,
    /// While it does not think.
    WhileOff,
    Never,
}

const LOW_TO_HIGH: Efforts = Efforts::Range(Effort::Low, Effort::High);
const LOW_TO_XHIGH: Efforts = Efforts::Range(Effort::Low, Effort::XHigh);

impl OpenAi {
    /// A model of which nothing is known.
    const UNKNOWN: Self = Self {
        efforts: Efforts::Unknown,
        off: Off::Unknown,
        samples: Samples::Always,
    };

    /// The model that a request goes to.
    fn asked(request: &Request) -> Self {
        let known_as = request.known_as.as_deref().unwrap_or_default();
        Self::named(known_as)
            .or_else(|| Self::named(&request.model))
            .unwrap_or(Self::UNKNOWN)
    }

    /// The model of that name; `None` where it does not tell.
    fn named(name: &str) -> Option<Self> {
        let name = name.strip_prefix("ft:").unwrap_or(name);
        let name = name.rsplit('/').next().unwrap_or_default();
        let has = |word: &str| name.split(['-', ':']).any(|it| it == word);
        let thinks = |efforts| Self {
            efforts,
            off: Off::Never,
            samples: Samples::Never,
        };
        if name.starts_with("gpt-oss") {
            return Some(Self {
                samples: Samples::Always,
                ..thinks(LOW_TO_HIGH)
            });
        }
        if ["o1-mini", "o1-preview"]
            .iter()
            .any(|it| name.starts_with(it))
        {
            return Some(thinks(Efforts::None));
        }
        let of_o = ["o1", "o3", "o4", "codex"];
        if of_o.iter().any(|line| has(line) && name.starts_with(line)) {
            let medium = Efforts::Range(Effort::Medium, Effort::Medium);
            return Some(thinks(if has("deep") { medium } else { LOW_TO_HIGH }));
        }
        let rest = name
            .strip_prefix("gpt-")
            .or(name.strip_prefix("chatgpt-"))?;
        let version = rest.split(['-', ':']).next()?;
        match version {
            "3.5" | "4" | "4o" | "4.1" | "4.5" => Some(Self {
                efforts: Efforts::None,
                off: Off::Never,
                samples: Samples::Always,
            }),
            _ => Self::of(version, has),
        }
    }

    /// From GPT-5 on.
    fn of(version: &str, has: impl Fn(&str) -> bool) -> Option<Self> {
        let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
        let version: (u8, u8) = (major.parse().ok()?, minor.parse().ok()?);
        let thinks = |efforts, off| Self {
            efforts,
            off,
            samples: match off {
                Off::Never | Off::Unknown => Samples::Never,
                Off::Asked | Off::ByDefault => Samples::WhileOff,
            },
        };
        let range = Efforts::Range;
        let first = version == (5, 0);
        Some(match version {
            (0..5, _) => return None,
            _ if has("chat") && first => Self {
                efforts: Efforts::None,
                off: Off::Never,
                samples: Samples::Always,
            },
            _ if has("chat") => thinks(range(Effort::Medium, Effort::Medium), Off::Never),
            _ if has("search") => thinks(Efforts::None, Off::Never),
            _ if has("pro") && first => thinks(range(Effort::High, Effort::High), Off::Never),
            _ if has("pro") => thinks(range(Effort::Medium, Effort::XHigh), Off::Never),
            (5, 0..=1) if has("codex") && !has("max") => thinks(LOW_TO_HIGH, Off::Never),
            (5, _) if has("codex") => thinks(LOW_TO_XHIGH, Off::Never),
            (5, 0) => thinks(range(Effort::Minimal, Effort::High), Off::Never),
            (5, 1) => thinks(LOW_TO_HIGH, Off::ByDefault),
            (5, 2..=4) => thinks(LOW_TO_XHIGH, Off::ByDefault),
            (5, _) => thinks(LOW_TO_XHIGH, Off::Asked),
            (6, minor) => {
                let can_be_off = has("luna") || has("sol") && minor == 0 || has("terra");
                let off = if can_be_off { Off::Asked } else { Off::Never };
                thinks(range(Effort::Low, Effort::Max), off)
            }
            _ => return None,
        })
    }

    /// What it is told of a request: how hard to think, and what of the sampling parameters that leaves.
    pub(in crate::dialect) fn told(
        request: &Request,
        losses: &mut Vec<Loss>,
    ) -> (Option<Effort>, Sampling) {
        let model = Self::asked(request);
        let mut unsaid = Vec::new();
        let asked = request.reasoning.as_ref();
        let effort = asked.and_then(|asked| model.effort(asked, &mut unsaid));
        let sampling = model.sampling(&request.sampling, effort, losses);
        losses.append(&mut unsaid);
        (effort, sampling)
    }

    /// The word that it knows for what was asked for, the nearest one where it does not know the word itself; `None` where
    /// nothing is said. A budget in tokens becomes the nearest word, and so does a bare "on".
    fn effort(self, asked: &ReasoningRequest, losses: &mut Vec<Loss>) -> Option<Effort> {
        if asked.effort.is_none() && asked.enabled == Some(false) {
            return self.none(losses);
        }
        let (wanted, said) = match (asked.effort, asked.budget_tokens) {
            (Some(word), budget) => {
                if budget.is_some() {
                    losses.push(Loss::dropped("reasoning.budget_tokens"));
                }
                (word, "reasoning_effort")
            }
            // The words at both ends are refused by many models that know the three between.
            (None, Some(tokens)) => {
                let word = Effort::of_budget(tokens).clamp(Effort::Low, Effort::High);
                (word, "reasoning.budget_tokens")
            }
            (None, None) if asked.enabled == Some(true) || asked.adaptive => {
                (Effort::Medium, "reasoning.enabled")
            }
            (None, None) => return None,
        };
        let taken = self.nearest(wanted);
        match taken {
            // Not to think is what models without efforts do that do not think.
            None if wanted == Effort::None
                && self.off == Off::Never
                && self.samples == Samples::Always => {}
            None => losses.push(Loss::dropped(said)),
            Some(word) if word != wanted || asked.effort.is_none() => {
                losses.push(Loss::approximated(said));
            }
            Some(_) => {}
        }
        taken
    }

    /// Not to think. Models that do not think refuse the whole member, and others cannot do without.
    fn none(self, losses: &mut Vec<Loss>) -> Option<Effort> {
        match self.off {
            Off::Asked | Off::ByDefault => return Some(Effort::None),
            Off::Never if self.efforts == Efforts::None => {}
            Off::Never | Off::Unknown => losses.push(Loss::dropped("reasoning.enabled")),
        }
        None
    }

    fn nearest(self, wanted: Effort) -> Option<Effort> {
        match (self.efforts, self.off) {
            (Efforts::Unknown, _) => Some(wanted),
            (_, Off::Asked | Off::ByDefault) if wanted == Effort::None => Some(wanted),
            (Efforts::None, _) => None,
            (Efforts::Range(least, most), _) => Some(wanted.clamp(least, most)),
        }
    }

    /// What it takes of the sampling parameters, `effort` being what it is told: others are refused with a 400, though
    /// they say what is done anyway.
    fn sampling(
        self,
        asked: &Sampling,
        effort: Option<Effort>,
        losses: &mut Vec<Loss>,
    ) -> Sampling {
        let off = match effort {
            Some(word) => word == Effort::None,
            None => self.off == Off::ByDefault,
        };
        let mut taken = asked.clone();
        let mut drop = |field: &'static str, said: bool| {
            if said {
                losses.push(Loss::dropped(field));
            }
        };
        match self.samples {
            Samples::Always => return taken,
            Samples::WhileOff if off => {}
            Samples::WhileOff | Samples::Never => {
                let beyond: Vec<&str> = asked.beyond_defaults().collect();
                drop("temperature", beyond.contains(&"temperature"));
                drop("top_p", beyond.contains(&"top_p"));
                drop("stop", !taken.stop.is_empty());
                drop("logprobs", taken.logprobs == Some(true));
                drop("top_logprobs", taken.top_logprobs.is_some());
                taken = Sampling {
                    temperature: None,
                    top_p: None,
                    stop: Vec::new(),
                    logprobs: None,
                    top_logprobs: None,
                    ..taken
                };
            }
        }
        let not_zero =
            |n: &Option<serde_json::Number>| n.as_ref().is_some_and(|n| n.as_f64() != Some(0.0));
        drop("frequency_penalty", not_zero(&taken.frequency_penalty));
        drop("presence_penalty", not_zero(&taken.presence_penalty));
        drop(
            "logit_bias",
            taken.logit_bias.as_ref().is_some_and(|it| it.get() != "{}"),
        );
        Sampling {
            frequency_penalty: None,
            presence_penalty: None,
            logit_bias: None,
            ..taken
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::LossKind;

    fn model(name: &str) -> OpenAi {
        OpenAi::named(name).unwrap_or(OpenAi::UNKNOWN)
    }

    fn told(name: &str, asked: &ReasoningRequest) -> String {
        let mut losses = Vec::new();
        let word = model(name).effort(asked, &mut losses);
        let mut told = word.map_or("-", Effort::as_str).to_owned();
        for loss in losses {
            told += match loss.kind {
                LossKind::Dropped => " !",
                LossKind::Approximated => " ~",
            };
            told += &loss.field;
        }
        told
    }

    /// Each effort was sent as it was said, to models that answer 400 to it.
    #[test]
    fn efforts_become_the_nearest_that_the_model_knows() {
        let check = |name: &str, asked: Effort, expect: &str| {
            let asked = ReasoningRequest {
                effort: Some(asked),
                ..ReasoningRequest::default()
            };
            assert_eq!(told(name, &asked), expect, "{name}");
        };
        use Effort::{High, Low, Max, Medium, Minimal, XHigh};
        check("o3", Max, "high ~reasoning_effort");
        check("openai/o4-mini-2025-04-16", Max, "high ~reasoning_effort");
        check("o3-deep-research", High, "medium ~reasoning_effort");
        check("o1-mini", High, "- !reasoning_effort");
        check("openai/gpt-5", Max, "high ~reasoning_effort");
        check("gpt-5-mini-2025-08-07", Minimal, "minimal");
        check("gpt-5", Effort::None, "minimal ~reasoning_effort");
        check("gpt-5-pro", Low, "high ~reasoning_effort");
        check("gpt-5.2-pro", Low, "medium ~reasoning_effort");
        check("gpt-5-codex", Minimal, "low ~reasoning_effort");
        check("gpt-5.1-codex-max", XHigh, "xhigh");
        check("gpt-5.1", Effort::None, "none");
        check("gpt-5.1", XHigh, "high ~reasoning_effort");
        check("gpt-5.2", XHigh, "xhigh");
        check("gpt-5.2-chat-latest", High, "medium ~reasoning_effort");
        check("gpt-6-sol", Max, "max");
        check("gpt-6-astra", Effort::None, "low ~reasoning_effort");
        check("openai/gpt-oss-120b", XHigh, "high ~reasoning_effort");
        check("gpt-4o", Medium, "- !reasoning_effort");
        check("deepseek-r1", Max, "max");
    }

    #[test]
    fn not_to_think_is_said_to_those_who_can_do_without() {
        let off = ReasoningRequest {
            enabled: Some(false),
            ..ReasoningRequest::default()
        };
        assert_eq!(told("gpt-5.1", &off), "none");
        assert_eq!(told("gpt-5.6-luna", &off), "none");
        assert_eq!(told("gpt-5", &off), "- !reasoning.enabled");
        assert_eq!(told("o3", &off), "- !reasoning.enabled");
        assert_eq!(told("someone's", &off), "- !reasoning.enabled");
        assert_eq!(told("gpt-4o", &off), "-");
    }

    #[test]
    fn budgets_and_a_bare_on_become_words_that_the_model_knows() {
        let budget = |tokens| ReasoningRequest {
            budget_tokens: Some(tokens),
            enabled: Some(true),
            ..ReasoningRequest::default()
        };
        assert_eq!(told("o3", &budget(31_999)), "high ~reasoning.budget_tokens");
        assert_eq!(
            told("gpt-5-pro", &budget(1024)),
            "high ~reasoning.budget_tokens"
        );
        let on = ReasoningRequest {
            adaptive: true,
            ..ReasoningRequest::default()
        };
        assert_eq!(told("gpt-5", &on), "medium ~reasoning.enabled");
        assert_eq!(told("gpt-5-pro", &on), "high ~reasoning.enabled");
        assert_eq!(told("gpt-5", &ReasoningRequest::default()), "-");
    }

    /// `temperature` and `stop` of other dialects' clients came back as 400s.
    #[test]
    fn models_that_think_get_no_sampling_parameters() {
        let all = Sampling {
            temperature: serde_json::Number::from_f64(0.5),
            top_p: serde_json::Number::from_f64(1.0),
            frequency_penalty: Some(1.into()),
            seed: Some(7),
            stop: vec!["END".into()],
            n: Some(1),
            ..Sampling::default()
        };
        let check = |name: &str, effort, expect: &[&str]| {
            let mut losses = Vec::new();
            let taken = model(name).sampling(&all, effort, &mut losses);
            let lost: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
            assert_eq!(lost, expect, "{name}");
            assert_eq!((taken.seed, taken.n), (Some(7), Some(1)), "{name}");
            assert_eq!(taken.temperature.is_none(), lost.contains(&"temperature"));
            assert_eq!(taken.stop.is_empty(), lost.contains(&"stop"), "{name}");
        };
        let most = ["temperature", "stop", "frequency_penalty"];
        check("gpt-5", None, &most);
        check("o3", Some(Effort::High), &most);
        check("gpt-5.1", Some(Effort::Low), &most);
        check("gpt-5.1", None, &["frequency_penalty"]);
        check("gpt-5.5", None, &most);
        check("gpt-5.5", Some(Effort::None), &["frequency_penalty"]);
        check("gpt-5-chat-latest", None, &[]);
        check("gpt-4.1-mini", None, &[]);
        check("openai/gpt-oss-20b", Some(Effort::Low), &[]);
        check("qwen/qwen3", None, &[]);
    }
}
