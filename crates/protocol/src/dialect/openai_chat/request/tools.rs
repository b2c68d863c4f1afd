//! Writes the tools, and which of them is to be called.
//! <https://platform.openai.com/docs/guides/function-calling>

use super::super::ID;
use super::encode::{marker, marker_lost};
use crate::dialect::openai_strict as strict;
use crate::dialect::write::{List, Object};
use crate::ir::{Loss, Request, Tool, ToolChoice};
use std::collections::HashSet;

/// Writes `tools`, `tool_choice` and `parallel_tool_calls`. Without tools the other two are refused.
pub(super) fn write(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    for (n, tool) in request.tools.iter().enumerate() {
        note(tool, &format!("tools[{n}]"), losses);
    }
    let choice = request.tool_choice_in(ID);
    if choice.is_none() && request.demands_a_call() {
        losses.push(Loss::dropped("tool_choice"));
    }
    let tools = || request.tools.iter().filter(|tool| tool.is_known_to(ID));
    if tools().next().is_none() {
        return;
    }
    o.list("tools", |list| {
        for tool in tools() {
            write_tool(list, tool);
        }
    });
    if let Some(choice) = choice {
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
            schema: Some(schema),
            ..
        } => !strict::takes(schema),
        Tool::Function { .. } | Tool::Freeform { .. } | Tool::Opaque(..) => false,
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
            cache,
            extra,
        } => list.object(|o| {
            o.value("type", "function");
            o.object("function", |o| {
                o.value("name", name);
                o.some("description", description.as_ref());
                o.some("parameters", schema.as_ref());
                o.some("strict", strict.filter(|_| !is_bent(tool)));
                o.extra_under(extra, ID, "function.");
            });
            marker(o, cache.as_ref());
            o.extra(extra, ID);
        }),
        Tool::Freeform {
            name,
            description,
            format,
            extra,
        } => list.object(|o| {
            o.value("type", "custom");
            o.object("custom", |o| {
                o.value("name", name);
                o.some("description", description.as_ref());
                o.some("format", format.as_ref());
                o.extra_under(extra, ID, "custom.");
            });
            o.extra(extra, ID);
        }),
    }
}

fn write_choice(o: &mut Object<'_>, choice: &ToolChoice, request: &Request) {
    let word = match choice {
        ToolChoice::Auto => "auto",
        ToolChoice::None => "none",
        ToolChoice::Required => "required",
        ToolChoice::Named(wanted) => {
            return o.object("tool_choice", |o| {
                named(o, wanted, &request.freeform_names());
            });
        }
    };
    if request.allowed_tools.is_empty() || *choice == ToolChoice::None {
        return o.value("tool_choice", word);
    }
    o.object("tool_choice", |o| {
        o.value("type", "allowed_tools");
        o.object("allowed_tools", |o| {
            o.value("mode", word);
            let freeform = request.freeform_names();
            o.list("tools", |list| {
                for name in &request.allowed_tools {
                    list.object(|o| named(o, name, &freeform));
                }
            });
        });
    });
}

/// A tool by its name, and by what kind it was declared as.
fn named(o: &mut Object<'_>, wanted: &str, freeform: &HashSet<&str>) {
    let kind = match freeform.contains(wanted) {
        true => "custom",
        false => "function",
    };
    o.value("type", kind);
    o.object(kind, |o| o.value("name", wanted));
}
