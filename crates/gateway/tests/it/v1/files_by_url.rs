//! Files that a request names by URL: passed on where the provider fetches them itself, else fetched behind the guard and
//! put into the request; and refused, without a word on what was found, where a URL must not lead.

use crate::scene::{Door, Scene, string_at, whole};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Barrier;

/// One transparent pixel.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R',
];
const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";

/// A file server on loopback that counts its requests. What is below `/together/` is answered when two have asked for it.
struct Files {
    address: SocketAddr,
    served: Arc<AtomicUsize>,
}

impl Files {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&served);
        let together = Arc::new(Barrier::new(2));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let together = Arc::clone(&together);
                tokio::spawn(async move {
                    let mut head = vec![0; 4096];
                    let read = stream.read(&mut head).await.unwrap_or(0);
                    let head = String::from_utf8_lossy(&head[..read]).into_owned();
                    if head.starts_with("GET /together/") {
                        together.wait().await;
                    }
                    let (kind, body) = match head.split(' ').nth(1).unwrap_or_default() {
                        "/report.pdf" => ("application/pdf", PDF),
                        "/notes.txt" | "/together/1" | "/together/2" => {
                            ("text/plain", &b"Buy milk."[..])
                        }
                        "/pixel" => ("application/octet-stream", PNG),
                        _ => ("text/html", &b"<html>not found</html>"[..]),
                    };
                    let head = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    stream.write_all(head.as_bytes()).await.ok();
                    stream.write_all(body).await.ok();
                });
            }
        });
        Self { address, served }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The rules that let the gateway come here.
    fn rules(&self) -> String {
        let port = self.address.port();
        format!("[fetch]\nallow = [\"127.0.0.1\"]\nports = [{port}]\n")
    }
}

fn asks(door: Door, model: &str, part: &Value) -> Value {
    let mut body = door.body(model, "", false);
    let text = json!({"type": "text", "text": "What is this?"});
    body["messages"][0]["content"] = json!([text, part]);
    body
}

/// The second part of the message that the first fake provider received.
fn received(scene: &Scene) -> Value {
    let requests = scene.first.requests();
    let body: Value = serde_json::from_slice(&requests[0].body).unwrap();
    body["messages"][0]["content"][1].clone()
}

#[tokio::test]
async fn a_file_that_the_provider_does_not_fetch_is_put_into_the_request() {
    let files = Files::start().await;
    let scene = Scene::with(&files.rules()).await;
    let document =
        |path: &str| json!({"type": "document", "source": {"type": "url", "url": files.url(path)}});

    let body = asks(
        Door::Messages,
        "openai-first/fake-text",
        &document("/report.pdf"),
    );
    let got = whole(scene.call(Door::Messages, body.to_string())).await;
    assert_eq!(got.status, 200, "{}", got.json());
    assert_eq!(
        received(&scene),
        json!({"type": "file", "file": {
            "filename": "report.pdf",
            "file_data": "data:application/pdf;base64,JVBERi0xLjQKJSVFT0YK",
        }})
    );

    scene.first.reset();
    let body = asks(
        Door::Messages,
        "openai-first/fake-text",
        &document("/notes.txt"),
    );
    assert_eq!(
        whole(scene.call(Door::Messages, body.to_string()))
            .await
            .status,
        200
    );
    assert_eq!(received(&scene)["text"], "Buy milk.");
    assert_eq!(files.served.load(Ordering::SeqCst), 2);
}

/// They were fetched one after the other: up to 32 times the time-out of one, before any provider was asked.
#[tokio::test]
async fn files_of_one_request_are_fetched_at_once() {
    let files = Files::start().await;
    let scene = Scene::with(&files.rules()).await;
    let document =
        |path: &str| json!({"type": "document", "source": {"type": "url", "url": files.url(path)}});
    let mut body = Door::Messages.body("openai-first/fake-text", "", false);
    body["messages"][0]["content"] = json!([document("/together/1"), document("/together/2")]);
    let got = whole(scene.call(Door::Messages, body.to_string())).await;
    assert_eq!(got.status, 200, "{}", got.json());
}

#[tokio::test]
async fn what_the_provider_fetches_itself_stays_a_url() {
    let files = Files::start().await;
    let scene = Scene::with(&files.rules()).await;
    let url = files.url("/pixel");
    let image = json!({"type": "image_url", "image_url": {"url": url}});
    let body = asks(Door::Chat, "anthropic-first/fake-text", &image);
    let got = whole(scene.call(Door::Chat, body.to_string())).await;
    assert_eq!(got.status, 200, "{}", got.json());
    assert_eq!(
        received(&scene)["source"],
        json!({"type": "url", "url": url})
    );
    assert_eq!(files.served.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn in_one_dialect_too_a_file_is_fetched_for_a_provider_that_does_not() {
    let files = Files::start().await;
    let scene = Scene::with(&files.rules()).await;
    let file = json!({"type": "file", "file": {"file_data": files.url("/report.pdf"), "filename": "r.pdf"}});
    let body = asks(Door::Chat, "openai-first/fake-text", &file);
    let got = whole(scene.call(Door::Chat, body.to_string())).await;
    assert_eq!(got.status, 200, "{}", got.json());
    let data = string_at(&received(&scene), "/file/file_data");
    assert!(data.starts_with("data:application/pdf;base64,"), "{data}");
}

#[tokio::test]
async fn a_url_that_must_not_be_fetched_is_refused_and_nothing_is_told() {
    let files = Files::start().await;
    // The rules as they are by default, so that not even the test's own server is reached.
    let scene = Scene::start().await;
    let port = files.address.port();
    let own = files.url("/report.pdf");
    for url in [
        own.as_str(),
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://localhost/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "not a url",
    ] {
        let document = json!({"type": "document", "source": {"type": "url", "url": url}});
        let body = asks(Door::Messages, "openai-first/fake-text", &document);
        let got = whole(scene.call(Door::Messages, body.to_string())).await;
        let said = got.json();
        assert_eq!(got.status, 400, "{url}: {said}");
        let message = string_at(&said, "/error/message");
        assert!(
            message.starts_with("messages[0].content[1].source.url (a file): "),
            "{url}: {message}"
        );
        assert!(
            !message.contains("refused") && !message.contains(&port.to_string()),
            "{url}: {message}"
        );
    }
    assert_eq!(files.served.load(Ordering::SeqCst), 0);
    assert!(scene.first.requests().is_empty(), "no provider is asked");
}
