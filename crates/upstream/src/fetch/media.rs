//! What a fetched file is: by its first bytes, since servers label files wrongly and answer errors with pages; by its
//! label only where bytes do not tell.

use std::fmt;

/// What kind of file a request has a place for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// PNG, JPEG, GIF, WebP, HEIC, HEIF, AVIF, BMP or TIFF.
    Image,
    /// WAV, MP3, AAC, FLAC, Ogg, MP4 or WebM.
    Audio,
    /// A document: PDF, text of any kind, office formats.
    File,
    /// Any of these, or a video.
    Any,
}

impl Wanted {
    /// For the `accept` header.
    pub(super) fn accept(self) -> &'static str {
        match self {
            Self::Image => "image/*",
            Self::Audio => "audio/*",
            Self::File => "application/pdf, text/*;q=0.9, */*;q=0.5",
            Self::Any => "*/*",
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "an image (PNG, JPEG, GIF, WebP, HEIC, AVIF, BMP or TIFF)",
            Self::Audio => "an audio file (WAV, MP3, AAC, FLAC, Ogg, MP4 or WebM)",
            Self::File => "a document (PDF, text or an office format)",
            Self::Any => "an image, an audio or video file, or a document",
        })
    }
}

/// The media type of a file that is what was wanted, without parameters; `None` if it is something else. `label` is the
/// `content-type` that it came with.
pub(super) fn media_type(wanted: Wanted, label: Option<&str>, bytes: &[u8]) -> Option<String> {
    let label = label.map(essence).unwrap_or_default();
    let image = || image(bytes).map(str::to_owned);
    let audio = || audio(&label, bytes).map(str::to_owned);
    let document = || document(&label, bytes);
    match wanted {
        Wanted::Image => image(),
        Wanted::Audio => audio(),
        Wanted::File => document(),
        // Containers that hold sound as well as pictures are sound only if they are labelled so.
        Wanted::Any => image()
            .or_else(|| video(&label, bytes).map(str::to_owned))
            .or_else(audio)
            .or_else(document),
    }
}

/// `text/plain` of `Text/Plain; charset=utf-8`.
fn essence(label: &str) -> String {
    let (essence, _) = label.split_once(';').unwrap_or((label, ""));
    essence.trim().to_ascii_lowercase()
}

/// First bytes, from WHATWG's list (<https://mimesniff.spec.whatwg.org/>, read 2026-11-21) and, for TIFF, Adobe's
/// specification.
const IMAGES: [(&[u8], &str); 8] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    // Only with its second half, see `image`.
    (b"RIFF", "image/webp"),
];

/// Brands of ISO media files that are images (<https://mp4ra.org/registered-types/brands>, read 2026-11-21).
const IMAGE_BRANDS: [(&[u8; 4], &str); 8] = [
    (b"heic", "image/heic"),
    (b"heix", "image/heic"),
    (b"heim", "image/heic"),
    (b"heis", "image/heic"),
    (b"mif1", "image/heif"),
    (b"msf1", "image/heif"),
    (b"avif", "image/avif"),
    (b"avis", "image/avif"),
];

fn image(bytes: &[u8]) -> Option<&'static str> {
    if let Some(brand) = brand(bytes) {
        let mut brands = IMAGE_BRANDS.iter();
        return brands
            .find(|(known, _)| *known == brand)
            .map(|(_, media_type)| *media_type);
    }
    let (_, media_type) = IMAGES.iter().find(|(first, _)| bytes.starts_with(first))?;
    let whole = match *media_type {
        "image/webp" => form(bytes) == Some(b"WEBP"),
        // Two letters are not enough: the four reserved bytes of the header are zero.
        "image/bmp" => bytes.get(6..10) == Some(&[0; 4]),
        _ => true,
    };
    whole.then_some(*media_type)
}

fn audio(label: &str, bytes: &[u8]) -> Option<&'static str> {
    if form(bytes) == Some(b"WAVE") {
        return Some("audio/wav");
    }
    match bytes {
        [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xfa | 0xf3 | 0xf2 | 0xe3 | 0xe2, ..] => {
            return Some("audio/mpeg");
        }
        [0xff, 0xf1 | 0xf9, ..] => return Some("audio/aac"),
        [b'f', b'L', b'a', b'C', ..] => return Some("audio/flac"),
        [b'O', b'g', b'g', b'S', ..] => return Some("audio/ogg"),
        _ => {}
    }
    // What records sound alone is often labelled as the video that its container could be.
    if is_matroska(bytes) {
        return matches!(label, "audio/webm" | "video/webm").then_some("audio/webm");
    }
    match brand(bytes)? {
        b"M4A " | b"M4B " => Some("audio/mp4"),
        _ => (label == "audio/mp4" || label == "audio/x-m4a").then_some("audio/mp4"),
    }
}

fn video(label: &str, bytes: &[u8]) -> Option<&'static str> {
    if label.starts_with("audio/") {
        return None;
    }
    if is_matroska(bytes) {
        return Some(match label {
            "video/x-matroska" => "video/x-matroska",
            _ => "video/webm",
        });
    }
    match brand(bytes) {
        Some(b"M4A " | b"M4B ") | None => None,
        Some(b"qt  ") => Some("video/quicktime"),
        Some(_) => Some("video/mp4"),
    }
}

/// Documents that are not text, by label: their bytes say only what holds them.
const OFFICE: [(&str, &[u8]); 9] = [
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ZIP,
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ZIP,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ZIP,
    ),
    ("application/vnd.oasis.opendocument.text", ZIP),
    ("application/vnd.oasis.opendocument.spreadsheet", ZIP),
    ("application/vnd.oasis.opendocument.presentation", ZIP),
    ("application/msword", COMPOUND),
    ("application/vnd.ms-excel", COMPOUND),
    ("application/vnd.ms-powerpoint", COMPOUND),
];
const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Text that is not called so.
const TEXTS: [&str; 9] = [
    "application/json",
    "application/jsonl",
    "application/x-ndjson",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/rtf",
    "application/javascript",
    "application/sql",
];

fn document(label: &str, bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(b"%PDF-") {
        return Some("application/pdf".to_owned());
    }
    let office = OFFICE
        .iter()
        .find(|(media_type, first)| *media_type == label && bytes.starts_with(first));
    if let Some((media_type, _)) = office {
        return Some((*media_type).to_owned());
    }
    // Text in another encoding would be taken for UTF-8 downstream.
    if bytes.is_empty() || bytes.contains(&0) || std::str::from_utf8(bytes).is_err() {
        return None;
    }
    if label.starts_with("text/") {
        return Some(label.to_owned());
    }
    match (label, is_page(bytes)) {
        ("" | "application/xhtml+xml", true) => Some("text/html".to_owned()),
        (_, true) => None,
        ("" | "application/octet-stream" | "binary/octet-stream", false) => {
            Some("text/plain".to_owned())
        }
        (label, false) => TEXTS.contains(&label).then(|| label.to_owned()),
    }
}

/// Whether this is an HTML page, such as a server's error or a log-in form in a file's place.
fn is_page(bytes: &[u8]) -> bool {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes).trim_ascii_start();
    let begins = |tag: &[u8]| {
        text.get(..tag.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
    };
    begins(b"<!doctype html") || begins(b"<html") || begins(b"<head") || begins(b"<body")
}

/// The major brand of an ISO media file.
fn brand(bytes: &[u8]) -> Option<&[u8; 4]> {
    (bytes.get(4..8) == Some(b"ftyp")).then_some(())?;
    bytes.get(8..12)?.try_into().ok()
}

/// What is in a RIFF file.
fn form(bytes: &[u8]) -> Option<&[u8; 4]> {
    bytes.starts_with(b"RIFF").then_some(())?;
    bytes.get(8..12)?.try_into().ok()
}

fn is_matroska(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1a\x45\xdf\xa3")
}

#[cfg(test)]
mod tests;
