//! What a request is not put in another dialect's words without. A member that only says how to answer may be left out, as
//! a loss that is named; one of these may not: without it the answer would be about something else, or not what was asked
//! for. An offering whose dialect has no word for it is passed over, and where there is no other the client gets a 400 that
//! names the field. Which members these are is data, for all dialects in one place; `docs/translation.md` says the same.

use super::own_words::Naming;
use super::{Dialect, DialectId, ai_sdk, anthropic, bedrock, find, gemini, merge, openai_chat};
use crate::ir::{Json, Malformed, PartKind, Request, Role, Tool, ToolChoice};
use std::collections::HashSet;

/// Members that are not left out.
pub struct Essential {
    /// The dialect whose clients write them.
    pub dialect: DialectId,
    /// Their paths as the client writes them; `*` is any one name.
    pub fields: &'static [&'static str],
    /// With which values they count.
    pub given: Given,
    /// Why an answer without them would be none.
    pub what: What,
}

/// With which values a member counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// By being there: `{}` switches something on.
    AtAll,
    /// With something in it.
    Filled,
    /// As a list of kinds of answers with no text among them. Where text is among them, the rest is a loss.
    WithoutText,
}

/// Why an answer without a member would be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is part of the question.
    Question,
    /// It says what kind of thing the answer is.
    Answer,
    /// It keeps the client from what it must not say or hear.
    Safeguard,
    /// It has something done by the provider before it answers.
    Work,
}

impl What {
    /// The same as the beginning of a sentence about the member.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Question => "is part of what is asked",
            Self::Answer => "says what kind of answer is wanted",
            Self::Safeguard => "is a safeguard",
            Self::Work => "asks for work of the provider's own tools",
        }
    }
}

/// All of them. What asks for a tool of the provider's own among `tools` is judged by [`check`].
pub static ESSENTIALS: &[Essential] = &[
    // <https://platform.openai.com/docs/api-reference/chat/create> (2026-11)
    Essential {
        dialect: openai_chat::ID,
        fields: &["audio"],
        given: Given::Filled,
        what: What::Answer,
    },
    Essential {
        dialect: openai_chat::ID,
        fields: &["modalities"],
        given: Given::WithoutText,
        what: What::Answer,
    },
    Essential {
        dialect: openai_chat::ID,
        fields: &["web_search_options"],
        given: Given::AtAll,
        what: What::Work,
    },
    // xAI's: <https://docs.x.ai/docs/guides/live-search> (2026-11)
    Essential {
        dialect: openai_chat::ID,
        fields: &["search_parameters"],
        given: Given::Filled,
        what: What::Work,
    },
    // vLLM's: <https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html> (2026-11)
    Essential {
        dialect: openai_chat::ID,
        fields: &["documents"],
        given: Given::Filled,
        what: What::Question,
    },
    Essential {
        dialect: openai_chat::ID,
        fields: &[
            "guided_json",
            "guided_regex",
            "guided_choice",
            "guided_grammar",
            "structured_outputs",
        ],
        given: Given::Filled,
        what: What::Answer,
    },
    // <https://platform.claude.com/docs/en/api/messages/create> (2026-11)
    Essential {
        dialect: anthropic::ID,
        fields: &["container"],
        given: Given::Filled,
        what: What::Question,
    },
    Essential {
        dialect: anthropic::ID,
        fields: &["inference_geo"],
        given: Given::Filled,
        what: What::Safeguard,
    },
    Essential {
        dialect: anthropic::ID,
        fields: &["mcp_servers"],
        given: Given::Filled,
        what: What::Work,
    },
    // <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> (2026-11)
    Essential {
        dialect: bedrock::ID,
        fields: &["promptVariables"],
        given: Given::Filled,
        what: What::Question,
    },
    Essential {
        dialect: bedrock::ID,
        fields: &["guardrailConfig"],
        given: Given::Filled,
        what: What::Safeguard,
    },
    // <https://ai.google.dev/api/generate-content> (2026-11); `modelArmorConfig` is Vertex's.
    Essential {
        dialect: gemini::ID,
        fields: &["cachedContent"],
        given: Given::Filled,
        what: What::Question,
    },
    Essential {
        dialect: gemini::ID,
        fields: &["modelArmorConfig"],
        given: Given::Filled,
        what: What::Safeguard,
    },
    Essential {
        dialect: gemini::ID,
        fields: &["generationConfig.responseModalities"],
        given: Given::WithoutText,
        what: What::Answer,
    },
    Essential {
        dialect: gemini::ID,
        fields: &["generationConfig.responseMimeType"],
        given: Given::Filled,
        what: What::Answer,
    },
    // What the SDK's packages for these vendors have for the same, but for work: it stands under the name of the one vendor
    // that does it, for requests that may go to others.
    Essential {
        dialect: ai_sdk::ID,
        fields: &[
            "providerOptions.*.cachedContent",
            "providerOptions.*.container",
            "providerOptions.*.conversation",
            "providerOptions.*.previousResponseId",
        ],
        given: Given::Filled,
        what: What::Question,
    },
    Essential {
        dialect: ai_sdk::ID,
        fields: &["providerOptions.*.guardrailConfig"],
        given: Given::Filled,
        what: What::Safeguard,
    },
    Essential {
        dialect: ai_sdk::ID,
        fields: &["providerOptions.*.responseModalities"],
        given: Given::WithoutText,
        what: What::Answer,
    },
    Essential {
        dialect: merge::ID,
        fields: &["modalities"],
        given: Given::WithoutText,
        what: What::Answer,
    },
];

/// Refuses to put a client's request in the words of `to` where something would be missing that it cannot do without.
/// Where both speak the same dialect, that is for the provider to judge.
///
/// # Errors
/// Names the field in the client's words.
pub fn check(client: &Dialect, request: &Request, to: DialectId) -> Result<(), Malformed> {
    request.check_known_to(to)?;
    if client.id == to {
        return Ok(());
    }
    let wrong = member(request, to)
        .or_else(|| only_own_tools(request, to))
        .or_else(|| own_choice(request, to))
        .or_else(|| choice_of_none(request))
        .or_else(|| odd_call(request));
    match (wrong, client.chat.client) {
        (None, _) => Ok(()),
        (Some(wrong), Some(reader)) => Err(Naming::of(reader, request).malformed(wrong)),
        (Some(wrong), None) => Err(wrong),
    }
}

/// A member that `to` has no word for.
fn member(request: &Request, to: DialectId) -> Option<Malformed> {
    let unsaid = request.extra.0.iter().filter(|(from, ..)| *from != to);
    unsaid.into_iter().find_map(|(from, field, value)| {
        let listed = ESSENTIALS
            .iter()
            .find(|it| it.dialect == *from && it.names(field) && it.given.counts(value))?;
        Some(untold(field.clone(), listed.what.as_str(), *from))
    })
}

impl Essential {
    fn names(&self, field: &str) -> bool {
        self.fields.iter().any(|path| match path.split_once('*') {
            None => *path == field,
            Some((before, after)) => {
                let inside = field.strip_prefix(before);
                let name = inside.and_then(|rest| rest.strip_suffix(after));
                name.is_some_and(|name| !name.contains('.'))
            }
        })
    }
}

impl Given {
    fn counts(self, value: &Json) -> bool {
        let filled = value.says_something() && value.get() != "{}";
        match self {
            Self::AtAll => value.says_something(),
            Self::Filled => filled,
            Self::WithoutText => {
                let kinds = value.read::<Vec<String>>().unwrap_or_default();
                let text = |kind: &String| kind.eq_ignore_ascii_case("text");
                filled && !kinds.iter().any(text)
            }
        }
    }
}

/// The first tool, where all are of kinds that `to` does not know: then it is what was asked for. Beside functions of the
/// client's own it may be left out, as a loss: agents declare it with all the others.
fn only_own_tools(request: &Request, to: DialectId) -> Option<Malformed> {
    if request.tools.iter().any(|tool| tool.is_known_to(to)) {
        return None;
    }
    let mut own = request.tools.iter().enumerate();
    own.find_map(|(at, tool)| match tool {
        Tool::Opaque(from, json) if json.get() != "{}" => {
            let what = "is a tool that the provider must know by itself";
            Some(untold(format!("tools[{at}]"), what, *from))
        }
        Tool::Opaque(..) | Tool::Function { .. } | Tool::Freeform { .. } => None,
    })
}

/// Where a choice stands that is none of the four which all dialects share.
const CHOICES: &[&str] = &["tool_choice", "toolConfig.toolChoice"];

fn own_choice(request: &Request, to: DialectId) -> Option<Malformed> {
    let mut extras = request.extra.0.iter();
    let (from, field, _) = extras.find(|(from, field, value)| {
        *from != to && CHOICES.contains(&field.as_str()) && value.says_something()
    })?;
    let what = "makes a choice among the provider's own tools";
    let alone = request.tool_choice.is_none();
    alone.then(|| untold(field.clone(), what, *from))
}

/// A choice of what is not declared.
fn choice_of_none(request: &Request) -> Option<Malformed> {
    if request.tool_choice.is_none() && request.allowed_tools.is_empty() {
        return None;
    }
    let declared: HashSet<&str> = request.tools.iter().filter_map(Tool::name).collect();
    let wrong = |field: &str, name: &str| {
        let message = format!("names `{name}`, which is no function that the tools declare");
        Some(Malformed::field(field, message))
    };
    match &request.tool_choice {
        Some(ToolChoice::Named(name)) if !declared.contains(name.as_str()) => {
            return wrong("tool_choice", name);
        }
        Some(ToolChoice::Required) if declared.is_empty() => {
            let message = "demands that a tool is called, but the tools declare no function";
            return Some(Malformed::field("tool_choice", message));
        }
        Some(_) | None => {}
    }
    let mut allowed = request.allowed_tools.iter();
    let unknown = allowed.find(|name| !declared.contains(name.as_str()))?;
    wrong("tool_choice.allowed_tools", unknown)
}

/// A call that no result can name, or that is not the model's: what a dialect makes of it is refused in words that mean
/// nothing to the client.
fn odd_call(request: &Request) -> Option<Malformed> {
    let turns = request.messages.iter().enumerate();
    let mut parts = turns.flat_map(|(at, message)| {
        let inside = message.parts.iter().enumerate();
        inside.map(move |(n, part)| ((at, n), message.role, part))
    });
    parts.find_map(|((at, n), role, part)| {
        let wrong = match &part.kind {
            PartKind::ToolCall(_) if role != Role::Assistant => {
                "is a call of a tool, which only the model's own turns hold"
            }
            PartKind::ToolCall(call) if call.id.is_empty() => {
                "is a call without an id, by which its result names it"
            }
            _ => return None,
        };
        Some(Malformed::field(
            format!("messages[{at}].content[{n}]"),
            wrong,
        ))
    })
}

/// The complaint about what only providers of the client's dialect can be told, or nobody where none speaks it.
fn untold(field: String, what: &str, from: DialectId) -> Malformed {
    let spoken = find(from.as_str()).is_some_and(|dialect| dialect.chat.provider.is_some());
    let who = match spoken {
        true => format!("only providers that speak {from} can be told"),
        false => "no provider can be told".to_owned(),
    };
    Malformed::field(field, format!("{what}, which {who}"))
}
