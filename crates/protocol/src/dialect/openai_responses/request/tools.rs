//! Decodes `tools`.
//! <https://platform.openai.com/docs/guides/function-calling> (2026-11)

use super::super::ID;
use super::super::namespaces::Names;
use crate::dialect::fields::{self, Fields};
use crate::dialect::openai_strict as strict;
use crate::ir::{Json, Malformed, Tool};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The notes on a tool that stands in a namespace: the namespace but for its tools, and the name within it.
pub(super) const NAMESPACE: &str = "namespace";
pub(super) const NAME: &str = "name";

/// Takes the tools out of a request.
pub(super) fn read(request: &mut Fields<'_, '_>, names: &Names) -> Result<Vec<Tool>, Malformed> {
    let at = request.at();
    let at = at.key("tools");
    let mut tools = Vec::new();
    for (n, raw) in request
        .list("tools")?
        .unwrap_or_default()
        .into_iter()
        .enumerate()
    {
        let at = at.index(n);
        let mut fields = Fields::of(raw, at)?;
        match fields.need_string("type")?.as_str() {
            "namespace" => namespace(fields, names, &mut tools)?,
            "function" => tools.push(function(fields)?),
            "custom" => tools.push(freeform(fields)?),
            _ => tools.push(Tool::Opaque(ID, fields::json(raw))),
        }
    }
    Ok(tools)
}

/// A namespace is said by the names of its tools, and what it is for by the description of the first.
fn namespace(
    mut fields: Fields<'_, '_>,
    names: &Names,
    tools: &mut Vec<Tool>,
) -> Result<(), Malformed> {
    let at = fields.at();
    let at = at.key("tools");
    let space = fields.need_string("name")?;
    let purpose = fields.string("description")?;
    let inner = fields.list("tools")?.unwrap_or_default();
    let note = Json::of(&Namespace {
        name: space.clone(),
        description: purpose.clone(),
    });
    for (n, raw) in inner.into_iter().enumerate() {
        let at = at.index(n);
        let mut fields = Fields::of(raw, at)?;
        let mut tool = match fields.need_string("type")?.as_str() {
            "function" => function(fields)?,
            "custom" => freeform(fields)?,
            other => {
                return Err(at
                    .key("type")
                    .wrong(format!("must be function or custom, but is `{other}`")));
            }
        };
        match &mut tool {
            Tool::Function {
                name,
                description,
                extra,
                ..
            }
            | Tool::Freeform {
                name,
                description,
                extra,
                ..
            } => {
                extra.note(ID, NAMESPACE, note.clone());
                extra.note(ID, NAME, Json::of(name));
                extra.note(ID, "description", Json::of(description));
                *name = names.flat(Some(&space), std::mem::take(name));
                if let Some(purpose) = purpose.as_ref().filter(|it| n == 0 && !it.is_empty()) {
                    *description = Some(introduced(&space, purpose, description.as_deref()));
                }
            }
            Tool::Opaque(..) => {}
        }
        tools.push(tool);
    }
    Ok(())
}

fn introduced(space: &str, purpose: &str, own: Option<&str>) -> String {
    let own = own.map_or_else(String::new, |own| format!("{own}\n\n"));
    format!("{own}The tools of `{space}`: {purpose}")
}

/// A namespace but for its tools.
#[derive(Deserialize, Serialize)]
pub(super) struct Namespace {
    pub(super) name: String,
    pub(super) description: Option<String>,
}

/// A function. Here one is strict unless it says otherwise; OpenAI then bends a schema that strict mode does not take,
/// which elsewhere would change what is asked.
fn function(mut fields: Fields<'_, '_>) -> Result<Tool, Malformed> {
    let name = fields.need_string("name")?;
    let description = fields.string("description")?;
    let schema = fields.json_object("parameters")?;
    let said = fields.boolean("strict")?;
    let by_default = || schema.as_ref().filter(|it| strict::takes(it)).map(|_| true);
    Ok(Tool::Function {
        name,
        description,
        strict: said.or_else(by_default),
        schema,
        cache: None,
        extra: fields.rest(ID),
    })
}

/// A tool that is called with any text.
fn freeform(mut fields: Fields<'_, '_>) -> Result<Tool, Malformed> {
    Ok(Tool::Freeform {
        name: fields.need_string("name")?,
        description: fields.string("description")?,
        format: fields.json_object("format")?.map(nested),
        extra: fields.rest(ID),
    })
}

/// A grammar, with its members where they stand here.
#[derive(Deserialize, Serialize)]
struct Flat {
    r#type: String,
    syntax: String,
    definition: String,
}

/// The same in the canonical form, which is that of Chat Completions.
#[derive(Deserialize, Serialize)]
struct Nested {
    r#type: String,
    grammar: Grammar,
}

#[derive(Deserialize, Serialize)]
struct Grammar {
    syntax: String,
    definition: String,
}

fn nested(format: Json) -> Json {
    match format.read::<Flat>() {
        Ok(flat) if flat.r#type == "grammar" => Json::of(&Nested {
            r#type: flat.r#type,
            grammar: Grammar {
                syntax: flat.syntax,
                definition: flat.definition,
            },
        }),
        _ => format,
    }
}

/// The canonical form of a format as it is written here.
pub(super) fn flat(format: &Json) -> Json {
    match format.read::<Nested>() {
        Ok(nested) if nested.r#type == "grammar" => Json::of(&Flat {
            r#type: nested.r#type,
            syntax: nested.grammar.syntax,
            definition: nested.grammar.definition,
        }),
        _ => format.clone(),
    }
}

/// The tools of a request, for what needs them before they are decoded.
pub(super) fn peek<'a>(request: &Fields<'a, '_>) -> Result<Names, Malformed> {
    let tools: Option<Vec<&'a RawValue>> = request.peek_list("tools")?;
    Ok(Names::of_list(tools.unwrap_or_default()))
}
