//! Edits of the context that only stand in a request that thinks: where thinking is taken out, they go too.
//! <https://platform.claude.com/docs/en/build-with-claude/context-editing#thinking-block-clearing> (2026-11)

use crate::splice::Document;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

const CONTEXT: &str = "context_management";
const EDITS: &str = "edits";
/// What their types begin with; a date follows.
const CLEARS_THINKING: &str = "clear_thinking_";

/// Takes such edits out, and what they leave empty.
pub(in super::super) fn remove(doc: &mut Document<'_>) {
    let Some(context) = doc.get(CONTEXT).map(str::to_owned) else {
        return;
    };
    let Ok(mut context) = Document::parse(context.as_bytes()) else {
        return;
    };
    let edits = context
        .get(EDITS)
        .map(serde_json::from_str::<Vec<&RawValue>>);
    let Some(Ok(edits)) = edits else { return };
    let kept: Vec<&str> = (edits.iter().map(|edit| edit.get()))
        .filter(|edit| !clears_thinking(edit))
        .collect();
    if kept.len() == edits.len() {
        return;
    }
    match kept.is_empty() {
        true => context.remove(EDITS),
        false => {
            let kept = format!("[{}]", kept.join(","));
            context.set(EDITS, &kept);
        }
    }
    let left = String::from_utf8_lossy(&context.apply()).into_owned();
    match left
        .trim_matches(['{', '}', ' ', '\n', '\r', '\t'])
        .is_empty()
    {
        true => doc.remove(CONTEXT),
        false => doc.set(CONTEXT, &left),
    }
}

fn clears_thinking(edit: &str) -> bool {
    let edit: Edit<'_> = serde_json::from_str(edit).unwrap_or_default();
    edit.kind.starts_with(CLEARS_THINKING)
}

#[derive(Default, Deserialize)]
struct Edit<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claude Code sends both: without thinking the vendor refuses the edit.
    #[test]
    fn edits_of_thinking_go_with_it() {
        let check = |context: &str, expect: Option<&str>| {
            let body = format!(r#"{{"model":"m","context_management":{context}}}"#);
            let mut doc = Document::parse(body.as_bytes()).unwrap();
            remove(&mut doc);
            let after = doc.apply().into_owned();
            let doc = Document::parse(&after).unwrap();
            assert_eq!(doc.get(CONTEXT), expect, "{context}");
        };
        let thinking = r#"{"type":"clear_thinking_20251015","keep":"all"}"#;
        let tools = r#"{"type":"clear_tool_uses_20250919"}"#;
        check(&format!(r#"{{"edits":[{thinking}]}}"#), None);
        check(
            &format!(r#"{{"edits":[{thinking},{tools}]}}"#),
            Some(&format!(r#"{{"edits":[{tools}]}}"#)),
        );
        check(
            &format!(r#"{{"edits":[{thinking}],"new":1}}"#),
            Some(r#"{"new":1}"#),
        );
        for as_it_was in [
            format!(r#"{{"edits":[{tools}]}}"#),
            "null".into(),
            "{}".into(),
        ] {
            check(&as_it_was, Some(&as_it_was));
        }
    }
}
