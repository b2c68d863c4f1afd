//! What is sold by the piece, not by the token.

/// Something that is counted, and has a price of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A picture that went in.
    InputImage,
    /// A picture that came out.
    OutputImage,
    /// A second of sound or video that went in.
    InputSecond,
    /// A second of sound or video that came out.
    OutputSecond,
    /// A character of text to speak.
    InputCharacter,
    /// A character that came out.
    OutputCharacter,
    /// A page of a document.
    Page,
    /// A query of a search, or a set of documents to rank.
    Query,
    /// A pixel of a picture that came out.
    OutputPixel,
}

impl Unit {
    /// All, in the order of this list.
    pub const ALL: [Self; 9] = [
        Self::InputImage,
        Self::OutputImage,
        Self::InputSecond,
        Self::OutputSecond,
        Self::InputCharacter,
        Self::OutputCharacter,
        Self::Page,
        Self::Query,
        Self::OutputPixel,
    ];

    /// The word in files and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InputImage => "input_image",
            Self::OutputImage => "output_image",
            Self::InputSecond => "input_second",
            Self::OutputSecond => "output_second",
            Self::InputCharacter => "input_character",
            Self::OutputCharacter => "output_character",
            Self::Page => "page",
            Self::Query => "query",
            Self::OutputPixel => "output_pixel",
        }
    }

    /// The unit of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }
}
