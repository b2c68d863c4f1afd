//! `tools` and `toolConfig`: functions, the provider's own tools, and which may be called.
//! <https://ai.google.dev/api/caching#Tool>, <https://ai.google.dev/gemini-api/docs/function-calling> (2026-11)

use super::super::{ID, schema};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::freeform;
use crate::dialect::write::{List, Object};
use crate::ir::{Extra, Json, Loss, Malformed, Request, Tool, ToolChoice};
use serde_json::value::RawValue;

/// Remembers that a function's parameters were given as JSON Schema.
const AS_JSON_SCHEMA: &str = "as.parametersJsonSchema";

/// Where a mode stands that is no canonical choice.
const MODE: &str = "toolConfig.functionCallingConfig.mode";

/// What stands before the names of members that ride along.
const CONFIG: &str = "toolConfig.";
const CALLING: &str = "functionCallingConfig.";

/// Reads `tools`: of each its functions, and the rest as it was written.
pub(super) fn read(fields: &mut Fields<'_, '_>, request: &mut Request) -> Result<(), Malformed> {
    let at = Path::ROOT.key("tools");
    let list = fields.list("tools")?.unwrap_or_default();
    for (index, raw) in list.into_iter().enumerate() {
        let at = at.index(index);
        let mut tool = Fields::of(raw, at)?.camel_case();
        let functions = tool.list("functionDeclarations")?;
        let at = at.key("functionDeclarations");
        for (index, raw) in functions.iter().flatten().enumerate() {
            request.tools.push(function(raw, at.index(index))?);
        }
        let members = tool.into_members();
        if functions.is_none() {
            request.tools.push(Tool::Opaque(ID, fields::json(raw)));
        } else if !members.is_empty() {
            let mut rest = Vec::new();
            crate::dialect::write::object(&mut rest, |o| {
                members.iter().for_each(|(key, value)| o.value(key, value));
            });
            let rest: Box<RawValue> =
                serde_json::from_slice(&rest).map_err(|bad| Malformed::body(bad.to_string()))?;
            request.tools.push(Tool::Opaque(ID, Json::from(rest)));
        }
    }
    Ok(())
}

fn function(raw: &RawValue, at: Path<'_>) -> Result<Tool, Malformed> {
    let mut function = Fields::of(raw, at)?.camel_case();
    let mut extra = Extra::default();
    let schema = match function.json_object("parametersJsonSchema")? {
        Some(schema) => {
            extra.push(ID, AS_JSON_SCHEMA, Json::null());
            Some(schema)
        }
        None => function.object("parameters")?.map(schema::widened),
    };
    let name = function.need_string("name")?;
    let description = function.string("description")?;
    function.rest_into(ID, "", &mut extra);
    Ok(Tool::Function {
        name,
        description,
        schema,
        strict: None,
        cache: None,
        extra,
    })
}

/// Reads `toolConfig`.
pub(super) fn read_config(
    fields: &mut Fields<'_, '_>,
    request: &mut Request,
    extra: &mut Extra,
) -> Result<(), Malformed> {
    let Some(raw) = fields.take("toolConfig") else {
        return Ok(());
    };
    let outer = Path::ROOT.key("toolConfig");
    let mut config = Fields::of(raw, outer)?.camel_case();
    if let Some(raw) = config.take("functionCallingConfig") {
        let at = outer.key("functionCallingConfig");
        let mut calling = Fields::of(raw, at)?.camel_case();
        let names_at = at.key("allowedFunctionNames");
        let names = calling.list("allowedFunctionNames")?.unwrap_or_default();
        let names = names
            .into_iter()
            .enumerate()
            .map(|(index, raw)| fields::string(raw, &names_at.index(index)));
        let mut names = names.collect::<Result<Vec<_>, _>>()?;
        request.tool_choice = match calling.string("mode")?.as_deref() {
            None | Some("MODE_UNSPECIFIED") => None,
            Some("AUTO") => Some(ToolChoice::Auto),
            Some("NONE") => Some(ToolChoice::None),
            Some("ANY") => match names.as_slice() {
                [only] => Some(ToolChoice::Named(only.clone())),
                _ => Some(ToolChoice::Required),
            },
            // With names it is how a choice among some is said.
            Some("VALIDATED") if !names.is_empty() => Some(ToolChoice::Auto),
            Some(mode) => {
                extra.push(ID, MODE, Json::of(&mode));
                Some(ToolChoice::Auto)
            }
        };
        if matches!(request.tool_choice, Some(ToolChoice::Named(_))) {
            names.clear();
        }
        request.allowed_tools = names;
        calling.rest_into(ID, &format!("{CONFIG}{CALLING}"), extra);
    }
    config.rest_into(ID, CONFIG, extra);
    Ok(())
}

/// Writes `tools`: all functions together, where the first stands, and the provider's own one by one.
pub(super) fn write(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    for (index, tool) in request.tools.iter().enumerate() {
        if !tool.is_known_to(ID) {
            losses.push(Loss::dropped(format!("tools[{index}]")));
        }
    }
    if !request.tools.iter().any(|tool| tool.is_known_to(ID)) {
        return;
    }
    let mut declared = false;
    o.list("tools", |list| {
        for tool in &request.tools {
            match tool {
                Tool::Opaque(from, json) if *from == ID => list.value(json),
                Tool::Opaque(..) => {}
                Tool::Function { .. } | Tool::Freeform { .. } => {
                    if !std::mem::replace(&mut declared, true) {
                        declarations(list, &request.tools, losses);
                    }
                }
            }
        }
    });
}

fn declarations(list: &mut List<'_>, tools: &[Tool], losses: &mut Vec<Loss>) {
    list.object(|o| {
        o.list("functionDeclarations", |list| {
            for (index, tool) in tools.iter().enumerate() {
                declaration(list, tool, &format!("tools[{index}]"), losses);
            }
        });
    });
}

fn declaration(list: &mut List<'_>, tool: &Tool, at: &str, losses: &mut Vec<Loss>) {
    match tool {
        Tool::Opaque(..) => {}
        Tool::Freeform {
            name,
            description,
            format,
            extra,
        } => {
            losses.extend(extra.lost_to(ID, at));
            losses.push(Loss::approximated(at));
            list.object(|o| {
                o.value("name", name);
                let description = freeform::description(description.as_deref(), format.as_ref());
                o.some("description", description.as_ref());
                o.written("parametersJsonSchema", freeform::SCHEMA.as_bytes());
            });
        }
        Tool::Function {
            name,
            description,
            schema,
            strict,
            cache,
            extra,
        } => {
            losses.extend(extra.lost_to(ID, at));
            if *strict == Some(true) {
                losses.push(Loss::dropped(format!("{at}.strict")));
            }
            if cache.is_some() {
                losses.push(Loss::dropped(format!("{at}.cache_control")));
            }
            list.object(|o| {
                o.value("name", name);
                o.some("description", description.as_ref());
                if let Some(schema) = schema.as_ref().filter(|schema| has_arguments(schema)) {
                    let as_json_schema = extra.of(ID).any(|(key, _)| key == AS_JSON_SCHEMA);
                    match schema::narrowed(schema).filter(|_| !as_json_schema) {
                        Some(narrow) => o.written("parameters", narrow.as_bytes()),
                        None => o.value("parametersJsonSchema", schema),
                    }
                }
                o.extra(extra, ID);
            });
        }
    }
}

/// A function without arguments has no parameters; an object without properties is refused.
fn has_arguments(schema: &Json) -> bool {
    const SILENT: &[&str] = &[
        "type",
        "properties",
        "required",
        "additionalProperties",
        "$schema",
        "title",
    ];
    let Ok(members) = Fields::body(schema.get().as_bytes()).map(Fields::into_members) else {
        return true;
    };
    let hollow = |raw: &RawValue| {
        matches!(
            raw.get().replace(char::is_whitespace, "").as_str(),
            "{}" | "[]" | "null"
        )
    };
    let silent = members.iter().all(|(key, value)| match &**key {
        "properties" | "required" => hollow(value),
        "additionalProperties" => value.get() == "false",
        key => SILENT.contains(&key),
    });
    !silent
}

/// Writes `toolConfig`.
pub(super) fn write_config(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let declared = request.tools.iter().any(|tool| tool.name().is_some());
    if !declared && request.demands_a_call() {
        losses.push(Loss::dropped("tool_choice"));
    }
    let mut config = Vec::new();
    crate::dialect::write::object(&mut config, |o| {
        let mut calling = Vec::new();
        crate::dialect::write::object(&mut calling, |o| {
            if declared || is_own(request) {
                mode(o, request);
            }
            o.extra_under(&request.extra, ID, &format!("{CONFIG}{CALLING}"));
        });
        if calling != b"{}" {
            o.written("functionCallingConfig", &calling);
        }
        for (key, value) in request.extra.of(ID) {
            if let Some(key) = key.strip_prefix(CONFIG).filter(|key| !key.contains('.')) {
                o.value(key, value);
            }
        }
    });
    if config != b"{}" {
        o.written("toolConfig", &config);
    }
    if request.parallel_tool_calls == Some(false) && declared {
        losses.push(Loss::dropped("parallel_tool_calls"));
    }
}

/// Whether the mode is one that only this dialect knows.
fn is_own(request: &Request) -> bool {
    request.extra.of(ID).any(|(key, _)| key == MODE)
}

fn mode(o: &mut Object<'_>, request: &Request) {
    let allowed = &request.allowed_tools;
    let mode = match &request.tool_choice {
        _ if is_own(request) => None,
        // Names go with two modes only.
        Some(ToolChoice::Auto) | None if !allowed.is_empty() => Some("VALIDATED"),
        None => None,
        Some(ToolChoice::Auto) => Some("AUTO"),
        Some(ToolChoice::None) => Some("NONE"),
        Some(ToolChoice::Required | ToolChoice::Named(_)) => Some("ANY"),
    };
    o.some("mode", mode);
    match &request.tool_choice {
        Some(ToolChoice::Named(name)) => o.value("allowedFunctionNames", &[name]),
        Some(ToolChoice::None) => {}
        Some(ToolChoice::Auto | ToolChoice::Required) | None => {
            if !allowed.is_empty() {
                o.value("allowedFunctionNames", allowed);
            }
        }
    }
}
