//! Ids of tool calls that their provider gave none. A conversation may hold many answers, and no two calls of it may have
//! the same id, so that an id is scoped by its answer's; where the answer has none either, by the exchange, which only
//! whoever writes for the client knows.

use crate::ir::{Event, Opening, PartKind, Response};

/// How they begin.
pub(in crate::dialect) const BEGIN: &str = "call_tollgate_";

/// The id of the `n`th call of the answer with that id.
pub(in crate::dialect) fn of(answer: &str, n: usize) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let scope: String = answer.chars().filter(plain).take(40).collect();
    match scope.is_empty() {
        true => format!("{BEGIN}{n}"),
        false => format!("{BEGIN}{scope}_{n}"),
    }
}

/// Scopes the ids in an answer without an id by the exchange, whose id is `request_id`.
pub fn scope_answer(response: &mut Response, request_id: &str) {
    for part in response.choices.iter_mut().flat_map(|it| &mut it.parts) {
        if let PartKind::ToolCall(call) = &mut part.kind {
            scope(&mut call.id, request_id);
        }
    }
}

/// The same in an event of a stream.
pub fn scope_event(event: &mut Event, request_id: &str) {
    if let Event::Open {
        part: Opening::ToolCall { id, .. },
        ..
    } = event
    {
        scope(id, request_id);
    }
}

fn scope(id: &mut String, request_id: &str) {
    let number = id.strip_prefix(BEGIN).map(str::parse::<usize>);
    if let Some(Ok(n)) = number {
        *id = of(request_id, n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_without_a_scope_gets_that_of_the_exchange() {
        let check = |mut id: String, expect: &str| {
            scope(&mut id, "0199-ab");
            assert_eq!(id, expect);
        };
        check(of("", 0), "call_tollgate_0199-ab_0");
        check(of("chat:1", 2), "call_tollgate_chat1_2");
        check("call_1".into(), "call_1");
        check("call_tollgate_x".into(), "call_tollgate_x");
    }
}
