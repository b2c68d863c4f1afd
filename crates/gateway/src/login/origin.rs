//! Whether a request comes from a page of ours. Browsers attach cookies by themselves, so a page of somebody else could
//! make them act; what browsers say of a request's origin tells these apart, and no page can change it.

use http::{HeaderMap, HeaderName, header};

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A page of ours.
    Ours,
    /// A page of somebody else.
    Foreign,
    /// Nothing is said: no browser, or none that would send a foreign page's request without saying so.
    Unsaid,
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Origin {
    /// Reads `Sec-Fetch-Site`; where a browser does not send it (plain HTTP on another machine), `Origin`.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        match text(headers, &FETCH_SITE) {
            // `none`: the person did it, not a page.
            Some("same-origin" | "none") => Self::Ours,
            Some(_) => Self::Foreign,
            None => match text(headers, &header::ORIGIN) {
                None => Self::Unsaid,
                Some(origin) => match is_ours(origin, headers) {
                    true => Self::Ours,
                    false => Self::Foreign,
                },
            },
        }
    }
}

/// Whether an origin (`http://host:port`) has the host that the request was sent to. A proxy that calls us by another
/// name says what it was called by in `X-Forwarded-Host`, which no page can set for another site.
fn is_ours(origin: &str, headers: &HeaderMap) -> bool {
    let Some((_, authority)) = origin.split_once("://") else {
        return false;
    };
    [header::HOST, HeaderName::from_static("x-forwarded-host")]
        .iter()
        .filter_map(|name| text(headers, name))
        .any(|host| host.eq_ignore_ascii_case(authority))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_says_where_a_request_comes_from() {
        let site = "sec-fetch-site";
        for (said, expect) in [
            (&[(site, "same-origin")][..], Origin::Ours),
            (&[(site, "none")], Origin::Ours),
            (&[(site, "same-site")], Origin::Foreign),
            (&[(site, "cross-site")], Origin::Foreign),
            (
                &[(site, "cross-site"), ("origin", "http://gate:1")],
                Origin::Foreign,
            ),
            (&[("origin", "http://gate:1")], Origin::Ours),
            (&[("origin", "http://GATE:1")], Origin::Ours),
            (&[("origin", "http://gate:2")], Origin::Foreign),
            (&[("origin", "http://gate:1.evil")], Origin::Foreign),
            (&[("origin", "null")], Origin::Foreign),
            (
                &[
                    ("origin", "https://llm.example"),
                    ("x-forwarded-host", "llm.example"),
                ],
                Origin::Ours,
            ),
            (&[], Origin::Unsaid),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "gate:1".parse().unwrap());
            for (name, value) in said {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(Origin::of(&headers), expect, "{said:?}");
        }
    }
}
