//! Why a file was not fetched: what the client hears, and what only the log does. A client must not learn from the one
//! what the network behind the gateway looks like.

use super::address::Special;
use super::media::Wanted;
use std::io;
use std::time::Duration;

/// Why a file was not fetched, as the client hears it: no address, and nothing of what was found there.
///
/// That a name does not exist, that the network rules forbid where it leads, and that nobody answers there are all
/// [`FetchError::NotFetched`], told after the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The operator has switched fetching off.
    #[error("This gateway does not fetch files from URLs: send the content itself, as base64.")]
    Off,
    /// The URL as the client wrote it.
    #[error("This URL is not fetched: {0}.")]
    NotAllowed(UrlFault),
    /// Unknown, not reachable, refused by rule, redirected to such a place, or not answered with a file.
    #[error(
        "The file could not be fetched from this URL: its host is unknown, not reachable or not allowed, or did not answer with the file itself."
    )]
    NotFetched,
    /// One file.
    #[error("The file at this URL is larger than {max} bytes.")]
    TooLarge {
        /// Bytes.
        max: usize,
    },
    /// All files of one request.
    #[error("The files that this request names by URL are together larger than {max} bytes.")]
    TogetherTooLarge {
        /// Bytes.
        max: usize,
    },
    /// Too many files in one request.
    #[error("This request names more than {max} files by URL.")]
    TooMany {
        /// Files.
        max: usize,
    },
    /// The answer had not ended by then.
    #[error("The file at this URL took longer than {} seconds.", .limit.as_secs_f64())]
    TooSlow {
        /// For the whole fetch.
        limit: Duration,
    },
    /// The answer is no file of the wanted kind.
    #[error("What this URL leads to is not {0}.")]
    WrongType(Wanted),
    /// All fetches that run at once are taken, by other requests.
    #[error("The gateway is fetching too many files just now: try again in a moment.")]
    Busy,
}

impl FetchError {
    /// One word for it, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off => "url_fetching_disabled",
            Self::NotAllowed(_) => "url_not_allowed",
            Self::NotFetched => "url_not_fetched",
            Self::TooLarge { .. } | Self::TogetherTooLarge { .. } => "url_content_too_large",
            Self::TooMany { .. } => "too_many_urls",
            Self::TooSlow { .. } => "url_timeout",
            Self::WrongType(_) => "url_content_type",
            Self::Busy => "url_fetching_busy",
        }
    }

    /// The HTTP status that fits: the request's fault, but where the gateway is busy.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::TooLarge { .. } | Self::TogetherTooLarge { .. } => 413,
            Self::Busy => 503,
            Self::Off
            | Self::NotAllowed(_)
            | Self::NotFetched
            | Self::TooMany { .. }
            | Self::TooSlow { .. }
            | Self::WrongType(_) => 400,
        }
    }
}

/// What is wrong with a URL as it is written. Says nothing that its writer does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// Not absolute, or broken.
    #[error("it is not a valid URL with a host")]
    Malformed,
    /// Neither `http` nor `https`.
    #[error("it must begin with https:// or http://")]
    Scheme,
    /// A user name or password.
    #[error("it must not contain a user name or password")]
    Credentials,
    /// A port that is not on the list.
    #[error("its port is not one that the gateway connects to, like 443 and 80")]
    Port,
    /// Longer than the limit.
    #[error("it is longer than {0} bytes")]
    Length(usize),
}

/// What happened, for the log. Has no path or query of the URL in it, which may hold secrets.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error("the network rules refuse {0}")]
    Refused(Special),
    #[error("its name could not be resolved: {0}")]
    Unresolved(io::Error),
    #[error("its name has no address")]
    NoAddress,
    #[error("no connection: {0}")]
    Unconnected(io::Error),
    #[error("no connection within the time")]
    ConnectTimeout,
    #[error("the peer is not the address that was checked")]
    OtherPeer,
    #[error("TLS: {0}")]
    Tls(io::Error),
    #[error("HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error("its URL makes no HTTP request")]
    Unaskable,
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("it redirects to what is no valid URL, or not fetched: {0}")]
    Redirect(UrlFault),
    #[error("it redirects from https to http")]
    Downgrade,
    #[error("more than {0} redirects")]
    Redirects(usize),
    #[error("the answer is compressed, which was not asked for")]
    Compressed,
    /// What the client may hear as it is.
    #[error("{0}")]
    Plain(#[from] FetchError),
}

impl Cause {
    /// What the client hears.
    pub(super) fn told(&self) -> FetchError {
        match self {
            Self::Plain(told) => *told,
            Self::Refused(_)
            | Self::Unresolved(_)
            | Self::NoAddress
            | Self::Unconnected(_)
            | Self::ConnectTimeout
            | Self::OtherPeer
            | Self::Tls(_)
            | Self::Http(_)
            | Self::Unaskable
            | Self::Status(_)
            | Self::Redirect(_)
            | Self::Downgrade
            | Self::Redirects(_)
            | Self::Compressed => FetchError::NotFetched,
        }
    }
}
