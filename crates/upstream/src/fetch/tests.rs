//! Fetching over real sockets on loopback, with a resolver of the test's own. Where something is to succeed, 127.0.0.2
//! stands for the public internet: it is on the allow-list, and the rest of loopback is not.

mod host;

use super::turns::Turns;
use super::{Budget, FetchError, FetchLimits, Fetched, Fetcher, Guard, Resolver, UrlFault, Wanted};
use crate::{Settings, Upstream};
use host::{Host, OK_HEAD, PNG, PUBLIC, redirect};
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Long enough that only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Names that the tests use.
fn names() -> Resolver {
    let known: HashMap<&str, Vec<IpAddr>> = HashMap::from([
        ("files.test", vec![ip(PUBLIC)]),
        ("ten.test", vec![ip("10.0.0.1")]),
        ("loop.test", vec![ip("127.0.0.1")]),
        ("localhost", vec![ip("127.0.0.1"), ip("::1")]),
        ("mixed.test", vec![ip(PUBLIC), ip("127.0.0.1")]),
        ("mapped.test", vec![ip("::ffff:127.0.0.1")]),
        ("metadata.test", vec![ip("169.254.169.254")]),
        ("empty.test", vec![]),
    ]);
    Resolver::new(move |name| {
        let found = known.get(name.as_str()).cloned();
        async move { found.ok_or_else(|| io::Error::other("no such name")) }
    })
}

fn limits() -> FetchLimits {
    FetchLimits {
        refusal_step: Duration::from_millis(1),
        ..FetchLimits::default()
    }
}

fn fetcher(limits: FetchLimits, guard: Guard, resolver: Resolver) -> Fetcher {
    // The root certificates are read once for all tests.
    static UPSTREAM: LazyLock<Upstream> =
        LazyLock::new(|| Upstream::new(Settings::default()).unwrap());
    UPSTREAM.fetcher(limits, guard, resolver)
}

/// May reach 127.0.0.2, on the host's port.
fn guard(host: &Host) -> Guard {
    Guard::default()
        .and_allow(PUBLIC)
        .unwrap()
        .and_ports(&[host.port])
}

fn budget() -> Budget {
    Budget::new("shop", usize::MAX, usize::MAX)
}

async fn patiently<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what)
        .await
        .expect("it never happened")
}

async fn fetch_with(
    limits: FetchLimits,
    host: &Host,
    url: &str,
    wanted: Wanted,
) -> Result<Fetched, FetchError> {
    let fetcher = fetcher(limits, guard(host), names());
    patiently(fetcher.fetch(url, wanted, &budget())).await
}

async fn fetch(host: &Host, url: &str) -> Result<Fetched, FetchError> {
    fetch_with(limits(), host, url, Wanted::Image).await
}

#[tokio::test]
async fn a_file_is_fetched_and_its_host_learns_nothing_of_the_client() {
    let host = Host::answering([OK_HEAD, PNG].concat()).await;
    let file = fetch(&host, &host.url("/a%20b.png?sig=1#part"))
        .await
        .unwrap();
    assert_eq!(file.media_type, "image/png");
    assert_eq!(file.bytes, PNG);
    let expect = format!(
        "GET /a%20b.png?sig=1 HTTP/1.1\r\nhost: files.test:{}\r\nuser-agent: Tollgate\r\naccept: image/*\r\naccept-encoding: identity\r\nconnection: close\r\n\r\n",
        host.port
    );
    assert_eq!(host.seen(), [expect]);
}

/// Every spelling of a place that must not be reached, on this port.
fn forbidden_places(port: u16) -> Vec<String> {
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.3",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "169.254.169.254",
        "0xa9fea9fe",
        "[::ffff:169.254.169.254]",
        "100.100.100.200",
        "168.63.129.16",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "localhost",
        "LOCALHOST.",
        "ten.test",
        "loop.test",
        "mapped.test",
        "metadata.test",
        "mixed.test",
    ]
    .map(|host| format!("http://{host}:{port}/"))
    .into()
}

#[tokio::test]
async fn no_spelling_of_a_forbidden_place_is_reached() {
    let host = Host::answering([OK_HEAD, PNG].concat()).await;
    for url in forbidden_places(host.port) {
        assert_eq!(
            fetch(&host, &url).await,
            Err(FetchError::NotFetched),
            "{url}"
        );
        host.assert_nobody_went_inside(&url);
    }
    assert!(host.seen().is_empty());
    // Nor by default, when nothing is allowed and the port is a usual one.
    let fetcher = fetcher(limits(), Guard::default(), names());
    for url in forbidden_places(80)
        .into_iter()
        .chain([format!("http://{PUBLIC}/")])
    {
        let outcome = patiently(fetcher.fetch(&url, Wanted::Any, &budget())).await;
        assert_eq!(outcome, Err(FetchError::NotFetched), "{url}");
    }
}

#[tokio::test]
async fn no_redirect_leads_to_a_forbidden_place() {
    let places = forbidden_places(80);
    let others = [
        "file:///etc/passwd",
        "gopher://files.test/1",
        "data:image/png;base64,iVBORw0KGgo=",
        "ftp://files.test/a.png",
        "http://user:secret@files.test/",
        "http://files.test:22/",
        "http://",
    ];
    for location in places.into_iter().chain(others.map(str::to_owned)) {
        let host = Host::redirecting(&location).await;
        let same_port = location.replace(":80/", &format!(":{}/", host.port));
        for location in [location, same_port] {
            let outcome = fetch(&host, &host.url("/")).await;
            assert_eq!(outcome, Err(FetchError::NotFetched), "{location}");
            host.assert_nobody_went_inside(&location);
        }
        assert_eq!(host.seen().len(), 2);
    }
}

#[tokio::test]
async fn no_other_scheme_user_or_port_is_tried() {
    let host = Host::answering([OK_HEAD, PNG].concat()).await;
    let port = host.port;
    let cases = [
        ("file:///etc/passwd".to_owned(), UrlFault::Scheme),
        (format!("gopher://127.0.0.1:{port}/_x"), UrlFault::Scheme),
        (format!("ftp://127.0.0.1:{port}/x"), UrlFault::Scheme),
        ("data:image/png;base64,AAAA".to_owned(), UrlFault::Scheme),
        (format!("http://me@{PUBLIC}:{port}/"), UrlFault::Credentials),
        (format!("http://{PUBLIC}:1/"), UrlFault::Port),
        ("image.png".to_owned(), UrlFault::Malformed),
    ];
    for (url, fault) in cases {
        let outcome = fetch(&host, &url).await;
        assert_eq!(outcome, Err(FetchError::NotAllowed(fault)), "{url}");
        assert_eq!(FetchError::NotAllowed(fault).status(), 400);
    }
    assert!(host.seen().is_empty());
    host.assert_nobody_went_inside("other schemes");
}

/// A name whose address changes: each look-up gives the next answer, and the last one again and again.
fn changing(answers: &'static [&'static str]) -> (Resolver, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let resolver = Resolver::new(move |_| {
        let turn = count.fetch_add(1, Ordering::SeqCst);
        let answer = answers[turn.min(answers.len() - 1)];
        async move { Ok(vec![ip(answer)]) }
    });
    (resolver, asked)
}

#[tokio::test]
async fn a_name_that_changes_between_check_and_connect_is_reached_where_it_was_checked() {
    let host = Host::answering([OK_HEAD, PNG].concat()).await;
    let (resolver, asked) = changing(&[PUBLIC, "127.0.0.1"]);
    let fetcher = fetcher(limits(), guard(&host), resolver);
    let url = host.url("/");
    let file = patiently(fetcher.fetch(&url, Wanted::Image, &budget())).await;
    assert_eq!(file.unwrap().bytes, PNG);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "it was looked up once");
    assert_eq!(host.seen().len(), 1);
    // The next fetch looks again, and is refused.
    let again = patiently(fetcher.fetch(&url, Wanted::Image, &budget())).await;
    assert_eq!(again, Err(FetchError::NotFetched));
    host.assert_nobody_went_inside("a name that changed");
}

#[tokio::test]
async fn a_name_that_changes_before_a_redirect_to_itself_is_checked_again() {
    let host = Host::redirecting("/again").await;
    let (resolver, asked) = changing(&[PUBLIC, "127.0.0.1"]);
    let fetcher = fetcher(limits(), guard(&host), resolver);
    let outcome = patiently(fetcher.fetch(&host.url("/"), Wanted::Image, &budget())).await;
    assert_eq!(outcome, Err(FetchError::NotFetched));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(host.seen().len(), 1);
    host.assert_nobody_went_inside("a name that changed before a redirect");
}

#[tokio::test]
async fn three_redirects_are_followed_and_no_more() {
    let host = Host::new(|mut stream, request| async move {
        let left: usize = request[5..6].parse().unwrap();
        let reply = match left {
            0 => [OK_HEAD, PNG].concat(),
            left => redirect(&format!("/{}", left - 1)),
        };
        let _ = stream.write_all(&reply).await;
    })
    .await;
    assert_eq!(fetch(&host, &host.url("/3")).await.unwrap().bytes, PNG);
    assert_eq!(host.seen().len(), 4);
    assert_eq!(
        fetch(&host, &host.url("/4")).await,
        Err(FetchError::NotFetched)
    );
    assert_eq!(host.seen().len(), 8);
}

#[tokio::test]
async fn what_was_refused_and_what_is_not_there_cannot_be_told_apart() {
    let step = Duration::from_millis(300);
    let limits = FetchLimits {
        refusal_step: step,
        ..limits()
    };
    let host = Host::answering("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
    let closed = {
        let listener = TcpListener::bind((PUBLIC, 0)).await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let guard = guard(&host).and_ports(&[closed]);
    let fetcher = fetcher(limits, guard, names());
    let port = host.port;
    for url in [
        format!("http://127.0.0.1:{port}/"),
        "http://ten.test/".to_owned(),
        "http://nowhere.test/".to_owned(),
        "http://empty.test/".to_owned(),
        format!("http://files.test:{closed}/"),
        format!("http://files.test:{port}/"),
        // TLS with who does not speak it.
        format!("https://files.test:{port}/"),
    ] {
        let begin = Instant::now();
        let error = patiently(fetcher.fetch(&url, Wanted::Any, &budget()))
            .await
            .unwrap_err();
        let took = begin.elapsed();
        assert_eq!(error.code(), "url_not_fetched", "{url}");
        assert_eq!(error.status(), 400, "{url}");
        let sentence = "The file could not be fetched from this URL: its host is unknown, not reachable or not allowed, or did not answer with the file itself.";
        assert_eq!(error.to_string(), sentence, "{url}");
        assert!(took >= step && took < step * 2, "{url} took {took:?}");
    }
}

#[tokio::test]
async fn an_operator_may_allow_a_private_host_by_name() {
    let host = Host::answering([OK_HEAD, PNG].concat()).await;
    let guard = Guard::default()
        .and_allow("files.test")
        .unwrap()
        .and_ports(&[host.port]);
    let fetcher = fetcher(limits(), guard, names());
    let url = host.url("/");
    assert!(
        patiently(fetcher.fetch(&url, Wanted::Image, &budget()))
            .await
            .is_ok()
    );
    let by_address = format!("http://{PUBLIC}:{}/", host.port);
    let outcome = patiently(fetcher.fetch(&by_address, Wanted::Image, &budget())).await;
    assert_eq!(outcome, Err(FetchError::NotFetched));
}

#[tokio::test]
async fn nothing_is_fetched_when_it_is_switched_off() {
    let outcome = Fetcher::off()
        .fetch("http://files.test/", Wanted::Any, &budget())
        .await;
    assert_eq!(outcome, Err(FetchError::Off));
}

#[tokio::test]
async fn over_tls_the_name_is_the_urls_and_a_stranger_is_refused() {
    let (told, mut hello) = tokio::sync::mpsc::unbounded_channel();
    let listener = TcpListener::bind((PUBLIC, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        buffer.truncate(read);
        told.send(buffer).unwrap();
    });
    let guard = Guard::default()
        .and_allow(PUBLIC)
        .unwrap()
        .and_ports(&[port]);
    let fetcher = fetcher(limits(), guard, names());
    let url = format!("https://files.test:{port}/");
    let outcome = patiently(fetcher.fetch(&url, Wanted::Any, &budget())).await;
    assert_eq!(outcome, Err(FetchError::NotFetched));
    let hello = hello.recv().await.unwrap();
    let names = |name: &[u8]| hello.windows(name.len()).any(|part| part == name);
    assert!(names(b"files.test"), "the server name is the host");
    assert!(names(b"http/1.1"));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_read() {
    let small = FetchLimits {
        max_bytes: 1000,
        ..limits()
    };
    let too_large = Err(FetchError::TooLarge { max: 1000 });
    // The announced body never comes: it would be a time-out, were it waited for.
    let announced = Host::new(|mut stream, _| async move {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n";
        let _ = stream.write_all(head).await;
        let _ = stream.read(&mut [0; 1]).await;
    })
    .await;
    let outcome = fetch_with(small, &announced, &announced.url("/"), Wanted::Any).await;
    assert_eq!(outcome, too_large);

    let endless = |head: &'static str, piece: &'static [u8]| {
        Host::new(move |mut stream, _| async move {
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(piece).await.is_ok() {}
        })
    };
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let host = endless(chunked, b"5\r\nabcde\r\n").await;
    assert_eq!(
        fetch_with(small, &host, &host.url("/"), Wanted::Any).await,
        too_large
    );
    let host = endless("HTTP/1.1 200 OK\r\n\r\n", b"until the end").await;
    assert_eq!(
        fetch_with(small, &host, &host.url("/"), Wanted::Any).await,
        too_large
    );
    // And exactly as much is allowed.
    let reply = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &[b'a'; 1000]].concat();
    let host = Host::answering(reply).await;
    let file = fetch_with(small, &host, &host.url("/"), Wanted::Any).await;
    assert_eq!(file.unwrap().bytes.len(), 1000);
}

#[tokio::test]
async fn the_files_of_one_request_share_its_budget() {
    let host = Host::answering([OK_HEAD, PNG].concat()).await;
    let fetcher = fetcher(limits(), guard(&host), names());
    let url = host.url("/");
    let bytes = Budget::new("shop", PNG.len() * 2 + 1, 9);
    let files = Budget::new("shop", usize::MAX, 2);
    for budget in [&bytes, &files] {
        for _ in 0..2 {
            assert!(
                patiently(fetcher.fetch(&url, Wanted::Image, budget))
                    .await
                    .is_ok()
            );
        }
    }
    let max = PNG.len() * 2 + 1;
    let outcome = patiently(fetcher.fetch(&url, Wanted::Image, &bytes)).await;
    assert_eq!(outcome, Err(FetchError::TogetherTooLarge { max }));
    let outcome = patiently(fetcher.fetch(&url, Wanted::Image, &files)).await;
    assert_eq!(outcome, Err(FetchError::TooMany { max: 2 }));
}

#[tokio::test]
async fn a_slow_answer_ends_in_time() {
    let limit = Duration::from_millis(200);
    let short = FetchLimits {
        total: limit,
        ..limits()
    };
    let silent = Host::new(|mut stream, _| async move {
        let _ = stream.read(&mut [0; 1]).await;
    })
    .await;
    let dripping = Host::new(|mut stream, _| async move {
        let _ = stream.write_all(OK_HEAD).await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let dripping_head = Host::new(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    for host in [silent, dripping, dripping_head] {
        let outcome = fetch_with(short, &host, &host.url("/"), Wanted::Any).await;
        assert_eq!(outcome, Err(FetchError::TooSlow { limit }));
    }
}

#[tokio::test]
async fn a_name_service_that_never_answers_is_not_waited_for() {
    let resolver = Resolver::new(|_| std::future::pending());
    let short = FetchLimits {
        connect: Duration::from_millis(50),
        ..limits()
    };
    let fetcher = fetcher(short, Guard::default(), resolver);
    let outcome = patiently(fetcher.fetch("http://slow.test/", Wanted::Any, &budget())).await;
    assert_eq!(outcome, Err(FetchError::NotFetched));
}

#[tokio::test]
async fn answers_that_are_not_the_file() {
    let bomb = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x0b";
    let endless_head = ["HTTP/1.1 200 OK\r\nx: ", &"x".repeat(200_000), "\r\n\r\n"].concat();
    let many_headers = ["HTTP/1.1 200 OK\r\n", &"x: y\r\n".repeat(1000), "\r\n"].concat();
    for reply in [
        bomb,
        &endless_head,
        &many_headers,
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncut",
        "HTTP/1.1 206 Partial Content\r\ncontent-length: 2\r\n\r\nhi",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nhi",
        "HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nhi",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "-ERR unknown command\r\n",
        "",
    ] {
        let host = Host::answering(reply).await;
        let outcome = fetch_with(limits(), &host, &host.url("/"), Wanted::Any).await;
        assert_eq!(outcome, Err(FetchError::NotFetched), "{reply:.80}");
    }
}

#[tokio::test]
async fn a_page_is_no_image_and_an_unlabelled_image_is_one() {
    let page = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n<!doctype html><h1>Log in</h1>";
    let host = Host::answering(page).await;
    let outcome = fetch(&host, &host.url("/a.png")).await;
    assert_eq!(outcome, Err(FetchError::WrongType(Wanted::Image)));
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n\r\n";
    let host = Host::answering([head, PNG].concat()).await;
    assert_eq!(
        fetch(&host, &host.url("/")).await.unwrap().media_type,
        "image/png"
    );
}

#[tokio::test]
async fn so_many_run_at_once_and_others_wait_their_turn() {
    let host = Host::new(|mut stream, _| async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let _ = stream.write_all(&[OK_HEAD, PNG].concat()).await;
    })
    .await;
    let one = FetchLimits {
        at_once: 1,
        ..limits()
    };
    let url = host.url("/");
    let begin = Instant::now();
    let both = fetcher(one, guard(&host), names());
    let (first, second) = (budget(), budget());
    let outcomes = tokio::join!(
        both.fetch(&url, Wanted::Image, &first),
        both.fetch(&url, Wanted::Image, &second)
    );
    assert!(outcomes.0.is_ok() && outcomes.1.is_ok());
    assert!(begin.elapsed() >= Duration::from_millis(200));

    let impatient = FetchLimits {
        total: Duration::from_millis(50),
        ..one
    };
    let taken = fetcher(impatient, guard(&host), names());
    let _turn = taken.0.as_ref().unwrap().turns.take("other").await.unwrap();
    let outcome = patiently(taken.fetch(&url, Wanted::Image, &first)).await;
    assert_eq!(outcome, Err(FetchError::Busy));
}

/// One key named 32 files that came a byte a second, and everybody else's waited.
#[tokio::test]
async fn slow_files_of_one_project_hold_up_no_others() {
    let turns = Turns::new(3, 2);
    let soon = |project| tokio::time::timeout(Duration::from_millis(20), turns.take(project));
    let held = (soon("slow").await, soon("slow").await);
    assert!(matches!(&held, (Ok(Some(_)), Ok(Some(_)))));
    assert!(soon("slow").await.is_err());
    let other = soon("other").await;
    assert!(matches!(other, Ok(Some(_))));
    assert!(soon("third").await.is_err(), "all are taken");
    drop(held);
    assert!(matches!(soon("slow").await, Ok(Some(_))));
}

#[tokio::test]
async fn dropping_a_fetch_closes_its_connection() {
    let (told, mut events) = tokio::sync::mpsc::unbounded_channel();
    let host = Host::new(move |mut stream, _| {
        let told = told.clone();
        async move {
            told.send("asked").unwrap();
            let read = stream.read(&mut [0; 1]).await;
            assert!(matches!(read, Ok(0) | Err(_)));
            told.send("closed").unwrap();
        }
    })
    .await;
    let fetcher = fetcher(limits(), guard(&host), names());
    let url = host.url("/");
    let running = tokio::spawn(async move { fetcher.fetch(&url, Wanted::Any, &budget()).await });
    assert_eq!(patiently(events.recv()).await, Some("asked"));
    running.abort();
    assert_eq!(patiently(events.recv()).await, Some("closed"));
}

#[tokio::test]
async fn the_systems_resolver_knows_this_machine() {
    let found = Resolver::system().look_up("localhost").await.unwrap();
    assert!(!found.is_empty());
    assert!(found.iter().all(IpAddr::is_loopback));
}
