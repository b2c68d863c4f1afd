//! Puts the parts of one choice in sequence. On this wire a delta names what it belongs to, so parallel tool calls may
//! come in turns; an event stream has one part open at a time. What belongs to a later part waits until those before
//! it are complete: a text as soon as something else begins, a function's call as soon as its arguments are whole JSON, a
//! freeform call as soon as another begins, and a call without arguments as soon as anything but a call follows: calls may
//! all be named before their arguments come.

use crate::dialect::made_ids;
use crate::ir::{CallKind, Citation, Delta, Event, Malformed, Opening, Sealed};
use std::collections::{HashMap, VecDeque};

/// The most bytes that may wait in one choice, behind the open part.
const HELD_MAX: usize = 4 << 20;
/// The most tool calls of one choice.
const CALLS_MAX: usize = 4096;

/// The parts of one choice that are not complete yet. The first is the open one.
#[derive(Debug, Default)]
pub(super) struct Parts {
    waiting: VecDeque<Waiting>,
    calls: Vec<Call>,
    /// The latest call of each index.
    latest: HashMap<u64, usize>,
    /// The index of the first part that waits: how many were closed before it.
    next_index: u32,
    /// The index of the last part that is no call.
    last_said: usize,
    held: usize,
    /// Characters of text so far, and how many of them came before the latest text part.
    text: u64,
    text_before: u64,
}

/// What a delta adds to a choice, tool calls aside.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Refusal(String),
    Reasoning(String),
    Signature(Sealed),
    Encrypted(Sealed),
}

/// What a delta adds to a tool call.
#[derive(Debug)]
pub(super) struct CallPiece {
    pub(super) index: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) arguments: String,
    pub(super) kind: CallKind,
}

#[derive(Debug)]
struct Waiting {
    kind: Kind,
    opened: bool,
    deltas: Vec<Delta>,
}

#[derive(Debug, PartialEq)]
enum Kind {
    Text,
    Refusal,
    Reasoning,
    Encrypted(Sealed),
    /// A call, by its place among the calls.
    Call(usize),
}

/// A tool call, kept after it is complete so that late pieces find it.
#[derive(Debug, Default)]
struct Call {
    id: String,
    name: String,
    kind: CallKind,
    /// Whether it has no arguments yet.
    bare: bool,
    json: Whole,
    /// The index of its part.
    part: usize,
}

impl Parts {
    /// Whether any tool was called.
    pub(super) fn called(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Adds a piece of text, refusal or reasoning.
    pub(super) fn add(&mut self, piece: Piece) {
        let (kind, delta) = match piece {
            Piece::Text(text) => (Kind::Text, Some(Delta::Text(text))),
            Piece::Refusal(text) => (Kind::Refusal, Some(Delta::Text(text))),
            Piece::Reasoning(text) => (Kind::Reasoning, Some(Delta::Reasoning(text))),
            Piece::Signature(text) => (Kind::Reasoning, Some(Delta::Signature(text))),
            Piece::Encrypted(data) => (Kind::Encrypted(data), None),
        };
        let goes_on = self.waiting.back().is_some_and(|last| last.kind == kind);
        if kind == Kind::Text && !goes_on {
            self.text_before = self.text;
        }
        if let (Kind::Text, Some(Delta::Text(text))) = (&kind, &delta) {
            self.text += text.chars().count() as u64;
        }
        if delta.is_none() || !goes_on {
            self.begin(kind);
        }
        let last = self.next_index as usize + self.waiting.len();
        self.last_said = last.saturating_sub(1);
        if let (Some(last), Some(delta)) = (self.waiting.back_mut(), delta) {
            self.held += size(&delta);
            last.deltas.push(delta);
        }
    }

    /// Adds a citation to the text that is being said; `false` where there is none any more. Its range counts in the whole
    /// answer's text.
    pub(super) fn cite(&mut self, mut citation: Citation) -> bool {
        let Some(last) = self.waiting.back_mut().filter(|it| it.kind == Kind::Text) else {
            return false;
        };
        citation.range = citation.range.and_then(|range| {
            let before = self.text_before;
            Some(range.start.checked_sub(before)?..range.end.checked_sub(before)?)
        });
        let delta = Delta::Citation(Box::new(citation));
        self.held += size(&delta);
        last.deltas.push(delta);
        true
    }

    /// Adds a piece of a tool call; `answer` is the answer's id, for calls that come without one. Returns the bytes of it that
    /// come too late, because its call was taken for complete.
    pub(super) fn add_call(&mut self, piece: CallPiece, answer: &str) -> Result<usize, Malformed> {
        let place = match self.find(&piece) {
            Some(place) => place,
            None if self.calls.len() >= CALLS_MAX => {
                let message = format!("must be of at most {CALLS_MAX} tool calls");
                return Err(Malformed::body(message));
            }
            None => self.begin_call(&piece, answer),
        };
        let Some(call) = self.calls.get_mut(place) else {
            return Ok(0);
        };
        if call.name.is_empty() {
            call.name = piece.name.unwrap_or_default();
        }
        // What comes after whole arguments repeats them (some providers' last chunk does).
        if piece.arguments.is_empty() || call.json.done {
            return Ok(0);
        }
        call.bare = false;
        if call.kind == CallKind::Function {
            call.json.scan(&piece.arguments);
        }
        let waiting = call.part.checked_sub(self.next_index as usize);
        let Some(part) = waiting.and_then(|nth| self.waiting.get_mut(nth)) else {
            return Ok(piece.arguments.len());
        };
        self.held += piece.arguments.len();
        part.deltas.push(Delta::Arguments(piece.arguments));
        Ok(0)
    }

    /// The call that a piece belongs to: the latest of its index, or just the latest where it has none. A piece with
    /// another id than that one begins a new call, because some providers give every call the index 0.
    fn find(&self, piece: &CallPiece) -> Option<usize> {
        let place = match piece.index {
            Some(index) => *self.latest.get(&index)?,
            None => self.calls.len().checked_sub(1)?,
        };
        let call = self.calls.get(place)?;
        let other = piece
            .id
            .as_ref()
            .is_some_and(|id| !id.is_empty() && *id != call.id);
        let nameless = piece.id.is_none() && piece.index.is_none();
        let again =
            nameless && call.json.done && piece.name.as_ref().is_some_and(|n| !n.is_empty());
        (!other && !again).then_some(place)
    }

    fn begin_call(&mut self, piece: &CallPiece, answer: &str) -> usize {
        let place = self.calls.len();
        let id = piece.id.clone().filter(|id| !id.is_empty());
        if let Some(index) = piece.index {
            self.latest.insert(index, place);
        }
        self.calls.push(Call {
            id: id.unwrap_or_else(|| made_ids::of(answer, place)),
            kind: piece.kind,
            part: self.next_index as usize + self.waiting.len(),
            bare: true,
            ..Call::default()
        });
        self.begin(Kind::Call(place));
        place
    }

    fn begin(&mut self, kind: Kind) {
        self.waiting.push_back(Waiting {
            kind,
            opened: false,
            deltas: Vec::new(),
        });
    }

    /// Whether no more waits than may; to be asked when what can be emitted was.
    pub(super) fn check_held(&self) -> Result<(), Malformed> {
        if self.held > HELD_MAX {
            return Err(Malformed::body(
                "too much of the answer waits behind a tool call that does not end",
            ));
        }
        Ok(())
    }

    /// Emits what may be emitted now.
    pub(super) fn advance(&mut self, choice: u32, out: &mut Vec<Event>) {
        while let Some(first) = self.waiting.front() {
            if !self.may_open(first) {
                return;
            }
            self.emit_first(choice, out);
            let complete = self
                .waiting
                .front()
                .is_none_or(|first| self.is_complete(first));
            if self.waiting.len() < 2 || !complete {
                return;
            }
            self.close_first(choice, out);
        }
    }

    /// Emits everything; the choice has ended.
    pub(super) fn finish(&mut self, choice: u32, out: &mut Vec<Event>) {
        while !self.waiting.is_empty() {
            self.emit_first(choice, out);
            self.close_first(choice, out);
        }
    }

    fn may_open(&self, part: &Waiting) -> bool {
        match part.kind {
            Kind::Call(place) => self
                .calls
                .get(place)
                .is_some_and(|call| !call.name.is_empty()),
            Kind::Text | Kind::Refusal | Kind::Reasoning | Kind::Encrypted(_) => true,
        }
    }

    fn is_complete(&self, part: &Waiting) -> bool {
        match part.kind {
            Kind::Call(place) => self.calls.get(place).is_some_and(|call| match call.kind {
                CallKind::Function => call.json.done || (call.bare && call.part < self.last_said),
                // Free text does not say where it ends.
                CallKind::Freeform => place + 1 < self.calls.len(),
            }),
            Kind::Text | Kind::Refusal | Kind::Reasoning | Kind::Encrypted(_) => true,
        }
    }

    fn emit_first(&mut self, choice: u32, out: &mut Vec<Event>) {
        let index = self.next_index;
        let Some(first) = self.waiting.front_mut() else {
            return;
        };
        if !first.opened {
            first.opened = true;
            let part = match &first.kind {
                Kind::Text => Opening::Text,
                Kind::Refusal => Opening::Refusal,
                Kind::Reasoning => Opening::Reasoning,
                Kind::Encrypted(data) => Opening::EncryptedReasoning(data.clone()),
                Kind::Call(place) => {
                    let call = self.calls.get(*place);
                    Opening::ToolCall {
                        id: call.map(|call| call.id.clone()).unwrap_or_default(),
                        name: call.map(|call| call.name.clone()).unwrap_or_default(),
                        kind: call.map(|call| call.kind).unwrap_or_default(),
                    }
                }
            };
            out.push(Event::Open {
                choice,
                index,
                part,
            });
        }
        for delta in first.deltas.drain(..) {
            self.held = self.held.saturating_sub(size(&delta));
            out.push(Event::Delta {
                choice,
                index,
                delta,
            });
        }
    }

    fn close_first(&mut self, choice: u32, out: &mut Vec<Event>) {
        if self.waiting.pop_front().is_some() {
            let index = self.next_index;
            out.push(Event::Close { choice, index });
            self.next_index += 1;
        }
    }
}

fn size(delta: &Delta) -> usize {
    match delta {
        Delta::Text(text)
        | Delta::Reasoning(text)
        | Delta::Signature(Sealed { value: text, .. })
        | Delta::Arguments(text) => text.len(),
        Delta::Citation(citation) => citation.quote.as_ref().map_or(0, String::len),
    }
}

/// Notices when the pieces of a JSON object put together are whole. It need not be valid.
#[derive(Debug, Default)]
struct Whole {
    depth: u32,
    in_string: bool,
    escaped: bool,
    done: bool,
}

impl Whole {
    fn scan(&mut self, piece: &str) {
        for byte in piece.bytes() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.done |= self.depth == 0;
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_json_is_noticed_in_any_pieces() {
        let check = |pieces: &[&str]| {
            let mut whole = Whole::default();
            for piece in pieces {
                whole.scan(piece);
            }
            whole.done
        };
        assert!(check(&["{}"]));
        assert!(check(&["{\"a\":\"}\\", "\"{\"", "}"]));
        assert!(!check(&["{\"a\":\"}\"", ",\"b\":[{"]));
        assert!(!check(&[""]));
    }
}
