//! Amazon's signatures (SigV4), by its own library.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html> (2026-11)

use crate::client::Call;
use crate::failure::Failure;
use crate::request::{header_name, misconfigured};
use crate::secret::Secret;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::{HeaderValue, header};
use std::time::SystemTime;

/// An access key, borrowed from a secret.
pub(super) struct AccessKey<'s> {
    id: &'s str,
    secret: &'s str,
    session: Option<&'s str>,
}

impl<'s> AccessKey<'s> {
    /// Reads `id:secret` or `id:secret:session token`; `None` for a secret that is no access key, and so a bearer token,
    /// which has no colon.
    pub(super) fn read(secret: &'s Secret) -> Option<Self> {
        let mut parts = secret.expose().splitn(3, ':');
        Some(Self {
            id: parts.next()?,
            secret: parts.next()?,
            session: parts.next().filter(|token| !token.is_empty()),
        })
    }
}

/// What is signed for, and when.
pub(super) struct Signing<'a> {
    pub(super) service: &'a str,
    /// Where the address names no region.
    pub(super) usual_region: &'a str,
    pub(super) now: SystemTime,
}

impl Signing<'_> {
    /// Signs a call that is complete but for this.
    pub(super) fn sign(&self, call: &mut Call, key: &AccessKey<'_>) -> Result<(), Failure> {
        let host = call.uri.host().unwrap_or_default();
        let region = region_in(host).unwrap_or(self.usual_region);
        let session = key.session.map(str::to_owned);
        let identity = Credentials::new(key.id, key.secret, session, None, "tollgate").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(self.service)
            .time(self.now)
            .settings(SigningSettings::default())
            .build()
            .map_err(unsigned)?
            .into();
        let content_type = call.headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let uri = call.uri.to_string();
        let request = SignableRequest::new(
            call.method.as_str(),
            uri.as_str(),
            content_type
                .map(|value| ("content-type", value))
                .into_iter(),
            SignableBody::Bytes(&call.body),
        )
        .map_err(unsigned)?;
        let (instructions, _) = sign(request, &params).map_err(unsigned)?.into_parts();
        for (name, value) in instructions.headers() {
            let mut value = HeaderValue::try_from(value).map_err(unsigned)?;
            value.set_sensitive(true);
            call.headers.insert(header_name(name)?, value);
        }
        Ok(())
    }
}

/// Why no signature could be made; the library's words hold no secret.
fn unsigned(error: impl std::fmt::Display) -> Failure {
    misconfigured(format!("the request cannot be signed: {error}"))
}

/// The region in a host's name (`bedrock-runtime.eu-west-1.amazonaws.com`).
fn region_in(host: &str) -> Option<&str> {
    const DOMAINS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
    let domain = DOMAINS.iter().find_map(|domain| host.strip_suffix(domain));
    domain?.split('.').find(|label| {
        let mut words = label.split('-');
        let area = words.next().is_some_and(|word| word.len() == 2);
        let number = words.next_back().is_some_and(|word| {
            !word.is_empty() && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit())
        });
        let direction = words
            .next()
            .is_some_and(|word| word.len() > 2 && word.bytes().all(|b| b.is_ascii_lowercase()));
        area && number && direction
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Timeouts;
    use bytes::Bytes;
    use http::{HeaderMap, Method};
    use std::time::Duration;

    #[test]
    fn a_hosts_name_tells_the_region() {
        for (host, expect) in [
            ("bedrock-runtime.us-east-1.amazonaws.com", Some("us-east-1")),
            (
                "bedrock-runtime-fips.us-gov-west-1.amazonaws.com",
                Some("us-gov-west-1"),
            ),
            (
                "vpce-0a.bedrock-runtime.ap-southeast-2.vpce.amazonaws.com",
                Some("ap-southeast-2"),
            ),
            ("127.0.0.1", None),
            ("bedrock.example.com", None),
            ("my-proxy-1.example.com", None),
        ] {
            assert_eq!(region_in(host), expect, "{host}");
        }
    }

    const ACCESS_KEY: &str = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    #[test]
    fn a_bearer_token_is_no_access_key() {
        assert!(AccessKey::read(&Secret::new("bedrock-api-key-YmVk=")).is_none());
        let secret = Secret::new("AKIDEXAMPLE:secret/+:to:ken");
        let key = AccessKey::read(&secret).unwrap();
        assert_eq!(
            (key.id, key.secret, key.session),
            ("AKIDEXAMPLE", "secret/+", Some("to:ken"))
        );
    }

    /// The signatures are `botocore.auth.SigV4Auth`'s (1.44.5), for the same request at the same time.
    #[test]
    fn signatures_are_those_of_amazons_own_library() {
        let check = |secret: &str, host: &str, expect: &str| {
            let path = "/model/us.anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse";
            let mut call = Call {
                method: Method::POST,
                uri: format!("https://{host}{path}").parse().unwrap(),
                headers: HeaderMap::new(),
                body: Bytes::from_static(
                    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"Grüße\"}]}]}"
                        .as_bytes(),
                ),
                timeouts: Timeouts::default(),
            };
            let json = HeaderValue::from_static("application/json");
            call.headers.insert(header::CONTENT_TYPE, json);
            let signing = Signing {
                service: "bedrock",
                usual_region: "us-east-1",
                now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_782_345_601),
            };
            let secret = Secret::new(secret);
            signing
                .sign(&mut call, &AccessKey::read(&secret).unwrap())
                .unwrap();
            assert_eq!(call.headers["authorization"], expect);
            assert_eq!(call.headers["x-amz-date"], "20260625T000001Z");
            assert_eq!(
                call.headers.get("x-amz-security-token").is_some(),
                secret.expose().ends_with("token")
            );
            let shown = format!("{call:?}");
            assert!(!shown.contains("AKIDEXAMPLE"), "{shown}");
        };
        check(
            ACCESS_KEY,
            "bedrock-runtime.eu-west-1.amazonaws.com",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260625/eu-west-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=4d6370b9e6365fc58233f8b757dcd39ae88bfef70dff397d272720c7f05b6b86",
        );
        check(
            &format!("{ACCESS_KEY}:session-token"),
            "127.0.0.1:9999",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260625/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=5074b3caee603da8815b70c5f6de5f2d3988ae56e4ce3d177d26c047176e7126",
        );
    }
}
