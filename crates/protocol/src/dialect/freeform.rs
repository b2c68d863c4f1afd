//! How a tool that takes one free text ([`crate::ir::Tool::Freeform`]) is said where tools take JSON only: as a function
//! with one text argument; and how its calls come back.

use crate::ir::{CallKind, Json, Loss, PartKind, Request, Tool};
use serde::{Deserialize, Serialize};

/// The function's one argument.
#[derive(Deserialize, Serialize)]
struct Arguments {
    input: String,
}

/// What stands before the text in the arguments; [`piece`] writes the text, [`AFTER`] ends it.
pub(in crate::dialect) const BEFORE: &str = r#"{"input":""#;

/// What ends the arguments.
pub(in crate::dialect) const AFTER: &str = r#""}"#;

/// Makes the freeform tools of a request functions, and their calls calls of those. Names the tools, which lose what holds
/// a provider to their format.
pub fn as_functions(request: &mut Request) -> Vec<Loss> {
    let mut losses = Vec::new();
    for (n, tool) in request.tools.iter_mut().enumerate() {
        if let Tool::Freeform {
            name,
            description: own,
            format,
            extra,
        } = tool
        {
            losses.push(Loss::approximated(format!("tools[{n}]")));
            *tool = Tool::Function {
                name: std::mem::take(name),
                description: description(own.as_deref(), format.as_ref()),
                schema: Json::parse(SCHEMA).ok(),
                strict: None,
                cache: None,
                extra: std::mem::take(extra),
            };
        }
    }
    for part in request.messages.iter_mut().flat_map(|it| &mut it.parts) {
        if let PartKind::ToolCall(call) = &mut part.kind
            && call.kind == CallKind::Freeform
        {
            call.kind = CallKind::Function;
            call.arguments = wrap(&call.arguments);
        }
    }
    losses
}

/// The schema of the function's arguments.
pub(in crate::dialect) const SCHEMA: &str = r#"{"type":"object","properties":{"input":{"type":"string","description":"The tool's whole input, as plain text."}},"required":["input"],"additionalProperties":false}"#;

/// The function's description: the tool's own, and the format that its input must have, which a schema cannot say.
pub(in crate::dialect) fn description(own: Option<&str>, format: Option<&Json>) -> Option<String> {
    match (own, format.and_then(in_words)) {
        (Some(own), Some(format)) => Some(format!("{own}\n\n{format}")),
        (own, format) => own.map(str::to_owned).or(format),
    }
}

/// A format as OpenAI writes it: any text, or a grammar.
/// <https://platform.openai.com/docs/guides/function-calling#context-free-grammars>
fn in_words(format: &Json) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Format {
        r#type: String,
        grammar: Grammar,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Grammar {
        syntax: String,
        definition: String,
    }
    let known: Format = format.read().unwrap_or_default();
    let Grammar { syntax, definition } = known.grammar;
    match known.r#type.as_str() {
        "text" => None,
        "grammar" if !definition.is_empty() => Some(format!(
            "The input must follow this {syntax} grammar:\n{definition}"
        )),
        _ => Some(format!("The input must have this format: {}", format.get())),
    }
}

/// The text as the function's arguments.
pub(in crate::dialect) fn wrap(text: &str) -> String {
    Json::of(&Arguments { input: text.into() }).get().to_owned()
}

/// A piece of the text as a piece of the arguments.
pub(in crate::dialect) fn piece(text: &str) -> String {
    let quoted = Json::of(&text);
    let inner = quoted.get().get(1..quoted.get().len().saturating_sub(1));
    inner.unwrap_or_default().to_owned()
}

/// The text out of the function's arguments; arguments of any other shape are the text themselves.
pub(in crate::dialect) fn unwrap(arguments: &str) -> String {
    serde_json::from_str::<Arguments>(arguments)
        .map_or_else(|_| arguments.to_owned(), |arguments| arguments.input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_whole_and_in_pieces() {
        for text in ["", "select \"a\\b\"\n", "ünï 🦀 \u{1}"] {
            assert_eq!(unwrap(&wrap(text)), text);
            let pieces: String = text.chars().map(|c| piece(&c.to_string())).collect();
            assert_eq!(unwrap(&format!("{BEFORE}{pieces}{AFTER}")), text);
        }
        assert_eq!(unwrap("{\"inp"), "{\"inp");
        assert!(Json::parse(SCHEMA).is_ok());
    }

    #[test]
    fn a_format_stands_in_the_description() {
        let check = |format: &str, expect: Option<&str>| {
            let format = Json::parse(format).unwrap();
            assert_eq!(description(None, Some(&format)).as_deref(), expect);
        };
        check(r#"{"type":"text"}"#, None);
        check(
            r#"{"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"a\""}}"#,
            Some("The input must follow this lark grammar:\nstart: \"a\""),
        );
        check("{}", Some("The input must have this format: {}"));
        assert_eq!(description(Some("d"), None).as_deref(), Some("d"));
    }
}
