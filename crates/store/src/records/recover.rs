//! What an earlier process left open becomes records marked `interrupted`: exactly one each, whenever this itself is
//! interrupted, because each goes through the journal like any other.

use super::{Applier, Partitions, query};
use crate::journal::{Entry, entry_at};
use crate::{Journal, Position, StoreError};
use domain::money::Amount;
use domain::record::{Checkpoint, Intent, Record, RecordError};
use protocol::ir::ErrorKind;

/// Applies what the journal holds, then ends every exchange that is still open. Call it before anything is appended.
///
/// # Errors
/// Where the journal or the database refuses; what was recovered before stays so.
pub(crate) async fn recover(
    applier: &mut Applier,
    journal: &Journal,
    partitions: &Partitions,
) -> Result<(), StoreError> {
    applier.apply_to(journal.head()).await?;
    let mut orphans: Vec<_> = applier
        .open()
        .iter()
        .map(|(id, open)| (*id, *open))
        .collect();
    orphans.sort_by_key(|(_, open)| open.first);
    let mut count = 0_usize;
    for (id, open) in orphans {
        // The end of its journal may have been lost to a power cut after the database had it.
        let ended = query::find(partitions, id).await?.is_some();
        match intent_at(journal, open.latest)? {
            Some(intent) if !ended => {
                let checkpoint = match open.checkpoint {
                    Some(at) => checkpoint_at(journal, at)?,
                    None => None,
                };
                journal.settle_orphan(&interrupted(intent, checkpoint))?;
                count += 1;
            }
            Some(_) | None => applier.forget(id),
        }
    }
    if count > 0 {
        tracing::warn!(
            count,
            "exchanges that the last run left open are recorded as interrupted"
        );
    }
    applier.apply_to(journal.head()).await
}

fn intent_at(journal: &Journal, at: Position) -> Result<Option<Intent>, StoreError> {
    Ok(match entry_at(journal.folder(), at)? {
        Some(Entry::Intent(intent)) => Some(*intent),
        Some(Entry::Checkpoint(_) | Entry::Settled(_)) | None => None,
    })
}

fn checkpoint_at(journal: &Journal, at: Position) -> Result<Option<Checkpoint>, StoreError> {
    Ok(match entry_at(journal.folder(), at)? {
        Some(Entry::Checkpoint(checkpoint)) => Some(checkpoint),
        Some(Entry::Intent(_) | Entry::Settled(_)) | None => None,
    })
}

/// The record of an exchange whose end nobody saw. It is priced by the larger of the intent's estimate, which counts no
/// output and is held to the reservation, and the last checkpoint: so never below the checkpoint, and never above the
/// larger of the two bounds.
fn interrupted(intent: Intent, checkpoint: Option<Checkpoint>) -> Record {
    let draft = intent.draft;
    let mut usage = draft.usage;
    let mut cost = match (draft.cost, intent.reservation) {
        (Some(cost), Some(reservation)) => Some(cost.min(reservation)),
        (cost, _) => cost,
    };
    if let Some(seen) = checkpoint {
        let rank = |cost: Option<Amount>, tokens| (cost, tokens);
        if rank(seen.cost, seen.usage.total()) >= rank(cost, usage.total()) {
            usage = seen.usage;
            cost = seen.cost;
        }
    }
    Record {
        // The client heard no status, or one that promised an end which never came.
        status: if draft.status == 0 { 500 } else { draft.status },
        usage,
        cost,
        estimate: true,
        interrupted: true,
        error: Some(RecordError {
            kind: ErrorKind::Server,
            message: "the gateway stopped before this exchange ended".to_owned(),
            param: None,
            code: Some("interrupted".to_owned()),
        }),
        ..draft
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// Cost of the draft, the reservation and the checkpoint, and what comes of them.
    #[test]
    fn orphans_are_priced_within_their_bounds() {
        let cases = [
            (Some(10), Some(30), None, Some(10)),
            (Some(10), None, None, Some(10)),
            (Some(40), Some(30), None, Some(30)),
            (Some(10), Some(30), Some(Some(25)), Some(25)),
            (Some(10), Some(30), Some(Some(35)), Some(35)),
            (Some(10), Some(30), Some(Some(5)), Some(10)),
            (Some(40), Some(30), Some(Some(5)), Some(30)),
            (None, None, Some(None), None),
            (None, None, None, None),
            (Some(10), None, Some(None), Some(10)),
        ];
        for (draft, reservation, checkpoint, expect) in cases {
            let mut intent = samples::intent(1);
            intent.draft.cost = draft.map(Amount);
            intent.reservation = reservation.map(Amount);
            let checkpoint = checkpoint.map(|cost: Option<i64>| Checkpoint {
                cost: cost.map(Amount),
                ..samples::checkpoint(1, 5)
            });
            let record = interrupted(intent, checkpoint.clone());
            assert_eq!(
                record.cost,
                expect.map(Amount),
                "{draft:?} {reservation:?} {checkpoint:?}"
            );
            assert!(record.interrupted && record.estimate);
            assert_eq!(record.status, 500);
        }
    }

    #[test]
    fn usage_goes_with_the_price() {
        let record = interrupted(samples::intent(1), Some(samples::checkpoint(1, 7)));
        assert_eq!((record.usage.input, record.usage.output), (100, 7));
        let unpriced = |output| Checkpoint {
            cost: None,
            ..samples::checkpoint(1, output)
        };
        let mut intent = samples::intent(1);
        intent.draft.cost = None;
        assert_eq!(interrupted(intent, Some(unpriced(9))).usage.output, 9);
    }
}
