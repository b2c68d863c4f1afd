//! What a request asks for, from one scan of its body: never decoded where client and provider speak the same dialect.

use super::kept::Keeping;
use crate::call::Call;
use crate::doors::{Said, SaidHeaders};
use bytes::Bytes;
use domain::routing::Preference;
use http::HeaderMap;
use protocol::dialect::{Operation, Outline, Thread};
use protocol::ir::Malformed;
use protocol::splice::{Document, Index};

/// What is asked.
pub(crate) struct Asked {
    /// The body as it came, or as it is when it stands by itself.
    pub(crate) body: Bytes,
    /// Where its members stand.
    pub(crate) index: Index,
    /// Chat, embeddings …
    pub(crate) operation: Operation,
    /// What the pipeline needs of it.
    pub(crate) outline: Outline,
    /// What the client said about routing.
    pub(crate) preference: Preference,
    /// What it asks of the responses that are kept, where its door knows of any.
    pub(crate) keeping: Option<Keeping>,
    /// What it asks its provider to hold.
    pub(crate) thread: Option<Thread>,
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
        match call.door.said {
            Said::Body => {}
            Said::Path { stream } => {
                outline.model = call.rest.clone().unwrap_or_default();
                outline.stream = stream;
            }
            Said::Headers(names) => said_in_headers(names, &call.headers, &mut outline)?,
        }
        let preference = Preference::parse(&outline.controls)?;
        let thread = match (operation, dialect.chat.client) {
            (Operation::Chat, Some(codec)) => codec.thread(&document),
            (Operation::Chat, None) | (Operation::Embed, _) => None,
        };
        let index = document.into_index();
        Ok(Self {
            body,
            index,
            operation,
            outline,
            preference,
            keeping: None,
            thread,
        })
    }

    /// With what it asks of the responses that are kept.
    pub(super) fn keeping(mut self, keeping: Keeping) -> Self {
        self.keeping = Some(keeping);
        self
    }

    /// The body as answers repeat it: the client's own.
    pub(super) fn said(&self) -> &Bytes {
        self.keeping.as_ref().map_or(&self.body, Keeping::said)
    }

    /// What a rejection tells to be at fault. A client that says its model in headers is told the model's own name, since
    /// there its error has a place for that; what stands in a path is called `model` in the path's own description too.
    pub(crate) fn at_fault(&self, said: Said, param: String) -> String {
        let named = || {
            if param == "model" {
                return Some(&self.outline.model);
            }
            let at = param.strip_prefix("models[")?.strip_suffix(']')?;
            self.preference.models.get(at.parse::<usize>().ok()?)
        };
        match said {
            Said::Body | Said::Path { .. } => param,
            Said::Headers(_) => named().cloned().unwrap_or(param),
        }
    }
}

/// Reads what a client says in headers.
fn said_in_headers(
    names: &SaidHeaders,
    headers: &HeaderMap,
    outline: &mut Outline,
) -> Result<(), Malformed> {
    let read = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let version = read(names.version);
    if let Some(other) = version.filter(|it| !names.versions.contains(it)) {
        let ours = names.versions.join(", ");
        let message = format!("is '{other}', but this path speaks version {ours} of the protocol");
        return Err(Malformed::field(names.version, message));
    }
    let model = names.model.iter().find_map(|name| read(name));
    let model = model.filter(|model| !model.is_empty()).ok_or_else(|| {
        let message = "is required: a header that names the model, in plain ASCII";
        Malformed::field(names.model.first().copied().unwrap_or_default(), message)
    })?;
    model.clone_into(&mut outline.model);
    outline.stream = match read(names.stream) {
        Some("true") => true,
        None | Some("false") => false,
        Some(other) => {
            let message = format!("must be true or false, but is '{other}'");
            return Err(Malformed::field(names.stream, message));
        }
    };
    Ok(())
}
