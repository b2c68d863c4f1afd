//! Where the catalogue stands: the one that the binary holds, or a newer one in the data folder, which an operator's
//! update put there.

use anyhow::{Context, bail};
use domain::catalog::Catalog;
use listing::{Listing, Unpacking};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// The catalogue that ships, packed by `build.rs`.
static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalog.packed"));
/// How public lists' names are read.
pub(crate) const RULES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../catalog/rules.toml"
));

const CURRENT: &str = "catalog.packed";
const PREVIOUS: &str = "catalog.previous.packed";

/// The catalogue to work with.
///
/// # Errors
/// When one is broken.
pub(crate) fn catalog(data_dir: &Path) -> anyhow::Result<Catalog> {
    Catalog::of_packed(opened(data_dir)?).with_context(|| {
        format!(
            "the catalogue does not fit; `tollgate catalog rollback --data {}` removes an update",
            data_dir.display()
        )
    })
}

/// What it says.
///
/// # Errors
/// As [`catalog`].
pub(crate) fn listing(data_dir: &Path) -> anyhow::Result<Listing> {
    let mut from = opened(data_dir)?;
    let mut listing = Listing {
        providers: std::mem::take(&mut from.providers),
        ..Listing::default()
    };
    while let Some((author, model)) = from.model()? {
        listing.authors.entry(author).or_default().model.push(model);
    }
    Ok(listing)
}

fn opened(data_dir: &Path) -> anyhow::Result<Unpacking> {
    let embedded = || Unpacking::begin(EMBEDDED).context("the embedded catalogue is broken");
    let path = data_dir.join(CURRENT);
    let packed = match fs::read(&path) {
        Ok(packed) => packed,
        Err(error) => {
            return match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory => embedded(),
                // Whoever may not read the folder is told so when it is opened.
                ErrorKind::PermissionDenied => embedded(),
                _ => Err(error).with_context(|| format!("cannot read {}", path.display())),
            };
        }
    };
    // All of it, so that damage is seen before anything is made of it.
    if let Err(error) = listing::unpack(&packed) {
        tracing::warn!(path = %path.display(), %error, "an updated catalogue cannot be read; the one that ships is used");
        return embedded();
    }
    let mut updated = Unpacking::begin(&packed)?;
    // Addresses are the program's: an update renews models and prices.
    updated.providers.extend(embedded()?.providers);
    Ok(updated)
}

/// Puts a newer one in the data folder; the one before is kept.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn replace(data_dir: &Path, newer: &Listing) -> anyhow::Result<()> {
    fs::create_dir_all(data_dir).with_context(|| format!("cannot make {}", data_dir.display()))?;
    let (current, previous) = (data_dir.join(CURRENT), data_dir.join(PREVIOUS));
    let before = match fs::read(&current) {
        Ok(packed) => packed,
        Err(_) => EMBEDDED.to_vec(),
    };
    written(&previous, &before)?;
    written(&current, &listing::pack(newer)?)
}

/// Puts the one before in its place again.
///
/// # Errors
/// When there is none.
pub(crate) fn roll_back(data_dir: &Path) -> anyhow::Result<String> {
    let (current, previous) = (data_dir.join(CURRENT), data_dir.join(PREVIOUS));
    if !previous.exists() {
        bail!(
            "there is no catalogue before this one in {}",
            data_dir.display()
        );
    }
    fs::rename(&previous, &current)
        .with_context(|| format!("cannot write {}", current.display()))?;
    Ok(format!("{} offerings", listing(data_dir)?.offerings()))
}

/// Written as a whole or not at all.
fn written(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    // Of its own for each process: two that write at once must not write into each other's.
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let write = || {
        let mut file = fs::File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_what_the_files_say() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
        let mut files = Vec::new();
        for folder in ["providers", "models"] {
            for entry in fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.to_str().unwrap().to_owned(), text));
            }
        }
        let texts = files.iter().map(|(path, text)| (&**path, &**text));
        assert!(listing::unpack(EMBEDDED).unwrap() == Listing::read(texts).unwrap());
    }

    #[test]
    fn an_update_is_taken_and_can_be_undone() {
        let folder = tempfile::tempdir().unwrap();
        let shipped = listing(folder.path()).unwrap();
        assert!(roll_back(folder.path()).is_err());
        let mut newer = shipped.clone();
        newer.authors.retain(|author, _| author == "simulator");
        replace(folder.path(), &newer).unwrap();
        assert_eq!(listing(folder.path()).unwrap().authors.len(), 1);
        let mut newest = newer.clone();
        newest.authors.clear();
        replace(folder.path(), &newest).unwrap();
        assert_eq!(listing(folder.path()).unwrap().authors.len(), 0);
        roll_back(folder.path()).unwrap();
        assert_eq!(listing(folder.path()).unwrap().authors.len(), 1);
    }

    #[test]
    fn a_damaged_update_does_not_keep_the_server_from_starting() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(CURRENT), b"not packed").unwrap();
        assert!(listing(folder.path()).unwrap().offerings() > 0);
    }
}
