//! Encodes the tools, and which of them is to be called.
//! <https://platform.openai.com/docs/guides/function-calling> (2026-11)

use super::super::ID;
use super::encode::marker_lost;
use super::tools::{NAME, NAMESPACE, Namespace, flat};
use crate::dialect::openai_strict as strict;
use crate::dialect::write::{List, Object};
use crate::ir::{Extra, Json, Loss, Request, Tool, ToolChoice};
use std::collections::HashSet;

/// A function that takes nothing.
const NO_ARGUMENTS: &str = r#"{"type":"object","properties":{}}"#;

/// Writes `tools`, `tool_choice` and `parallel_tool_calls`. Without tools the other two are refused.
pub(super) fn write(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    for (n, tool) in request.tools.iter().enumerate() {
        note(tool, &format!("tools[{n}]"), losses);
    }
    let known = |tool: &&Tool| tool.is_known_to(ID);
    let tools: Vec<&Tool> = request.tools.iter().filter(known).collect();
    let choice = request.tool_choice_in(ID);
    if choice.is_none() && request.demands_a_call() {
        losses.push(Loss::dropped("tool_choice"));
    }
    if tools.is_empty() {
        return;
    }
    o.list("tools", |list| write_tools(list, &tools));
    // A choice of a provider's own tool rides along as it was.
    let mut own = request.extra.of(ID);
    if !own.any(|(key, _)| key == "tool_choice") {
        write_choice(o, choice, request);
    }
    o.some("parallel_tool_calls", request.parallel_tool_calls.as_ref());
}

/// Names what of a tool is lost.
fn note(tool: &Tool, at: &str, losses: &mut Vec<Loss>) {
    let path = format!("{at}.");
    match tool {
        Tool::Function { cache, extra, .. } => {
            marker_lost(cache.as_ref(), &path, losses);
            losses.extend(extra.lost_to(ID, at));
            if is_bent(tool) {
                losses.push(Loss::approximated(format!("{path}strict")));
            }
        }
        Tool::Freeform { extra, .. } => losses.extend(extra.lost_to(ID, at)),
        Tool::Opaque(from, _) if *from == ID => {}
        Tool::Opaque(..) => losses.push(Loss::dropped(at)),
    }
}

/// Whether a tool is strict where it comes from, and cannot be so here.
fn is_bent(tool: &Tool) -> bool {
    match tool {
        Tool::Function {
            strict: Some(true),
            schema,
            ..
        } => !schema.as_ref().is_some_and(strict::takes),
        Tool::Function { .. } | Tool::Freeform { .. } | Tool::Opaque(..) => false,
    }
}

/// Writes the tools; those of one namespace that follow each other, as one.
fn write_tools(list: &mut List<'_>, mut tools: &[&Tool]) {
    while let Some((first, rest)) = tools.split_first() {
        let Some(space) = namespace(first) else {
            write_tool(list, first);
            tools = rest;
            continue;
        };
        let ends = |tool: &&Tool| namespace(tool) != Some(space);
        let end = rest.iter().position(ends).map_or(tools.len(), |n| n + 1);
        let (together, rest) = tools.split_at(end);
        list.object(|o| {
            o.value("type", "namespace");
            let read = space.read::<Namespace>().ok();
            o.some("name", read.as_ref().map(|it| &it.name));
            o.some("description", read.and_then(|it| it.description));
            o.list("tools", |list| {
                for tool in together {
                    write_tool(list, tool);
                }
            });
        });
        tools = rest;
    }
}

fn namespace(tool: &Tool) -> Option<&Json> {
    match tool {
        Tool::Function { extra, .. } | Tool::Freeform { extra, .. } => extra.noted(ID, NAMESPACE),
        Tool::Opaque(..) => None,
    }
}

fn write_tool(list: &mut List<'_>, tool: &Tool) {
    match tool {
        Tool::Opaque(_, raw) => list.value(raw),
        Tool::Function {
            name,
            description,
            schema,
            strict,
            cache: _,
            extra,
        } => list.object(|o| {
            o.value("type", "function");
            called(o, name, description.as_deref(), extra);
            match schema {
                Some(schema) => o.value("parameters", schema),
                None => o.written("parameters", NO_ARGUMENTS.as_bytes()),
            }
            // Where nothing is said, this dialect is strict and others are not.
            o.value("strict", &(*strict == Some(true) && !is_bent(tool)));
            o.extra(extra, ID);
        }),
        Tool::Freeform {
            name,
            description,
            format,
            extra,
        } => list.object(|o| {
            o.value("type", "custom");
            called(o, name, description.as_deref(), extra);
            o.some("format", format.as_ref().map(flat));
            o.extra(extra, ID);
        }),
    }
}

/// Name and description, as they were if the tool stands in a namespace.
fn called(o: &mut Object<'_>, name: &str, description: Option<&str>, extra: &Extra) {
    match extra.noted(ID, NAME) {
        Some(own) => {
            o.value("name", own);
            let own = extra.noted(ID, "description");
            o.some("description", own.filter(|own| own.get() != "null"));
        }
        None => {
            o.value("name", name);
            o.some("description", description);
        }
    }
}

fn write_choice(o: &mut Object<'_>, choice: Option<&ToolChoice>, request: &Request) {
    let mode = match choice {
        None => return,
        Some(ToolChoice::Named(wanted)) => {
            return o.object("tool_choice", |o| {
                pointer(o, wanted, &request.freeform_names());
            });
        }
        Some(ToolChoice::None) => return o.value("tool_choice", "none"),
        Some(ToolChoice::Auto) => "auto",
        Some(ToolChoice::Required) => "required",
    };
    if request.allowed_tools.is_empty() {
        return o.value("tool_choice", mode);
    }
    o.object("tool_choice", |o| {
        o.value("type", "allowed_tools");
        o.value("mode", mode);
        let freeform = request.freeform_names();
        o.list("tools", |list| {
            for allowed in &request.allowed_tools {
                list.object(|o| pointer(o, allowed, &freeform));
            }
        });
    });
}

/// Type and name of a tool.
fn pointer(o: &mut Object<'_>, wanted: &str, freeform: &HashSet<&str>) {
    let kind = match freeform.contains(wanted) {
        true => "custom",
        false => "function",
    };
    o.value("type", kind);
    o.value("name", wanted);
}
