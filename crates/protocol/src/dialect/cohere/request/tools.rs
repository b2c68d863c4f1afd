//! Writes the tools, and whether one must be called. <https://docs.cohere.com/docs/tool-use-overview> (2026-11)

use super::super::ID;
use crate::dialect::freeform;
use crate::dialect::write::{List, Object};
use crate::ir::{Json, Loss, Request, Tool, ToolChoice};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashSet;

/// The tools that are sent, each with its place among the client's. Which of them may be called is said by leaving out
/// the others, since the API has no word for it.
pub(super) fn chosen<'r>(request: &'r Request, losses: &mut Vec<Loss>) -> Vec<(usize, &'r Tool)> {
    let mut wanted: Option<HashSet<&str>> = None;
    if !request.allowed_tools.is_empty() {
        losses.push(Loss::approximated("tool_choice.allowed_tools"));
        wanted = Some(request.allowed_tools.iter().map(String::as_str).collect());
    }
    if let Some(ToolChoice::Named(name)) = &request.tool_choice {
        losses.push(Loss::approximated("tool_choice"));
        wanted = Some(HashSet::from([name.as_str()]));
    }
    let mut chosen = Vec::with_capacity(request.tools.len());
    for (index, tool) in request.tools.iter().enumerate() {
        let names = wanted.as_ref();
        match tool.name() {
            Some(name) if names.is_none_or(|names| names.contains(name)) => {
                chosen.push((index, tool));
            }
            Some(_) => {}
            None => losses.push(Loss::dropped(format!("tools[{index}]"))),
        }
    }
    chosen
}

/// Writes `tools`, `strict_tools` and `tool_choice`.
pub(super) fn write(
    o: &mut Object<'_>,
    request: &Request,
    tools: &[(usize, &Tool)],
    losses: &mut Vec<Loss>,
) {
    if tools.is_empty() {
        // Without tools "auto" and "none" say nothing.
        if request.demands_a_call() {
            losses.retain(|loss| loss.field != "tool_choice");
            losses.push(Loss::dropped("tool_choice"));
        }
        return;
    }
    o.list("tools", |list| {
        for (index, tool) in tools {
            write_one(list, tool, *index, losses);
        }
    });
    strict(o, tools, losses);
    let word = match request.tool_choice {
        None | Some(ToolChoice::Auto) => None,
        Some(ToolChoice::None) => Some("NONE"),
        Some(ToolChoice::Required | ToolChoice::Named(_)) => Some("REQUIRED"),
    };
    o.some("tool_choice", word);
    if request.parallel_tool_calls == Some(false) {
        losses.push(Loss::dropped("parallel_tool_calls"));
    }
}

/// One switch for all tools, and only for those that demand an argument.
/// <https://docs.cohere.com/v2/docs/parameter-types-in-tool-use>
fn strict(o: &mut Object<'_>, tools: &[(usize, &Tool)], losses: &mut Vec<Loss>) {
    let asks = |tool: &Tool| {
        matches!(
            tool,
            Tool::Function {
                strict: Some(true),
                ..
            }
        )
    };
    if !tools.iter().any(|(_, tool)| asks(tool)) {
        return;
    }
    let possible = tools.iter().all(|(_, tool)| demands_something(tool));
    if possible {
        o.value("strict_tools", &true);
    }
    for (index, tool) in tools {
        if possible != asks(tool) {
            losses.push(Loss::approximated(format!("tools[{index}].strict")));
        }
    }
}

fn demands_something(tool: &Tool) -> bool {
    #[derive(Deserialize)]
    struct Schema<'a> {
        #[serde(borrow)]
        required: Option<Vec<&'a RawValue>>,
    }
    match tool {
        Tool::Function { schema, .. } => schema
            .as_ref()
            .and_then(|schema| schema.read::<Schema<'_>>().ok())
            .and_then(|schema| schema.required)
            .is_some_and(|required| !required.is_empty()),
        Tool::Freeform { .. } => true,
        Tool::Opaque(..) => false,
    }
}

fn write_one(list: &mut List<'_>, tool: &Tool, index: usize, losses: &mut Vec<Loss>) {
    const NO_ARGUMENTS: &str = r#"{"type":"object","properties":{}}"#;
    let at = format!("tools[{index}]");
    let (name, description, schema, extra) = match tool {
        Tool::Opaque(..) => return,
        Tool::Function {
            name,
            description,
            schema,
            strict: _, // One switch for all.
            cache,
            extra,
        } => {
            if cache.is_some() {
                losses.push(Loss::dropped(format!("{at}.cache_control")));
            }
            let schema = schema.as_ref().map_or("{}", Json::get);
            let schema = if schema.trim() == "{}" {
                NO_ARGUMENTS
            } else {
                schema
            };
            (name, description.clone(), schema, extra)
        }
        Tool::Freeform {
            name,
            description,
            format,
            extra,
        } => {
            losses.push(Loss::approximated(at.clone()));
            let description = freeform::description(description.as_deref(), format.as_ref());
            (name, description, freeform::SCHEMA, extra)
        }
    };
    losses.extend(extra.lost_to(ID, &at));
    list.object(|o| {
        o.value("type", "function");
        o.object("function", |o| {
            o.value("name", name);
            o.some("description", description);
            o.written("parameters", schema.as_bytes());
        });
    });
}
