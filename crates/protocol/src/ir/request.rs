//! The canonical chat request.

use super::{
    Allowed, CacheMarker, Extra, Json, Malformed, Media, MediumKind, Message, PartKind,
    ReasoningRequest, Role, Tool, ToolChoice, media,
};
use crate::dialect::DialectId;
use serde_json::Number;
use std::collections::HashSet;

/// A chat request: what every dialect's request decodes to and is encoded from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The model as the client named it; the provider's own name once a target is chosen.
    pub model: String,
    /// The conversation, instructions included, in the order given.
    pub messages: Vec<Message>,
    /// Tools the model may call, in the order given (prompt caches depend on it).
    pub tools: Vec<Tool>,
    /// Which tool it must or may call.
    pub tool_choice: Option<ToolChoice>,
    /// The names of the tools that may be called in this turn, where not all of them (OpenAI's `allowed_tools`, Gemini's
    /// `allowedFunctionNames`). Empty means all.
    pub allowed_tools: Vec<String>,
    /// Whether several tools may be called in one turn.
    pub parallel_tool_calls: Option<bool>,
    /// The shape that the answer must have.
    pub output: Option<OutputFormat>,
    /// Upper bound of output tokens, reasoning included.
    pub max_output_tokens: Option<u64>,
    /// The most output that the chosen model can give, in tokens, where known: for dialects that demand a bound when the
    /// client set none. Never read from a client.
    pub model_max_output: Option<u64>,
    /// The model's canonical name in the catalogue (`anthropic/claude-opus-4.7`): for dialects whose models differ in what
    /// they take, where the provider's own name does not tell the model. Never read from a client.
    pub known_as: Option<String>,
    /// Sampling parameters.
    pub sampling: Sampling,
    /// How much the model should reason.
    pub reasoning: Option<ReasoningRequest>,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// Whether the client asked for a usage chunk at the end of the stream (OpenAI's `stream_options.include_usage`).
    pub include_usage: bool,
    /// The provider's service tier (`auto`, `default`, `flex`, `priority`, `standard_only` …), as written.
    pub service_tier: Option<String>,
    /// The client's own name for its end user (OpenAI `user` / `safety_identifier`, Anthropic `metadata.user_id`).
    pub user: Option<String>,
    /// Whole-request prompt-cache control (Anthropic's top-level `cache_control`).
    pub cache: Option<CacheMarker>,
    /// What requests share that should meet in one prompt cache (OpenAI's `prompt_cache_key`).
    pub prompt_cache_key: Option<String>,
    /// How long the answer should be, in the provider's word (OpenAI's `verbosity`: `low`, `medium`, `high`).
    pub verbosity: Option<String>,
    /// The client's own notes on the request, a JSON object of texts (OpenAI's `metadata`), as written.
    pub metadata: Option<Json>,
    /// Whether the provider is to keep the answer (OpenAI's `store`).
    pub store: Option<bool>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

impl Request {
    /// Refuses what only providers of the client's own dialect may know, where another one follows: parts of an unknown kind
    /// in what the model is asked, and an unknown shape of the answer. In the model's own turns such parts are left out, as
    /// a loss.
    ///
    /// # Errors
    /// Names the field in the client's words.
    pub fn check_known_to(&self, dialect: DialectId) -> Result<(), Malformed> {
        let given = self.messages.iter().filter(|it| it.role != Role::Assistant);
        let mut parts = given.flat_map(|message| &message.parts);
        let unknown = self.extra.unknown_to(dialect);
        let unknown = unknown.or_else(|| parts.find_map(|part| part.unknown_to(dialect)));
        unknown.map_or(Ok(()), Err)
    }

    /// Calls `each` for every image, sound, video and file of the conversation, those in tool results among them, in
    /// their order.
    pub fn for_each_medium(&mut self, each: &mut impl FnMut(MediumKind, &mut Media)) {
        for message in &mut self.messages {
            media::for_each(&mut message.parts, each);
        }
    }

    /// Calls `each` for every place that names a tool: declarations, choices and calls.
    pub fn for_each_tool_name(&mut self, each: &mut impl FnMut(&mut String)) {
        for tool in &mut self.tools {
            match tool {
                Tool::Function { name, .. } | Tool::Freeform { name, .. } => each(name),
                Tool::Opaque(..) => {}
            }
        }
        if let Some(ToolChoice::Named(name)) = &mut self.tool_choice {
            each(name);
        }
        self.allowed_tools.iter_mut().for_each(&mut *each);
        for part in self.messages.iter_mut().flat_map(|it| &mut it.parts) {
            if let PartKind::ToolCall(call) = &mut part.kind {
                each(&mut call.name);
            }
        }
    }

    /// Which tools may be called in this turn.
    pub fn allowed(&self) -> Allowed<'_> {
        Allowed::of(&self.allowed_tools)
    }

    /// The choice of a tool as far as `dialect` can make it: without tools that it knows there is none, nor is there one of
    /// a tool that is not declared.
    pub fn tool_choice_in(&self, dialect: DialectId) -> Option<&ToolChoice> {
        let mut known = self.tools.iter().filter(|tool| tool.is_known_to(dialect));
        self.tool_choice.as_ref().filter(|choice| match choice {
            ToolChoice::Named(wanted) => {
                known.any(|tool| tool.name().is_none_or(|name| name == wanted))
            }
            ToolChoice::Auto | ToolChoice::None | ToolChoice::Required => known.next().is_some(),
        })
    }

    /// Whether the conversation ends with a turn of the model's.
    pub fn begins_answer(&self) -> bool {
        let last = self.messages.last();
        last.is_some_and(|message| message.role == Role::Assistant)
    }

    /// Whether the model must call a tool, or one of them.
    pub fn demands_a_call(&self) -> bool {
        self.tool_choice
            .as_ref()
            .is_some_and(ToolChoice::demands_a_call)
    }

    /// The names of the tools that take free text.
    pub fn freeform_names(&self) -> HashSet<&str> {
        let names = self.tools.iter().filter_map(|tool| match tool {
            Tool::Freeform { name, .. } => Some(name.as_str()),
            Tool::Function { .. } | Tool::Opaque(..) => None,
        });
        names.collect()
    }
}

/// The shape of the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputFormat {
    /// Plain text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON after a schema.
    JsonSchema {
        /// The schema's name (OpenAI demands one).
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// The schema, as written.
        schema: Json,
        /// Whether the answer must follow it exactly.
        strict: Option<bool>,
    },
}

/// Sampling parameters. Numbers keep the client's spelling where JSON allows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampling {
    /// Randomness; 0..2 in OpenAI, 0..1 in Anthropic.
    pub temperature: Option<Number>,
    /// Nucleus sampling.
    pub top_p: Option<Number>,
    /// The k most likely tokens only.
    pub top_k: Option<u64>,
    /// Penalty by how often a token came.
    pub frequency_penalty: Option<Number>,
    /// Penalty for a token having come at all.
    pub presence_penalty: Option<Number>,
    /// Seed for repeatable sampling.
    pub seed: Option<i64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// How many answers.
    pub n: Option<u32>,
    /// Whether to give log probabilities.
    pub logprobs: Option<bool>,
    /// How many alternatives per token.
    pub top_logprobs: Option<u32>,
    /// Token id → bias, as written.
    pub logit_bias: Option<Json>,
}

impl Sampling {
    /// Those of `temperature`, `top_p` and `top_k` that were given another value than the default.
    pub fn beyond_defaults(&self) -> impl Iterator<Item = &'static str> {
        let says = |n: &Option<Number>| n.as_ref().is_some_and(|n| n.as_f64() != Some(1.0));
        let said = [
            ("temperature", says(&self.temperature)),
            ("top_p", says(&self.top_p)),
            ("top_k", self.top_k.is_some()),
        ];
        said.into_iter()
            .filter(|(_, said)| *said)
            .map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each tool was looked for in the list of those that may be called, so that the time grew with the square.
    #[test]
    fn tools_without_number_are_allowed_one_by_one() {
        let freeform = |name: String| Tool::Freeform {
            name,
            description: None,
            format: None,
            extra: Extra::default(),
        };
        let names = |prefix: &str| -> Vec<String> {
            (0..100_000).map(|at| format!("{prefix}{at}")).collect()
        };
        let mut request = Request {
            tools: names("b").into_iter().map(freeform).collect(),
            ..Request::default()
        };
        assert!(request.tools.iter().all(|tool| request.allowed().has(tool)));
        request.allowed_tools = names("a");
        request.allowed_tools.push("b7".to_owned());
        let (allowed, free) = (request.allowed(), request.freeform_names());
        let found: Vec<_> = request
            .tools
            .iter()
            .filter(|tool| allowed.has(tool))
            .collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name(), Some("b7"));
        assert!(
            request
                .tools
                .iter()
                .all(|tool| tool.name().is_some_and(|name| free.contains(name)))
        );
        assert!(!free.contains("a7"));
    }
}
