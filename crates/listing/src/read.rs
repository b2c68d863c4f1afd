//! From catalogue files to a listing: `providers/<id>.toml` and `models/<author>.toml`.

use crate::{AuthorFile, Listing, ProviderFile};

/// What is wrong with the shape of a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}: {message}")]
pub struct NotAListing {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl Listing {
    /// Reads files: `(path, text)` as they stand below `catalog/`. What is no TOML file is
    /// skipped.
    ///
    /// # Errors
    /// Names the file and the line.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, NotAListing> {
        let mut listing = Self::default();
        for (path, text) in files {
            let mut parts = path.rsplit('/');
            let Some(stem) = parts.next().and_then(|name| name.strip_suffix(".toml")) else {
                continue;
            };
            match parts.next() {
                Some("providers") => {
                    let file: ProviderFile = shape(path, text)?;
                    listing.providers.insert(stem.to_owned(), file);
                }
                Some("models") => {
                    let file: AuthorFile = shape(path, text)?;
                    listing.authors.insert(stem.to_owned(), file);
                }
                Some(_) | None => {
                    return Err(NotAListing {
                        path: path.to_owned(),
                        line: 1,
                        message: "a catalogue file stands in providers/ or in models/".to_owned(),
                    });
                }
            }
        }
        Ok(listing)
    }
}

/// A text as TOML of a shape.
fn shape<T: serde::de::DeserializeOwned>(path: &str, text: &str) -> Result<T, NotAListing> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().map_or(0, |span| span.start);
        NotAListing {
            path: path.to_owned(),
            line: 1 + text
                .as_bytes()
                .iter()
                .take(before)
                .filter(|byte| **byte == b'\n')
                .count(),
            message: error.message().to_owned(),
        }
    })
}
