//! Puts the items of a stream in sequence. On this wire an event names the item it belongs to, so items may come in turns;
//! a canonical stream has one part open at a time. What belongs to a later item waits until those before it are complete.

use crate::ir::{Delta, Event, Malformed, Opening};
use std::collections::VecDeque;

/// The most bytes that may wait.
const HELD_MAX: usize = 4 << 20;

/// The items that are not complete yet. The first is being told.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    waiting: VecDeque<Waiting>,
    next_index: u32,
    held: usize,
}

#[derive(Debug)]
struct Waiting {
    output_index: u64,
    steps: Vec<Step>,
    complete: bool,
}

/// What happens to the part of an item.
#[derive(Debug)]
pub(super) enum Step {
    Open(Opening),
    Delta(Delta),
    Close,
}

impl Sequence {
    /// An item begins.
    pub(super) fn begin(&mut self, output_index: u64) {
        self.waiting.push_back(Waiting {
            output_index,
            steps: Vec::new(),
            complete: false,
        });
    }

    /// Something happens to an item that began. What is said of any other is passed over.
    pub(super) fn add(&mut self, output_index: u64, step: Step) -> Result<(), Malformed> {
        let mut waiting = self.waiting.iter_mut();
        if let Some(item) = waiting.find(|item| item.output_index == output_index) {
            self.held += size(&step);
            item.steps.push(step);
        }
        if self.held > HELD_MAX {
            return Err(Malformed::body(
                "the answer's items are interleaved, and the first does not end",
            ));
        }
        Ok(())
    }

    /// An item is complete.
    pub(super) fn complete(&mut self, output_index: u64) {
        let mut waiting = self.waiting.iter_mut();
        if let Some(item) = waiting.find(|item| item.output_index == output_index) {
            item.complete = true;
        }
    }

    /// All items are complete.
    pub(super) fn complete_all(&mut self) {
        for item in &mut self.waiting {
            item.complete = true;
        }
    }

    /// Emits what may be emitted now.
    pub(super) fn advance(&mut self, out: &mut Vec<Event>) {
        while let Some(first) = self.waiting.front_mut() {
            for step in first.steps.drain(..) {
                self.held = self.held.saturating_sub(size(&step));
                let (choice, index) = (0, self.next_index);
                out.push(match step {
                    Step::Open(part) => Event::Open {
                        choice,
                        index,
                        part,
                    },
                    Step::Delta(delta) => Event::Delta {
                        choice,
                        index,
                        delta,
                    },
                    Step::Close => {
                        self.next_index = self.next_index.saturating_add(1);
                        Event::Close { choice, index }
                    }
                });
            }
            if !first.complete {
                return;
            }
            self.waiting.pop_front();
        }
    }
}

fn size(step: &Step) -> usize {
    match step {
        Step::Delta(Delta::Text(text) | Delta::Reasoning(text) | Delta::Arguments(text)) => {
            text.len()
        }
        Step::Delta(Delta::Signature(_) | Delta::Citation(_)) | Step::Open(_) | Step::Close => 0,
    }
}
