//! A host to fetch from, and beside it one that must never be reached.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Stands for the public internet.
pub(super) const PUBLIC: &str = "127.0.0.2";
/// An image, as far as its first bytes tell.
pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand more";

/// A server on 127.0.0.2, with the same port of 127.0.0.1 for what must not be reached.
pub(super) struct Host {
    pub(super) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    /// Connections to 127.0.0.1.
    forbidden: Arc<AtomicUsize>,
}

impl Host {
    pub(super) async fn new<F>(serve: impl Fn(TcpStream, String) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (inside, outside) = two_listeners().await;
        let port = outside.local_addr().unwrap().port();
        let forbidden = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&forbidden);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = inside.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let secret = [OK_HEAD, PNG].concat();
                let _ = stream.write_all(&secret).await;
            }
        });
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = outside.accept().await {
                let request = read_head(&mut stream).await;
                seen.lock().unwrap().push(request.clone());
                tokio::spawn(serve(stream, request));
            }
        });
        Self {
            port,
            requests,
            forbidden,
        }
    }

    /// Answers every request with these bytes, and closes.
    pub(super) async fn answering(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::new(move |mut stream, _| {
            let reply = reply.clone();
            async move {
                let _ = stream.write_all(&reply).await;
            }
        })
        .await
    }

    pub(super) async fn redirecting(location: &str) -> Self {
        Self::answering(redirect(location)).await
    }

    pub(super) fn seen(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://files.test:{}{path}", self.port)
    }

    pub(super) fn assert_nobody_went_inside(&self, why: &str) {
        assert_eq!(self.forbidden.load(Ordering::SeqCst), 0, "{why}");
    }
}

/// The same port on 127.0.0.1 and 127.0.0.2.
async fn two_listeners() -> (TcpListener, TcpListener) {
    for _ in 0..100 {
        let outside = TcpListener::bind((PUBLIC, 0)).await.unwrap();
        let port = outside.local_addr().unwrap().port();
        if let Ok(inside) = TcpListener::bind(("127.0.0.1", port)).await {
            return (inside, outside);
        }
    }
    panic!("no port is free on both addresses");
}

pub(super) const OK_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n";

pub(super) fn redirect(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    // What begins so is a TLS handshake, which has no blank line.
    while !seen.ends_with(b"\r\n\r\n") && !seen.starts_with(b"\x16") {
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => seen.extend_from_slice(&buffer[..read]),
        }
    }
    String::from_utf8_lossy(&seen).into_owned()
}
