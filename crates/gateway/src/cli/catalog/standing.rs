//! Which catalogue is in force, in words and as JSON.

use crate::assemble::shelf::{Origin, Standing};
use serde::Serialize;

/// Which catalogue, for programs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Which {
    /// Whether it is the one that ships with the program.
    shipped: bool,
    /// RFC 3339, UTC; null where it ships, or an earlier version of the program updated it.
    updated_at: Option<String>,
    /// The lists that an update was made from.
    from: Vec<String>,
}

impl From<&Origin> for Which {
    fn from(origin: &Origin) -> Self {
        match origin {
            Origin::Shipped => Self {
                shipped: true,
                updated_at: None,
                from: Vec::new(),
            },
            Origin::Updated(update) => Self {
                shipped: false,
                updated_at: update.updated_at.clone(),
                from: update.from.clone(),
            },
        }
    }
}

/// Which catalogue, for people.
pub(super) fn named(origin: &Origin) -> String {
    match origin {
        Origin::Shipped => "the catalogue that ships with the program".to_owned(),
        Origin::Updated(update) => {
            let at = update.updated_at.as_ref();
            let at = at.map_or(String::new(), |at| format!(" of {at}"));
            let from = match update.from.as_slice() {
                [] => String::new(),
                from => format!(" from {}", from.join(", ")),
            };
            format!("the update{at}{from}")
        }
    }
}

/// What is in force, and what going back would bring.
pub(super) fn told(standing: &Standing) -> String {
    let now = named(&standing.in_force);
    match &standing.before {
        None => format!("In force: {now}\n"),
        Some(Origin::Shipped) => {
            format!(
                "In force: {now}\n`tollgate catalog rollback` brings the catalogue that ships with the program\n"
            )
        }
        Some(before @ Origin::Updated(_)) => format!(
            "In force: {now}\n`tollgate catalog rollback` brings {}; with `--to shipped` the catalogue that ships with the program\n",
            named(before)
        ),
    }
}
