//! Pieces of items: texts, arguments, and what stands beside them.

use super::super::sequence::Step;
use super::items::Open;
use super::{Decoder, Wire, word};
use crate::dialect::openai_responses::annotations;
use crate::ir::{Delta, Event, Logprobs, Malformed, Opening, TokenLogprob};
use serde_json::value::RawValue;

impl Decoder {
    pub(super) fn text(
        &mut self,
        index: u64,
        part: Open,
        opening: Opening,
        raw: Option<&RawValue>,
    ) -> Result<(), Malformed> {
        match raw.and_then(word).filter(|text| !text.is_empty()) {
            Some(text) => self.piece(index, part, opening, text),
            None => Ok(()),
        }
    }

    pub(super) fn piece(
        &mut self,
        index: u64,
        part: Open,
        opening: Opening,
        text: String,
    ) -> Result<(), Malformed> {
        let reasoning = matches!(part, Open::Summary | Open::Words);
        // A summary beside the words themselves says them again.
        let open = self.item(index)?.open;
        if reasoning && open.is_some_and(|open| open != part) {
            return Ok(());
        }
        self.open(index, part, opening)?;
        self.item(index)?.filled = true;
        let delta = match reasoning {
            true => Delta::Reasoning(text),
            false => Delta::Text(text),
        };
        self.sequence.add(index, Step::Delta(delta))
    }

    /// A text is whole: told now, if it was not in pieces.
    pub(super) fn text_done(
        &mut self,
        index: u64,
        part: Open,
        opening: Opening,
        raw: Option<&RawValue>,
    ) -> Result<(), Malformed> {
        let item = self.item(index)?;
        if item.open != Some(part) || !item.filled {
            self.text(index, part, opening, raw)?;
        }
        Ok(())
    }

    pub(super) fn cite(&mut self, wire: &Wire<'_>, place: Open) -> Result<(), Malformed> {
        let Some(raw) = wire.annotation else {
            return Ok(());
        };
        self.open(wire.output_index, place, Opening::Text)?;
        self.item(wire.output_index)?.cited += 1;
        let citation = Delta::Citation(Box::new(annotations::read(raw)));
        self.sequence.add(wire.output_index, Step::Delta(citation))
    }

    pub(super) fn logprobs(&mut self, raw: Option<&RawValue>, out: &mut Vec<Event>) {
        let tokens = raw.and_then(|raw| serde_json::from_str::<Vec<TokenLogprob>>(raw.get()).ok());
        if let Some(tokens) = tokens.filter(|tokens| !tokens.is_empty()) {
            self.sequence.advance(out);
            out.push(Event::Logprobs {
                choice: 0,
                value: Logprobs {
                    content: Some(tokens),
                    refusal: None,
                },
            });
        }
    }

    pub(super) fn arguments(
        &mut self,
        index: u64,
        raw: Option<&RawValue>,
    ) -> Result<(), Malformed> {
        let Some(text) = raw.and_then(word).filter(|text| !text.is_empty()) else {
            return Ok(());
        };
        let item = self.item(index)?;
        if item.open != Some(Open::Call) {
            return Ok(());
        }
        item.filled = true;
        self.sequence
            .add(index, Step::Delta(Delta::Arguments(text)))
    }

    pub(super) fn arguments_done(
        &mut self,
        index: u64,
        raw: Option<&RawValue>,
    ) -> Result<(), Malformed> {
        match self.item(index)?.filled {
            true => Ok(()),
            false => self.arguments(index, raw),
        }
    }
}
