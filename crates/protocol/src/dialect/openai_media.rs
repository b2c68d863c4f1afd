//! Images, sound and files as this dialect writes them: data URLs, bare base64 with a format, and file ids. Bytes are
//! never decoded here.

use crate::dialect::fields::Path;
use crate::ir::{Malformed, Media, MediaSource};

/// Reads a URL that may be a data URL.
pub(in crate::dialect) fn of_url(url: String, at: &Path<'_>) -> Result<MediaSource, Malformed> {
    let Some(rest) = url.strip_prefix("data:") else {
        return Ok(MediaSource::Url(url));
    };
    let (head, data) = rest
        .split_once(',')
        .ok_or_else(|| at.wrong("is a data URL without a comma before its data"))?;
    let mut head = head.split(';');
    let media_type = head.next().unwrap_or_default();
    if media_type.is_empty() {
        return Err(
            at.wrong("is a data URL that must name its media type, as in data:image/png;base64,…")
        );
    }
    if !head.any(|parameter| parameter.eq_ignore_ascii_case("base64")) {
        return Err(at.wrong("is a data URL that must be in base64, as in data:image/png;base64,…"));
    }
    Ok(MediaSource::Base64 {
        media_type: media_type.to_owned(),
        data: data.to_owned(),
    })
}

/// Reads `file_data`: a data URL in OpenAI's documents, plain base64 in some clients, an http URL at OpenRouter.
pub(in crate::dialect) fn of_file_data(
    data: String,
    name: Option<&str>,
    at: &Path<'_>,
) -> Result<MediaSource, Malformed> {
    if data.starts_with("data:") || data.starts_with("https://") || data.starts_with("http://") {
        return of_url(data, at);
    }
    Ok(MediaSource::Base64 {
        media_type: type_of_name(name).to_owned(),
        data,
    })
}

/// Reads `input_audio.format`.
pub(in crate::dialect) fn of_audio(format: &str, data: String) -> MediaSource {
    MediaSource::Base64 {
        media_type: format!("audio/{format}"),
        data,
    }
}

/// The `input_audio.format` of a media type; `None` if it is no audio.
pub(in crate::dialect) fn audio_format(media_type: &str) -> Option<&str> {
    match media_type.strip_prefix("audio/")? {
        "mpeg" => Some("mp3"),
        "x-wav" | "wave" | "vnd.wave" => Some("wav"),
        format => Some(format),
    }
}

/// A data URL.
pub(in crate::dialect) fn data_url(media_type: &str, data: &str) -> String {
    format!("data:{media_type};base64,{data}")
}

/// The file's name; one after its media type where none was given, because OpenAI demands one beside `file_data`.
pub(in crate::dialect) fn file_name(media: &Media, media_type: &str) -> String {
    media.name.clone().unwrap_or_else(|| {
        let extension = TYPES
            .iter()
            .find(|(_, known)| *known == media_type)
            .map_or("bin", |(extension, _)| extension);
        format!("file.{extension}")
    })
}

fn type_of_name(name: Option<&str>) -> &'static str {
    let extension = name.and_then(|name| Some(name.rsplit_once('.')?.1.to_ascii_lowercase()));
    TYPES
        .iter()
        .find(|(known, _)| extension.as_deref() == Some(known))
        .map_or("application/pdf", |(_, media_type)| media_type)
}

/// File extensions and their IANA media types.
const TYPES: &[(&str, &str)] = &[
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("md", "text/markdown"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("json", "application/json"),
    ("xml", "application/xml"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_url_comes_apart_and_together_again() {
        let at = Path::ROOT.key("url");
        let check = |url: &str| {
            let Ok(MediaSource::Base64 { media_type, data }) = of_url(url.to_owned(), &at) else {
                panic!("not base64: {url}");
            };
            data_url(&media_type, &data)
        };
        assert_eq!(
            check("data:image/png;base64,AAA="),
            "data:image/png;base64,AAA="
        );
        assert_eq!(check("data:a/b;charset=x;BASE64,QQ"), "data:a/b;base64,QQ");
        for bad in [
            "data:image/png;base64",
            "data:;base64,AA",
            "data:image/png,AA",
        ] {
            let error = of_url(bad.to_owned(), &at).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("url"), "{bad}");
        }
    }

    #[test]
    fn plain_base64_takes_its_type_from_the_name() {
        let at = Path::ROOT;
        let check = |name: Option<&str>| match of_file_data("QUFB".to_owned(), name, &at) {
            Ok(MediaSource::Base64 { media_type, .. }) => media_type,
            other => panic!("{other:?}"),
        };
        assert_eq!(check(Some("a.CSV")), "text/csv");
        assert_eq!(check(Some("noextension")), "application/pdf");
        assert_eq!(check(None), "application/pdf");
    }
}
