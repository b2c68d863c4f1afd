//! Puts a provider's secret into a call, where the provider wants it. The last step before a call is sent: a signature is
//! of the final bytes.

mod aws;

use crate::client::Call;
use crate::failure::Failure;
use crate::request::{Outgoing, header_name, misconfigured};
use crate::secret::Secret;
use domain::catalog::Auth;
use http::{HeaderName, HeaderValue, header};

/// Authenticates a call.
///
/// # Errors
/// [`crate::FailureKind::Misconfigured`] where there is no credential, or one that cannot be used; no secret is in the
/// message.
pub(crate) fn authenticate(
    call: &mut Call,
    outgoing: &Outgoing<'_>,
    auth: &Auth,
) -> Result<(), Failure> {
    let secret = || {
        outgoing
            .credential
            .ok_or_else(|| misconfigured(format!("no credential for {}", outgoing.provider.id)))
    };
    match auth {
        Auth::None => Ok(()),
        Auth::Bearer => bearer(call, outgoing, secret()?),
        Auth::Header(name) => set(
            call,
            outgoing,
            header_name(name)?,
            secret()?.expose().to_owned(),
        ),
        Auth::Aws { service, region } => match aws::AccessKey::read(secret()?) {
            None => bearer(call, outgoing, secret()?),
            Some(key) => aws::Signing {
                service,
                usual_region: region,
                now: outgoing.now,
            }
            .sign(call, &key),
        },
    }
}

fn bearer(call: &mut Call, outgoing: &Outgoing<'_>, secret: &Secret) -> Result<(), Failure> {
    let text = format!("Bearer {}", secret.expose());
    set(call, outgoing, header::AUTHORIZATION, text)
}

fn set(
    call: &mut Call,
    outgoing: &Outgoing<'_>,
    name: HeaderName,
    text: String,
) -> Result<(), Failure> {
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        let provider = &outgoing.provider.id;
        misconfigured(format!(
            "the credential of {provider} holds a character that no header can carry"
        ))
    })?;
    value.set_sensitive(true);
    call.headers.insert(name, value);
    Ok(())
}
