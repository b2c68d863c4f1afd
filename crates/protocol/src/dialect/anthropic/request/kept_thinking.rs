//! With a budget of thinking, the turn that called tools must begin with its own thinking while they answer. One that another
//! provider's model began does not: there thinking is given up for this request, as it is for requests that are translated
//! ([`claude_thinking`](crate::dialect::claude_thinking)).
//! <https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks> (2026-11)

use super::thinking_edits;
use crate::ir::Loss;
use crate::splice::Document;
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Takes `thinking` out where it cannot be had, and names it.
pub(super) fn heed(doc: &mut Document<'_>) -> Option<Loss> {
    let thinking = doc.get("thinking")?;
    let asked: Block<'_> = serde_json::from_str(thinking).ok()?;
    let messages = doc.get("messages")?;
    let forbidden = asked.kind == "enabled"
        && memmem::find(messages.as_bytes(), b"\"tool_result\"").is_some()
        && serde_json::from_str::<Vec<Message<'_>>>(messages)
            .is_ok_and(|messages| goes_on_without_thinking(&messages));
    forbidden.then(|| {
        doc.remove("thinking");
        thinking_edits::remove(doc);
        Loss::dropped("thinking.budget_tokens")
    })
}

/// Whether the last set of calls and results was begun without thinking. Turns before it do not matter, and neither does what
/// is not in the request.
fn goes_on_without_thinking(messages: &[Message<'_>]) -> bool {
    let mut begun = None;
    for pair in messages.rchunks_exact(2) {
        match pair {
            [model, results]
                if model.role == "assistant"
                    && results.blocks().iter().any(|it| it.kind == "tool_result") =>
            {
                begun = Some(model);
            }
            _ => break,
        }
    }
    begun.is_some_and(|model| {
        let blocks = model.blocks();
        let first = blocks.first().map_or("text", |block| &*block.kind);
        !matches!(first, "thinking" | "redacted_thinking")
    })
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    role: Cow<'a, str>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

impl Message<'_> {
    fn blocks(&self) -> Vec<Block<'_>> {
        let content = self.content.map_or("null", RawValue::get);
        serde_json::from_str(content).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str =
        r#"{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}"#;
    const THOUGHT: &str = r#"{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"c"},{"type":"tool_use","id":"a","name":"f","input":{}}]}"#;
    const RESULT: &str =
        r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"s"}]}"#;
    const ASKED: &str = r#"{"role":"user","content":"Hi."}"#;
    const DONE: &str = r#"{"role":"assistant","content":"done"}"#;
    const BUDGET: &str = r#"{"type":"enabled","budget_tokens":1024}"#;

    fn check(thinking: &str, messages: &[&str], given_up: bool) {
        let body = format!(
            r#"{{"thinking":{thinking},"messages":[{}]}}"#,
            messages.join(",")
        );
        let mut doc = Document::parse(body.as_bytes()).unwrap();
        assert_eq!(heed(&mut doc).is_some(), given_up, "{body}");
        assert_eq!(doc.get("thinking").is_none(), given_up, "{body}");
    }

    #[test]
    fn thinking_is_given_up_while_tools_answer_a_turn_that_was_not_begun_with_it() {
        check(BUDGET, &[ASKED, CALL, RESULT], true);
        check(BUDGET, &[ASKED, THOUGHT, RESULT], false);
        // One thought at the begin of the turn stands for all of its calls.
        check(BUDGET, &[ASKED, THOUGHT, RESULT, CALL, RESULT], false);
        check(BUDGET, &[ASKED, CALL, RESULT, THOUGHT, RESULT], true);
        // What is over is over.
        check(BUDGET, &[ASKED, CALL, RESULT, DONE, ASKED], false);
        check(
            BUDGET,
            &[ASKED, CALL, RESULT, DONE, ASKED, THOUGHT, RESULT],
            false,
        );
        check(BUDGET, &[ASKED], false);
        // The rest is in a thread.
        check(BUDGET, &[RESULT], false);
        check(r#"{"type":"adaptive"}"#, &[ASKED, CALL, RESULT], false);
        check(r#"{"type":"disabled"}"#, &[ASKED, CALL, RESULT], false);
    }
}
