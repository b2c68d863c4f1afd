//! Files that a request names by URL, for providers that do not fetch them: fetched behind the guard, put into the request
//! as their content, and let go when an offering has been found. Where a URL may lead is for `upstream::fetch` to say.

use crate::reply::Rejection;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::dialect::Fetches;
use protocol::ir::{Error, ErrorKind, Media, MediaSource, MediumKind, Request};
use std::sync::Arc;
use upstream::fetch::{Budget, FetchError, Fetched, Fetcher, Wanted};

/// The most files that one request may name by URL.
const MAX_FILES: usize = 32;

/// What was fetched for one request so far, over all its attempts.
pub(super) struct Files {
    budget: Budget,
    fetched: Vec<(String, Content)>,
}

/// The content of a file, as a request carries it.
#[derive(Clone)]
enum Content {
    /// Text, where a file is wanted.
    Text(Arc<str>),
    /// Anything else, with its media type.
    Base64 { media_type: String, data: Arc<str> },
}

/// A file that is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedFile {
    url: String,
    kind: MediumKind,
}

/// A file that could not be fetched.
pub(super) struct Unfetched {
    kind: MediumKind,
    /// Which of those that the request names, from 1. Its URL is not said: it may have a secret in it, and this goes into
    /// the record.
    place: usize,
    error: FetchError,
}

impl Files {
    /// Nothing yet, and how many bytes it may become.
    pub(super) fn of(max_bytes: usize) -> Self {
        Self {
            budget: Budget::new(max_bytes, MAX_FILES),
            fetched: Vec::new(),
        }
    }

    /// Puts the content of each file in the place of its URL, for a provider that fetches no more than `fetches`.
    ///
    /// # Errors
    /// With the files that must be fetched before.
    pub(super) fn put_into(
        &self,
        request: &mut Request,
        fetches: Fetches,
    ) -> Result<(), Vec<WantedFile>> {
        let mut wanted = named(request, fetches);
        wanted.retain(|file| self.content(&file.url).is_none());
        if !wanted.is_empty() {
            return Err(wanted);
        }
        request.for_each_medium(&mut |kind, media| {
            let Some(url) = url_of(kind, media, fetches) else {
                return;
            };
            if let Some(content) = self.content(url) {
                let name = name_in(url);
                media.source = content.clone().into();
                media.name = media.name.take().or(name);
                media.media_type = None;
            }
        });
        Ok(())
    }

    /// Fetches files, one after the other.
    ///
    /// # Errors
    /// At the first one that cannot be had.
    pub(super) async fn fetch(
        &mut self,
        fetcher: &Fetcher,
        wanted: Vec<WantedFile>,
    ) -> Result<(), Unfetched> {
        for (at, file) in wanted.into_iter().enumerate() {
            let kind = match file.kind {
                MediumKind::Image => Wanted::Image,
                MediumKind::Audio => Wanted::Audio,
                MediumKind::File => Wanted::File,
                MediumKind::Video => Wanted::Any,
            };
            let fetched = fetcher.fetch(&file.url, kind, &self.budget).await;
            let fetched = fetched.map_err(|error| Unfetched {
                kind: file.kind,
                place: at + 1,
                error,
            })?;
            self.fetched.push((file.url, content(file.kind, &fetched)));
        }
        Ok(())
    }

    fn content(&self, url: &str) -> Option<&Content> {
        let known = self.fetched.iter().find(|(known, _)| known == url);
        known.map(|(_, content)| content)
    }
}

/// The files that a request names by URL and a provider that fetches no more than `fetches` cannot use, each once.
pub(super) fn named(request: &mut Request, fetches: Fetches) -> Vec<WantedFile> {
    let mut wanted: Vec<WantedFile> = Vec::new();
    request.for_each_medium(&mut |kind, media| {
        if let Some(url) = url_of(kind, media, fetches)
            && !wanted.iter().any(|file| file.url == url)
        {
            wanted.push(WantedFile {
                url: url.to_owned(),
                kind,
            });
        }
    });
    wanted
}

fn url_of(kind: MediumKind, media: &Media, fetches: Fetches) -> Option<&str> {
    match &media.source {
        MediaSource::Url(url) if !fetches.has(kind) => Some(url),
        MediaSource::Url(_)
        | MediaSource::Base64 { .. }
        | MediaSource::FileId(_)
        | MediaSource::Text(_) => None,
    }
}

/// The last segment of a URL's path, where it looks like a file's name.
fn name_in(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, name) = path.rsplit_once('/')?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    (name.contains('.') && path.matches('/').count() > 2 && name.chars().all(plain))
        .then(|| name.to_owned())
}

fn content(kind: MediumKind, fetched: &Fetched) -> Content {
    let text = std::str::from_utf8(&fetched.bytes);
    match (kind, text) {
        (MediumKind::File, Ok(text)) if fetched.media_type.starts_with("text/") => {
            Content::Text(text.into())
        }
        _ => Content::Base64 {
            media_type: fetched.media_type.clone(),
            data: STANDARD.encode(&fetched.bytes).into(),
        },
    }
}

impl From<Content> for MediaSource {
    fn from(content: Content) -> Self {
        match content {
            Content::Text(text) => Self::Text(text.as_ref().to_owned()),
            Content::Base64 { media_type, data } => Self::Base64 {
                media_type,
                data: data.as_ref().to_owned(),
            },
        }
    }
}

impl From<Unfetched> for Rejection {
    fn from(unfetched: Unfetched) -> Self {
        let Unfetched { kind, place, error } = unfetched;
        let what = match kind {
            MediumKind::Image => "image",
            MediumKind::Audio => "audio",
            MediumKind::Video => "video",
            MediumKind::File => "file",
        };
        let status = error.status();
        let message = format!("URL {place} of this request ({what}): {error}");
        Self {
            error: Error::new(ErrorKind::from_status(status), message).with_code(error.code()),
            status: Some(status),
            retry_after_s: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn a_file_is_called_as_its_url_ends() {
        for (url, expect) in [
            (
                "https://a.example/docs/report.pdf?sig=x",
                Some("report.pdf"),
            ),
            ("https://a.example/report.pdf#page=2", Some("report.pdf")),
            ("https://a.example", None),
            ("https://a.example/", None),
            ("https://a.example/report", None),
            ("https://a.example/a%20b.pdf", None),
        ] {
            assert_eq!(name_in(url).as_deref(), expect, "{url}");
        }
    }
}
