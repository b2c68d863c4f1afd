//! `generationConfig`: what the answer is to be like. What has no canonical form rides along.
//! <https://ai.google.dev/api/generate-content#generationconfig> (2026-11)

use super::super::generation::Generation;
use super::super::{ID, schema};
use super::thinking;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::Object;
use crate::ir::{Extra, Json, Loss, Malformed, OutputFormat, Request, Sampling};
use serde_json::Number;

/// What stands before the names of its members that ride along.
const PREFIX: &str = "generationConfig.";

/// Remembers that a schema was given as JSON Schema.
const AS_JSON_SCHEMA: &str = "as.responseJsonSchema";

/// What kinds of answers are wanted.
const MODALITIES: &str = "responseModalities";

/// Reads it.
pub(super) fn read(
    fields: &mut Fields<'_, '_>,
    request: &mut Request,
    extra: &mut Extra,
) -> Result<(), Malformed> {
    let Some(raw) = fields.take("generationConfig") else {
        return Ok(());
    };
    let at = Path::ROOT.key("generationConfig");
    let mut config = Fields::of(raw, at)?.camel_case();
    request.max_output_tokens = config.unsigned("maxOutputTokens")?;
    request.sampling = sampling(&mut config, extra)?;
    request.output = output(&mut config, extra)?;
    if let Some(raw) = config.take("thinkingConfig") {
        request.reasoning = thinking::read(raw, at.key("thinkingConfig"), extra)?;
    }
    // That the answer is text needs no saying elsewhere.
    if let Some(raw) = config.take(MODALITIES) {
        match raw.get().replace(char::is_whitespace, "").as_str() {
            r#"["TEXT"]"# => extra.note(ID, MODALITIES, fields::json(raw)),
            _ => extra.push(ID, format!("{PREFIX}{MODALITIES}"), fields::json(raw)),
        }
    }
    config.rest_into(ID, PREFIX, extra);
    Ok(())
}

fn sampling(config: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Sampling, Malformed> {
    let outer = config.at();
    let at = outer.key("stopSequences");
    let stop = config
        .list("stopSequences")?
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, raw)| fields::string(raw, &at.index(index)))
        .collect::<Result<_, _>>()?;
    Ok(Sampling {
        temperature: config.number("temperature")?,
        top_p: config.number("topP")?,
        top_k: top_k(config, extra)?,
        frequency_penalty: config.number("frequencyPenalty")?,
        presence_penalty: config.number("presencePenalty")?,
        seed: config.integer("seed")?,
        stop,
        n: config.small("candidateCount")?,
        logprobs: config.boolean("responseLogprobs")?,
        top_logprobs: config.small("logprobs")?,
        logit_bias: None,
    })
}

/// Clients write it as a float (`40.0`).
fn top_k(config: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Option<u64>, Malformed> {
    let Some(number) = config.number("topK")? else {
        return Ok(None);
    };
    let text = number.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text).parse().ok();
    if whole.is_none() {
        extra.push(ID, format!("{PREFIX}topK"), Json::of(&number));
    }
    Ok(whole)
}

fn output(
    config: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<OutputFormat>, Malformed> {
    let media_type = config.string("responseMimeType")?;
    match media_type.as_deref() {
        Some("application/json") | None => {}
        Some("text/plain") => return Ok(Some(OutputFormat::Text)),
        // One word of a list: its schema rides along with it.
        Some(other) => {
            extra.push(ID, format!("{PREFIX}responseMimeType"), Json::of(&other));
            return Ok(None);
        }
    }
    let of_json = |schema| OutputFormat::JsonSchema {
        name: None,
        description: None,
        schema,
        // It is always followed here.
        strict: Some(true),
    };
    if let Some(schema) = config.json_object("responseJsonSchema")? {
        extra.push(ID, AS_JSON_SCHEMA, Json::null());
        return Ok(Some(of_json(schema)));
    }
    if let Some(raw) = config.object("responseSchema")? {
        return Ok(Some(of_json(schema::widened(raw))));
    }
    Ok(media_type.map(|_| OutputFormat::JsonObject))
}

/// Writes it, if there is anything in it.
pub(super) fn write(
    o: &mut Object<'_>,
    request: &Request,
    generation: Generation,
    losses: &mut Vec<Loss>,
) {
    let mut config = Vec::new();
    crate::dialect::write::object(&mut config, |o| members(o, request, generation, losses));
    if config != b"{}" {
        o.written("generationConfig", &config);
    }
}

fn members(o: &mut Object<'_>, request: &Request, generation: Generation, losses: &mut Vec<Loss>) {
    let sampling = &request.sampling;
    o.some("temperature", temperature(sampling, losses).as_ref());
    o.some("topP", sampling.top_p.as_ref());
    o.some("topK", sampling.top_k.as_ref());
    o.some("candidateCount", sampling.n.as_ref());
    o.some("maxOutputTokens", request.max_output_tokens.as_ref());
    stop_sequences(o, &sampling.stop, losses);
    o.some("frequencyPenalty", sampling.frequency_penalty.as_ref());
    o.some("presencePenalty", sampling.presence_penalty.as_ref());
    match sampling.seed {
        // It is an `int32` there.
        Some(seed) if i32::try_from(seed).is_err() => losses.push(Loss::dropped("seed")),
        seed => o.some("seed", seed.as_ref()),
    }
    o.some("responseLogprobs", sampling.logprobs.as_ref());
    let most = sampling
        .top_logprobs
        .filter(|_| sampling.logprobs == Some(true));
    o.some("logprobs", most.as_ref());
    write_output(o, request, losses);
    thinking::write(o, request, generation, losses);
    o.some(MODALITIES, request.extra.noted(ID, MODALITIES));
    o.extra_under(&request.extra, ID, PREFIX);
}

/// It ends at 2. <https://ai.google.dev/api/generate-content#generationconfig>
fn temperature(sampling: &Sampling, losses: &mut Vec<Loss>) -> Option<Number> {
    let asked = sampling.temperature.clone()?;
    if asked.as_f64() > Some(2.0) {
        losses.push(Loss::approximated("temperature"));
        return Some(Number::from(2));
    }
    Some(asked)
}

/// Five at most, and none of them empty.
fn stop_sequences(o: &mut Object<'_>, stop: &[String], losses: &mut Vec<Loss>) {
    const MOST: usize = 5;
    let said: Vec<&String> = stop
        .iter()
        .filter(|text| !text.is_empty())
        .take(MOST)
        .collect();
    if said.len() < stop.len() {
        losses.push(Loss::dropped("stop"));
    }
    if !said.is_empty() {
        o.value("stopSequences", &said);
    }
}

fn write_output(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    match &request.output {
        None => {}
        Some(OutputFormat::Text) => o.value("responseMimeType", "text/plain"),
        Some(OutputFormat::JsonObject) => o.value("responseMimeType", "application/json"),
        Some(OutputFormat::JsonSchema {
            name: _, // Only a label.
            description,
            schema,
            strict,
        }) => {
            if description.is_some() {
                losses.push(Loss::dropped("response_format.json_schema.description"));
            }
            if *strict == Some(false) {
                losses.push(Loss::approximated("response_format.json_schema.strict"));
            }
            o.value("responseMimeType", "application/json");
            let as_json_schema = request.extra.of(ID).any(|(key, _)| key == AS_JSON_SCHEMA);
            let narrow = schema::narrowed(schema).filter(|_| !as_json_schema);
            match narrow {
                Some(narrow) => o.written("responseSchema", narrow.as_bytes()),
                None => o.value("responseJsonSchema", schema),
            }
        }
    }
}
