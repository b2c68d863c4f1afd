//! The ids by which tool results name their calls, for dialects that take only some letters and no id twice. Elsewhere an id
//! may come again in a later turn: a result is of the last call before it.

use super::free_names::FreeNames;
use crate::ir::{Message, PartKind};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

/// What an id may be.
#[derive(Clone, Copy, Debug)]
pub(in crate::dialect) struct Rule {
    /// The letters.
    pub(in crate::dialect) letter: fn(char) -> bool,
    /// The most of them.
    pub(in crate::dialect) longest: usize,
}

impl Rule {
    fn takes(self, id: &str) -> bool {
        (1..=self.longest).contains(&id.len()) && id.chars().all(self.letter)
    }
}

/// The ids of a conversation that is read from its beginning on.
#[derive(Debug)]
pub(in crate::dialect) struct CallIds<'r> {
    rule: Rule,
    /// What no new id may be: those that stand in the conversation, and those that were given.
    free: FreeNames<'r>,
    /// Those that were given to calls.
    given: HashSet<Cow<'r, str>>,
    calls: HashMap<&'r str, Calls<'r>>,
    /// How often calls began again after results.
    round: usize,
    answering: bool,
}

/// The calls of one id in one round.
#[derive(Debug, Default)]
struct Calls<'r> {
    round: usize,
    /// What they are called here, those without a result first.
    names: VecDeque<Cow<'r, str>>,
}

impl<'r> CallIds<'r> {
    /// Those of these messages.
    pub(in crate::dialect) fn of(messages: &'r [Message], rule: Rule) -> Self {
        let parts = messages.iter().flat_map(|message| &message.parts);
        let ids = parts.filter_map(|part| match &part.kind {
            PartKind::ToolCall(call) => Some(Cow::Borrowed(call.id.as_str())),
            _ => None,
        });
        Self {
            rule,
            free: FreeNames::but(ids.filter(|id| rule.takes(id))),
            given: HashSet::new(),
            calls: HashMap::new(),
            round: 0,
            answering: false,
        }
    }

    /// The id to write for that of the next call.
    pub(in crate::dialect) fn call(&mut self, id: &'r str) -> Cow<'r, str> {
        if std::mem::take(&mut self.answering) {
            self.round += 1;
        }
        let name = match self.rule.takes(id) && !self.given.contains(id) {
            true => Cow::Borrowed(id),
            false => Cow::Owned(self.fresh(id)),
        };
        self.given.insert(name.clone());
        let calls = self.calls.entry(id).or_default();
        if calls.round != self.round {
            calls.round = self.round;
            calls.names.clear();
        }
        calls.names.push_back(name.clone());
        name
    }

    /// The id to write for that of the next result; `None` where it is of no call before it.
    pub(in crate::dialect) fn result(&mut self, id: &str) -> Option<Cow<'r, str>> {
        let calls = self.calls.get_mut(id)?;
        self.answering = true;
        match calls.names.len() {
            0 | 1 => calls.names.front().cloned(),
            _ => calls.names.pop_front(),
        }
    }

    /// Whether the conversation so far holds a call of that id.
    pub(in crate::dialect) fn is_called(&self, id: &str) -> bool {
        self.calls.contains_key(id)
    }

    /// An id as near to this one as is allowed and free.
    fn fresh(&mut self, id: &str) -> String {
        let letter = self.rule.letter;
        let fit = |c: char| if letter(c) { c } else { '_' };
        let room = self.rule.longest.saturating_sub(8).min(id.len());
        let name: String = id.chars().map(fit).take(room).collect();
        let counted = |name: &str, round: u32| format!("{name}_{}", round.saturating_add(1));
        self.free.take(name, counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{CallKind, Extra, Part, Role, ToolCall};

    fn conversation(ids: &[&str]) -> Vec<Message> {
        let call = |id: &&str| {
            Part::new(PartKind::ToolCall(ToolCall {
                id: (*id).into(),
                name: "f".into(),
                arguments: String::new(),
                kind: CallKind::Function,
            }))
        };
        vec![Message {
            role: Role::Assistant,
            parts: ids.iter().map(call).collect(),
            name: None,
            extra: Extra::default(),
        }]
    }

    const RULE: Rule = Rule {
        letter: |c| c.is_ascii_alphanumeric() || c == '_',
        longest: 12,
    };

    #[test]
    fn an_id_that_comes_again_is_of_the_last_call_and_gets_another_name() {
        let messages = conversation(&["a", "a", "a_2"]);
        let mut ids = CallIds::of(&messages, RULE);
        assert_eq!(ids.result("a"), None);
        assert_eq!(ids.call("a"), "a");
        assert_eq!(ids.result("a").unwrap(), "a");
        assert_eq!(ids.call("a"), "a_3");
        assert_eq!(ids.result("a").unwrap(), "a_3");
        assert_eq!(ids.call("a_2"), "a_2");
        assert_eq!(ids.result("a").unwrap(), "a_3");
        assert!(ids.is_called("a_2") && !ids.is_called("b"));
    }

    #[test]
    fn calls_of_one_turn_with_one_id_are_answered_in_their_order() {
        let messages = conversation(&["a", "a"]);
        let mut ids = CallIds::of(&messages, RULE);
        assert_eq!([ids.call("a"), ids.call("a")], ["a", "a_2"]);
        let results = [ids.result("a").unwrap(), ids.result("a").unwrap()];
        assert_eq!(results, ["a", "a_2"]);
    }

    #[test]
    fn an_id_that_is_not_allowed_gets_the_nearest_that_is() {
        let messages = conversation(&["a.b", "a_b", "", "a_long_id_of_18_ch"]);
        let mut ids = CallIds::of(&messages, RULE);
        assert_eq!(ids.call("a.b"), "a_b_2");
        assert_eq!(ids.call("a_b"), "a_b");
        assert_eq!(ids.call(""), "_2");
        assert_eq!(ids.call("a_long_id_of_18_ch"), "a_lo");
        assert_eq!(ids.result("a.b").unwrap(), "a_b_2");
    }
}
