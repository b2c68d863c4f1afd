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

#[tokio::test]
async fn connections_are_used_again() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let address = server(move |mut stream, _| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            while !read_request(&mut stream).await.is_empty() {
                stream.write_all(OK.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    let client = client();
    for _ in 0..5 {
        let answer = patiently(client.send(call("http", address))).await.unwrap();
        assert_eq!(answer.body.collect(100).await.unwrap(), "hi");
        // The connection returns to the pool in a task of its own.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
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
