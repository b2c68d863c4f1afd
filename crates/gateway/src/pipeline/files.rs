//! Files that a request names by URL, for providers that do not fetch them: fetched behind the guard, put into the request
//! as their content, and let go when an offering has been found. Where a URL may lead is for `upstream::fetch` to say.

mod place;

use super::asked::Asked;
use crate::reply::Rejection;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::dialect::Fetches;
use protocol::ir::{Error, ErrorKind, Media, MediaSource, MediumKind, Request};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;
use upstream::fetch::{Budget, FetchError, Fetched, Fetcher, Wanted};

/// The most files that one request may name by URL, each time it names one.
const MAX_FILES: usize = 32;
/// How many of them are fetched at once; the fetcher bounds those of all requests.
const AT_ONCE: usize = 4;

/// What was fetched for one request so far, over all its attempts.
pub(super) struct Files {
    /// Of all that is put into the request.
    max_bytes: usize,
    budget: Arc<Budget>,
    /// How long was waited for files so far.
    spent: Duration,
    fetched: Vec<(WantedFile, Content)>,
}

/// The content of a file, as a request carries it.
#[derive(Clone)]
enum Content {
    /// Text, where a file is wanted.
    Text(Arc<str>),
    /// Anything else, with its media type.
    Base64 { media_type: String, data: Arc<str> },
}

/// A file that is to be fetched. The same URL as a file and as an image are two: what may be there differs, and so does
/// what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedFile {
    url: String,
    kind: MediumKind,
}

/// A file that cannot be put into the request.
#[derive(Debug)]
pub(super) struct Unfetched {
    /// Its URL is not said: it may have a secret in it, and what is said goes into the record.
    file: WantedFile,
    /// Which of the places that name this URL, from 0.
    occurrence: usize,
    error: FetchError,
}

/// Why files could not be put into a request.
#[derive(Debug)]
pub(super) enum Unput {
    /// These must be fetched before.
    Wants(Vec<WantedFile>),
    /// There are too many of them, or too much is in them.
    TooMuch(Unfetched),
}

impl Files {
    /// Nothing yet of this project's, and how many bytes it may become.
    pub(super) fn of(project: &str, max_bytes: usize) -> Self {
        Self {
            max_bytes,
            budget: Arc::new(Budget::new(project, max_bytes, MAX_FILES)),
            spent: Duration::ZERO,
            fetched: Vec::new(),
        }
    }

    /// Puts the content of each file in the place of its URL, for a provider that fetches no more than `fetches`.
    ///
    /// # Errors
    /// With the files that must be fetched before, or where the request would grow too large: each place that names a file
    /// gets a copy of it, so each counts.
    pub(super) fn put_into(&self, request: &mut Request, fetches: Fetches) -> Result<(), Unput> {
        let named = named(request, fetches);
        self.check_size(&named).map_err(Unput::TooMuch)?;
        let mut wanted: Vec<WantedFile> = Vec::new();
        for file in named {
            if self.content(&file).is_none() && !wanted.contains(&file) {
                wanted.push(file);
            }
        }
        if !wanted.is_empty() {
            return Err(Unput::Wants(wanted));
        }
        request.for_each_medium(&mut |kind, media| {
            let Some(file) = wanted_file(kind, media, fetches) else {
                return;
            };
            if let Some(content) = self.content(&file) {
                media.source = content.clone().into();
                media.name = media.name.take().or_else(|| name_in(&file.url));
                media.media_type = None;
            }
        });
        Ok(())
    }

    /// What is known so far of the size that the request gets.
    fn check_size(&self, named: &[WantedFile]) -> Result<(), Unfetched> {
        let mut bytes = 0_usize;
        for (at, file) in named.iter().enumerate() {
            bytes = bytes.saturating_add(self.content(file).map_or(0, Content::size));
            let error = if at == MAX_FILES {
                FetchError::TooMany { max: MAX_FILES }
            } else if bytes > self.max_bytes {
                FetchError::TogetherTooLarge {
                    max: self.max_bytes,
                }
            } else {
                continue;
            };
            return Err(Unfetched {
                file: file.clone(),
                occurrence: named[..at].iter().filter(|it| it.url == file.url).count(),
                error,
            });
        }
        Ok(())
    }

    /// Fetches files, a few at a time, within the time that all of them have together.
    ///
    /// # Errors
    /// At the first one that cannot be had.
    pub(super) async fn fetch(
        &mut self,
        fetcher: &Fetcher,
        wanted: Vec<WantedFile>,
    ) -> Result<(), Unfetched> {
        let begun = Instant::now();
        let limit = fetcher.limit();
        let deadline = begun + limit.saturating_sub(self.spent);
        let mut waiting = wanted.into_iter();
        // Dropped with this future, when the client hangs up, it ends the fetches that run.
        let mut running = JoinSet::new();
        let mut result = Ok(());
        while result.is_ok() {
            while running.len() < AT_ONCE
                && let Some(file) = waiting.next()
            {
                let (fetcher, budget) = (fetcher.clone(), Arc::clone(&self.budget));
                running.spawn(async move {
                    let fetching = fetcher.fetch(&file.url, file.kind(), &budget);
                    let fetched = match tokio::time::timeout_at(deadline, fetching).await {
                        Ok(fetched) => fetched.map(|fetched| content(file.kind, &fetched)),
                        Err(_) => Err(FetchError::TooSlow { limit }),
                    };
                    (file, fetched)
                });
            }
            match running.join_next().await {
                None => break,
                Some(Ok((file, Ok(content)))) => self.fetched.push((file, content)),
                Some(Ok((file, Err(error)))) => {
                    result = Err(Unfetched {
                        file,
                        occurrence: 0,
                        error,
                    });
                }
                // It panicked: the file stays wanted, and the attempt says so.
                Some(Err(panicked)) => {
                    tracing::error!(%panicked, "a file was not fetched");
                }
            }
        }
        self.spent += begun.elapsed();
        result
    }

    fn content(&self, file: &WantedFile) -> Option<&Content> {
        let known = self.fetched.iter().find(|(known, _)| known == file);
        known.map(|(_, content)| content)
    }
}

impl WantedFile {
    /// What may be behind its URL.
    fn kind(&self) -> Wanted {
        match self.kind {
            MediumKind::Image => Wanted::Image,
            MediumKind::Audio => Wanted::Audio,
            MediumKind::File => Wanted::File,
            MediumKind::Video => Wanted::Any,
        }
    }
}

/// The files that a request names by URL and a provider that fetches no more than `fetches` cannot use, as often as it names
/// them, in their order.
pub(super) fn named(request: &mut Request, fetches: Fetches) -> Vec<WantedFile> {
    let mut named = Vec::new();
    request.for_each_medium(&mut |kind, media| named.extend(wanted_file(kind, media, fetches)));
    named
}

fn wanted_file(kind: MediumKind, media: &Media, fetches: Fetches) -> Option<WantedFile> {
    match &media.source {
        MediaSource::Url(url) if !fetches.has(kind) => Some(WantedFile {
            url: url.clone(),
            kind,
        }),
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

impl Content {
    /// Bytes of it in a request.
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Base64 { data, .. } => data.len(),
        }
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

impl Unfetched {
    /// What the client hears, who names the file in `asked`.
    pub(super) fn told(self, asked: &Asked) -> Rejection {
        let Self {
            file,
            occurrence,
            error,
        } = self;
        let path = serde_json::from_slice(asked.said())
            .ok()
            .and_then(|said| place::path_of(&said, &file.url, occurrence));
        let what = match file.kind {
            MediumKind::Image => "an image",
            MediumKind::Audio => "a sound",
            MediumKind::Video => "a video",
            MediumKind::File => "a file",
        };
        let status = error.status();
        // What is in an earlier turn of a kept conversation has no place in this body.
        let message = match &path {
            Some(path) => format!("{path} ({what}): {error}"),
            None => format!("The URL of {what}: {error}"),
        };
        let mut told = Error::new(ErrorKind::from_status(status), message).with_code(error.code());
        told.param = path;
        Rejection {
            error: told,
            status: Some(status),
            retry_after_s: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ir::{Message, Part, PartKind, Role};

    const NONE: Fetches = Fetches {
        images: false,
        files: false,
        audio: false,
        video: false,
    };

    /// A request that names the same image so many times.
    fn asking(times: usize) -> Request {
        let image = || {
            Part::new(PartKind::Image(Media {
                source: MediaSource::Url("https://a.example/a.png".to_owned()),
                media_type: None,
                name: None,
                detail: None,
            }))
        };
        Request {
            messages: vec![Message {
                role: Role::User,
                parts: (0..times).map(|_| image()).collect(),
                name: None,
                extra: protocol::ir::Extra::default(),
            }],
            ..Request::default()
        }
    }

    /// Where the image has been fetched already.
    fn fetched(max_bytes: usize, size: usize) -> Files {
        let file = WantedFile {
            url: "https://a.example/a.png".to_owned(),
            kind: MediumKind::Image,
        };
        let content = Content::Base64 {
            media_type: "image/png".to_owned(),
            data: "A".repeat(size).into(),
        };
        Files {
            fetched: vec![(file, content)],
            ..Files::of("shop", max_bytes)
        }
    }

    #[test]
    fn a_url_named_many_times_counts_as_often() {
        let check = |times: usize, expect: Result<(), FetchError>| {
            let got = fetched(1_000, 400).put_into(&mut asking(times), NONE);
            let got = got.map_err(|unput| match unput {
                Unput::TooMuch(unfetched) => (unfetched.error, unfetched.occurrence),
                Unput::Wants(_) => panic!("it is there"),
            });
            assert_eq!(got.map_err(|(error, _)| error), expect, "{times}");
        };
        check(2, Ok(()));
        check(3, Err(FetchError::TogetherTooLarge { max: 1_000 }));
        check(33, Err(FetchError::TogetherTooLarge { max: 1_000 }));
        // Before anything is fetched, only their number is known.
        let none = Files::of("shop", 1_000);
        let wants = none.put_into(&mut asking(32), NONE);
        assert!(matches!(wants, Err(Unput::Wants(wanted)) if wanted.len() == 1));
        let many = none.put_into(&mut asking(33), NONE);
        let Err(Unput::TooMuch(unfetched)) = many else {
            panic!("33 are too many");
        };
        assert_eq!(unfetched.error, FetchError::TooMany { max: 32 });
        assert_eq!(unfetched.occurrence, 32);
    }

    #[test]
    fn the_same_url_as_a_file_and_as_an_image_is_two() {
        let mut request = asking(1);
        let PartKind::Image(media) = &request.messages[0].parts[0].kind else {
            panic!("it is an image");
        };
        let file = Part::new(PartKind::File(media.clone()));
        request.messages[0].parts.push(file);
        let wants = fetched(1_000, 400).put_into(&mut request, NONE);
        let Err(Unput::Wants(wanted)) = wants else {
            panic!("the image is no file");
        };
        let kinds: Vec<_> = wanted.iter().map(|file| file.kind).collect();
        assert_eq!(kinds, [MediumKind::File]);
    }

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
