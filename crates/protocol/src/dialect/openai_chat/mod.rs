//! The `openai_chat` dialect.

use super::{Dialect, DialectId, Errors, Framing, Sides};
use crate::ir::{Error, ErrorKind};

/// Its name.
pub const ID: DialectId = DialectId::new("openai_chat");

/// The dialect's table.
pub static DIALECT: Dialect = Dialect {
    id: ID,
    framing: Framing::Sse,
    errors: &Plain,
    request_headers: &[],
    response_headers: &[],
    fixed_headers: &[],
    keep_alive: b": keep-alive\n\n",
    chat: Sides {
        client: None,
        provider: None,
    },
    embed: Sides {
        client: None,
        provider: None,
    },
};

struct Plain;

impl Errors for Plain {
    fn encode(&self, error: &Error, _request_id: &str) -> Vec<u8> {
        error.message.clone().into_bytes()
    }

    fn decode(&self, status: u16, body: &[u8]) -> Error {
        Error::new(
            ErrorKind::from_status(status),
            String::from_utf8_lossy(body),
        )
    }
}
