//! One page of a list: which of its models, and what stands before and behind them, in each ecosystem's own way.

use super::query::Query;
use super::shape::{Shape, json};
use http::Uri;
use protocol::ir::Error;
use serde::Serialize;
use std::ops::Range;

/// One page.
pub(super) struct Page {
    /// Positions in the selection.
    pub(super) range: Range<usize>,
    pub(super) head: &'static [u8],
    pub(super) tail: Vec<u8>,
}

/// The most that a page holds, and what it holds where a request names no size, so that clients which do not turn pages
/// see as much as possible.
const LARGEST: usize = 1000;

/// Cuts a page. `id` gives the ids of the selection's models.
///
/// # Errors
/// Names the value that means nothing.
pub(super) fn cut<'a>(
    shape: Shape,
    query: &Query<'_>,
    uri: &Uri,
    total: usize,
    id: impl Fn(usize) -> &'a str,
) -> Result<Page, Error> {
    match shape {
        Shape::Union => by_offset(query, uri, total),
        Shape::Anthropic => by_neighbour(query, total, id),
        Shape::Gemini => {
            let size = size(query, "pageSize")?;
            let (range, next) = behind(query, "pageToken", size, total, &id)?;
            let mut tail = b"]".to_vec();
            if let Some(next) = next {
                tail.extend_from_slice(b",\"nextPageToken\":");
                json(&next, &mut tail);
            }
            tail.push(b'}');
            let head = b"{\"models\":[";
            Ok(Page { range, head, tail })
        }
        Shape::AiSdk => Ok(Page {
            range: 0..total,
            head: b"{\"models\":[",
            tail: b"]}".to_vec(),
        }),
        Shape::Merge => {
            #[derive(Serialize)]
            struct Tail<'a> {
                has_more: bool,
                next_cursor: Option<&'a str>,
            }
            let size = size(query, "limit")?;
            let (range, next_cursor) = behind(query, "cursor", size, total, &id)?;
            let tail = tail(&Tail {
                has_more: next_cursor.is_some(),
                next_cursor,
            });
            let head = b"{\"object\":\"list\",\"data\":[";
            Ok(Page { range, head, tail })
        }
    }
}

/// The end of the array, and an object's members behind it.
fn tail(members: &impl Serialize) -> Vec<u8> {
    let mut tail = b"]".to_vec();
    json(members, &mut tail);
    // The array is one more member of the same object.
    if let Some(brace) = tail.get_mut(1) {
        *brace = b',';
    }
    tail
}

/// How many a page holds; more than the most is the most.
fn size(query: &Query<'_>, name: &'static str) -> Result<usize, Error> {
    let size = query.number::<usize>(name, "a whole number from 1 to 1000")?;
    match size {
        Some(0) => Err(refused_size(query, name)),
        Some(size) => Ok(size.min(LARGEST)),
        None => Ok(LARGEST),
    }
}

fn refused_size(query: &Query<'_>, name: &'static str) -> Error {
    let given = query
        .one(name)
        .unwrap_or(super::query::Given { name, value: "" });
    given.refused("expected a whole number from 1 to 1000")
}

/// OpenRouter's: all, unless a request names a page. <https://openrouter.ai/docs/api-reference/models/get-models> (2026-11)
fn by_offset(query: &Query<'_>, uri: &Uri, total: usize) -> Result<Page, Error> {
    #[derive(Serialize)]
    struct Tail {
        total_count: usize,
        links: Links,
    }
    #[derive(Serialize)]
    struct Links {
        next: Option<String>,
    }
    let offset = query.number::<usize>("offset", "a whole number")?;
    let limit = match query.one("limit").is_some() {
        true => Some(size(query, "limit")?),
        false => offset.map(|_| LARGEST),
    };
    let from = offset.unwrap_or(0).min(total);
    let to = limit.map_or(total, |limit| from.saturating_add(limit).min(total));
    let next = (to < total).then(|| next_page(uri, to));
    let tail = tail(&Tail {
        total_count: total,
        links: Links { next },
    });
    Ok(Page {
        range: from..to,
        head: b"{\"object\":\"list\",\"data\":[",
        tail,
    })
}

/// The same path and query with another offset. A key in the query is not repeated.
fn next_page(uri: &Uri, offset: usize) -> String {
    let pairs = uri.query().unwrap_or_default().split('&');
    let kept = pairs.filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !matches!(name, "" | "offset" | "key")
    });
    let mut next = format!("{}?offset={offset}", uri.path());
    for pair in kept {
        next.push('&');
        next.push_str(pair);
    }
    next
}

/// Anthropic's: pages before or behind a model. <https://docs.anthropic.com/en/api/models-list> (2026-11)
fn by_neighbour<'a>(
    query: &Query<'_>,
    total: usize,
    id: impl Fn(usize) -> &'a str,
) -> Result<Page, Error> {
    #[derive(Serialize)]
    struct Tail<'a> {
        has_more: bool,
        first_id: Option<&'a str>,
        last_id: Option<&'a str>,
    }
    let size = size(query, "limit")?;
    let range = match query.one("before_id") {
        Some(_) => {
            let end = position(query, "before_id", total, &id)?.unwrap_or(0);
            end.saturating_sub(size)..end
        }
        None => {
            let from = position(query, "after_id", total, &id)?.map_or(0, |at| at + 1);
            from..from.saturating_add(size).min(total)
        }
    };
    let has_more = match query.one("before_id") {
        Some(_) => range.start > 0,
        None => range.end < total,
    };
    let tail = tail(&Tail {
        has_more,
        first_id: (!range.is_empty()).then(|| id(range.start)),
        last_id: (!range.is_empty()).then(|| id(range.end - 1)),
    });
    let head = b"{\"data\":[";
    Ok(Page { range, head, tail })
}

/// The page behind the model that the one before ended with, and the id that this one ends with, where more follow.
fn behind<'a>(
    query: &Query<'_>,
    name: &'static str,
    size: usize,
    total: usize,
    id: &impl Fn(usize) -> &'a str,
) -> Result<(Range<usize>, Option<&'a str>), Error> {
    let from = position(query, name, total, id)?.map_or(0, |at| at + 1);
    let to = from.saturating_add(size).min(total);
    let next = (to < total && to > 0).then(|| id(to - 1));
    Ok((from..to, next))
}

/// Where the named model stands.
fn position<'a>(
    query: &Query<'_>,
    name: &'static str,
    total: usize,
    id: &impl Fn(usize) -> &'a str,
) -> Result<Option<usize>, Error> {
    let Some(given) = query.one(name) else {
        return Ok(None);
    };
    let found = (0..total).find(|at| id(*at) == given.value);
    let refused = || given.refused("this list has no such model");
    found.map(Some).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::{Page, Query, Shape, cut};

    const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];

    /// The ids on a page, and what stands behind them.
    fn page(shape: Shape, query: &str) -> Result<(String, String), String> {
        let uri = format!("/v1/models?{query}").parse().unwrap();
        let page = cut(shape, &Query::of(&uri), &uri, IDS.len(), |at| IDS[at]);
        let Page { range, tail, .. } = page.map_err(|error| error.message)?;
        Ok((IDS[range].concat(), String::from_utf8(tail).unwrap()))
    }

    fn check(shape: Shape, query: &str, ids: &str, tail: &str) {
        let got = page(shape, query).unwrap();
        assert_eq!((&*got.0, &*got.1), (ids, tail), "{shape:?} {query}");
    }

    #[test]
    fn pages_are_cut_in_the_clients_way() {
        use Shape::{AiSdk, Anthropic, Gemini, Merge, Union};
        let whole = r#"],"total_count":5,"links":{"next":null}}"#;
        check(Union, "", "abcde", whole);
        check(Union, "offset=0&limit=500", "abcde", whole);
        check(
            Union,
            "offset=1&limit=2&q=x&key=secret",
            "bc",
            r#"],"total_count":5,"links":{"next":"/v1/models?offset=3&limit=2&q=x"}}"#,
        );
        check(Union, "offset=9", "", whole);
        let all = r#"],"has_more":false,"first_id":"a","last_id":"e"}"#;
        check(Anthropic, "", "abcde", all);
        check(
            Anthropic,
            "limit=2",
            "ab",
            r#"],"has_more":true,"first_id":"a","last_id":"b"}"#,
        );
        check(
            Anthropic,
            "limit=2&after_id=c",
            "de",
            r#"],"has_more":false,"first_id":"d","last_id":"e"}"#,
        );
        check(
            Anthropic,
            "limit=2&before_id=d",
            "bc",
            r#"],"has_more":true,"first_id":"b","last_id":"c"}"#,
        );
        check(
            Anthropic,
            "after_id=e",
            "",
            r#"],"has_more":false,"first_id":null,"last_id":null}"#,
        );
        check(Gemini, "pageSize=3", "abc", r#"],"nextPageToken":"c"}"#);
        check(Gemini, "pageSize=3&pageToken=c", "de", "]}");
        check(AiSdk, "limit=1", "abcde", "]}");
        check(
            Merge,
            "limit=4",
            "abcd",
            r#"],"has_more":true,"next_cursor":"d"}"#,
        );
        check(
            Merge,
            "cursor=d",
            "e",
            r#"],"has_more":false,"next_cursor":null}"#,
        );
    }

    #[test]
    fn a_page_that_is_none_is_refused_by_name() {
        for (shape, query, expect) in [
            (Shape::Union, "limit=0", "limit: '0': expected"),
            (Shape::Union, "offset=-1", "offset: '-1': expected"),
            (
                Shape::Anthropic,
                "after_id=z",
                "after_id: 'z': this list has no such model",
            ),
            (Shape::Gemini, "pageToken=z", "pageToken: 'z'"),
            (Shape::Merge, "limit=many", "limit: 'many'"),
        ] {
            let heard = page(shape, query).unwrap_err();
            assert!(heard.starts_with(expect), "{heard}");
        }
    }
}
