//! Which URLs may be looked at further, and what host they name in whatever spelling.

use super::super::error::{Cause, UrlFault};
use super::super::guard::Guard;
use super::{MAX_LENGTH, Target};

fn check(url: &str, expect: Result<&str, UrlFault>) {
    let host = Target::parse(url, &Guard::default()).map(|target| target.host.to_string());
    assert_eq!(host, expect.map(str::to_owned), "{url}");
}

#[test]
fn a_host_is_the_same_in_every_spelling() {
    for url in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.1./",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://0x7F.0.0.0x1:80/",
        "http://%31%32%37.0.0.1/",
        "http:\\\\127.0.0.1\\a",
        "http:127.0.0.1",
        "  HTTP://127.0.0.1\n",
        "http://127。0。0。1/",
        "http://①②⑦.0.0.1/",
        "https://127.1/",
    ] {
        check(url, Ok("127.0.0.1"));
    }
    check("http://0/", Ok("0.0.0.0"));
    check("http://[::ffff:127.0.0.1]/", Ok("[::ffff:7f00:1]"));
    check("http://[0:0:0:0:0:0:0:1]/", Ok("[::1]"));
    check("https://BÜCHER.example/", Ok("xn--bcher-kva.example"));
}

#[test]
fn other_urls_are_refused_as_they_are_written() {
    let schemes = [
        "file:///etc/passwd",
        "gopher://a.example/1",
        "ftp://a.example/f",
        "data:image/png;base64,AAAA",
        "ws://a.example/",
        "javascript:alert(1)",
        "unix:/run/docker.sock",
    ];
    for url in schemes {
        check(url, Err(UrlFault::Scheme));
    }
    for url in [
        "",
        "a.example/image.png",
        "/image.png",
        "//a.example/",
        "http://",
        "http:///",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://256.0.0.1/",
        "http://1.2.3.4.5/",
        "http://09.1.1.1/",
        "http://a b.example/",
        "http://a.example:99999/",
        "https://a%00.example/",
    ] {
        check(url, Err(UrlFault::Malformed));
    }
    for url in [
        "http://user@a.example/",
        "http://user:secret@a.example/",
        "http://:secret@a.example/",
        "https://a.example\\@b.example:secret@127.0.0.1/",
    ] {
        let expect = match url.contains('\\') {
            // A backslash ends the host here as it does in browsers.
            true => Ok("a.example"),
            false => Err(UrlFault::Credentials),
        };
        check(url, expect);
    }
    for port in [0, 1, 22, 25, 6379, 8080, 65535] {
        check(&format!("http://a.example:{port}/"), Err(UrlFault::Port));
    }
    check("http://a.example:443/", Ok("a.example"));
    check("https://a.example:80/", Ok("a.example"));
    let long = format!("https://a.example/{}", "a".repeat(MAX_LENGTH));
    check(&long, Err(UrlFault::Length(MAX_LENGTH)));
}

#[test]
fn a_redirect_is_judged_like_a_url_and_never_leaves_tls() {
    let check = |from: &str, location: &str, expect: Result<&str, &str>| {
        let guard = Guard::default();
        let target = Target::parse(from, &guard).unwrap();
        let next = target
            .redirected(location, &guard)
            .map(|next| format!("{}{}", next.authority(), next.path()))
            .map_err(|cause| match cause {
                Cause::Redirect(fault) => format!("{fault:?}"),
                other => format!("{other:?}"),
            });
        let expect = expect.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(next, expect, "{from} {location}");
    };
    let from = "https://a.example/x/y?z";
    check(from, "/b?c#d", Ok("a.example/b?c"));
    check(from, "b", Ok("a.example/x/b"));
    check(from, "//b.example", Ok("b.example/"));
    check(from, "https://b.example:80/", Ok("b.example:80/"));
    check(from, "http://a.example/", Err("Downgrade"));
    check("http://a.example/", "https://a.example/", Ok("a.example/"));
    check("http://a.example/", "http://b.example/", Ok("b.example/"));
    check(from, "file:///etc/passwd", Err("Scheme"));
    check(from, "gopher://a.example/", Err("Scheme"));
    check(from, "https://a@b.example/", Err("Credentials"));
    check(from, "https://b.example:6379/", Err("Port"));
    check(from, "https://", Err("Malformed"));
}
