//! What a request asks for, from one scan of its body: never decoded where client and provider speak the same dialect.

use crate::call::Call;
use crate::doors::Said;
use bytes::Bytes;
use domain::routing::Preference;
use protocol::dialect::{Operation, Outline};
use protocol::ir::Malformed;
use protocol::splice::{Document, Index};

/// What is asked.
pub(crate) struct Asked {
    /// The body as it came.
    pub(crate) body: Bytes,
    /// Where its members stand.
    pub(crate) index: Index,
    /// Chat, embeddings …
    pub(crate) operation: Operation,
    /// What the pipeline needs of it.
    pub(crate) outline: Outline,
    /// What the client said about routing.
    pub(crate) preference: Preference,
}

impl Asked {
    /// Reads it.
    ///
    /// # Errors
    /// When the body is not what the door's dialect allows; names the field.
    pub(crate) fn read(call: &Call, operation: Operation, body: Bytes) -> Result<Self, Malformed> {
        let dialect = call.door.dialect;
        let document = Document::parse(&body)?;
        let outline = match operation {
            Operation::Chat => dialect.chat.client.map(|codec| codec.outline(&document)),
            Operation::Embed => dialect.embed.client.map(|codec| codec.outline(&document)),
        };
        // The door table is tested to lead only to what its dialect has a client side for.
        let outline =
            outline.unwrap_or_else(|| Err(Malformed::body("this door does not do that")))?;
        let mut outline = outline;
        if let Said::InPath { stream } = call.door.said {
            outline.model = call.rest.clone().unwrap_or_default();
            outline.stream = stream;
        }
        let preference = Preference::parse(&outline.controls)?;
        let index = document.into_index();
        Ok(Self {
            body,
            index,
            operation,
            outline,
            preference,
        })
    }
}
