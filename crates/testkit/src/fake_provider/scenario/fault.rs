//! Scenarios that go wrong: the vendors' errors, and streams that break.

use super::super::asked::{Asked, VendorError};
use super::{Act, Behaviour, Pace, StreamFault, conversation};

/// The vendor's error with a status, or with its own for the same.
pub(super) fn status(
    status: u16,
    asked: &Asked,
    behaviour: &Behaviour,
) -> Result<Act, VendorError> {
    let message = match status {
        400 => "Invalid 'temperature': the fake provider refuses this request.",
        401 => "Incorrect API key provided.",
        403 => "Your account has no access to this model.",
        404 => "The model does not exist or you do not have access to it.",
        413 => "Request exceeds the maximum size.",
        429 => "Rate limit reached for requests.",
        503 => "Overloaded.",
        _ => "The server had an error while processing your request.",
    };
    let own = behaviour.text.clone();
    let mut error = VendorError::new(status, own.unwrap_or_else(|| message.to_owned()));
    if status == 400 && asked.dialect.is_openai() {
        error.param = Some("temperature".to_owned());
    }
    let usual = (status == 429).then_some(7);
    error.retry_after = behaviour.retry_after.or(usual);
    Ok(Act::Fail(error))
}

/// A counted answer that breaks after some chunks.
pub(super) fn stream(
    fault: StreamFault,
    asked: &Asked,
    behaviour: &Behaviour,
) -> Result<Act, VendorError> {
    let after = behaviour.after.unwrap_or(2);
    breaking(after, fault, asked, behaviour)
}

/// A stream that has nothing to say.
pub(super) fn stall(asked: &Asked, behaviour: &Behaviour) -> Result<Act, VendorError> {
    breaking(0, StreamFault::Stall, asked, behaviour)
}

fn breaking(
    after: usize,
    fault: StreamFault,
    asked: &Asked,
    behaviour: &Behaviour,
) -> Result<Act, VendorError> {
    let pace = Pace {
        fault: Some((after, fault)),
        ..behaviour.pace()
    };
    Ok(Act::Say(conversation::counted(asked, behaviour, 20), pace))
}
