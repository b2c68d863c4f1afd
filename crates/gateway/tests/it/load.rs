//! A mixed load with a known account: each request carries an id that the fakes and the records hold too, so that what
//! was delivered and what was billed can be laid side by side. Deterministic from the request's number.

use crate::scene::{Door, Scene, Stream, call_with};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use testkit::client::{Call, CallError};
use testkit::fake_provider::{Behaviour, FakeProvider};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole answer.
    Whole,
    /// A stream, read to its end.
    Streamed,
    /// A stream whose provider reports no usage.
    Unreported,
    /// The first provider fails before it says anything.
    FailedOver,
    /// A stream that the client leaves after exactly so many tokens as the provider was let send.
    HungUp,
    /// A stream that the client leaves while the provider goes on.
    RanAway,
    /// A whole answer that the client does not wait for.
    GaveUp,
    /// A long stream that the client reads as far as it comes; not in the mix.
    Long,
    /// No such model.
    Unknown,
    /// The body is wrong.
    Malformed,
    /// The provider finds the request wrong.
    RefusedByProvider,
    /// Not our key.
    Stranger,
}

/// Between two looks at whether a request has arrived.
const LOOK: Duration = Duration::from_millis(5);

/// Tokens of a long stream.
const LONG: usize = 3000;

/// In the order of the numbers, again and again.
const MIX: [Kind; 20] = [
    Kind::Whole,
    Kind::Streamed,
    Kind::HungUp,
    Kind::FailedOver,
    Kind::Streamed,
    Kind::RanAway,
    Kind::Whole,
    Kind::Unknown,
    Kind::Streamed,
    Kind::HungUp,
    Kind::Unreported,
    Kind::FailedOver,
    Kind::RefusedByProvider,
    Kind::Whole,
    Kind::HungUp,
    Kind::GaveUp,
    Kind::Streamed,
    Kind::Malformed,
    Kind::FailedOver,
    Kind::Stranger,
];

/// What fails before commit, each a model of its own so that the cool-down of one does not spare the others.
const FAILING: [&str; 6] = [
    "error-500",
    "error-503",
    "html-502",
    "half-json",
    "empty",
    "error-in-200",
];

/// One request of the load.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) door: Door,
    pub(crate) model: String,
    /// What the provider reports as input.
    pub(crate) input: usize,
    /// What the provider says if nobody leaves.
    pub(crate) tokens: usize,
    /// After how many tokens the client leaves.
    pub(crate) leave_after: usize,
}

impl Request {
    /// The request of a number. `prefix` makes its id unique.
    pub(crate) fn numbered(prefix: &str, number: usize) -> Self {
        let kind = MIX[number % MIX.len()];
        Self::of(kind, prefix, number)
    }

    /// The request of a number, of a kind.
    pub(crate) fn of(kind: Kind, prefix: &str, number: usize) -> Self {
        // Co-prime to the length of the mix, so that every kind meets every door and provider.
        let scattered = number.wrapping_mul(7919) % 10_007;
        let door = [Door::Chat, Door::Messages][scattered % 2];
        let provider = [
            "openai-first",
            "anthropic-first",
            "openai-second",
            "anthropic-second",
        ][scattered / 2 % 4];
        let model = match kind {
            Kind::FailedOver => {
                let prefix = ["team", "crew", "mixed"][scattered % 3];
                format!("{prefix}/fake-{}", FAILING[scattered / 3 % FAILING.len()])
            }
            Kind::Unknown => format!("{provider}/fake-nothing"),
            Kind::RefusedByProvider => format!("{provider}/fake-error-400"),
            _ => format!("{provider}/fake-count"),
        };
        Self {
            id: format!("{prefix}{number}"),
            kind,
            door,
            model,
            input: 10 + scattered % 977,
            tokens: 20 + scattered % 211,
            leave_after: 60 + scattered % 331,
        }
    }

    fn streams(&self) -> bool {
        match self.kind {
            Kind::Streamed | Kind::Unreported | Kind::HungUp | Kind::RanAway | Kind::Long => true,
            Kind::FailedOver => self.input.is_multiple_of(2),
            Kind::Whole
            | Kind::GaveUp
            | Kind::Unknown
            | Kind::Malformed
            | Kind::RefusedByProvider
            | Kind::Stranger => false,
        }
    }

    fn body(&self) -> Value {
        let Self {
            id,
            input,
            tokens,
            leave_after,
            ..
        } = self;
        let more = match self.kind {
            Kind::HungUp | Kind::GaveUp => format!("gate={id} tokens={}", leave_after + 50),
            Kind::RanAway => format!("delay_ms=1 tokens={}", leave_after + 1000),
            Kind::Long => format!("tokens={LONG}"),
            Kind::Unreported => format!("usage=no tokens={tokens}"),
            _ => format!("tokens={tokens}"),
        };
        let prompt = format!(
            "[[id={id} input={input} {more}]] {}",
            "Go on. ".repeat(input / 4)
        );
        let mut body = self.door.body(&self.model, &prompt, self.streams());
        if self.kind == Kind::Malformed {
            body["max_tokens"] = json!("many");
        }
        body
    }
}

/// Who makes the requests.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) key: String,
    pub(crate) fakes: [Arc<FakeProvider>; 2],
}

/// What the client saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The HTTP status; 0 where none came.
    pub(crate) status: u16,
    /// Tokens that it read before it left; all of them where it did not leave.
    pub(crate) tokens: usize,
    /// Whether the answer came to its proper end.
    pub(crate) complete: bool,
}

impl Client {
    /// Lets the second fake answer where the first one fails, so many times.
    pub(crate) fn expect_failures(&self, times: usize) {
        for prefix in ["team", "crew", "mixed"] {
            for scenario in FAILING {
                let behaviours = std::iter::repeat_n(Behaviour::of("count"), times);
                self.fakes[1].script(&format!("{prefix}/fake-{scenario}"), behaviours);
            }
        }
    }

    /// Makes one request and does what its kind says.
    ///
    /// # Errors
    /// When the connection broke, as it does when the gateway is killed.
    pub(crate) async fn make(&self, request: &Request) -> Result<Seen, CallError> {
        let call = self.call(request);
        match request.kind {
            Kind::HungUp => {
                for fake in self.fakes.iter() {
                    fake.release(&request.id, request.leave_after - 1);
                }
                self.leave(call, request).await
            }
            Kind::RanAway => self.leave(call, request).await,
            Kind::Long => {
                let answer = call.send().await?;
                let status = answer.status.as_u16();
                let mut stream = Stream::of(answer);
                let end = stream.at_least(request.door, usize::MAX).await;
                Ok(Seen {
                    status,
                    tokens: stream.said(),
                    complete: end.is_ok(),
                })
            }
            Kind::GaveUp => {
                let waiting = tokio::spawn(call.send());
                let fake = &self.fakes[usize::from(request.model.contains("second"))];
                while !fake.has_received(&request.id) && !waiting.is_finished() {
                    tokio::time::sleep(LOOK).await;
                }
                waiting.abort();
                Ok(Seen {
                    status: 0,
                    tokens: 0,
                    complete: false,
                })
            }
            _ => {
                let answer = call.send().await?;
                let status = answer.status.as_u16();
                answer.whole().await?;
                Ok(Seen {
                    status,
                    tokens: request.tokens,
                    complete: true,
                })
            }
        }
    }

    fn call(&self, request: &Request) -> Call {
        let key = match request.kind {
            Kind::Stranger => "tg_of_somebody_else",
            _ => &self.key,
        };
        call_with(self.address, request.door, key, request.body().to_string())
            .header("x-request-id", request.id.as_str())
    }

    async fn leave(&self, call: Call, request: &Request) -> Result<Seen, CallError> {
        let answer = call.send().await?;
        let status = answer.status.as_u16();
        let mut stream = Stream::of(answer);
        stream.at_least(request.door, request.leave_after).await?;
        Ok(Seen {
            status,
            tokens: stream.said(),
            complete: false,
        })
    }
}

impl Scene {
    /// Its gateway and fakes as a load's client sees them.
    pub(crate) fn client(&self) -> Client {
        Client {
            address: self.gateway.address(),
            key: self.gateway.key().to_owned(),
            fakes: [Arc::clone(&self.first), Arc::clone(&self.second)],
        }
    }
}
