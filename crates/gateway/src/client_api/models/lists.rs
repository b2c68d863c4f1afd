//! All models of a list, written once: what is the same for every request until settings or prices change. Requests
//! choose among the pieces and copy none.

use super::shape::Shape;
use super::shown::{Extent, Scope, start_of};
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use domain::catalog::ModelIdx;
use std::sync::{Arc, Mutex, PoisonError};

/// The lists of one view of the settings, each written when it is first asked for.
#[derive(Default)]
pub(crate) struct Lists {
    cells: [[Mutex<Option<Arc<List>>>; 2]; Shape::COUNT],
}

/// Every model of one list in one shape.
pub(super) struct List {
    /// The models, with commas between them.
    json: Bytes,
    entries: Vec<Entry>,
    /// Of `json`.
    digest: [u8; 32],
    /// When a price that stands in it changes, or something in it comes to its end: milliseconds since 1970.
    until_ms: i64,
}

struct Entry {
    model: ModelIdx,
    from: usize,
    to: usize,
}

impl Lists {
    /// The list of a scope in a shape. Whoever asks first writes it, and the others wait.
    pub(super) fn get(&self, scope: &Scope<'_>, shape: Shape) -> Arc<List> {
        let extent = match scope.extent {
            Extent::Callable => 0,
            Extent::Everything => 1,
        };
        let cell = &self.cells[shape.as_usize()][extent];
        // A list that is half written is not in the cell, so that a panic leaves nothing wrong behind.
        let mut cell = cell.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cell {
            Some(list) if scope.at_ms < list.until_ms => Arc::clone(list),
            Some(_) | None => {
                let list = Arc::new(List::write(scope, shape));
                *cell = Some(Arc::clone(&list));
                list
            }
        }
    }
}

impl List {
    fn write(scope: &Scope<'_>, shape: Shape) -> Self {
        let (mut json, mut entries) = (Vec::new(), Vec::new());
        let mut until_ms = i64::MAX;
        for (idx, _) in scope.catalog().models() {
            let Some(shown) = scope.model(idx) else {
                continue;
            };
            let before = json.len();
            if before > 0 {
                json.push(b',');
            }
            let from = json.len();
            shape.write(&shown, &mut json);
            if json.len() == from {
                json.truncate(before);
                continue;
            }
            entries.push(Entry {
                model: idx,
                from,
                to: json.len(),
            });
            let periods = (shown.offerings.iter())
                .flat_map(|offering| &offering.price)
                .flat_map(|price| price.periods());
            let changes = periods.flat_map(|period| [period.from_ms, period.until_ms]);
            let ends = shown.offerings.iter().filter_map(|it| it.facts.deprecated);
            let changes = changes.chain(ends.map(|day| start_of(day).saturating_mul(1_000)));
            let next = changes.filter(|at| *at > scope.at_ms).min();
            until_ms = until_ms.min(next.unwrap_or(i64::MAX));
        }
        let mut whole = [0; 32];
        whole.copy_from_slice(digest(&SHA256, &json).as_ref());
        json.shrink_to_fit();
        Self {
            json: json.into(),
            entries,
            digest: whole,
            until_ms,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn model(&self, at: usize) -> ModelIdx {
        self.entries[at].model
    }

    /// What tells the whole list from every other.
    pub(super) fn digest(&self) -> &[u8] {
        &self.digest
    }

    /// Positions that follow one another, together.
    pub(super) fn runs(&self, positions: impl Iterator<Item = usize>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for at in positions {
            match runs.last_mut() {
                Some(run) if run.last + 1 == at => run.last = at,
                Some(_) | None => runs.push(Run {
                    first: at,
                    last: at,
                }),
            }
        }
        runs
    }

    /// Adds the JSON of some models, commas between them.
    pub(super) fn pieces(&self, runs: &[Run], to: &mut Vec<Bytes>) {
        for (nth, run) in runs.iter().enumerate() {
            if nth > 0 {
                to.push(Bytes::from_static(b","));
            }
            let (first, last) = (&self.entries[run.first], &self.entries[run.last]);
            to.push(self.json.slice(first.from..last.to));
        }
    }
}

/// Models that follow one another in the list: one piece of it.
pub(super) struct Run {
    first: usize,
    last: usize,
}

impl Run {
    /// What tells it from every other run of the same list.
    pub(super) fn to_bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&(self.first as u64).to_le_bytes());
        bytes[8..].copy_from_slice(&(self.last as u64).to_le_bytes());
        bytes
    }
}
