//! Images that come inside a request: their declared type and their decoded size.

use super::asked::Image;
use base64::Engine;

/// An image from base64 text; `None` where it is not base64 or not of the declared type.
pub(super) fn inline(media_type: &str, data: &str) -> Option<Image> {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(data)
        .ok()?;
    let magic: &[u8] = match media_type {
        "image/png" => b"\x89PNG",
        "image/jpeg" => b"\xff\xd8\xff",
        "image/gif" => b"GIF8",
        "image/webp" => b"RIFF",
        _ => return None,
    };
    bytes.starts_with(magic).then(|| Image::Inline {
        media_type: media_type.to_owned(),
        bytes: bytes.len(),
    })
}

/// An image behind a URL, or in it; `None` where it is neither.
pub(super) fn at_url(url: &str) -> Option<Image> {
    match url.strip_prefix("data:") {
        Some(rest) => data_url(rest),
        None => url.starts_with("http").then(|| Image::Url(url.to_owned())),
    }
}

/// An image from what follows `data:` in a data URL.
fn data_url(rest: &str) -> Option<Image> {
    let (media_type, data) = rest.split_once(";base64,")?;
    inline(media_type, data)
}
