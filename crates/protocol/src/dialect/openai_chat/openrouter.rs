//! The same dialect as OpenRouter's clients speak it: nothing differs but the body of an error, whose `code` is the HTTP
//! status as a number. What OpenAI's clients read of an error stands beside it. Strict clients (package `openrouter`
//! 1.3.84) read no error whose code is a word. <https://openrouter.ai/docs/api-reference/errors> (2026-11)

use super::TABLE;
use crate::dialect::{Dialect, Errors, openai_error, write};
use crate::ir::Error;

/// The dialect's table for OpenRouter's clients.
pub static OPENROUTER: Dialect = Dialect {
    errors: &OpenRouterErrors,
    ..TABLE
};

struct OpenRouterErrors;

impl Errors for OpenRouterErrors {
    fn encode(&self, error: &Error, _request_id: &str) -> Vec<u8> {
        let mut body = Vec::with_capacity(256);
        write::object(&mut body, |o| {
            o.object("error", |o| {
                o.value("code", &self.status(error.kind));
                o.value("message", &error.message);
                o.value("type", openai_error::words(error.kind).0);
                o.value("param", &error.param);
                o.object("metadata", |o| {
                    o.value("error_type", &openai_error::code(error));
                });
            });
        });
        body
    }

    fn decode(&self, status: u16, body: &[u8]) -> Error {
        openai_error::decode(status, body)
    }
}

#[cfg(test)]
mod tests {
    use super::OPENROUTER;
    use crate::ir::{Error, ErrorKind};

    #[test]
    fn the_code_is_the_status_and_the_word_stands_beside_it() {
        let error = Error::new(ErrorKind::NotFound, "No.")
            .with_param("model")
            .with_code("model_not_found");
        let body = OPENROUTER.errors.encode(&error, "gen_1");
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"error":{"code":404,"message":"No.","type":"not_found_error","param":"model","metadata":{"error_type":"model_not_found"}}}"#
        );
    }
}
