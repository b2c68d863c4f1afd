//! Writes the tools, and which of them is to be called.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/tool-use.html> (2026-11)

use super::super::ID;
use super::super::blocks;
use super::super::family::Family;
use super::part_blocks::Conversation;
use super::part_blocks::takes_cache_point;
use crate::dialect::claude_models::Claude;
use crate::dialect::write::{List, Object};
use crate::dialect::{closed_schema, freeform};
use crate::ir::{Loss, Request, Tool, ToolChoice};
use std::borrow::Cow;

/// Writes `toolConfig`.
pub(super) fn write(
    o: &mut Object<'_>,
    request: &Request,
    family: Family,
    conversation: &Conversation<'_>,
    losses: &mut Vec<Loss>,
) {
    let called = conversation.called_tools();
    let allowed = request.allowed();
    let sayable: Vec<(usize, &Tool)> = request
        .tools
        .iter()
        .enumerate()
        .filter(|(index, tool)| {
            let known = tool.is_known_to(ID);
            if !known {
                losses.push(Loss::dropped(format!("tools[{index}]")));
            }
            known && allowed.has(tool)
        })
        .collect();
    if sayable.len() < request.tools.len() && !request.allowed_tools.is_empty() {
        losses.push(Loss::approximated("tool_choice.allowed_tools"));
    }
    let none = request.tool_choice == Some(ToolChoice::None);
    // There is no word for "none": without tools none is called, but past calls go only with tools.
    if sayable.is_empty() || (none && called.is_empty()) {
        if none && !sayable.is_empty() {
            losses.push(Loss::approximated("tool_choice"));
        }
        note_choice(request, losses);
        if !called.is_empty() {
            losses.push(Loss::approximated("tools"));
            write_called(o, &called);
        }
        return;
    }
    if none {
        losses.push(Loss::dropped("tool_choice"));
    } else if request.parallel_tool_calls == Some(false) {
        losses.push(Loss::dropped("parallel_tool_calls"));
    }
    o.object("toolConfig", |o| {
        o.list("tools", |list| {
            for (index, each) in sayable {
                tool(list, each, index, family, losses);
            }
        });
        write_choice(o, request, losses);
        for (key, value) in request.extra.of(ID) {
            if let Some(key) = key.strip_prefix("toolConfig.") {
                o.value(key, value);
            }
        }
    });
}

/// A conversation with calls in it is refused where no tools are declared. So each tool that was called is.
fn write_called(o: &mut Object<'_>, names: &[&str]) {
    o.object("toolConfig", |o| {
        o.list("tools", |list| {
            for name in names {
                list.object(|o| {
                    o.object("toolSpec", |o| {
                        o.value("name", name);
                        o.object("inputSchema", |o| {
                            o.object("json", |o| o.value("type", "object"));
                        });
                    });
                });
            }
        });
    });
}

fn tool(list: &mut List<'_>, tool: &Tool, index: usize, family: Family, losses: &mut Vec<Loss>) {
    let at = format!("tools[{index}]");
    match tool {
        Tool::Opaque(_, json) => list.value(json),
        Tool::Freeform {
            name,
            description,
            format,
            extra,
        } => {
            losses.extend(extra.lost_to(ID, &at));
            losses.push(Loss::approximated(at));
            list.object(|o| {
                o.object("toolSpec", |o| {
                    o.value("name", name);
                    let description =
                        freeform::description(description.as_deref(), format.as_ref());
                    o.some("description", description.filter(|it| !it.is_empty()));
                    o.object("inputSchema", |o| {
                        o.written("json", freeform::SCHEMA.as_bytes());
                    });
                });
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
                o.object("toolSpec", |o| {
                    o.value("name", name);
                    let description = description.as_ref().filter(|it| !it.is_empty());
                    o.some("description", description);
                    o.object("inputSchema", |o| o.written("json", schema.as_bytes()));
                    // `false` is the default, and models without structured outputs know no `strict`.
                    o.some("strict", strict.as_ref());
                    o.extra(extra, ID);
                });
            });
            if let Some(marker) = cache
                && takes_cache_point(family, marker, &format!("{at}.cache_control"), losses)
            {
                blocks::cache_point(list, marker);
            }
        }
    }
}

/// The choice that can be said: one of a tool that is not declared is refused, or one that the model cannot be forced to.
pub(super) fn choice(request: &Request) -> Option<&ToolChoice> {
    let allowed = request.allowed();
    let declared = |wanted: &str| {
        request.tools.iter().any(|tool| {
            tool.is_known_to(ID)
                && tool.name().is_none_or(|name| name == wanted)
                && allowed.has(tool)
        })
    };
    let choice = request.tool_choice.as_ref().filter(|choice| match choice {
        ToolChoice::Named(name) => declared(name),
        ToolChoice::Auto | ToolChoice::Required => !request.tools.is_empty(),
        ToolChoice::None => false,
    });
    choice.filter(|choice| Claude::asked(request).takes(choice))
}

/// Names a choice that is not said. Without tools "auto" and "none" say nothing.
fn note_choice(request: &Request, losses: &mut Vec<Loss>) {
    if request.demands_a_call() {
        losses.push(Loss::dropped("tool_choice"));
    }
}

fn write_choice(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let Some(choice) = choice(request) else {
        note_choice(request, losses);
        return;
    };
    o.object("toolChoice", |o| match choice {
        ToolChoice::Auto => o.object("auto", |_| {}),
        ToolChoice::Required => o.object("any", |_| {}),
        ToolChoice::Named(name) => o.object("tool", |o| o.value("name", name)),
        ToolChoice::None => {}
    });
}
