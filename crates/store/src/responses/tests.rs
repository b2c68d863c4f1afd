//! Keeping, reading, going on, deleting, growing old; across a restart and between projects.

use super::*;
use crate::records::Month;
use crate::samples::scratch;
use crate::{Store, StoreOptions};
use std::fs;
use tempfile::TempDir;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const WIDE: ChainBounds = ChainBounds {
    turns: 10,
    bytes: 10_000,
};

fn fresh() -> (TempDir, Responses) {
    let folder = scratch();
    let responses = open(&folder);
    (folder, responses)
}

fn open(folder: &TempDir) -> Responses {
    Responses::open(folder.path(), Duration::from_secs(30 * 24 * 60 * 60)).unwrap()
}

fn kept(id: &str, previous: Option<&str>) -> Kept {
    Kept {
        project: "p1".to_owned(),
        id: id.to_owned(),
        created_ms: clock::now_ms(),
        previous: previous.map(str::to_owned),
        model: "openai/gpt-4o".to_owned(),
        input: format!(r#"[{{"id":"in_{id}"}}]"#),
        answer: format!(r#"{{"id":"{id}","output":[]}}"#),
    }
}

async fn put(responses: &Responses, kept: &Kept) {
    let items = [format!("in_{}", kept.id)];
    let put = responses.put(kept, &items).await.unwrap();
    assert_eq!(put, Put::Kept);
}

async fn chain(responses: &Responses, id: &str, bounds: ChainBounds) -> String {
    match responses.chain("p1", id, bounds).await {
        Ok(turns) => {
            let ids: Vec<String> = turns.into_iter().map(|kept| kept.id).collect();
            ids.join(" ")
        }
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn what_is_kept_is_read_as_it_was_also_after_a_restart() {
    let (folder, responses) = fresh();
    let one = kept("resp_1", None);
    put(&responses, &one).await;
    let again = open(&folder);
    for responses in [&responses, &again] {
        assert_eq!(
            responses.get("p1", "resp_1").await.unwrap(),
            Some(one.clone())
        );
        assert_eq!(
            responses.holder("p1", "in_resp_1").await.unwrap(),
            Some("resp_1".to_owned())
        );
        assert_eq!(responses.get("p1", "resp_2").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_project_sees_only_its_own() {
    let (_folder, responses) = fresh();
    let one = kept("resp_1", None);
    let same_id = Kept {
        project: "p2".to_owned(),
        answer: "{}".to_owned(),
        ..one.clone()
    };
    put(&responses, &one).await;
    assert_eq!(responses.get("p2", "resp_1").await.unwrap(), None);
    assert_eq!(responses.holder("p2", "in_resp_1").await.unwrap(), None);
    assert!(!responses.delete("p2", "resp_1").await.unwrap());
    assert!(matches!(
        responses.chain("p2", "resp_1", WIDE).await,
        Err(ChainError::Missing(id)) if id == "resp_1"
    ));
    put(&responses, &same_id).await;
    assert_eq!(responses.get("p1", "resp_1").await.unwrap(), Some(one));
    assert_eq!(responses.get("p2", "resp_1").await.unwrap(), Some(same_id));
}

/// A provider that gave each response the same id overwrote the first, and one that went on from it went on from itself.
#[tokio::test]
async fn an_id_that_comes_again_is_taken() {
    let (_folder, responses) = fresh();
    let one = kept("resp_1", None);
    put(&responses, &one).await;
    let two_months = 60 * DAY_MS;
    for again in [
        kept("resp_1", Some("resp_1")),
        // In a database of another month.
        Kept {
            created_ms: one.created_ms + two_months,
            ..kept("resp_1", Some("resp_1"))
        },
    ] {
        let put = responses.put(&again, &["other".to_owned()]).await.unwrap();
        assert_eq!(put, Put::Taken);
    }
    assert_eq!(responses.get("p1", "resp_1").await.unwrap(), Some(one));
    assert_eq!(responses.holder("p1", "other").await.unwrap(), None);
    assert_eq!(chain(&responses, "resp_1", WIDE).await, "resp_1");
}

#[tokio::test]
async fn a_chain_is_told_from_its_begin_and_bounded() {
    let (_folder, responses) = fresh();
    put(&responses, &kept("a", None)).await;
    put(&responses, &kept("b", Some("a"))).await;
    put(&responses, &kept("c", Some("b"))).await;
    put(&responses, &kept("loop", Some("loop"))).await;
    let turns = |turns| ChainBounds { turns, ..WIDE };
    let bytes = |bytes| ChainBounds { bytes, ..WIDE };
    let one = kept("a", None);
    let size = one.input.len() + one.answer.len();
    for (id, bounds, expect) in [
        ("a", WIDE, "a"),
        ("c", WIDE, "a b c"),
        ("c", turns(3), "a b c"),
        (
            "c",
            turns(2),
            "the conversation has more responses than may be read at once",
        ),
        (
            "loop",
            WIDE,
            "the conversation has more responses than may be read at once",
        ),
        ("c", bytes(3 * size), "a b c"),
        (
            "c",
            bytes(3 * size - 1),
            "the conversation is larger than may be read at once",
        ),
    ] {
        assert_eq!(chain(&responses, id, bounds).await, expect, "{id}");
    }
    assert!(responses.delete("p1", "b").await.unwrap());
    assert_eq!(
        chain(&responses, "c", WIDE).await,
        "there is no response `b`"
    );
}

#[tokio::test]
async fn what_is_deleted_is_gone_from_the_files_too() {
    let (folder, responses) = fresh();
    let secret = "a word that stands nowhere else";
    let one = Kept {
        input: format!(r#"[{{"id":"in_resp_1","content":"{secret}"}}]"#),
        ..kept("resp_1", None)
    };
    put(&responses, &one).await;
    let holds = || {
        let files = fs::read_dir(folder.path().join("responses")).unwrap();
        files.filter(|file| {
            let bytes = fs::read(file.as_ref().unwrap().path()).unwrap();
            String::from_utf8_lossy(&bytes).contains(secret)
        })
    };
    assert!(holds().count() > 0);
    assert!(responses.delete("p1", "resp_1").await.unwrap());
    assert_eq!(responses.get("p1", "resp_1").await.unwrap(), None);
    assert_eq!(responses.holder("p1", "in_resp_1").await.unwrap(), None);
    assert!(!responses.delete("p1", "resp_1").await.unwrap());
    assert_eq!(holds().count(), 0);
}

#[tokio::test]
async fn what_is_too_old_is_not_read_and_then_deleted() {
    let (folder, responses) = fresh();
    let now = clock::now_ms();
    // Thirty days and a minute; and two months, which no longer month reaches back to.
    let ages = [
        ("new", 0),
        ("old", 30 * DAY_MS + 60_000),
        ("older", 70 * DAY_MS),
    ];
    for (id, age) in ages {
        let created_ms = now - age;
        let one = Kept {
            created_ms,
            ..kept(id, None)
        };
        put(&responses, &one).await;
    }
    let rows = async |id: &str| responses.get("p1", id).await.unwrap().is_some();
    for (id, expect) in [("new", true), ("old", false), ("older", false)] {
        assert_eq!(rows(id).await, expect, "{id}");
        assert_eq!(!expect, chain(&responses, id, WIDE).await != id);
    }
    let pruned = responses.prune().await.unwrap();
    let whole = Month::of(now - 30 * DAY_MS) > Month::of(now - 30 * DAY_MS - 60_000);
    assert_eq!(pruned.months, 1 + usize::from(whole));
    assert_eq!(pruned.responses, u64::from(!whole));
    assert_eq!(responses.prune().await.unwrap(), Pruned::default());
    assert!(rows("new").await);
    let name = format!("{}.db", Month::of(now - 70 * DAY_MS));
    assert!(!folder.path().join("responses").join(name).exists());
}

#[tokio::test]
async fn the_store_has_them_and_closes_them() {
    let folder = scratch();
    let store = Store::open(StoreOptions::new(folder.path())).await.unwrap();
    put(store.responses(), &kept("resp_1", None)).await;
    store.close().await.unwrap();
    let store = Store::open(StoreOptions::new(folder.path())).await.unwrap();
    let found = store.responses().get("p1", "resp_1").await.unwrap();
    assert_eq!(found.map(|kept| kept.id), Some("resp_1".to_owned()));
}
