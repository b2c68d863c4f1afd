//! Media types as this dialect writes them: a word per kind of medium, from closed lists.

/// The words for one kind of medium.
pub(super) struct Formats {
    /// The first half of its media types, where the word is the second half.
    kind: &'static str,
    /// Words whose media type is called otherwise; of several words for one type the first is written.
    named: &'static [(&'static str, &'static str)],
    /// Words that are the second half of their media type.
    plain: &'static [&'static str],
}

/// Images.
pub(super) const IMAGE: Formats = Formats {
    kind: "image",
    named: &[("jpeg", "image/jpeg"), ("jpeg", "image/jpg")],
    plain: &["png", "gif", "webp"],
};

/// Documents.
pub(super) const DOCUMENT: Formats = Formats {
    kind: "application",
    named: &[
        ("csv", "text/csv"),
        ("doc", "application/msword"),
        (
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("xls", "application/vnd.ms-excel"),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("html", "text/html"),
        ("txt", "text/plain"),
        ("md", "text/markdown"),
    ],
    plain: &["pdf"],
};

/// Video.
pub(super) const VIDEO: Formats = Formats {
    kind: "video",
    named: &[
        ("mkv", "video/x-matroska"),
        ("mov", "video/quicktime"),
        ("flv", "video/x-flv"),
        ("wmv", "video/x-ms-wmv"),
        ("three_gp", "video/3gpp"),
    ],
    plain: &["mp4", "webm", "mpeg", "mpg", "mkv", "mov", "flv", "wmv"],
};

/// Sound.
pub(super) const AUDIO: Formats = Formats {
    kind: "audio",
    named: &[("wav", "audio/wav"), ("wav", "audio/x-wav")],
    plain: &[
        "mp3", "opus", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a", "mpeg", "mpga",
        "pcm", "webm",
    ],
};

impl Formats {
    /// The media type of a word, also of one that is new.
    pub(super) fn media_type(&self, word: &str) -> String {
        let named = self.named.iter().find(|(known, _)| *known == word);
        match named {
            Some((_, media_type)) => (*media_type).to_owned(),
            None => format!("{}/{word}", self.kind),
        }
    }

    /// The word of a media type, if it has one. Parameters (`; charset=utf-8`) say nothing here.
    pub(super) fn word(&self, media_type: &str) -> Option<&'static str> {
        let bare = media_type.split(';').next().unwrap_or_default().trim();
        let bare = bare.to_ascii_lowercase();
        let named = self.named.iter().find(|(_, known)| *known == bare);
        named.map(|(word, _)| *word).or_else(|| {
            let word = bare.strip_prefix(self.kind)?.strip_prefix('/')?;
            self.plain.iter().find(|known| **known == word).copied()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_media_types_go_both_ways() {
        for formats in [IMAGE, DOCUMENT, VIDEO, AUDIO] {
            let words = formats.named.iter().map(|(word, _)| word);
            for word in words.chain(formats.plain) {
                let media_type = formats.media_type(word);
                assert_eq!(formats.word(&media_type), Some(*word), "{media_type}");
            }
            assert_eq!(formats.word("application/x-new"), None);
        }
        assert_eq!(DOCUMENT.word("text/plain; charset=utf-8"), Some("txt"));
        assert_eq!(IMAGE.word("image/JPG"), Some("jpeg"));
        assert_eq!(IMAGE.media_type("bmp"), "image/bmp");
    }
}
