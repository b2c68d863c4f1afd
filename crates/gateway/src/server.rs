//! The HTTP edge: accepts connections, bounds them, and hands each request to the client doors or to the admin API.
//! Nothing here knows a dialect or a provider.

use crate::admin_api;
use crate::client_api;
use crate::reply::{Reply, ReplyBody};
use crate::state::Gateway;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// How long a client may take to send a request's headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How much of a request's head is read before it is refused (431).
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Serves until `stop` completes, then drains: no new connection, running exchanges get `grace` to end.
pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let connections = Arc::new(Semaphore::new(gateway.limits.max_connections));
    let admin = admin_api::router(Arc::clone(&gateway));
    let draining = GracefulShutdown::new();
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
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most often: wait for some to be given back instead of spinning.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let connection = connection(Arc::clone(&gateway), admin.clone(), stream);
        let connection = draining.watch(connection);
        tokio::spawn(async move {
            // A client that breaks the connection is its own business; the exchange has noticed by being dropped.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(grace, draining.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some streams did not end within the grace period and were closed");
    }
}

type Served = http1::Connection<TokioIo<TcpStream>, Handler>;
type Handler = Box<
    dyn hyper::service::Service<
            Request<Incoming>,
            Response = Reply,
            Error = Infallible,
            Future = std::pin::Pin<Box<dyn Future<Output = Result<Reply, Infallible>> + Send>>,
        > + Send,
>;

fn connection(gateway: Arc<Gateway>, admin: axum::Router, stream: TcpStream) -> Served {
    // Without it, a stream's small writes wait for the other side's acknowledgements (40 ms stalls).
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let handler: Handler = Box::new(service_fn(move |request| {
        let gateway = Arc::clone(&gateway);
        let admin = admin.clone();
        let answer: std::pin::Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(async move { Ok(route(gateway, admin, request).await) });
        answer
    }));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), handler)
}

async fn route(gateway: Arc<Gateway>, admin: axum::Router, request: Request<Incoming>) -> Reply {
    if admin_api::owns(request.uri().path()) {
        let Ok(reply) = admin.oneshot(request.map(axum::body::Body::new)).await;
        reply.map(|body| ReplyBody::Live(Box::pin(body.map_err(Into::into))))
    } else {
        client_api::answer(gateway, request).await
    }
}
