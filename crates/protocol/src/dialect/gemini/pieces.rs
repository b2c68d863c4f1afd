//! Writes parts, for requests and answers alike. Which may stand where is decided before: a [`Piece`] can always be
//! written.

use super::parts::MADE_ID;
use super::{ID, signature};
use crate::dialect::freeform;
use crate::dialect::write::{List, Object};
use crate::ir::{CallKind, Extra, Json, Media, MediaSource, Reasoning, ToolCall};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// A part that is ready to be written.
#[derive(Debug)]
pub(super) struct Piece<'r> {
    pub(super) kind: PieceKind<'r>,
    pub(super) thought: bool,
    pub(super) signature: Option<Cow<'r, str>>,
    pub(super) extra: Option<&'r Extra>,
}

/// What a part is.
#[derive(Debug)]
pub(super) enum PieceKind<'r> {
    Text(Cow<'r, str>),
    Inline {
        media_type: &'r str,
        data: Cow<'r, str>,
        name: Option<&'r str>,
    },
    File {
        uri: &'r str,
        media_type: Option<&'r str>,
        name: Option<&'r str>,
    },
    Call {
        id: Option<&'r str>,
        name: &'r str,
        /// A JSON object.
        args: Cow<'r, str>,
    },
    Response {
        /// Where its call stands among all calls.
        place: usize,
        id: Option<&'r str>,
        name: &'r str,
        /// A JSON object.
        response: Cow<'r, str>,
        media: Vec<Piece<'r>>,
    },
    /// One that only this dialect knows, as it was written.
    Raw(&'r Json),
}

/// Pieces in their order; a signature that stands alone goes on the piece after it.
#[derive(Debug, Default)]
pub(super) struct Pieces<'r> {
    pieces: Vec<Piece<'r>>,
    waiting: Option<Cow<'r, str>>,
}

impl<'r> Pieces<'r> {
    /// Adds a piece.
    pub(super) fn push(&mut self, kind: PieceKind<'r>, extra: Option<&'r Extra>) {
        if matches!(kind, PieceKind::Raw(_)) {
            self.flush();
        }
        let signature = self.waiting.take();
        self.pieces.push(Piece {
            kind,
            thought: false,
            signature,
            extra,
        });
    }

    /// Adds a thought.
    pub(super) fn push_thought(
        &mut self,
        text: &'r str,
        signature: Option<Cow<'r, str>>,
        extra: Option<&'r Extra>,
    ) {
        self.flush();
        self.pieces.push(Piece {
            kind: PieceKind::Text(Cow::Borrowed(text)),
            thought: true,
            signature,
            extra,
        });
    }

    /// Adds a signature of this dialect that stands without text.
    pub(super) fn sign_next(&mut self, signature: &'r str) {
        self.flush();
        self.waiting = Some(Cow::Borrowed(signature));
    }

    /// Adds reasoning with all its proofs, whoever made them.
    pub(super) fn push_reasoning(&mut self, reasoning: &'r Reasoning, extra: &'r Extra) {
        let own = reasoning.signature.as_ref().and_then(|it| it.open(ID));
        match own {
            Some(own) if reasoning.text.is_empty() => self.sign_next(own),
            _ if reasoning.text.is_empty() && reasoning.signature.is_none() => {}
            _ => {
                let signature = reasoning.signature.as_ref().map(signature::write);
                self.push_thought(&reasoning.text, signature, Some(extra));
            }
        }
        if let Some(encrypted) = &reasoning.encrypted {
            let written = signature::write_encrypted(encrypted);
            self.push_thought("", Some(Cow::Owned(written)), None);
        }
    }

    /// Where the next piece will stand.
    pub(super) fn next_place(&self) -> usize {
        self.pieces.len()
    }

    /// The pieces, a signature that waits among them.
    pub(super) fn finish(mut self) -> Vec<Piece<'r>> {
        self.flush();
        self.pieces
    }

    fn flush(&mut self) {
        if let Some(signature) = self.waiting.take() {
            self.pieces.push(Piece {
                kind: PieceKind::Text(Cow::Borrowed("")),
                thought: false,
                signature: Some(signature),
                extra: None,
            });
        }
    }
}

/// A medium's bytes, or where they are.
pub(super) fn medium(media: &Media) -> PieceKind<'_> {
    let name = media.name.as_deref();
    match &media.source {
        MediaSource::Base64 { media_type, data } => PieceKind::Inline {
            media_type,
            data: Cow::Borrowed(data),
            name,
        },
        MediaSource::Text(text) => PieceKind::Inline {
            media_type: "text/plain",
            data: Cow::Owned(STANDARD.encode(text)),
            name,
        },
        MediaSource::Url(uri) => PieceKind::File {
            uri,
            media_type: media.media_type.as_deref().or_else(|| type_of(uri)),
            name,
        },
        MediaSource::FileId(id) => PieceKind::File {
            uri: &id.value,
            media_type: media.media_type.as_deref(),
            name,
        },
    }
}

/// What an address says of what is behind it, since a type is asked for.
fn type_of(uri: &str) -> Option<&'static str> {
    const TYPES: &[(&str, &str)] = &[
        (".png", "image/png"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".webp", "image/webp"),
        (".gif", "image/gif"),
        (".pdf", "application/pdf"),
        (".mp3", "audio/mp3"),
        (".wav", "audio/wav"),
        (".mp4", "video/mp4"),
        (".txt", "text/plain"),
    ];
    let path = uri.split(['?', '#']).next()?.to_ascii_lowercase();
    let known = TYPES.iter().find(|(end, _)| path.ends_with(end));
    known.map(|(_, media_type)| *media_type)
}

/// A call, and whether its arguments are what a call here can hold.
pub(super) fn call(call: &ToolCall) -> (PieceKind<'_>, bool) {
    let (args, exact) = match (call.kind, object(&call.arguments)) {
        (CallKind::Function, Some(args)) => (Cow::Borrowed(args), true),
        // A call that was cut off at the output limit is no JSON.
        (CallKind::Function, None) => (Cow::Borrowed("{}"), false),
        (CallKind::Freeform, _) => (Cow::Owned(freeform::wrap(&call.arguments)), false),
    };
    let kind = PieceKind::Call {
        id: own_id(&call.id),
        name: &call.name,
        args,
    };
    (kind, exact)
}

/// The id, unless it was made here for a provider that gave none.
pub(super) fn own_id(id: &str) -> Option<&str> {
    (!id.is_empty() && !id.starts_with(MADE_ID)).then_some(id)
}

/// The text, if it is a JSON object; `{}` where it is empty.
pub(super) fn object(text: &str) -> Option<&str> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Some("{}");
    }
    let valid = trimmed.starts_with('{')
        && serde_json::from_str::<&serde_json::value::RawValue>(trimmed).is_ok();
    valid.then_some(trimmed)
}

impl Piece<'_> {
    /// Whether it answers a call.
    pub(super) fn is_response(&self) -> bool {
        matches!(self.kind, PieceKind::Response { .. })
    }

    /// Whether it calls a function.
    pub(super) fn is_call(&self) -> bool {
        matches!(self.kind, PieceKind::Call { .. })
    }

    /// Writes it as an element.
    pub(super) fn write(&self, list: &mut List<'_>) {
        if let PieceKind::Raw(json) = self.kind {
            return list.value(json);
        }
        list.object(|o| {
            self.kind.write(o, self.extra);
            if self.thought {
                o.value("thought", &true);
            }
            o.some("thoughtSignature", self.signature.as_ref());
            if let Some(extra) = self.extra {
                o.extra(extra, ID);
            }
        });
    }
}

impl PieceKind<'_> {
    fn write(&self, o: &mut Object<'_>, extra: Option<&Extra>) {
        let under = |o: &mut Object<'_>, prefix: &str| {
            if let Some(extra) = extra {
                o.extra_under(extra, ID, prefix);
            }
        };
        match self {
            Self::Raw(_) => {}
            Self::Text(text) => o.value("text", text),
            Self::Inline {
                media_type,
                data,
                name,
            } => o.object("inlineData", |o| {
                o.value("mimeType", media_type);
                o.value("data", data);
                o.some("displayName", *name);
                under(o, "inlineData.");
            }),
            Self::File {
                uri,
                media_type,
                name,
            } => o.object("fileData", |o| {
                o.some("mimeType", *media_type);
                o.value("fileUri", uri);
                o.some("displayName", *name);
                under(o, "fileData.");
            }),
            Self::Call { id, name, args } => o.object("functionCall", |o| {
                o.some("id", *id);
                o.value("name", name);
                o.written("args", args.as_bytes());
                under(o, "functionCall.");
            }),
            Self::Response {
                place: _,
                id,
                name,
                response,
                media,
            } => o.object("functionResponse", |o| {
                o.some("id", *id);
                o.value("name", name);
                o.written("response", response.as_bytes());
                if !media.is_empty() {
                    o.list("parts", |list| media.iter().for_each(|one| one.write(list)));
                }
                under(o, "functionResponse.");
            }),
        }
    }
}
