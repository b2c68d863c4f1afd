//! Images, sounds, videos and files.

use super::{Part, PartKind, Sealed};

/// What a medium is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediumKind {
    /// An image.
    Image,
    /// Sound.
    Audio,
    /// A video.
    Video,
    /// A file, usually a PDF.
    File,
}

/// An image, sound, video or file.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Where its bytes are.
    pub source: MediaSource,
    /// The IANA media type of what is behind a URL or file id, where said; base64 has its own.
    pub media_type: Option<String>,
    /// The file's name, where given.
    pub name: Option<String>,
    /// How closely to look (OpenAI's `detail`), as written.
    pub detail: Option<String>,
}

/// Where the bytes of a medium are.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaSource {
    /// In the request, as base64 text (not decoded), with its media type (`image/png`).
    Base64 {
        /// The IANA media type; audio formats become `audio/wav`, `audio/mp3`.
        media_type: String,
        /// Base64 text exactly as given.
        data: String,
    },
    /// Behind a URL.
    Url(String),
    /// Uploaded before; the provider's own file id.
    FileId(Sealed),
    /// Plain text in the request (Anthropic's text documents).
    Text(String),
}

/// Calls `each` for every medium among the parts, those in tool results among them, in their order.
pub(super) fn for_each(parts: &mut [Part], each: &mut impl FnMut(MediumKind, &mut Media)) {
    for part in parts {
        match &mut part.kind {
            PartKind::Image(media) => each(MediumKind::Image, media),
            PartKind::Audio(media) => each(MediumKind::Audio, media),
            PartKind::Video(media) => each(MediumKind::Video, media),
            PartKind::File(media) => each(MediumKind::File, media),
            PartKind::ToolResult(result) => for_each(&mut result.parts, each),
            PartKind::Text(_)
            | PartKind::Reasoning(_)
            | PartKind::ToolCall(_)
            | PartKind::Refusal(_)
            | PartKind::Opaque(..) => {}
        }
    }
}
