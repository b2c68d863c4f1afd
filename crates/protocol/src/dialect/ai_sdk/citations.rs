//! What a text rests on: the citations beside it, and each source once as a part of its own, which is where the SDK's
//! `sources` come from.

use crate::dialect::write::{List, Object};
use crate::ir::{Citation, Cited};

/// The sources that were written so far, each once.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<Cited>);

impl Sources {
    /// The number of a source that is new.
    pub(super) fn add(&mut self, source: &Cited) -> Option<usize> {
        let new = !self.0.contains(source);
        new.then(|| {
            self.0.push(source.clone());
            self.0.len() - 1
        })
    }

    /// The number of a source that was added.
    fn number(&self, source: &Cited) -> usize {
        let found = self.0.iter().position(|known| known == source);
        found.unwrap_or(self.0.len())
    }

    /// Writes `citations`, if there are any. Their sources were added before.
    pub(super) fn write(&self, o: &mut Object<'_>, citations: &[Citation], text: &Offsets) {
        if !citations.is_empty() {
            o.list("citations", |list| {
                for citation in citations {
                    write_one(list, citation, self.number(&citation.source), text);
                }
            });
        }
    }
}

fn write_one(list: &mut List<'_>, citation: &Citation, number: usize, text: &Offsets) {
    list.object(|o| {
        o.object("source", |o| source(o, &citation.source, number));
        if let Some(range) = &citation.range {
            o.value("startIndex", &text.utf16(range.start));
            o.value("endIndex", &text.utf16(range.end));
        }
        o.some("citedText", citation.quote.as_ref());
    });
}

/// Writes a source part's members.
pub(super) fn source(o: &mut Object<'_>, source: &Cited, number: usize) {
    o.value("type", "source");
    match source {
        Cited::Url { url, title } => {
            o.value("sourceType", "url");
            o.value("id", &id(number));
            o.value("url", url);
            o.some("title", title.as_ref());
        }
        Cited::Document {
            index,
            id: own,
            title,
        } => {
            o.value("sourceType", "document");
            o.value("id", &id(number));
            // Nobody says what it is; the SDK demands something.
            o.value("mediaType", "text/plain");
            let title = title.clone().or(own.clone());
            let place = index.unwrap_or(number as u64);
            o.value(
                "title",
                &title.unwrap_or_else(|| format!("document {place}")),
            );
        }
    }
}

fn id(number: usize) -> String {
    format!("source-{number}")
}

/// Where the characters of a text stand for JavaScript, which counts UTF-16 units.
#[derive(Debug, Default)]
pub(super) struct Offsets {
    characters: u64,
    /// The places of those that take two units, counted in characters.
    wide: Vec<u64>,
}

impl Offsets {
    pub(super) fn of(text: &str) -> Self {
        let mut offsets = Self::default();
        offsets.push(text);
        offsets
    }

    /// More text follows.
    pub(super) fn push(&mut self, text: &str) {
        for letter in text.chars() {
            if letter.len_utf16() > 1 {
                self.wide.push(self.characters);
            }
            self.characters += 1;
        }
    }

    fn utf16(&self, place: u64) -> u64 {
        let before = self.wide.partition_point(|wide| *wide < place);
        place.saturating_add(before as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_as_javascript_does() {
        let mut offsets = Offsets::of("a🦀");
        offsets.push("é🌍b");
        let seen: Vec<u64> = (0..6).map(|at| offsets.utf16(at)).collect();
        assert_eq!(seen, [0, 1, 3, 4, 6, 7]);
    }
}
