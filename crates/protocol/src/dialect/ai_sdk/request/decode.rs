//! Decodes a whole request; prompt, tools and options are read next door. Members that this file does not name are losses
//! wherever the request goes, since no provider speaks this dialect.

use super::super::ID;
use super::{options, prompt, tools};
use crate::dialect::controls;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{Extra, Malformed, OutputFormat, Request, Sampling};

/// Reads a whole request. Model and streaming are said in headers.
pub(in super::super) fn decode(body: &[u8]) -> Result<Request, Malformed> {
    let mut fields = Fields::body(body)?;
    let given = fields.take("providerOptions");
    let tools = tools::read_all(&mut fields)?;
    let mut extra = Extra::default();
    let mut request = Request {
        messages: prompt::read_all(&mut fields, &tools)?,
        tool_choice: tools::choice(&mut fields, &tools)?,
        tools,
        max_output_tokens: fields.unsigned("maxOutputTokens")?,
        sampling: sampling(&mut fields)?,
        include_usage: true,
        ..Request::default()
    };
    let top = fields.take("reasoning");
    let strict = options::apply(given, &mut request, &mut extra)?;
    options::reason(top, &mut request.reasoning)?;
    request.output = output(&mut fields, strict, &mut extra)?;
    // The call's HTTP headers, which the SDK leaves in the body by the way. They are not for providers.
    fields.take("headers");
    let raw_chunks = fields.boolean("includeRawChunks")?;
    if raw_chunks == Some(true) {
        extra.push(ID, "includeRawChunks", crate::ir::Json::of(&true));
    }
    for name in controls::CONTROLS {
        fields.take(name);
    }
    fields.rest_into(ID, "", &mut extra);
    request.extra = extra;
    Ok(request)
}

fn sampling(fields: &mut Fields<'_, '_>) -> Result<Sampling, Malformed> {
    let at = Path::ROOT;
    let at = at.key("stopSequences");
    let stop = fields.list("stopSequences")?.unwrap_or_default();
    let each = stop.into_iter().enumerate();
    Ok(Sampling {
        temperature: fields.number("temperature")?,
        top_p: fields.number("topP")?,
        top_k: fields.unsigned("topK")?,
        frequency_penalty: fields.number("frequencyPenalty")?,
        presence_penalty: fields.number("presencePenalty")?,
        seed: fields.integer("seed")?,
        stop: each
            .map(|(n, raw)| fields::string(raw, &at.index(n)))
            .collect::<Result<_, _>>()?,
        ..Sampling::default()
    })
}

/// The SDK's own OpenAI package follows a schema strictly unless told otherwise, and so is it here.
fn output(
    request: &mut Fields<'_, '_>,
    strict: Option<bool>,
    extra: &mut Extra,
) -> Result<Option<OutputFormat>, Malformed> {
    let at = Path::ROOT;
    let at = at.key("responseFormat");
    let Some(raw) = request.take("responseFormat") else {
        return Ok(None);
    };
    let mut format = Fields::of(raw, at)?;
    let read = match format.need_string("type")?.as_str() {
        "text" => OutputFormat::Text,
        "json" => json_format(&mut format, strict)?,
        other => {
            let message = format!("must be text or json, but is `{other}`");
            return Err(at.key("type").wrong(message));
        }
    };
    format.rest_into(ID, "responseFormat.", extra);
    Ok(Some(read))
}

fn json_format(
    format: &mut Fields<'_, '_>,
    strict: Option<bool>,
) -> Result<OutputFormat, Malformed> {
    let schema = format.json_object("schema")?;
    let (name, description) = (format.string("name")?, format.string("description")?);
    Ok(match schema {
        None => OutputFormat::JsonObject,
        Some(schema) => OutputFormat::JsonSchema {
            name,
            description,
            schema,
            strict: Some(strict.unwrap_or(true)),
        },
    })
}
