//! The HTTP edge: accepts connections, bounds them, and hands each request to the client doors or to the admin API.
//! Nothing here knows a dialect or a provider.

mod patience;

use crate::admin_api;
use crate::client_api::{self, Answering};
use crate::reply::{Reply, ReplyBody};
use crate::state::Gateway;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use patience::Patient;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

/// How long a client may take to send a request's headers, and how long an idle connection is kept for its next one.
const HEADER_TIMEOUT: Duration = Duration::from_secs(75);
/// How long a client may take nothing of what is sent to it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
/// How much of a request's head is read before it is refused (431).
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// How long exchanges that are cut off at shutdown get to write their records.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Serves until `stop` completes, then drains: no new connection, running exchanges get `grace` to end. Those that do
/// not are cut off; all have settled when this returns.
pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let connections = Arc::new(Semaphore::new(gateway.limits.max_connections));
    let admin = admin_api::router(Arc::clone(&gateway));
    let draining = GracefulShutdown::new();
    let (cut_off, _) = watch::channel(false);
    let mut stop = std::pin::pin!(stop);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&connections).acquire_owned() => permit,
            () = &mut stop => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, Peer(peer.ip())),
            Err(error) => {
                // Out of file descriptors, most often: wait for some to be given back instead of spinning.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let connection = connection(Arc::clone(&gateway), admin.clone(), stream, peer);
        let connection = draining.watch(connection);
        let mut cut = cut_off.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                // A client that breaks the connection is its own business; the exchange has noticed by being dropped.
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                },
                // Dropping the connection drops the exchange, which settles.
                _ = cut.wait_for(|cut| *cut) => {}
            }
            drop(permit);
        });
    }
    drop(listener);
    gateway.draining.send_replace(true);
    if tokio::time::timeout(grace, draining.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some streams did not end within the grace period and were closed");
        gateway.stopping.store(true, Ordering::Relaxed);
        cut_off.send_replace(true);
        let all = u32::try_from(gateway.limits.max_connections).unwrap_or(u32::MAX);
        // A record that is not written by then is made of its intent at the next start.
        let _ = tokio::time::timeout(LAST_WORDS, connections.acquire_many(all)).await;
    }
}

type Served = http1::Connection<TokioIo<Patient<TcpStream>>, Handler>;
type Handler = Box<
    dyn hyper::service::Service<
            Request<Incoming>,
            Response = Reply,
            Error = Infallible,
            Future = Answering,
        > + Send,
>;

fn connection(gateway: Arc<Gateway>, admin: axum::Router, stream: TcpStream, peer: Peer) -> Served {
    // Without it, a stream's small writes wait for the other side's acknowledgements (40 ms stalls).
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let handler: Handler = Box::new(service_fn(move |request| {
        route(Arc::clone(&gateway), &admin, peer, request)
    }));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(Patient::new(stream, WRITE_TIMEOUT)), handler)
}

/// Where a connection comes from; the admin API finds it among a request's extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

fn route(
    gateway: Arc<Gateway>,
    admin: &axum::Router,
    peer: Peer,
    mut request: Request<Incoming>,
) -> Answering {
    if !admin_api::owns(request.uri().path()) {
        return client_api::answer(gateway, request);
    }
    request.extensions_mut().insert(peer);
    let answer = admin.clone().oneshot(request.map(axum::body::Body::new));
    Box::pin(async move {
        let Ok(reply) = answer.await;
        Ok(reply.map(|body| ReplyBody::Live(Box::pin(body.map_err(Into::into)))))
    })
}
