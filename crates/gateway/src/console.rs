//! The console's files, as `console/` builds them, below `/console/`. They are public: what they show, they ask the admin
//! API for. Debug builds read them from the disk at each request, others have them inside.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::Embed;
use std::borrow::Cow;

#[derive(Embed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Dist;

/// A file of the console.
pub(crate) struct File {
    bytes: Cow<'static, [u8]>,
    hash: [u8; 32],
}

/// Where files come from: a path below `/console/` to a file.
pub(crate) type Files = fn(&str) -> Option<File>;

/// The files of this build.
pub(crate) fn dist(path: &str) -> Option<File> {
    Dist::get(path).map(|file| File {
        hash: file.metadata.sha256_hash(),
        bytes: file.data,
    })
}

/// Whether this build has a console.
pub(crate) fn is_there() -> bool {
    dist(PAGE).is_some()
}

/// The page that every address of the console leads to; its own code shows what the address names.
const PAGE: &str = "index.html";
/// Files below it have a hash of their content in their names, so that one name never means two contents.
const HASHED: &str = "assets/";
/// What stands in the page wherever the nonce of its styles belongs.
const NONCE: &str = "__CSP_NONCE__";

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Tollgate</title>\
<h1>The console is not in this build</h1>\
<p>The gateway works without it. To have it: install Node 20.19 or newer, run <code>make console</code>, and build the \
program again.</p>\
<p>The admin API is described at <a href=\"/admin/v1/openapi.json\">/admin/v1/openapi.json</a>.</p>\n";

/// Answers for a path below `/console/`.
pub(crate) fn answer(files: Files, path: &str, headers: &HeaderMap) -> Response {
    let path = path.trim_start_matches('/');
    let file = if path.is_empty() { PAGE } else { path };
    match files(file) {
        Some(found) if file != PAGE => asset(files, file, found, headers),
        None if file.starts_with(HASHED) => not_there(),
        Some(_) | None => page(files),
    }
}

/// The page with a nonce of its own: the only styles in it that count are those that our code puts there.
fn page(files: Files) -> Response {
    let Some(page) = files(PAGE) else {
        return safe(html(StatusCode::NOT_FOUND, NOT_BUILT.to_owned()), None);
    };
    let nonce: String = [crate::random::bytes(), crate::random::bytes()]
        .concat()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let text = String::from_utf8_lossy(&page.bytes).replace(NONCE, &nonce);
    safe(html(StatusCode::OK, text), Some(&nonce))
}

fn html(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    set(
        &mut response,
        header::CONTENT_TYPE,
        "text/html; charset=utf-8",
    );
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    response
}

fn asset(files: Files, path: &str, plain: File, headers: &HeaderMap) -> Response {
    let ways = [("br", ".br"), ("gzip", ".gz")];
    let packed = ways
        .iter()
        .filter(|(coding, _)| accepts(headers, coding))
        .find_map(|(coding, end)| Some((*coding, files(&format!("{path}{end}"))?)));
    let (coding, file) = match packed {
        Some((coding, file)) => (Some(coding), file),
        None => (None, plain),
    };
    let tag: String = file.hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{tag}\"");
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|one| one.trim() == tag));
    let mut response = Response::new(if known {
        Body::empty()
    } else {
        Body::from(file.bytes)
    });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        set(&mut response, header::CONTENT_TYPE, media_type(path));
        if let Some(coding) = coding {
            set(&mut response, header::CONTENT_ENCODING, coding);
        }
    }
    let lifetime = match path.starts_with(HASHED) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    set(&mut response, header::CACHE_CONTROL, lifetime);
    set(&mut response, header::VARY, "Accept-Encoding");
    set(&mut response, header::ETAG, &tag);
    safe(response, None)
}

/// A page of an older build asks for files that are no more: it should hear so, not get a page for a script.
fn not_there() -> Response {
    let mut response = Response::new(Body::from("there is no such file in this build\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    set(
        &mut response,
        header::CONTENT_TYPE,
        "text/plain; charset=utf-8",
    );
    set(&mut response, header::CACHE_CONTROL, "no-store");
    safe(response, None)
}

/// Whether a client takes a coding (RFC 9110, section 12.5.3); `*` is not read, since it names none.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut offers = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|offer| offer.split_once(';').unwrap_or((offer, "")));
    offers.any(|(name, weight)| {
        let none = ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains(&weight.trim());
        name.trim().eq_ignore_ascii_case(coding) && !none
    })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// Headers on everything of the console's: nothing is loaded from elsewhere, nobody frames it, types are not guessed.
fn safe(mut response: Response, nonce: Option<&str>) -> Response {
    let styles = nonce.map_or_else(String::new, |nonce| format!(" 'nonce-{nonce}'"));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'{styles}; connect-src 'self'; img-src 'self' data: blob:; \
         font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    set(&mut response, header::CONTENT_SECURITY_POLICY, &policy);
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut response, header::REFERRER_POLICY, "no-referrer");
    response
}

fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    fn built(path: &str) -> Option<File> {
        let text = match path {
            "index.html" => "<meta nonce=__CSP_NONCE__><style nonce=__CSP_NONCE__></style>",
            "assets/app-1a2b.js" => "plain",
            "assets/app-1a2b.js.br" => "in br",
            "assets/app-1a2b.js.gz" => "in gzip",
            "favicon.svg" => "<svg/>",
            _ => return None,
        };
        let mut hash = [0; 32];
        hash[0] = text.len() as u8;
        Some(File {
            bytes: text.as_bytes().into(),
            hash,
        })
    }

    fn get(path: &str, headers: &[(&'static str, &str)]) -> Response {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        answer(built, path, &map)
    }

    fn header(response: &Response, name: &str) -> String {
        let value = response.headers().get(name);
        value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }

    async fn text(response: Response) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn every_address_leads_to_the_page() {
        for path in ["", "/", "index.html", "models/openai/gpt-4.1", "welcome"] {
            let response = get(path, &[("accept-encoding", "br")]);
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(header(&response, "cache-control"), "no-cache");
            let policy = header(&response, "content-security-policy");
            let (_, rest) = policy.split_once("style-src 'self' 'nonce-").unwrap();
            let (nonce, _) = rest.split_once('\'').unwrap();
            assert_eq!(nonce.len(), 40);
            assert!(!policy.contains("unsafe"), "{policy}");
            let text = text(response).await;
            assert_eq!(text.matches(nonce).count(), 2, "{text}");
        }
        let policies =
            [get("", &[]), get("", &[])].map(|page| header(&page, "content-security-policy"));
        assert_ne!(policies[0], policies[1], "a nonce is used once");
    }

    #[tokio::test]
    async fn files_come_as_small_as_the_browser_takes_them() {
        let path = "assets/app-1a2b.js";
        for (accept, coding, body) in [
            ("", "", "plain"),
            ("gzip, deflate, br, zstd", "br", "in br"),
            ("gzip", "gzip", "in gzip"),
            ("br;q=0, gzip;q=0.5", "gzip", "in gzip"),
        ] {
            let response = get(path, &[("accept-encoding", accept)]);
            assert_eq!(header(&response, "content-encoding"), coding, "{accept}");
            assert_eq!(
                header(&response, "content-type"),
                "text/javascript; charset=utf-8"
            );
            assert!(header(&response, "cache-control").contains("immutable"));
            assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            assert_eq!(text(response).await, body);
        }
        let icon = get("favicon.svg", &[("accept-encoding", "br")]);
        assert_eq!(header(&icon, "cache-control"), "no-cache");
        let tag = header(&icon, "etag");
        let again = get("favicon.svg", &[("if-none-match", &tag)]);
        assert_eq!(again.status(), 304);
        assert_eq!(text(again).await, "");
    }

    #[test]
    fn a_file_of_an_older_build_is_not_there() {
        assert_eq!(get("assets/app-old.js", &[]).status(), 404);
    }

    #[tokio::test]
    async fn a_build_without_it_says_how_to_have_it() {
        let response = answer(|_| None, "", &HeaderMap::new());
        assert_eq!(response.status(), 404);
        assert!(text(response).await.contains("make console"));
    }
}
