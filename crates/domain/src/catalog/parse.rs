//! From catalogue files to a catalogue. The files' shapes stand in the modules below, one for each kind of file.

mod model_file;
mod price_file;
mod provider_file;
mod words;

#[cfg(test)]
mod tests;

pub(super) use words::{base_url, operation, speakable};

use super::Catalog;
use super::lookup::Names;

/// What is wrong with the catalogue, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct CatalogError {
    /// The file's path, or the table of the operator's configuration (`providers.acme`).
    pub place: String,
    /// The line in that file, from 1.
    pub line: Option<usize>,
    /// What is wrong and what is allowed.
    pub message: String,
}

/// One file while it is read.
#[derive(Clone, Copy, Debug)]
struct File<'a> {
    path: &'a str,
    text: &'a str,
}

impl File<'_> {
    /// An error at a position of this file.
    fn error(&self, offset: usize, message: impl Into<String>) -> CatalogError {
        CatalogError {
            place: self.path.to_owned(),
            line: Some(self.line(offset)),
            message: message.into(),
        }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        1 + before.filter(|byte| **byte == b'\n').count()
    }

    /// The file as TOML of a shape.
    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, CatalogError> {
        toml::from_str(self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            self.error(offset, error.message())
        })
    }

    /// `groq` of `catalog/providers/groq.toml`.
    fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        name.strip_suffix(".toml").unwrap_or(name)
    }

    /// `providers` of `catalog/providers/groq.toml`.
    fn folder(&self) -> &str {
        self.path.rsplit('/').nth(1).unwrap_or("")
    }
}

/// Reads all files: providers first, whatever the order given, since models name them.
pub(super) fn files<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Catalog, CatalogError> {
    let mut files: Vec<File<'_>> = files
        .into_iter()
        .map(|(path, text)| File { path, text })
        .filter(|file| file.path.ends_with(".toml"))
        .collect();
    // Not every file system lists files in the same order; the catalogue's order must not depend on it.
    files.sort_by_key(|file| file.path);
    let mut catalog = Catalog::default();
    let mut models = Vec::new();
    for file in &files {
        match file.folder() {
            "providers" => catalog.providers.push(provider_file::read(file)?),
            "models" => models.push(file),
            _ => {
                return Err(file.error(0, "a catalogue file stands in providers/ or in models/"));
            }
        }
    }
    catalog.names = Names::index(&catalog).map_err(|clash| CatalogError {
        place: "providers".to_owned(),
        line: None,
        message: clash.message,
    })?;
    // Where each model stands, for errors that show only when all are known.
    let mut origins = Vec::new();
    for file in models {
        model_file::read(file, &mut catalog, &mut origins)?;
    }
    catalog.names = Names::index(&catalog).map_err(|clash| {
        let (file, offset) = origins[clash.model.as_usize()];
        File::error(file, offset, clash.message)
    })?;
    Ok(catalog)
}
