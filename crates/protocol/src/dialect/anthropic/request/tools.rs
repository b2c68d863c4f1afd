//! Writes the tools, and which of them is to be called.
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use>

use super::super::ID;
use super::super::blocks;
use super::part_blocks::Conversation;
use crate::dialect::claude_models::Claude;
use crate::dialect::write::{List, Object};
use crate::dialect::{closed_schema, freeform};
use crate::ir::{Loss, Request, Tool, ToolChoice};
use std::borrow::Cow;

/// Writes `tools` and `tool_choice`.
pub(super) fn write(
    o: &mut Object<'_>,
    request: &Request,
    conversation: &Conversation<'_>,
    losses: &mut Vec<Loss>,
) {
    if knows_any(request) {
        // Where only some tools may be called, the others are not declared: there is no other word for it.
        let allowed = request.allowed();
        if request.tools.iter().any(|tool| !allowed.has(tool)) {
            losses.push(Loss::approximated("tool_choice.allowed_tools"));
        }
        o.list("tools", |list| {
            let each = request.tools.iter().enumerate();
            for (index, each) in each.filter(|(_, tool)| allowed.has(tool)) {
                tool(list, each, index, losses);
            }
        });
    } else {
        let dropped = request
            .tools
            .iter()
            .enumerate()
            .filter(|(_, tool)| !tool.is_known_to(ID));
        losses.extend(dropped.map(|(index, _)| Loss::dropped(format!("tools[{index}]"))));
        if !has_servers(request) && called_before(o, conversation, losses) {
            note_choice(request, losses);
            return;
        }
    }
    write_choice(o, request, losses);
}

/// A conversation with calls in it is refused where no tools are declared. So each tool that was called is, for none to
/// be called again. Whether there were any.
fn called_before(
    o: &mut Object<'_>,
    conversation: &Conversation<'_>,
    losses: &mut Vec<Loss>,
) -> bool {
    let names = conversation.called_tools();
    if names.is_empty() {
        return false;
    }
    losses.push(Loss::approximated("tools"));
    o.list("tools", |list| {
        for name in names {
            list.object(|o| {
                o.value("name", name);
                o.object("input_schema", |o| o.value("type", "object"));
            });
        }
    });
    o.object("tool_choice", |o| o.value("type", "none"));
    true
}

fn tool(list: &mut List<'_>, tool: &Tool, index: usize, losses: &mut Vec<Loss>) {
    let at = format!("tools[{index}]");
    match tool {
        Tool::Opaque(from, json) if *from == ID => list.value(json),
        Tool::Opaque(..) => losses.push(Loss::dropped(at)),
        Tool::Freeform {
            name,
            description,
            format,
            extra,
        } => {
            losses.extend(extra.lost_to(ID, &at));
            losses.push(Loss::approximated(at));
            list.object(|o| {
                o.value("name", name);
                let description = freeform::description(description.as_deref(), format.as_ref());
                o.some("description", description.as_ref());
                o.written("input_schema", freeform::SCHEMA.as_bytes());
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
            losses.extend(extra.lost_to(ID, &at));
            let strict = strict.filter(|strict| *strict);
            let mut schema = closed_schema::of_object(schema.as_ref());
            if strict.is_some()
                && let Cow::Owned(closed) = closed_schema::closed(&schema)
            {
                losses.push(Loss::approximated(format!("{at}.function.parameters")));
                schema = Cow::Owned(closed);
            }
            list.object(|o| {
                o.value("name", name);
                o.some("description", description.as_ref());
                o.written("input_schema", schema.as_bytes());
                // `false` is the default, and models without structured outputs know no `strict`.
                o.some("strict", strict.as_ref());
                blocks::cache_control(o, cache.as_ref(), Some(extra));
                o.extra(extra, ID);
            });
        }
    }
}

/// The choice that can be said: without tools any is refused, and so is one of a tool that is not declared, or one that the
/// model cannot be forced to.
pub(super) fn choice(request: &Request) -> Option<&ToolChoice> {
    let choice = match has_servers(request) {
        // The names of servers' tools are not known here.
        true => request.tool_choice.as_ref(),
        false => request.tool_choice_in(ID),
    };
    choice.filter(|choice| Claude::asked(request).takes(choice))
}

fn knows_any(request: &Request) -> bool {
    request.tools.iter().any(|tool| tool.is_known_to(ID))
}

/// Tools may also come from MCP servers, which ride along.
fn has_servers(request: &Request) -> bool {
    request.extra.of(ID).any(|(key, _)| key == "mcp_servers")
}

/// Names a choice that is not said. Without tools "auto" and "none" say nothing.
fn note_choice(request: &Request, losses: &mut Vec<Loss>) {
    if request.demands_a_call() {
        losses.push(Loss::dropped("tool_choice"));
    }
}

fn write_choice(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let serial = request.parallel_tool_calls == Some(false);
    let said = choice(request);
    if said.is_none() {
        note_choice(request, losses);
    }
    let choice = match said {
        Some(choice) => choice,
        None if serial && knows_any(request) => &ToolChoice::Auto,
        None => return,
    };
    o.object("tool_choice", |o| {
        match choice {
            ToolChoice::Auto => o.value("type", "auto"),
            ToolChoice::None => o.value("type", "none"),
            ToolChoice::Required => o.value("type", "any"),
            ToolChoice::Named(name) => {
                o.value("type", "tool");
                o.value("name", name);
            }
        }
        if *choice != ToolChoice::None {
            let disabled = request.parallel_tool_calls.map(|parallel| !parallel);
            o.some("disable_parallel_tool_use", disabled.as_ref());
        }
        o.extra_under(&request.extra, ID, "tool_choice.");
    });
}
