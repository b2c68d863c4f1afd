//! Tools and the choice among them. A tool of a vendor (`{type: "provider"}`) is known to that vendor's package alone and
//! is a loss; but for OpenAI's custom tools, which take any text.

use super::super::ID;
use super::part_options;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{Extra, Json, Malformed, Tool, ToolChoice};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The id of OpenAI's custom tools in the SDK's own package.
const CUSTOM: &str = "openai.custom";

/// Takes the tools out of a request.
pub(super) fn read_all(request: &mut Fields<'_, '_>) -> Result<Vec<Tool>, Malformed> {
    let at = request.at();
    let at = at.key("tools");
    let list = request.list("tools")?.unwrap_or_default();
    let each = list.into_iter().enumerate();
    each.map(|(n, raw)| tool(raw, at.index(n))).collect()
}

fn tool(raw: &RawValue, at: Path<'_>) -> Result<Tool, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    match fields.need_string("type")?.as_str() {
        "function" => function(fields),
        // The older name of the same.
        "provider" | "provider-defined" => provider(raw, fields),
        other => {
            let message = format!("must be function or provider, but is `{other}`");
            Err(at.key("type").wrong(message))
        }
    }
}

fn function(mut fields: Fields<'_, '_>) -> Result<Tool, Malformed> {
    let mut extra = Extra::default();
    let cache = part_options::of_tool(&mut fields, &mut extra)?;
    let (name, description) = (fields.need_string("name")?, fields.string("description")?);
    let schema = fields.json_object("inputSchema")?;
    let strict = fields.boolean("strict")?;
    fields.rest_into(ID, "", &mut extra);
    Ok(Tool::Function {
        name,
        description,
        schema,
        strict,
        cache,
        extra,
    })
}

fn provider(raw: &RawValue, mut fields: Fields<'_, '_>) -> Result<Tool, Malformed> {
    if fields.need_string("id")? != CUSTOM {
        return Ok(Tool::Opaque(ID, fields::json(raw)));
    }
    let name = fields.need_string("name")?;
    let at = fields.at();
    let mut args = match fields.take("args") {
        Some(args) => Fields::of(args, at.key("args"))?,
        None => return Ok(freeform(name, None, None, fields.rest(ID))),
    };
    let description = args.string("description")?;
    let format = args.take("format").map(format);
    let mut extra = Extra::default();
    // The name is said twice.
    args.take("name");
    args.rest_into(ID, "args.", &mut extra);
    fields.rest_into(ID, "", &mut extra);
    Ok(freeform(name, description, format, extra))
}

fn freeform(name: String, description: Option<String>, format: Option<Json>, extra: Extra) -> Tool {
    Tool::Freeform {
        name,
        description,
        format,
        extra,
    }
}

/// A format as OpenAI's Chat Completions nest it; the SDK has the grammar's members beside the type.
fn format(raw: &RawValue) -> Json {
    #[derive(Deserialize)]
    struct Flat<'a> {
        r#type: &'a str,
        #[serde(borrow)]
        syntax: Option<&'a RawValue>,
        #[serde(borrow)]
        definition: Option<&'a RawValue>,
    }
    #[derive(Serialize)]
    struct Nested<'a> {
        r#type: &'a str,
        grammar: Grammar<'a>,
    }
    #[derive(Serialize)]
    struct Grammar<'a> {
        syntax: &'a RawValue,
        definition: &'a RawValue,
    }
    match serde_json::from_str(raw.get()) {
        Ok(Flat {
            r#type: r#type @ "grammar",
            syntax: Some(syntax),
            definition: Some(definition),
        }) => Json::of(&Nested {
            r#type,
            grammar: Grammar { syntax, definition },
        }),
        _ => fields::json(raw),
    }
}

/// Takes the choice among the tools. The SDK sends `auto` also where there is no tool, which providers refuse.
pub(super) fn choice(
    request: &mut Fields<'_, '_>,
    tools: &[Tool],
) -> Result<Option<ToolChoice>, Malformed> {
    let at = request.at();
    let at = at.key("toolChoice");
    let Some(raw) = request.take("toolChoice") else {
        return Ok(None);
    };
    let mut fields = Fields::of(raw, at)?;
    let choice = match fields.need_string("type")?.as_str() {
        "auto" => ToolChoice::Auto,
        "none" => ToolChoice::None,
        "required" => ToolChoice::Required,
        "tool" => ToolChoice::Named(fields.need_string("toolName")?),
        other => {
            let message = format!("must be one of auto, none, required, tool, but is `{other}`");
            return Err(at.key("type").wrong(message));
        }
    };
    let idle = tools.is_empty() && matches!(choice, ToolChoice::Auto | ToolChoice::None);
    Ok((!idle).then_some(choice))
}

/// The names of the tools that take any text. What is wrong with a tool is for the decoder to say.
pub(super) fn freeform_names(tools: Option<&RawValue>) -> Vec<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Named {
        id: String,
        name: String,
    }
    let Some(raw) = tools.filter(|raw| raw.get().contains(CUSTOM)) else {
        return Vec::new();
    };
    let list: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
    list.into_iter()
        .filter_map(|raw| serde_json::from_str::<Named>(raw.get()).ok())
        .filter(|tool| tool.id == CUSTOM)
        .map(|tool| tool.name)
        .collect()
}
