//! Whose fault it is, as a table.

use super::{Blame, Failure, FailureKind, Retry, retry_after};
use http::{HeaderMap, HeaderName, HeaderValue};
use protocol::ir::{Error, ErrorKind, Malformed};
use protocol::relay::Fault;
use std::time::{Duration, SystemTime};

const NOW: Duration = Duration::from_secs(784_111_777);

fn now() -> SystemTime {
    // Sun, 06 Nov 1994 08:49:37 GMT
    SystemTime::UNIX_EPOCH + NOW
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs = pairs.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    });
    pairs.collect()
}

/// A refusal by a provider: status, and what its dialect read in the body.
struct Case {
    status: u16,
    kind: ErrorKind,
    code: Option<&'static str>,
    param: Option<&'static str>,
}

fn bare(status: u16) -> Case {
    Case {
        status,
        kind: ErrorKind::from_status(status),
        code: None,
        param: None,
    }
}

#[test]
fn refusals_are_blamed_and_retried_by_status_and_body() {
    let check = |case: Case, kind: FailureKind, blame: Blame, retry: Retry| {
        let mut error = Error::new(case.kind, "as the provider said");
        error.code = case.code.map(str::to_owned);
        error.param = case.param.map(str::to_owned);
        let failure = Failure::refused(case.status, &HeaderMap::new(), error, now());
        let seen = (failure.kind, failure.blame, failure.retry, failure.status);
        assert_eq!(
            seen,
            (kind, blame, retry, Some(case.status)),
            "{} {:?} {:?}",
            case.status,
            case.kind,
            case.code
        );
    };
    use {Blame as B, ErrorKind as E, FailureKind as F, Retry::Never, Retry::Next};

    check(bare(400), F::InvalidRequest, B::Caller, Never);
    check(bare(413), F::InvalidRequest, B::Caller, Never);
    check(bare(422), F::InvalidRequest, B::Caller, Never);
    check(bare(415), F::InvalidRequest, B::Caller, Never);
    check(
        Case {
            kind: E::ContextLength,
            ..bare(400)
        },
        F::InvalidRequest,
        B::Caller,
        Never,
    );
    check(
        Case {
            kind: E::ContentPolicy,
            ..bare(400)
        },
        F::InvalidRequest,
        B::Caller,
        Never,
    );
    // Moderation that calls itself forbidden is about the text, not about the credential.
    check(
        Case {
            kind: E::ContentPolicy,
            ..bare(403)
        },
        F::InvalidRequest,
        B::Caller,
        Never,
    );
    check(
        Case {
            param: Some("reasoning.effort"),
            ..bare(404)
        },
        F::InvalidRequest,
        B::Caller,
        Never,
    );

    check(bare(404), F::ModelNotFound, B::Provider, Next);
    check(
        Case {
            param: Some("model"),
            ..bare(404)
        },
        F::ModelNotFound,
        B::Provider,
        Next,
    );
    check(
        Case {
            code: Some("model_not_found"),
            ..bare(400)
        },
        F::ModelNotFound,
        B::Provider,
        Next,
    );
    check(
        Case {
            code: Some("DeploymentNotFound"),
            ..bare(404)
        },
        F::ModelNotFound,
        B::Provider,
        Next,
    );

    check(bare(401), F::Credential, B::Credential, Next);
    check(bare(403), F::Credential, B::Credential, Next);
    check(
        Case {
            kind: E::InvalidRequest,
            ..bare(401)
        },
        F::Credential,
        B::Credential,
        Next,
    );
    check(bare(402), F::Billing, B::Credential, Next);
    check(
        Case {
            code: Some("insufficient_quota"),
            ..bare(429)
        },
        F::Billing,
        B::Credential,
        Next,
    );
    check(
        Case {
            kind: E::Billing,
            ..bare(400)
        },
        F::Billing,
        B::Credential,
        Next,
    );

    check(bare(429), F::RateLimited, B::Throttle, Next);
    check(
        Case {
            kind: E::Server,
            ..bare(429)
        },
        F::RateLimited,
        B::Throttle,
        Next,
    );

    check(bare(408), F::ProviderTimeout, B::Provider, Next);
    check(bare(409), F::Server, B::Provider, Next);
    check(
        Case {
            kind: E::InvalidRequest,
            ..bare(425)
        },
        F::Server,
        B::Provider,
        Next,
    );
    check(bare(500), F::Server, B::Provider, Next);
    check(bare(502), F::Server, B::Provider, Next);
    check(bare(503), F::Overloaded, B::Provider, Next);
    check(bare(504), F::ProviderTimeout, B::Provider, Next);
    check(bare(529), F::Overloaded, B::Provider, Next);
    check(bare(599), F::Server, B::Provider, Next);
    // A provider that calls its own failure the request's is believed by its status.
    check(
        Case {
            kind: E::InvalidRequest,
            ..bare(500)
        },
        F::Server,
        B::Provider,
        Next,
    );
    check(bare(301), F::Malformed, B::Provider, Next);
}

#[test]
fn a_web_page_is_not_a_verdict_on_the_request() {
    let check = |status, expect| {
        let page = headers(&[("content-type", "text/html; charset=utf-8")]);
        let error = Error::new(ErrorKind::from_status(status), "<html>");
        assert_eq!(
            Failure::refused(status, &page, error, now()).kind,
            expect,
            "{status}"
        );
    };
    check(400, FailureKind::Malformed);
    check(403, FailureKind::Malformed);
    check(404, FailureKind::Malformed);
    check(401, FailureKind::Credential);
    check(429, FailureKind::RateLimited);
    check(502, FailureKind::Server);
}

#[test]
fn what_breaks_after_a_200_is_classified_too() {
    let check = |fault: Fault, kind: FailureKind, retry: Retry| {
        let failure = Failure::from(fault.clone());
        assert_eq!((failure.kind, failure.retry), (kind, retry), "{fault:?}");
    };
    let said = |kind| Fault::Reported(Error::new(kind, "said"));
    check(
        said(ErrorKind::Overloaded),
        FailureKind::Overloaded,
        Retry::Next,
    );
    check(said(ErrorKind::Server), FailureKind::Server, Retry::Next);
    check(
        said(ErrorKind::RateLimited),
        FailureKind::RateLimited,
        Retry::Next,
    );
    check(
        said(ErrorKind::InvalidRequest),
        FailureKind::InvalidRequest,
        Retry::Never,
    );
    check(
        said(ErrorKind::ContextLength),
        FailureKind::InvalidRequest,
        Retry::Never,
    );
    check(
        said(ErrorKind::Authentication),
        FailureKind::Credential,
        Retry::Next,
    );
    check(
        Fault::Malformed(Malformed::body("half a JSON")),
        FailureKind::Malformed,
        Retry::Next,
    );
    check(Fault::Cut, FailureKind::Cut, Retry::Next);
    check(Fault::HoldOverflow, FailureKind::Malformed, Retry::Next);
}

#[test]
fn retry_after_is_read_in_all_its_spellings() {
    let check = |pairs: &[(&'static str, &'static str)], expect: Option<Duration>| {
        assert_eq!(retry_after(&headers(pairs), now()), expect, "{pairs:?}");
    };
    let ms = Duration::from_millis;
    check(&[], None);
    check(&[("retry-after", "7")], Some(ms(7_000)));
    check(&[("retry-after", " 0.5 ")], Some(ms(500)));
    check(
        &[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")],
        Some(ms(60_000)),
    );
    check(
        &[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")],
        Some(ms(0)),
    );
    check(
        &[("retry-after-ms", "250"), ("retry-after", "9")],
        Some(ms(250)),
    );
    check(
        &[("retry-after-ms", "soon"), ("retry-after", "9")],
        Some(ms(9_000)),
    );
    check(&[("retry-after", "-1")], None);
    check(&[("retry-after", "NaN")], None);
    check(&[("retry-after", "1e300")], None);
    check(&[("retry-after", "later")], None);
}

#[test]
fn a_client_hears_its_own_mistakes_in_the_providers_words() {
    let error = Error::new(ErrorKind::InvalidRequest, "temperature must be at most 2")
        .with_param("temperature");
    let failure = Failure::refused(400, &HeaderMap::new(), error.clone(), now());
    assert_eq!(failure.to_client_error(), error);
}

#[test]
fn a_mistake_is_a_mistake_whatever_the_provider_calls_it() {
    let error = Error::new(ErrorKind::Server, "internal: bad temperature");
    let failure = Failure::refused(400, &HeaderMap::new(), error, now());
    assert_eq!(failure.to_client_error().kind, ErrorKind::InvalidRequest);
}

#[test]
fn a_client_never_hears_secrets_or_addresses_or_a_foreign_401() {
    let check = |status: u16, expect: ErrorKind| {
        let said = "Incorrect API key sk-live-123 at http://10.0.0.7:8000/v1";
        let error = Error::new(ErrorKind::from_status(status), said);
        let failure = Failure::refused(status, &HeaderMap::new(), error, now());
        let heard = failure.to_client_error();
        assert_eq!(heard.kind, expect, "{status}");
        assert!(!heard.message.contains("sk-live") && !heard.message.contains("10.0.0.7"));
        assert_eq!(failure.error.message, said);
    };
    check(401, ErrorKind::Server);
    check(402, ErrorKind::Server);
    check(403, ErrorKind::Server);
    check(404, ErrorKind::NotFound);
    check(429, ErrorKind::RateLimited);
    check(500, ErrorKind::Server);
    check(503, ErrorKind::Overloaded);
    check(504, ErrorKind::Timeout);

    let network = Failure::of(FailureKind::Connect, "tcp connect to 10.0.0.7:8000 refused");
    assert_eq!(
        network.to_client_error().message,
        "The provider could not be reached."
    );
    assert_eq!(
        network.to_client_error().code.as_deref(),
        Some("provider_connect")
    );
}

#[test]
fn every_kind_of_failure_blames_who_its_table_says() {
    for kind in [
        FailureKind::Dns,
        FailureKind::Connect,
        FailureKind::Tls,
        FailureKind::ConnectTimeout,
    ] {
        assert_eq!(Failure::of(kind, "").blame, Blame::Network);
    }
    assert_eq!(
        Failure::of(FailureKind::Misconfigured, "").blame,
        Blame::Ourselves
    );
    assert_eq!(
        Failure::of(FailureKind::InvalidRequest, "").retry,
        Retry::Never
    );
}
