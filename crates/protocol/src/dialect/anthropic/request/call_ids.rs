//! The ids by which tool results name their calls.

use crate::ir::{Message, PartKind};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The ids of tool calls. The Messages API takes `^[a-zA-Z0-9_-]+$`; any other id gets a new one, the same for the
/// call and its result.
pub(super) struct Ids<'r> {
    renamed: HashMap<&'r str, String>,
    /// Those of calls that can be said.
    called: HashSet<&'r str>,
}

impl<'r> Ids<'r> {
    /// Gives new ids where they are needed.
    pub(super) fn of(messages: &'r [Message]) -> Self {
        let ids: Vec<&str> = messages
            .iter()
            .flat_map(|message| &message.parts)
            .filter_map(|part| match &part.kind {
                PartKind::ToolCall(call) => Some(call.id.as_str()),
                PartKind::ToolResult(result) => Some(result.call_id.as_str()),
                _ => None,
            })
            .collect();
        let called = messages
            .iter()
            .flat_map(|message| &message.parts)
            .filter_map(|part| match &part.kind {
                PartKind::ToolCall(call) => Some(call.id.as_str()),
                _ => None,
            })
            .collect();
        let mut taken: HashSet<String> = HashSet::new();
        let mut renamed = HashMap::new();
        if ids.iter().all(|id| is_valid(id)) {
            return Self { renamed, called };
        }
        taken.extend(
            ids.iter()
                .filter(|id| is_valid(id))
                .map(|id| (*id).to_owned()),
        );
        for id in ids.into_iter().filter(|id| !is_valid(id)) {
            if renamed.contains_key(id) {
                continue;
            }
            let fit = |c: char| if is_valid_char(c) { c } else { '_' };
            let mut name: String = id.chars().map(fit).collect();
            while name.is_empty() || !taken.insert(name.clone()) {
                name.push('_');
            }
            renamed.insert(id, name);
        }
        Self { renamed, called }
    }

    /// Whether the conversation holds the call of that id. A result without it is refused.
    pub(super) fn is_called(&self, id: &str) -> bool {
        self.called.contains(id)
    }

    /// The id to write for one that the client wrote.
    pub(super) fn get(&self, id: &'r str) -> Cow<'r, str> {
        match self.renamed.get(id) {
            Some(name) => Cow::Owned(name.clone()),
            None => Cow::Borrowed(id),
        }
    }
}

fn is_valid(id: &str) -> bool {
    !id.is_empty() && id.chars().all(is_valid_char)
}

fn is_valid_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
