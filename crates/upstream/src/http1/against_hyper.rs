//! Answers of all kinds, whole and broken, read by this client and by hyper's: both must come to the same end. Where this
//! one is stricter on purpose, the cases stand apart.

use super::{Connection, Written};
use crate::client::Call;
use crate::connect::Stream;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use std::fmt::Write;
use std::future::poll_fn;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What came of an answer.
#[derive(Debug, PartialEq)]
enum Came {
    /// No head that could be read.
    Nothing,
    /// A head, and content that broke off or was wrong.
    Broken(StatusCode),
    /// All of it.
    Whole(StatusCode, Bytes),
}

async fn with_ours(address: SocketAddr) -> Came {
    let stream = TcpStream::connect(address).await.unwrap();
    let stream: Stream = TokioIo::new(MaybeHttpsStream::Http(TokioIo::new(stream)));
    let call = Call {
        method: Method::GET,
        uri: format!("http://{address}/").parse().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        timeouts: crate::client::Timeouts::default(),
    };
    let connection = Box::new(Connection::new(stream));
    let Ok(answered) = connection.ask(Written::of(call)).await else {
        return Came::Nothing;
    };
    let mut incoming = answered.incoming;
    let mut all = Vec::new();
    loop {
        match poll_fn(|cx| incoming.poll_piece(cx)).await {
            Some(Ok(piece)) => all.extend_from_slice(&piece),
            Some(Err(_)) => return Came::Broken(answered.status),
            None => return Came::Whole(answered.status, all.into()),
        }
    }
}

async fn with_hyper(address: SocketAddr) -> Came {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    let driving = tokio::spawn(connection);
    let request = Request::get("/").header("host", "x");
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let Ok(answer) = sender.send_request(request).await else {
        return Came::Nothing;
    };
    let status = answer.status();
    let came = match answer.into_body().collect().await {
        Ok(body) => Came::Whole(status, body.to_bytes()),
        Err(_) => Came::Broken(status),
    };
    driving.abort();
    came
}

/// Answers each connection with the same bytes, in pieces, and closes it.
async fn serve(answer: Vec<u8>, piece: usize, connections: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for _ in 0..connections {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let mut request = vec![0; 4096];
            let Ok(1..) = stream.read(&mut request).await else {
                continue;
            };
            for bytes in answer.chunks(piece) {
                if stream.write_all(bytes).await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            stream.shutdown().await.ok();
        }
    });
    address
}

/// How an answer says where it ends, rightly and wrongly.
fn framed() -> impl Strategy<Value = String> {
    let body = "[a-z]{0,40}";
    let right = |body: String| format!("content-length: {}\r\n\r\n{body}", body.len());
    let chunked = |head: &'static str, end: &'static str| {
        prop::collection::vec("[a-z]{1,20}", 0..4).prop_map(move |chunks| {
            let mut text = format!("{head}transfer-encoding: chunked\r\n\r\n");
            for chunk in chunks {
                write!(text, "{:x}{end}\r\n{chunk}\r\n", chunk.len()).unwrap();
            }
            text
        })
    };
    let ends = prop::sample::select(vec![
        "0\r\n\r\n",
        "0\r\nx-checksum: 1\r\n\r\n",
        "",
        "0\r\n",
        "0\r\n\r\nmore",
        "zz\r\n\r\n",
        "-1\r\n\r\n",
        "5\r\nabc",
        "ffffffffffffffffff\r\n",
    ]);
    let ended = |chunks: BoxedStrategy<String>| {
        (chunks, ends.clone()).prop_map(|(chunks, end)| format!("{chunks}{end}"))
    };
    prop_oneof![
        body.prop_map(right),
        body.prop_map(|body| format!("content-length: {}\r\n\r\n{body}", body.len() + 3)),
        body.prop_map(|body| format!("content-length: 2\r\n\r\nab{body}")),
        body.prop_map(|body| format!("content-length: 2\r\ncontent-length: 2\r\n\r\nab{body}")),
        body.prop_map(|body| format!("content-length: 2\r\ncontent-length: 3\r\n\r\nab{body}")),
        body.prop_map(|body| format!("content-length: nine\r\n\r\n{body}")),
        body.prop_map(|body| format!("\r\n{body}")),
        ended(chunked("", "").boxed()),
        ended(chunked("", ";name=value").boxed()),
    ]
}

fn answer() -> impl Strategy<Value = String> {
    let start = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 404 Not Found\r\n",
        "HTTP/1.1 204 No Content\r\n",
        "HTTP/1.1 304 Not Modified\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
        "HTTP/1.0 200 OK\r\n",
        "HTTP/1.1 200\r\n",
        "HTTP/1.1 2000 No\r\n",
        "ICY 200 OK\r\n",
    ]);
    let more = prop::sample::select(vec![
        "",
        "connection: close\r\n",
        "connection: keep-alive\r\n",
        "x-note: \u{fc}\r\n",
        "content-type: text/event-stream\r\n",
        "bad header: x\r\n",
        "no colon\r\n",
    ]);
    (start, more, framed()).prop_map(|(start, more, framed)| format!("{start}{more}{framed}"))
}

/// Length and chunks together, which proxies understand differently: RFC 9112, section 6.3, calls it an error.
#[tokio::test]
async fn an_answer_with_two_framings_is_refused() {
    let text =
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    let address = serve(text.into(), 1000, 1).await;
    assert_eq!(with_ours(address).await, Came::Nothing);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_answer_comes_to_the_same_end(text in answer(), piece in 1..60_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (ours, hypers) = runtime.block_on(async {
            let address = serve(text.clone().into_bytes(), piece, 2).await;
            (with_ours(address).await, with_hyper(address).await)
        });
        prop_assert_eq!(ours, hypers, "{:?} in pieces of {}", text, piece);
    }
}
