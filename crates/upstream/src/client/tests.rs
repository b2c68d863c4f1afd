//! The client against small servers on loopback that behave as providers do, well and badly.

use super::{Answer, Call, Client, Settings, Timeouts};
use crate::failure::{Failure, FailureKind};
use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Long enough that only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
const STREAM: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n";

/// A server that hands each connection, with its number from 0, to `serve`.
async fn server<F>(serve: impl Fn(TcpStream, usize) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, number));
            number += 1;
        }
    });
    address
}

/// Reads one request: its head and a body of the length it states. Empty when the peer closed.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return String::new(),
            Ok(read) => seen.extend_from_slice(&buffer[..read]),
        }
    }
}

/// A server that reads a request and answers with these bytes, over and over.
async fn answering(reply: &'static str) -> SocketAddr {
    server(move |mut stream, _| async move {
        while !read_request(&mut stream).await.is_empty() {
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    })
    .await
}

fn call(scheme: &str, address: SocketAddr) -> Call {
    Call {
        method: Method::POST,
        uri: format!("{scheme}://{address}/v1/chat/completions")
            .parse()
            .unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{\"model\":\"m\"}"),
        timeouts: Timeouts::default(),
    }
}

fn client() -> Client {
    Client::new(Settings::default()).unwrap()
}

async fn patiently<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what)
        .await
        .expect("it never happened")
}

async fn send(call: Call) -> Result<Answer, Failure> {
    patiently(client().send(call)).await
}

async fn kind_of_send(call: Call) -> FailureKind {
    send(call).await.unwrap_err().kind
}

#[tokio::test]
async fn a_call_arrives_as_it_was_made() {
    let (saw, mut seen) = mpsc::unbounded_channel();
    let address = server(move |mut stream, _| {
        let saw = saw.clone();
        async move {
            saw.send(read_request(&mut stream).await).unwrap();
            stream.write_all(OK.as_bytes()).await.unwrap();
        }
    })
    .await;
    let answer = send(call("http", address)).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body.collect(100).await.unwrap(), "hi");
    let expect = format!(
        "POST /v1/chat/completions HTTP/1.1\r\naccept-encoding: identity\r\nhost: {address}\r\ncontent-length: 13\r\n\r\n{{\"model\":\"m\"}}"
    );
    assert_eq!(seen.recv().await.unwrap(), expect);
}

#[tokio::test]
async fn dropping_the_body_closes_the_connection() {
    let (closed, mut seen) = mpsc::unbounded_channel();
    let address = server(move |mut stream, _| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(STREAM.as_bytes()).await.unwrap();
            // Nothing more is sent: only the client's closing can end this read.
            let read = stream.read(&mut [0; 16]).await;
            closed.send(matches!(read, Ok(0) | Err(_))).unwrap();
        }
    })
    .await;
    let client = client();
    let mut answer = client.send(call("http", address)).await.unwrap();
    let first = patiently(answer.body.frame()).await.unwrap().unwrap();
    assert_eq!(first.into_data().unwrap(), "first");
    drop(answer);
    assert_eq!(patiently(seen.recv()).await, Some(true));
}

#[tokio::test]
async fn dropping_the_call_before_its_answer_closes_the_connection() {
    let (saw, mut seen) = mpsc::unbounded_channel();
    let address = server(move |mut stream, _| {
        let saw = saw.clone();
        async move {
            read_request(&mut stream).await;
            saw.send("request").unwrap();
            let read = stream.read(&mut [0; 16]).await;
            assert!(matches!(read, Ok(0) | Err(_)));
            saw.send("closed").unwrap();
        }
    })
    .await;
    let client = client();
    let sending = tokio::spawn(async move { client.send(call("http", address)).await });
    assert_eq!(patiently(seen.recv()).await, Some("request"));
    sending.abort();
    assert_eq!(patiently(seen.recv()).await, Some("closed"));
}

/// A server that answers so to every request, and how many connections it was asked over.
async fn counted(reply: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let address = server(move |mut stream, _| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            while !read_request(&mut stream).await.is_empty() {
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    (address, connections)
}

#[tokio::test]
async fn a_connection_is_used_again_exactly_where_nothing_of_the_answer_is_left() {
    let check = async |reply: &'static str, connections: usize| {
        let (address, count) = counted(reply).await;
        let client = client();
        for _ in 0..3 {
            let answer = patiently(client.send(call("http", address))).await.unwrap();
            assert_eq!(
                patiently(answer.body.collect(100)).await.unwrap(),
                "hi",
                "{reply:?}"
            );
        }
        assert_eq!(count.load(Ordering::SeqCst), connections, "{reply:?}");
    };
    check(OK, 1).await;
    check("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nh\r\n1;x=y\r\ni\r\n0\r\nx: y\r\n\r\n", 1).await;
    check("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", 1).await;
    check(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi",
        3,
    )
    .await;
    check("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi", 3).await;
    check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi and more", 3).await;
    check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nho", 3).await;
}

#[tokio::test]
async fn an_answer_without_content_frees_its_connection_at_once() {
    let (address, count) = counted("HTTP/1.1 204 No Content\r\n\r\n").await;
    let client = client();
    let answers = [
        patiently(client.send(call("http", address))).await.unwrap(),
        patiently(client.send(call("http", address))).await.unwrap(),
    ];
    for answer in answers {
        assert_eq!(answer.status, 204);
        assert_eq!(answer.body.collect(0).await.unwrap(), "");
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_that_was_not_read_to_its_end_takes_its_connection_with_it() {
    let (address, count) = counted("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhi").await;
    let client = client();
    for _ in 0..3 {
        let mut answer = patiently(client.send(call("http", address))).await.unwrap();
        let piece = patiently(answer.body.frame()).await.unwrap().unwrap();
        assert_eq!(piece.into_data().unwrap(), "hi");
    }
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_answer_until_the_connections_end_is_whole() {
    let closing = server(|mut stream, _| async move {
        read_request(&mut stream).await;
        let reply = b"HTTP/1.1 200 OK\r\n\r\nall of it";
        stream.write_all(reply).await.unwrap();
    })
    .await;
    let answer = send(call("http", closing)).await.unwrap();
    assert_eq!(
        patiently(answer.body.collect(100)).await.unwrap(),
        "all of it"
    );
}

#[tokio::test]
async fn what_a_provider_says_unasked_is_never_taken_for_an_answer() {
    let (said, mut seen) = mpsc::unbounded_channel();
    let address = server(move |mut stream, number| {
        let said = said.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(OK.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
            let late = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
            stream.write_all(late.as_bytes()).await.unwrap();
            said.send(number).unwrap();
            assert_eq!(read_request(&mut stream).await, "");
        }
    })
    .await;
    let client = client();
    for round in 0..3 {
        let answer = patiently(client.send(call("http", address))).await.unwrap();
        assert_eq!(answer.body.collect(100).await.unwrap(), "hi");
        assert_eq!(patiently(seen.recv()).await, Some(round));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_is_heard() {
    let address = server(|mut stream, _| async move {
        stream.read_exact(&mut [0; 64]).await.unwrap();
        let reply = "HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno";
        stream.write_all(reply.as_bytes()).await.unwrap();
        // The rest of the request stays unread, far more than fits into the buffers between.
        std::future::pending::<()>().await;
    })
    .await;
    let mut large = call("http", address);
    large.body = vec![b'x'; 32 << 20].into();
    let answer = send(large).await.unwrap();
    assert_eq!(answer.status, 413);
    assert_eq!(answer.body.collect(100).await.unwrap(), "no");
}

#[tokio::test]
async fn a_large_request_arrives_whole() {
    let (saw, mut seen) = mpsc::unbounded_channel();
    let address = server(move |mut stream, _| {
        let saw = saw.clone();
        async move {
            let mut bytes = Vec::new();
            let mut buffer = vec![0; 1 << 16];
            while bytes.len() < 4 << 20 {
                let read = stream.read(&mut buffer).await.unwrap();
                bytes.extend_from_slice(&buffer[..read]);
                tokio::task::yield_now().await;
            }
            stream.write_all(OK.as_bytes()).await.unwrap();
            saw.send(bytes).unwrap();
        }
    })
    .await;
    let body: Bytes = (0..4 << 20).map(|at: u32| at.to_le_bytes()[1]).collect();
    let mut large = call("http", address);
    large.body = body.clone();
    let answer = send(large).await.unwrap();
    assert_eq!(answer.body.collect(100).await.unwrap(), "hi");
    assert!(patiently(seen.recv()).await.unwrap().ends_with(&body));
}

#[tokio::test]
async fn only_so_many_connections_are_kept() {
    let (address, count) = counted(OK).await;
    let client = Client::new(Settings {
        pool_max_idle_per_host: 1,
        ..Settings::default()
    })
    .unwrap();
    for expect in [2, 3] {
        let two = [
            patiently(client.send(call("http", address))).await.unwrap(),
            patiently(client.send(call("http", address))).await.unwrap(),
        ];
        for answer in two {
            assert_eq!(answer.body.collect(100).await.unwrap(), "hi");
        }
        assert_eq!(count.load(Ordering::SeqCst), expect);
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_though_nobody_calls_again() {
    let (closed, mut seen) = mpsc::unbounded_channel();
    let address = server(move |mut stream, _| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(OK.as_bytes()).await.unwrap();
            closed.send(read_request(&mut stream).await).unwrap();
        }
    })
    .await;
    let client = Client::new(Settings {
        pool_idle: Duration::from_millis(20),
        ..Settings::default()
    })
    .unwrap();
    let answer = patiently(client.send(call("http", address))).await.unwrap();
    assert_eq!(answer.body.collect(100).await.unwrap(), "hi");
    assert_eq!(patiently(seen.recv()).await.as_deref(), Some(""));
}

#[tokio::test]
async fn a_pooled_connection_that_the_provider_closed_is_no_failure() {
    let (closed, mut seen) = mpsc::unbounded_channel();
    let address = server(move |mut stream, number| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(OK.as_bytes()).await.unwrap();
            drop(stream);
            closed.send(number).unwrap();
        }
    })
    .await;
    let client = client();
    for round in 0..50 {
        let answer = patiently(client.send(call("http", address))).await.unwrap();
        assert_eq!(answer.body.collect(100).await.unwrap(), "hi");
        assert_eq!(patiently(seen.recv()).await, Some(round));
        // What a closed connection looks like must have reached this side before the next call.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn every_wait_has_its_limit() {
    let short = Duration::from_millis(60);
    let silent = server(|mut stream, _| async move {
        read_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let mut waiting = call("http", silent);
    waiting.timeouts.first_byte = short;
    assert_eq!(
        kind_of_send(waiting.clone()).await,
        FailureKind::FirstByteTimeout
    );
    waiting.timeouts = Timeouts {
        total: short,
        ..Timeouts::default()
    };
    assert_eq!(kind_of_send(waiting).await, FailureKind::TotalTimeout);

    let dripping = server(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(STREAM.as_bytes()).await.unwrap();
        while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let mut endless = call("http", dripping);
    endless.timeouts.total = Duration::from_millis(200);
    endless.timeouts.idle = Duration::from_millis(150);
    let answer = send(endless).await.unwrap();
    let failure = patiently(answer.body.collect(1 << 20)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TotalTimeout);

    let mut stalled = call("http", answering(STREAM).await);
    stalled.timeouts.idle = short;
    let mut answer = send(stalled).await.unwrap();
    assert!(patiently(answer.body.frame()).await.unwrap().is_ok());
    let failure = patiently(answer.body.frame()).await.unwrap().unwrap_err();
    assert_eq!(failure.kind, FailureKind::IdleTimeout);
    assert!(answer.body.frame().await.is_none());
}

#[tokio::test]
async fn a_handshake_that_hangs_is_a_connect_timeout() {
    let silent = server(|stream, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let settings = Settings {
        connect: Duration::from_millis(60),
        ..Settings::default()
    };
    let client = Client::new(settings).unwrap();
    let failure = patiently(client.send(call("https", silent)))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::ConnectTimeout);
}

#[tokio::test]
async fn each_way_to_fail_is_told_apart() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    assert_eq!(kind_of_send(call("http", gone)).await, FailureKind::Connect);

    let plain = answering("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let over_tls = server(|mut stream, _| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    assert_eq!(send(call("http", plain)).await.unwrap().status, 400);
    assert_eq!(
        kind_of_send(call("https", over_tls)).await,
        FailureKind::Tls
    );

    // No name has a label of over 63 bytes, so that nobody is asked for this one.
    let mut nowhere = call("http", gone);
    nowhere.uri = format!("http://{}.invalid/", "a".repeat(70))
        .parse()
        .unwrap();
    assert_eq!(kind_of_send(nowhere).await, FailureKind::Dns);

    let mute = server(|mut stream, _| async move {
        read_request(&mut stream).await;
    })
    .await;
    assert_eq!(
        kind_of_send(call("http", mute)).await,
        FailureKind::Disconnected
    );

    let babbling = answering("What do you want?\r\n\r\n").await;
    assert_eq!(
        kind_of_send(call("http", babbling)).await,
        FailureKind::Malformed
    );
}

#[tokio::test]
async fn a_compressed_answer_is_refused_since_none_was_asked_for() {
    let gzip = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nhi";
    assert_eq!(
        kind_of_send(call("http", answering(gzip).await)).await,
        FailureKind::Malformed
    );
    let plain = "HTTP/1.1 200 OK\r\ncontent-encoding: Identity\r\ncontent-length: 2\r\n\r\nhi";
    assert!(send(call("http", answering(plain).await)).await.is_ok());
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let endless = server(|mut stream, _| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx-long: ").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    assert_eq!(
        kind_of_send(call("http", endless)).await,
        FailureKind::Malformed
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_or_is_too_long_is_a_failure() {
    let cut = server(|mut stream, _| async move {
        read_request(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
        stream.write_all(head).await.unwrap();
    })
    .await;
    let answer = send(call("http", cut)).await.unwrap();
    let failure = patiently(answer.body.collect(1000)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cut);

    let answer = send(call("http", answering(OK).await)).await.unwrap();
    let failure = patiently(answer.body.collect(1)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::AnswerTooLarge);
}

#[tokio::test]
async fn an_error_status_becomes_a_failure_with_what_the_provider_said() {
    let reply = "HTTP/1.1 429 Too Many\r\nretry-after: 7\r\ncontent-type: application/json\r\ncontent-length: 32\r\n\r\n{\"error\":{\"message\":\"slow down\"}}";
    let answer = send(call("http", answering(reply).await)).await.unwrap();
    let dialect = &protocol::dialect::openai_chat::DIALECT;
    let failure = answer
        .into_failure(dialect.errors, std::time::SystemTime::UNIX_EPOCH)
        .await;
    assert_eq!(failure.kind, FailureKind::RateLimited);
    assert_eq!(failure.status, Some(429));
    assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
    assert!(failure.error.message.contains("slow down"), "{failure:?}");
}
