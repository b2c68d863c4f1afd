//! Stages: what happens to a stream's events between decoder and encoder. Wire formats are unknown here.

use crate::dialect::ToolAliases;
use crate::ir::Event;

/// One step of a rewrite. Stages are few and known, so they are a list, not a trait.
pub(super) enum Stage {
    /// Tells tools by the names that the client gave them.
    ToolNames(ToolAliases),
}

impl Stage {
    /// Works on the events that are due. It may keep some back and give them out later, at the latest together with
    /// the event that is last (`End` or `Error`).
    pub(super) fn apply(&mut self, mut events: Vec<Event>) -> Vec<Event> {
        match self {
            Self::ToolNames(aliases) => {
                for event in &mut events {
                    aliases.lift_event(event);
                }
                events
            }
        }
    }
}
