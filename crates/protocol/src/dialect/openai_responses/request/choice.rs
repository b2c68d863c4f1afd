//! Decodes `tool_choice`.

use super::super::ID;
use super::super::namespaces::Names;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{Malformed, Request, ToolChoice};
use serde_json::value::RawValue;

/// Takes it out of a request. A provider's own tool stays as it is, and so does a subset of tools with one among them.
pub(super) fn read(
    fields: &mut Fields<'_, '_>,
    names: &Names,
    request: &mut Request,
) -> Result<(), Malformed> {
    let at = fields.at();
    let at = at.key("tool_choice");
    let Some(raw) = fields.take("tool_choice") else {
        return Ok(());
    };
    if !raw.get().starts_with('{') {
        request.tool_choice = Some(mode(&fields::string(raw, &at)?, &at)?);
        return Ok(());
    }
    let mut choice = Fields::of(raw, at)?;
    match choice.need_string("type")?.as_str() {
        "function" | "custom" => {
            request.tool_choice = Some(ToolChoice::Named(name(&mut choice, names)?));
        }
        "allowed_tools" => {
            request.tool_choice = Some(mode(&choice.need_string("mode")?, &at.key("mode"))?);
            let at = at.key("tools");
            let allowed = choice.list("tools")?.unwrap_or_default();
            let all = allowed.len();
            for (n, raw) in allowed.into_iter().enumerate() {
                let known = allowed_name(raw, at.index(n), names)?;
                request.allowed_tools.extend(known);
            }
            if request.allowed_tools.len() < all {
                request.extra.push(ID, "tool_choice", fields::json(raw));
            }
        }
        _ => request.extra.push(ID, "tool_choice", fields::json(raw)),
    }
    Ok(())
}

fn mode(word: &str, at: &Path<'_>) -> Result<ToolChoice, Malformed> {
    match word {
        "auto" => Ok(ToolChoice::Auto),
        "none" => Ok(ToolChoice::None),
        "required" => Ok(ToolChoice::Required),
        other => Err(at.wrong(format!(
            "must be auto, none, required or an object that names a tool, but is `{other}`"
        ))),
    }
}

fn name(choice: &mut Fields<'_, '_>, names: &Names) -> Result<String, Malformed> {
    let name = choice.need_string("name")?;
    let namespace = choice.string("namespace")?;
    Ok(names.flat(namespace.as_deref(), name))
}

/// The name of an allowed tool, if it is one of the client's.
fn allowed_name(raw: &RawValue, at: Path<'_>, names: &Names) -> Result<Option<String>, Malformed> {
    let mut tool = Fields::of(raw, at)?;
    match tool.need_string("type")?.as_str() {
        "function" | "custom" => name(&mut tool, names).map(Some),
        _ => Ok(None),
    }
}
