//! What an answer's text rests on.

use super::Json;
use crate::dialect::DialectId;
use std::ops::Range;

/// One citation, of a text part ([`super::Part::citations`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Citation {
    /// What is cited.
    pub source: Cited,
    /// Which characters of the part's text rest on it, counted in Unicode scalar values, where said.
    pub range: Option<Range<u64>>,
    /// Where in the source, where said; of documents only.
    pub place: Option<Place>,
    /// The words of the source, where quoted.
    pub quote: Option<String>,
    /// The citation as its own dialect wrote it, which may say more than the members above. Written again to that dialect
    /// alone; no other loses anything by it that has a canonical form.
    pub own: Option<(DialectId, Json)>,
}

/// A stretch of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What is counted.
    pub unit: PlaceUnit,
    /// The first one.
    pub begin: u64,
    /// The one behind the last.
    pub end: u64,
}

/// What the places in a document count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceUnit {
    /// Characters, from 0.
    Character,
    /// Pages, from 1.
    Page,
    /// The blocks or chunks that it was given in, from 0.
    Chunk,
}

/// What is cited.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cited {
    /// A page.
    Url {
        /// Its address.
        url: String,
        /// Its title, where said.
        title: Option<String>,
    },
    /// A document of the request, or one that the provider searched.
    Document {
        /// Its place among the documents of the request, from 0, where said.
        index: Option<u64>,
        /// Its id, where it has one.
        id: Option<String>,
        /// Its title or file name, where said.
        title: Option<String>,
    },
}
