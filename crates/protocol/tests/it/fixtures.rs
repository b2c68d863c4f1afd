//! Loads fixtures: `fixtures/<dialect>/<case>/` with any of `request.json`, `response.json`, `stream.sse` and
//! `error.json` (`status`, `body`, and the `kind` it stands for), beside a `source.md` that says where the shape comes
//! from. A binary stream is written as text: see `readable`.

use crate::readable;
use protocol::dialect::Dialect;
use protocol::ir::ErrorKind;
use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// One file of one case.
pub(crate) struct Fixture {
    pub(crate) case: String,
    pub(crate) body: Vec<u8>,
}

/// What an `error.json` holds.
#[derive(Deserialize)]
pub(crate) struct ErrorFixture {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) kind: Option<ErrorKind>,
}

/// The files of that name in all cases of a dialect, by case.
pub(crate) fn all(dialect: &Dialect, file: &str) -> Vec<Fixture> {
    let mut found: Vec<Fixture> = folders(dialect)
        .into_iter()
        .filter_map(|folder| {
            let body = fs::read(folder.join(file)).ok()?;
            Some(Fixture {
                case: folder.file_name()?.to_str()?.to_owned(),
                body: match file.starts_with("stream.") {
                    true => readable::to_bytes(dialect.framing, &body),
                    false => body,
                },
            })
        })
        .collect();
    found.sort_by(|a, b| a.case.cmp(&b.case));
    assert!(
        found.len() >= 8,
        "{dialect}: fixtures of {file} are missing",
        dialect = dialect.id
    );
    found
}

/// The file of that name in one case.
pub(crate) fn one(dialect: &Dialect, case: &str, file: &str) -> Option<Vec<u8>> {
    fs::read(root(dialect).join(case).join(file)).ok()
}

/// The folders of all cases.
pub(crate) fn folders(dialect: &Dialect) -> Vec<PathBuf> {
    let root = root(dialect);
    fs::read_dir(&root)
        .unwrap_or_else(|bad| panic!("{}: {bad}", root.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect()
}

fn root(dialect: &Dialect) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(dialect.id.as_str())
}

/// Reads JSON; fails with the case's name.
pub(crate) fn value(case: &str, body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|bad| {
        panic!("{case}: {bad}: {}", String::from_utf8_lossy(body));
    })
}
