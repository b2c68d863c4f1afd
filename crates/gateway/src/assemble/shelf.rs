//! Where the catalogue stands: the one that the binary holds, or a newer one in the data folder, which an operator's
//! update put there, with a line in front that says when and from what. The shipped one is never copied there: where no
//! file is, it is in force, of whichever program runs.

use anyhow::{Context, bail};
use domain::catalog::Catalog;
use listing::{Listing, Unpacking};
use serde::{Deserialize, Serialize};
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
/// What the line in front of an updated catalogue begins with: JSON, then a line feed, then what is packed.
const HEAD: &[u8] = b"{\"updated_at\":";

/// An update that put a catalogue in the data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Update {
    /// When: RFC 3339, UTC. Unknown of one that an earlier version of this program wrote.
    pub(crate) updated_at: Option<String>,
    /// The files and addresses of its lists.
    pub(crate) from: Vec<String>,
}

/// Which catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The one that the program holds.
    Shipped,
    /// One that an update made.
    Updated(Update),
}

/// Which catalogue is in force, and which one came before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The one that a server started now would serve by.
    pub(crate) in_force: Origin,
    /// The one that going back would bring; `None` where there is nothing to go back from.
    pub(crate) before: Option<Origin>,
}

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
    let Some(file) = read(&path)? else {
        return embedded();
    };
    // All of it, so that damage is seen before anything is made of it.
    let (_, packed) = parts(&file);
    if let Err(error) = listing::unpack(packed) {
        tracing::warn!(path = %path.display(), %error, "an updated catalogue cannot be read; the one that ships is used");
        return embedded();
    }
    let mut updated = Unpacking::begin(packed)?;
    // Addresses are the program's: an update renews models and prices.
    updated.providers.extend(embedded()?.providers);
    Ok(updated)
}

/// The file, if there is one.
fn read(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Ok(None),
            // Whoever may not read the folder is told so when it is opened.
            ErrorKind::PermissionDenied => Ok(None),
            _ => Err(error).with_context(|| format!("cannot read {}", path.display())),
        },
    }
}

/// What a file says of its origin, and what is packed in it.
fn parts(file: &[u8]) -> (Update, &[u8]) {
    let end = file.iter().position(|byte| *byte == b'\n');
    let head = end.filter(|_| file.starts_with(HEAD));
    let Some((head, packed)) = head.map(|end| (&file[..end], &file[end + 1..])) else {
        return (Update::default(), file);
    };
    (serde_json::from_slice(head).unwrap_or_default(), packed)
}

/// Whose catalogue a file brings: one that cannot be read brings none, and the shipped one is used.
fn origin(file: Option<&[u8]>) -> Origin {
    let whole = file.map(parts);
    let whole = whole.filter(|(_, packed)| listing::unpack(packed).is_ok());
    whole.map_or(Origin::Shipped, |(update, _)| Origin::Updated(update))
}

/// Which catalogue is in force.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn standing(data_dir: &Path) -> anyhow::Result<Standing> {
    let current = read(&data_dir.join(CURRENT))?;
    let previous = read(&data_dir.join(PREVIOUS))?;
    Ok(Standing {
        in_force: origin(current.as_deref()),
        before: current.is_some().then(|| origin(previous.as_deref())),
    })
}

/// Puts a newer one in the data folder; the one before is kept.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn replace(data_dir: &Path, newer: &Listing, update: &Update) -> anyhow::Result<()> {
    fs::create_dir_all(data_dir).with_context(|| format!("cannot make {}", data_dir.display()))?;
    let (current, previous) = (data_dir.join(CURRENT), data_dir.join(PREVIOUS));
    match read(&current)?.filter(|file| origin(Some(file)) != Origin::Shipped) {
        Some(before) => written(&previous, &before)?,
        None => removed(&previous)?,
    }
    let mut file = serde_json::to_vec(update)?;
    file.push(b'\n');
    file.extend(listing::pack(newer)?);
    written(&current, &file)
}

/// Puts the one before in its place again: an earlier update's, or else the one that ships.
///
/// # Errors
/// When there is none, since the one that ships is in force.
pub(crate) fn roll_back(data_dir: &Path) -> anyhow::Result<()> {
    let (current, previous) = (data_dir.join(CURRENT), data_dir.join(PREVIOUS));
    if !current.exists() {
        bail!(
            "there is no catalogue before this one: {} holds no update, and the one that ships with the program is in force",
            data_dir.display()
        );
    }
    if previous.exists() {
        return fs::rename(&previous, &current)
            .with_context(|| format!("cannot write {}", current.display()));
    }
    removed(&current)
}

/// Lets go of every update: the catalogue that ships is in force.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn reset(data_dir: &Path) -> anyhow::Result<()> {
    removed(&data_dir.join(PREVIOUS))?;
    removed(&data_dir.join(CURRENT))
}

fn removed(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
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

    /// The shipped catalogue with so many authors, as an update at a moment.
    fn updated(folder: &Path, authors: usize, at: &str) -> Origin {
        let mut newer = Listing::default();
        let shipped = listing::unpack(EMBEDDED).unwrap().authors;
        newer.authors.extend(shipped.into_iter().take(authors));
        let update = Update {
            updated_at: Some(at.to_owned()),
            from: vec!["prices.json".to_owned()],
        };
        replace(folder, &newer, &update).unwrap();
        assert_eq!(listing(folder).unwrap().authors.len(), authors);
        Origin::Updated(update)
    }

    /// After one way back no command led to the catalogue that ships: a copy of it had been what an update kept.
    #[test]
    fn every_way_back_ends_at_the_catalogue_that_ships() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let all = listing(folder).unwrap().authors.len();
        let check = |in_force: &Origin, before: Option<&Origin>| {
            let stands = standing(folder).unwrap();
            assert_eq!(
                (&stands.in_force, stands.before.as_ref()),
                (in_force, before)
            );
        };
        check(&Origin::Shipped, None);
        assert!(roll_back(folder).is_err());
        let first = updated(folder, 2, "2026-11-21T10:00:00Z");
        check(&first, Some(&Origin::Shipped));
        let second = updated(folder, 1, "2026-11-21T11:00:00Z");
        check(&second, Some(&first));
        roll_back(folder).unwrap();
        check(&first, Some(&Origin::Shipped));
        assert_eq!(listing(folder).unwrap().authors.len(), 2);
        roll_back(folder).unwrap();
        check(&Origin::Shipped, None);
        assert_eq!(listing(folder).unwrap().authors.len(), all);
        assert!(roll_back(folder).is_err());
        updated(folder, 2, "2026-11-21T12:00:00Z");
        updated(folder, 1, "2026-11-21T13:00:00Z");
        reset(folder).unwrap();
        check(&Origin::Shipped, None);
        reset(folder).unwrap();
    }

    #[test]
    fn an_update_of_before_updates_had_dates_is_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(CURRENT), EMBEDDED).unwrap();
        let in_force = standing(folder.path()).unwrap().in_force;
        assert_eq!(in_force, Origin::Updated(Update::default()));
        assert!(listing(folder.path()).unwrap().offerings() > 0);
    }

    #[test]
    fn a_damaged_update_does_not_keep_the_server_from_starting() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(CURRENT), b"not packed").unwrap();
        assert!(listing(folder.path()).unwrap().offerings() > 0);
        let stands = standing(folder.path()).unwrap();
        assert_eq!(stands.in_force, Origin::Shipped);
        assert_eq!(
            stands.before,
            Some(Origin::Shipped),
            "going back removes it"
        );
    }
}
