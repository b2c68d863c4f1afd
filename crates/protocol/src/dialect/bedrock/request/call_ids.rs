//! The ids by which tool results name their calls: `[a-zA-Z0-9_.:-]`, 64 of them at most.

use crate::ir::{Message, PartKind};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The most characters of an id.
const LONGEST: usize = 64;

/// The ids of tool calls. Any other than allowed gets a new one, the same for the call and its result.
pub(super) struct Ids<'r> {
    renamed: HashMap<&'r str, String>,
    /// Those of calls that can be said.
    called: HashSet<&'r str>,
}

impl<'r> Ids<'r> {
    /// Gives new ids where they are needed.
    pub(super) fn of(messages: &'r [Message]) -> Self {
        let mut called = HashSet::new();
        let mut odd: Vec<&str> = Vec::new();
        let mut taken: HashSet<Cow<'_, str>> = HashSet::new();
        for part in messages.iter().flat_map(|message| &message.parts) {
            let id = match &part.kind {
                PartKind::ToolCall(call) => {
                    called.insert(call.id.as_str());
                    call.id.as_str()
                }
                PartKind::ToolResult(result) => result.call_id.as_str(),
                _ => continue,
            };
            if is_valid(id) {
                taken.insert(Cow::Borrowed(id));
            } else {
                odd.push(id);
            }
        }
        let mut renamed = HashMap::new();
        for id in odd {
            if !renamed.contains_key(id) {
                renamed.insert(id, fresh(id, &mut taken));
            }
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

/// An id as near to this one as is allowed and free.
fn fresh(id: &str, taken: &mut HashSet<Cow<'_, str>>) -> String {
    let fit = |c: char| if is_valid_char(c) { c } else { '_' };
    let name: String = id.chars().map(fit).take(LONGEST - 8).collect();
    let mut free = name.clone();
    let mut count = 1_u32;
    while free.is_empty() || taken.contains(free.as_str()) {
        count = count.saturating_add(1);
        free = format!("{name}_{count}");
    }
    taken.insert(Cow::Owned(free.clone()));
    free
}

fn is_valid(id: &str) -> bool {
    (1..=LONGEST).contains(&id.len()) && id.chars().all(is_valid_char)
}

fn is_valid_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')
}
