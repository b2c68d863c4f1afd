//! What a simulated model says, decided from the request alone: reasoning, text, tool calls, why it ends, and honest
//! token counts. No pacing and no bytes here.

use super::request_text::{Told, tokens_in};
use super::schema;
use super::settings::{Model, Settings};
use super::speech;
use super::tokens::{self, Chance};
use super::tools;
use protocol::ir::{Json, Malformed, OutputFormat, Request, StopReason, Usage};
use serde_json::Value;

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Script {
    /// What is said and done, in order.
    pub(super) parts: Vec<Said>,
    /// Why it ends.
    pub(super) stop: StopReason,
    /// Which stop text ended it.
    pub(super) stop_sequence: Option<String>,
}

/// One part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    Reasoning(String),
    Text(String),
    Call {
        id: String,
        name: String,
        arguments: String,
    },
}

impl Said {
    /// What tokens are counted of.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Reasoning(text) | Self::Text(text) => text,
            Self::Call { arguments, .. } => arguments,
        }
    }

    fn text_mut(&mut self) -> &mut String {
        match self {
            Self::Reasoning(text) | Self::Text(text) => text,
            Self::Call { arguments, .. } => arguments,
        }
    }
}

/// More answers to one request are refused.
const MOST_CHOICES: u32 = 16;

/// The answers to a request: as many as it asks for.
///
/// # Errors
/// Names the field that asks for what cannot be.
pub(super) fn write(
    model: Model,
    settings: &Settings,
    request: &Request,
    seed: Chance,
) -> Result<Vec<Script>, Malformed> {
    let wanted = request.sampling.n.unwrap_or(1);
    if !(1..=MOST_CHOICES).contains(&wanted) {
        let allowed = format!("the simulator gives from 1 to {MOST_CHOICES} answers");
        return Err(Malformed::field("n", allowed));
    }
    let mut chance = seed;
    (0..wanted)
        .map(|_| write_one(model, settings, request, &mut chance))
        .collect()
}

fn write_one(
    model: Model,
    settings: &Settings,
    request: &Request,
    chance: &mut Chance,
) -> Result<Script, Malformed> {
    let told = Told::by(request);
    let mut parts = Vec::new();
    if reasons(model, request) {
        parts.push(Said::Reasoning(speech::reasoning(&told, chance)));
    }
    let calls = tools::calls(request, &told, chance)?;
    let stop = if calls.is_empty() {
        parts.push(Said::Text(visible(
            model, settings, request, &told, chance,
        )?));
        StopReason::Stop
    } else {
        parts.extend(calls);
        StopReason::ToolCalls
    };
    let mut script = Script {
        parts,
        stop,
        stop_sequence: None,
    };
    script.end_at_stop_text(&request.sampling.stop);
    if let Some(most) = request.max_output_tokens {
        script.end_at_length(usize::try_from(most).unwrap_or(usize::MAX));
    }
    Ok(script)
}

fn reasons(model: Model, request: &Request) -> bool {
    let off = request
        .reasoning
        .as_ref()
        .is_some_and(|asked| asked.enabled == Some(false));
    model == Model::Reasoner && !off
}

fn visible(
    model: Model,
    settings: &Settings,
    request: &Request,
    told: &Told<'_>,
    chance: &mut Chance,
) -> Result<String, Malformed> {
    match &request.output {
        Some(OutputFormat::JsonSchema { schema, .. }) => {
            let schema = read_schema("response_format.json_schema.schema", schema)?;
            return Ok(schema::instance(&schema, chance).to_string());
        }
        Some(OutputFormat::JsonObject) => {
            let text = speech::opening(told);
            return Ok(serde_json::json!({"simulated": true, "answer": text}).to_string());
        }
        Some(OutputFormat::Text) | None => {}
    }
    let length = settings
        .output_tokens
        .map(|tokens| usize::try_from(tokens).unwrap_or(usize::MAX));
    Ok(match model {
        Model::Echo if told.last_user_text.is_empty() => speech::answer(told, length, chance),
        Model::Echo => speech::echo(&told.last_user_text, length),
        Model::Fast | Model::Slow | Model::Reasoner | Model::Flaky | Model::Embed => {
            speech::answer(told, length, chance)
        }
    })
}

/// A schema as a value.
pub(super) fn read_schema(field: &str, schema: &Json) -> Result<Value, Malformed> {
    let value: Value = schema
        .read()
        .map_err(|error| Malformed::field(field, error.to_string()))?;
    if value.is_object() || value.is_boolean() {
        Ok(value)
    } else {
        Err(Malformed::field(field, "expected a JSON schema object"))
    }
}

impl Script {
    /// Ends before the first stop text that stands in the visible text.
    fn end_at_stop_text(&mut self, stops: &[String]) {
        for part in &mut self.parts {
            let Said::Text(text) = part else { continue };
            let found = stops
                .iter()
                .filter(|stop| !stop.is_empty())
                .filter_map(|stop| Some((text.find(stop.as_str())?, stop)))
                .min_by_key(|(at, _)| *at);
            if let Some((at, stop)) = found {
                text.truncate(at);
                self.stop = StopReason::StopSequence;
                self.stop_sequence = Some(stop.clone());
            }
        }
    }

    /// Ends after that many tokens, in mid-word and mid-JSON as real models do.
    fn end_at_length(&mut self, most: usize) {
        let mut left = most;
        let mut cut = None;
        for (index, part) in self.parts.iter_mut().enumerate() {
            let length = tokens::split(part.text()).count();
            if length > left {
                let kept = tokens::first(part.text(), left).len();
                part.text_mut().truncate(kept);
                cut = Some(index);
                break;
            }
            left -= length;
        }
        if let Some(last) = cut {
            self.parts.truncate(last + 1);
            if left == 0 {
                self.parts.pop();
            }
            self.stop = StopReason::Length;
            self.stop_sequence = None;
        }
    }

    fn reasoning_tokens(&self) -> u64 {
        let reasoning = self.parts.iter().filter_map(|part| match part {
            Said::Reasoning(text) => Some(tokens::count(text)),
            Said::Text(_) | Said::Call { .. } => None,
        });
        reasoning.sum()
    }

    fn output_tokens(&self) -> u64 {
        let counted = self.parts.iter().map(|part| tokens::count(part.text()));
        counted.sum()
    }
}

/// Tokens read and written. Nothing is cached.
pub(super) fn usage(request: &Request, scripts: &[Script]) -> Usage {
    Usage {
        input: tokens_in(request),
        output: scripts.iter().map(Script::output_tokens).sum(),
        reasoning: scripts.iter().map(Script::reasoning_tokens).sum(),
        ..Usage::default()
    }
}

#[cfg(test)]
mod tests;
