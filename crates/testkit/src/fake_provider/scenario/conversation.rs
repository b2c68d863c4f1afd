//! Scenarios that answer as a model would.

use super::super::answer::{Answer, Piece, Stop, TokenCounts, cut, signature_of, value_of};
use super::super::asked::{Asked, Image, Thought, Tool, ToolChoice, VendorError};
use super::{Act, Behaviour, Pace};
use std::time::Duration;

/// Input tokens that are reported unless the behaviour says otherwise.
const INPUT_TOKENS: usize = 21;

/// What is thought before the first answer, and once tools have answered.
const FIRST_THOUGHT: &str = "The user wants grüße;\nI should be \"brief\".";
const SECOND_THOUGHT: &str = "Now I know the result.";

/// The words of counted answers, each with the space before it: common English, so that the ratio of bytes to tokens is
/// that of prose (each of these is one token in the vocabularies that are published).
const WORDS: [&str; 16] = [
    " the", " river", " was", " quiet", " and", " we", " could", " see", " people", " walking",
    " to", " their", " homes", " before", " it", " rained",
];

pub(super) fn text(_: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    let chunks = match &behaviour.text {
        Some(own) => cut(own, 5),
        None => [
            "Hello",
            " from",
            " the fake",
            " provider:",
            " grüße,",
            " \"世界\"\n",
            " 🌍.",
        ]
        .map(str::to_owned)
        .to_vec(),
    };
    say(vec![Piece::Text(chunks)], Stop::End, behaviour)
}

pub(super) fn tools(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    call(
        asked,
        behaviour,
        &asked.tools[..asked.tools.len().min(1)],
        false,
    )
}

pub(super) fn parallel_tools(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    let most = if asked.parallel_tools { usize::MAX } else { 1 };
    call(
        asked,
        behaviour,
        &asked.tools[..asked.tools.len().min(most)],
        false,
    )
}

pub(super) fn interleaved_tools(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    call(asked, behaviour, &asked.tools, true)
}

fn call(
    asked: &Asked,
    behaviour: &Behaviour,
    tools: &[Tool],
    interleave: bool,
) -> Result<Act, VendorError> {
    if !asked.tool_results.is_empty() && !behaviour.again {
        return say(
            vec![Piece::Text(cut(&results(asked), 7))],
            Stop::End,
            behaviour,
        );
    }
    if asked.tool_choice == ToolChoice::None || tools.is_empty() {
        return text(asked, behaviour);
    }
    let mut pieces = vec![Piece::Text(cut("Let me look.", 4))];
    pieces.extend(tools.iter().map(tool_call));
    let act = say(pieces, Stop::ToolUse, behaviour)?;
    Ok(match act {
        Act::Say(answer, pace) => Act::Say(
            Answer {
                interleave,
                ..answer
            },
            pace,
        ),
        Act::Fail(_) | Act::Odd(_) | Act::Raw(_) => act,
    })
}

fn tool_call(tool: &Tool) -> Piece {
    Piece::ToolCall {
        name: tool.name.clone(),
        arguments: cut(&value_of(&tool.schema).to_string(), 3),
    }
}

/// What the second turn says: the results as they arrived, in order.
fn results(asked: &Asked) -> String {
    let seen: Vec<String> = asked
        .tool_results
        .iter()
        .map(|result| format!("{}={}", result.call_id, result.text))
        .collect();
    format!("Results: {}", seen.join("; "))
}

pub(super) fn structured_output(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    if let Some(schema) = &asked.schema {
        let chunks = cut(&value_of(schema).to_string(), 6);
        return say(vec![Piece::Text(chunks)], Stop::End, behaviour);
    }
    if let ToolChoice::Named(name) = &asked.tool_choice
        && let Some(tool) = asked.tools.iter().find(|tool| tool.name == *name)
    {
        return say(vec![tool_call(tool)], Stop::ToolUse, behaviour);
    }
    let chunks = cut("No schema was asked for.", 6);
    say(vec![Piece::Text(chunks)], Stop::End, behaviour)
}

pub(super) fn image(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    if asked.images.is_empty() {
        return Err(VendorError::bad("messages", "The request holds no image."));
    }
    let seen: Vec<String> = asked
        .images
        .iter()
        .map(|image| match image {
            Image::Inline { media_type, bytes } => format!("{media_type} {bytes} bytes"),
            Image::Url(url) => format!("url {url}"),
        })
        .collect();
    let chunks = cut(&format!("Seen: {}", seen.join("; ")), 5);
    say(vec![Piece::Text(chunks)], Stop::End, behaviour)
}

pub(super) fn reasoning(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    let strange = asked.thoughts.iter().position(|one| !is_own(one));
    if let Some(index) = strange.filter(|_| asked.dialect.signs()) {
        return Err(VendorError::new(
            400,
            format!("messages: Invalid `signature` in `thinking` block {index}"),
        ));
    }
    let mut pieces = Vec::new();
    if asked.thinks {
        let thought = if asked.tool_results.is_empty() {
            FIRST_THOUGHT
        } else {
            SECOND_THOUGHT
        };
        pieces.push(Piece::Reasoning(cut(thought, 8)));
    }
    let stop = match asked.tools.first() {
        Some(tool) if asked.tool_results.is_empty() => {
            pieces.push(tool_call(tool));
            Stop::ToolUse
        }
        Some(_) | None => {
            let verified = match asked.dialect.signs() {
                true => format!(" ({} signatures verified)", asked.thoughts.len()),
                false => String::new(),
            };
            let answer = if asked.tool_results.is_empty() {
                "The answer is 42.".to_owned()
            } else {
                results(asked)
            };
            pieces.push(Piece::Text(cut(&format!("{answer}{verified}"), 6)));
            Stop::End
        }
    };
    say(pieces, stop, behaviour)
}

/// Whether a thought that came back is one of the fake's, unchanged.
fn is_own(thought: &Thought) -> bool {
    match &*thought.text {
        "" => [FIRST_THOUGHT, SECOND_THOUGHT]
            .map(signature_of)
            .contains(&thought.signature),
        text => thought.signature == signature_of(text),
    }
}

/// 100 uncached, 2,000 read from and 300 written to a cache. OpenAI has counted both inside `prompt_tokens` since
/// writes are reported at all.
pub(super) fn cached(_: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    let pieces = vec![Piece::Text(cut("From the cache.", 4))];
    let mut answer = answer(pieces, Stop::End, behaviour);
    if let Some(usage) = &mut answer.usage {
        usage.input = behaviour.input_tokens.unwrap_or(100);
        usage.cache_read = 2_000;
        usage.cache_write = 300;
    }
    Ok(Act::Say(answer, behaviour.pace()))
}

pub(super) fn refusal(_: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    let chunks = cut("I cannot help with that.", 6);
    say(vec![Piece::Refusal(chunks)], Stop::Refusal, behaviour)
}

pub(super) fn length(_: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    say(
        vec![Piece::Text(cut("This goes on and", 4))],
        Stop::Length,
        behaviour,
    )
}

pub(super) fn count(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    Ok(Act::Say(counted(asked, behaviour, 20), behaviour.pace()))
}

pub(super) fn burst(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    let pace = Pace {
        burst: true,
        ..behaviour.pace()
    };
    Ok(Act::Say(counted(asked, behaviour, 100), pace))
}

pub(super) fn slow(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    let mut pace = behaviour.pace();
    pace.delay.get_or_insert(Duration::from_millis(20));
    Ok(Act::Say(counted(asked, behaviour, 20), pace))
}

pub(super) fn gate(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    let mut pace = behaviour.pace();
    pace.gate.get_or_insert_with(|| "gate".to_owned());
    Ok(Act::Say(counted(asked, behaviour, 3), pace))
}

/// An answer of exactly as many tokens as the behaviour asks for, but never more than the request's bound.
pub(super) fn counted(asked: &Asked, behaviour: &Behaviour, usual: usize) -> Answer {
    let wanted = behaviour.tokens.unwrap_or(usual);
    let bound = asked.max_tokens.unwrap_or(usize::MAX);
    let chunks = WORDS
        .iter()
        .cycle()
        .take(wanted.min(bound))
        .map(|word| (*word).to_owned())
        .collect();
    let stop = if wanted > bound {
        Stop::Length
    } else {
        Stop::End
    };
    answer(vec![Piece::Text(chunks)], stop, behaviour)
}

fn say(pieces: Vec<Piece>, stop: Stop, behaviour: &Behaviour) -> Result<Act, VendorError> {
    Ok(Act::Say(answer(pieces, stop, behaviour), behaviour.pace()))
}

fn answer(pieces: Vec<Piece>, stop: Stop, behaviour: &Behaviour) -> Answer {
    let (mut output, mut reasoning) = (0, 0);
    for piece in &pieces {
        output += piece.chunks().len();
        if let Piece::Reasoning(chunks) = piece {
            reasoning += chunks.len();
        }
    }
    let usage = TokenCounts {
        input: behaviour.input_tokens.unwrap_or(INPUT_TOKENS),
        output,
        reasoning,
        ..TokenCounts::default()
    };
    Answer {
        pieces,
        stop,
        usage: behaviour.report_usage.unwrap_or(true).then_some(usage),
        interleave: false,
    }
}
