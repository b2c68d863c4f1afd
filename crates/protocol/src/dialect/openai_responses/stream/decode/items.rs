//! Items: where each stands, and what happens when it is told, in pieces or at once.

use super::super::sequence::Step;
use super::{Decoder, Wire};
use crate::dialect::fields::{Fields, Path};
use crate::dialect::openai_responses::item;
use crate::dialect::openai_responses::namespaces::Names;
use crate::ir::{Delta, Event, Malformed, Opening, Part, PartKind, Reasoning};

/// The most items that one stream may hold.
const ITEMS_MAX: usize = 1024;

/// Where one item stands.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) output_index: u64,
    /// What its open part is.
    pub(super) open: Option<Open>,
    /// Whether anything of it was told.
    told: bool,
    /// Whether its open part got a piece.
    pub(super) filled: bool,
    /// How many citations of it were told.
    pub(super) cited: usize,
}

/// A part that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// A text or refusal, at its place in the message.
    Said(u64),
    Summary,
    Words,
    Call,
}

impl Decoder {
    pub(super) fn begin(&mut self, wire: &Wire<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        self.ensure_started(out);
        let index = wire.output_index;
        self.item(index)?;
        let Some(raw) = wire.item else { return Ok(()) };
        let kind = Fields::of(raw, Path::ROOT.key("item"))?.string("type")?;
        if !matches!(kind.as_deref(), Some("function_call" | "custom_tool_call")) {
            return Ok(());
        }
        let parts = item::read(raw, Path::ROOT.key("item"), &Names::default())?;
        if let Some(PartKind::ToolCall(call)) = parts.first().map(|part| &part.kind) {
            self.called = true;
            let (id, name, kind) = (call.id.clone(), call.name.clone(), call.kind);
            let opening = Opening::ToolCall { id, name, kind };
            self.open(index, Open::Call, opening)?;
        }
        Ok(())
    }

    /// The item at an index, which begins if it did not.
    pub(super) fn item(&mut self, output_index: u64) -> Result<&mut Item, Malformed> {
        let known = |item: &Item| item.output_index == output_index;
        let place = match self.items.iter().rposition(known) {
            Some(place) => place,
            None if self.items.len() >= ITEMS_MAX => {
                let message = format!("must be of at most {ITEMS_MAX} items");
                return Err(Malformed::field("output", message));
            }
            None => {
                self.sequence.begin(output_index);
                self.items.push(Item {
                    output_index,
                    open: None,
                    told: false,
                    filled: false,
                    cited: 0,
                });
                self.items.len() - 1
            }
        };
        self.items
            .get_mut(place)
            .ok_or_else(|| Malformed::field("output_index", "is not known"))
    }

    /// Opens a part, unless it is the one that is open.
    pub(super) fn open(
        &mut self,
        index: u64,
        part: Open,
        opening: Opening,
    ) -> Result<(), Malformed> {
        let item = self.item(index)?;
        if item.open == Some(part) {
            return Ok(());
        }
        let was_open = item.open.replace(part).is_some();
        item.told = true;
        item.filled = false;
        if was_open {
            self.sequence.add(index, Step::Close)?;
        }
        self.sequence.add(index, Step::Open(opening))
    }

    pub(super) fn close(&mut self, index: u64) -> Result<(), Malformed> {
        match self.item(index)?.open.take() {
            Some(_) => self.sequence.add(index, Step::Close),
            None => Ok(()),
        }
    }

    /// An item is whole. What proves its reasoning is known only now.
    pub(super) fn item_done(
        &mut self,
        wire: &Wire<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), Malformed> {
        self.ensure_started(out);
        let index = wire.output_index;
        let Some(raw) = wire.item else { return Ok(()) };
        let parts = item::read(raw, Path::ROOT.key("item"), &Names::default())?;
        self.losses.extend(item::lost_in_pieces(&parts));
        let item = self.item(index)?;
        match (item.told, item.open) {
            (false, _) => self.tell(index, parts)?,
            (true, Some(Open::Summary | Open::Words)) => {
                if let Some(PartKind::Reasoning(whole)) = parts.first().map(|part| &part.kind)
                    && let Some(proof) = whole.signature.clone().or(whole.encrypted.clone())
                {
                    let signature = Delta::Signature(proof);
                    self.sequence.add(index, Step::Delta(signature))?;
                }
            }
            (true, Some(Open::Call)) => {
                if let Some(PartKind::ToolCall(call)) = parts.first().map(|part| &part.kind)
                    && !self.item(index)?.filled
                    && !call.arguments.is_empty()
                {
                    let arguments = Delta::Arguments(call.arguments.clone());
                    self.sequence.add(index, Step::Delta(arguments))?;
                }
            }
            (true, Some(Open::Said(_)) | None) => self.cite_the_rest(index, parts)?,
        }
        self.close(index)?;
        self.sequence.complete(index);
        Ok(())
    }

    /// Tells what a message cites, where no event did.
    fn cite_the_rest(&mut self, index: u64, parts: Vec<Part>) -> Result<(), Malformed> {
        let is_text = |part: &&Part| matches!(part.kind, PartKind::Text(_));
        let said = parts.iter().filter(is_text).count();
        let citations: Vec<_> = parts.into_iter().flat_map(|part| part.citations).collect();
        let item = self.item(index)?;
        let (open, cited) = (item.open.is_some(), item.cited);
        if cited >= citations.len() {
            return Ok(());
        }
        if !open || said > 1 || cited > 0 {
            self.losses.dropped("content.citations");
            return Ok(());
        }
        for citation in citations {
            let citation = Delta::Citation(Box::new(citation));
            self.sequence.add(index, Step::Delta(citation))?;
        }
        Ok(())
    }

    /// Tells parts that were not told in pieces.
    pub(super) fn tell(&mut self, index: u64, parts: Vec<Part>) -> Result<(), Malformed> {
        for part in parts {
            self.called |= matches!(part.kind, PartKind::ToolCall(_));
            for step in steps(part) {
                self.sequence.add(index, step)?;
            }
        }
        self.item(index)?.told = true;
        Ok(())
    }
}

/// What happens to a part that is told at once.
fn steps(mut part: Part) -> Vec<Step> {
    let citations = std::mem::take(&mut part.citations);
    let (opening, deltas) = match &mut part.kind {
        PartKind::Text(text) => (Opening::Text, vec![Delta::Text(std::mem::take(text))]),
        PartKind::Refusal(text) => (Opening::Refusal, vec![Delta::Text(std::mem::take(text))]),
        PartKind::Reasoning(reasoning) => match thought(std::mem::take(reasoning)) {
            Some(told) => told,
            None => return Vec::new(),
        },
        PartKind::ToolCall(call) => {
            let (id, name, kind) = (call.id.clone(), call.name.clone(), call.kind);
            let arguments = Delta::Arguments(std::mem::take(&mut call.arguments));
            (Opening::ToolCall { id, name, kind }, vec![arguments])
        }
        PartKind::Image(_)
        | PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::File(_)
        | PartKind::ToolResult(_)
        | PartKind::Opaque(..) => (Opening::Whole(Box::new(part)), Vec::new()),
    };
    let cited = citations
        .into_iter()
        .map(|citation| Delta::Citation(Box::new(citation)));
    let mut steps = vec![Step::Open(opening)];
    steps.extend(deltas.into_iter().chain(cited).map(Step::Delta));
    steps.push(Step::Close);
    steps
}

/// Reasoning that is told at once; `None` where it says nothing.
fn thought(reasoning: Reasoning) -> Option<(Opening, Vec<Delta>)> {
    let proof = reasoning.signature.map(Delta::Signature);
    if reasoning.text.is_empty() && proof.is_none() {
        let sealed = reasoning.encrypted?;
        return Some((Opening::EncryptedReasoning(sealed), Vec::new()));
    }
    let text = Delta::Reasoning(reasoning.text);
    Some((
        Opening::Reasoning,
        std::iter::once(text).chain(proof).collect(),
    ))
}
