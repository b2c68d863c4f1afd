//! When a simulated model calls tools, which, and with what arguments.

use super::request_text::Told;
use super::schema;
use super::script::{Said, read_schema};
use super::tokens::Chance;
use protocol::ir::{Json, Malformed, Request, Tool, ToolChoice};
use serde_json::Value;

/// The calls that a request leads to; none where the answer is text.
///
/// A choice that forces calls is obeyed, also after results. Left free, the model calls the tools that the last user
/// text mentions, by name (`get_weather`) or by a word of the name of four letters or more (`weather`), until the
/// conversation ends with results. One call where parallel ones are not allowed.
///
/// # Errors
/// When a tool is to be called that is not there, or its schema is none.
pub(super) fn calls(
    request: &Request,
    told: &Told<'_>,
    chance: &mut Chance,
) -> Result<Vec<Said>, Malformed> {
    let offered: Vec<Offered<'_>> = request
        .tools
        .iter()
        .enumerate()
        .filter_map(Offered::of)
        .collect();
    let mentioned = || {
        let mut tools: Vec<Offered<'_>> = offered.clone();
        tools.retain(|tool| is_mentioned(tool.name, &told.last_user_text));
        tools
    };
    let mut called = match request.tool_choice.as_ref().unwrap_or(&ToolChoice::Auto) {
        ToolChoice::None => Vec::new(),
        ToolChoice::Auto if !told.tool_results.is_empty() => Vec::new(),
        ToolChoice::Auto => mentioned(),
        ToolChoice::Required => {
            if offered.is_empty() {
                return Err(Malformed::field(
                    "tool_choice",
                    "demands a call, but there are no function tools",
                ));
            }
            let mentioned = mentioned();
            if mentioned.is_empty() {
                offered.iter().take(1).copied().collect()
            } else {
                mentioned
            }
        }
        ToolChoice::Named(name) => {
            let named = offered.iter().find(|tool| tool.name == name);
            let named = named.ok_or_else(|| {
                Malformed::field("tool_choice", format!("there is no tool '{name}' in tools"))
            })?;
            vec![*named]
        }
    };
    if request.parallel_tool_calls == Some(false) {
        called.truncate(1);
    }
    called.iter().map(|tool| tool.call(chance)).collect()
}

/// A function tool of the request.
#[derive(Clone, Copy)]
struct Offered<'a> {
    /// Its place in `tools`.
    index: usize,
    name: &'a str,
    schema: Option<&'a Json>,
}

impl<'a> Offered<'a> {
    fn of((index, tool): (usize, &'a Tool)) -> Option<Self> {
        match tool {
            Tool::Function { name, schema, .. } => Some(Self {
                index,
                name,
                schema: schema.as_ref(),
            }),
            Tool::Freeform { .. } | Tool::Opaque(..) => None,
        }
    }

    fn call(&self, chance: &mut Chance) -> Result<Said, Malformed> {
        let arguments = match self.schema {
            None => Value::Object(serde_json::Map::new()),
            Some(schema) => {
                let field = format!("tools[{}].function.parameters", self.index);
                schema::instance(&read_schema(&field, schema)?, chance)
            }
        };
        Ok(Said::Call {
            id: format!("call_{:016x}", chance.next()),
            name: self.name.to_owned(),
            arguments: arguments.to_string(),
        })
    }
}

/// Words shorter than this say too little (`get`, `set`, `all`).
const TELLING: usize = 4;

fn is_mentioned(tool: &str, text: &str) -> bool {
    let part_of_name = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    if text
        .split(|character| !part_of_name(character))
        .any(|name| name.trim_matches('.') == tool)
    {
        return true;
    }
    let text = text.to_lowercase();
    let said = |word: &str| {
        text.split(|character: char| !character.is_alphanumeric())
            .any(|other| other == word)
    };
    words_of(tool)
        .iter()
        .any(|word| word.chars().count() >= TELLING && said(word))
}

/// The words of a name: `get_weather`, `getWeather` and `get-weather` are `get` and `weather`.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for character in name.chars() {
        if !character.is_alphanumeric() || character.is_uppercase() {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
    }
    words
}
