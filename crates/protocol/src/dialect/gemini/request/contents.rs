//! Arranges a conversation as `generateContent` wants it: instructions apart, turns of `user` and `model`, the responses
//! of one turn's calls together right after it and in its order.
//! <https://ai.google.dev/gemini-api/docs/function-calling> (2026-11)

use super::super::generation::Generation;
use super::super::pieces::{self, Piece, PieceKind, Pieces};
use super::super::{ID, signature};
use super::results::{self, Called};
use crate::dialect::turns::NOTHING_ASKED;
use crate::ir::{
    Extra, Loss, Malformed, Media, MediaSource, Part, PartKind, Reasoning, Request, Role,
    ToolResult,
};
use std::borrow::Cow;

/// A conversation that can be written.
#[derive(Debug, Default)]
pub(super) struct Conversation<'r> {
    /// The instructions, in their order.
    pub(super) system: Vec<Piece<'r>>,
    /// Unknown fields of them.
    pub(super) system_extra: Vec<&'r Extra>,
    /// The turns.
    pub(super) turns: Vec<Turn<'r>>,
}

/// One turn.
#[derive(Debug)]
pub(super) struct Turn<'r> {
    pub(super) speaker: Speaker,
    pub(super) pieces: Vec<Piece<'r>>,
    /// Unknown fields of the messages that went into it.
    pub(super) extra: Vec<&'r Extra>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    User,
    Model,
}

/// What a turn says where one is demanded and the client has none.
const FILLER: &str = "Continue.";

/// Arranges the conversation of a request.
///
/// # Errors
/// When a part cannot be said at all.
pub(super) fn arrange<'r>(
    request: &'r Request,
    generation: Generation,
    losses: &mut Vec<Loss>,
) -> Result<Conversation<'r>, Malformed> {
    let mut called = Called::default();
    let mut conversation = Conversation::default();
    for (index, message) in request.messages.iter().enumerate() {
        let at = format!("messages[{index}]");
        let mut reader = Reader {
            called: &mut called,
            generation,
            losses,
            pieces: Pieces::default(),
        };
        reader.losses.extend(message.lost_to(ID, &at));
        for (index, part) in message.parts.iter().enumerate() {
            reader.part(part, message.role, &format!("{at}.content[{index}]"))?;
        }
        let pieces = reader.pieces.finish();
        let is_last = index + 1 == request.messages.len();
        if is_last && message.role == Role::User && pieces.is_empty() {
            return Err(Malformed::field(at, NOTHING_ASKED));
        }
        let speaker = match message.role {
            Role::System | Role::Developer => {
                if !conversation.turns.is_empty() && !pieces.is_empty() {
                    losses.push(Loss::approximated(at));
                }
                conversation.system.extend(pieces);
                conversation.system_extra.push(&message.extra);
                continue;
            }
            Role::User => Speaker::User,
            Role::Assistant => Speaker::Model,
        };
        conversation.add(speaker, pieces, &message.extra);
    }
    if conversation.turns.is_empty() && conversation.system.is_empty() {
        return Err(Malformed::field("messages", NOTHING_ASKED));
    }
    conversation.begin_with_user(losses);
    for turn in &mut conversation.turns {
        turn.order_responses();
    }
    if !generation.is_older() {
        let begin = conversation.turns.iter().rposition(Turn::is_asked);
        for turn in conversation.turns.iter_mut().skip(begin.unwrap_or(0)) {
            turn.sign_calls();
        }
    }
    Ok(conversation)
}

impl<'r> Conversation<'r> {
    /// Adds what one message says: to the open turn, where it is the model's or all of it answers calls.
    fn add(&mut self, speaker: Speaker, pieces: Vec<Piece<'r>>, extra: &'r Extra) {
        if pieces.is_empty() {
            return;
        }
        let answers = |pieces: &[Piece<'_>]| pieces.iter().any(Piece::is_response);
        match self.turns.last_mut() {
            Some(turn)
                if turn.speaker == speaker
                    && (speaker == Speaker::Model || answers(&turn.pieces) && answers(&pieces)) =>
            {
                turn.pieces.extend(pieces);
                turn.extra.push(extra);
            }
            _ => self.turns.push(Turn {
                speaker,
                pieces,
                extra: vec![extra],
            }),
        }
    }

    /// Sees to it that the first turn is the user's: from nothing but instructions the last one becomes it.
    fn begin_with_user(&mut self, losses: &mut Vec<Loss>) {
        let first = self.turns.first();
        if first.is_some_and(|turn| turn.speaker == Speaker::User) {
            return;
        }
        losses.push(Loss::approximated("messages"));
        let only_instructions = self.turns.is_empty();
        let piece = only_instructions.then(|| self.system.pop()).flatten();
        let filler = || Piece {
            kind: PieceKind::Text(Cow::Borrowed(FILLER)),
            thought: false,
            signature: None,
            extra: None,
        };
        let turn = Turn {
            speaker: Speaker::User,
            pieces: vec![piece.unwrap_or_else(filler)],
            extra: Vec::new(),
        };
        self.turns.insert(0, turn);
    }
}

impl Turn<'_> {
    /// Without ids a response is matched by its place.
    fn order_responses(&mut self) {
        if self.pieces.iter().any(Piece::is_response) {
            self.pieces.sort_by_key(|piece| match &piece.kind {
                PieceKind::Response { place, .. } => *place,
                _ => usize::MAX,
            });
        }
    }

    /// Whether the user says something, rather than tools: what follows is the turn under way.
    fn is_asked(&self) -> bool {
        self.speaker == Speaker::User && !self.pieces.iter().any(Piece::is_response)
    }

    /// The first call of a step of the turn under way must have a signature; that of another provider's model has none.
    fn sign_calls(&mut self) {
        let mut calls = self.pieces.iter_mut().filter(|piece| piece.is_call());
        if let Some(first) = calls.next()
            && first.signature.is_none()
        {
            first.signature = Some(Cow::Borrowed(signature::STAND_IN));
        }
    }
}

/// Turns the parts of one message into pieces, and notes what is lost on the way.
struct Reader<'r, 'l> {
    called: &'l mut Called<'r>,
    generation: Generation,
    losses: &'l mut Vec<Loss>,
    pieces: Pieces<'r>,
}

impl<'r> Reader<'r, '_> {
    fn part(&mut self, part: &'r Part, role: Role, at: &str) -> Result<(), Malformed> {
        self.note_beside(part, at);
        match &part.kind {
            PartKind::Text(text) => self.text(text, part),
            PartKind::Refusal(text) => {
                self.losses.push(Loss::approximated(at));
                self.text(text, part);
            }
            PartKind::Image(media)
            | PartKind::Audio(media)
            | PartKind::Video(media)
            | PartKind::File(media) => {
                check(media, at)?;
                self.note_media(media, at);
                // Instructions are text.
                match role {
                    Role::System | Role::Developer => self.losses.push(Loss::dropped(at)),
                    Role::User | Role::Assistant => {
                        self.pieces.push(pieces::medium(media), Some(&part.extra));
                    }
                }
            }
            PartKind::Reasoning(reasoning) => self.reasoning(reasoning, part, at),
            PartKind::ToolCall(call) => {
                self.called.add(call);
                let (kind, exact) = pieces::call(call);
                // That a freeform tool becomes a function is said of the tool.
                if !exact && call.kind == crate::ir::CallKind::Function {
                    self.losses.push(Loss::dropped(format!("{at}.input")));
                }
                self.pieces.push(kind, Some(&part.extra));
            }
            PartKind::ToolResult(result) => self.result(result, part, at)?,
            PartKind::Opaque(from, json) if *from == ID => {
                self.pieces.push(PieceKind::Raw(json), None);
            }
            PartKind::Opaque(..) => self.losses.push(Loss::dropped(at)),
        }
        Ok(())
    }

    /// The result of a tool; where nothing was called so, what it says is said by the user.
    fn result(
        &mut self,
        result: &'r ToolResult,
        part: &'r Part,
        at: &str,
    ) -> Result<(), Malformed> {
        let Some((place, name)) = self.called.find(&result.call_id) else {
            self.losses.push(Loss::approximated(at));
            for (index, inner) in result.parts.iter().enumerate() {
                self.part(inner, Role::User, &format!("{at}.content[{index}]"))?;
            }
            return Ok(());
        };
        for (index, inner) in result.parts.iter().enumerate() {
            let at = format!("{at}.content[{index}]");
            self.note_beside(inner, &at);
            if let Some(media) = results::media(inner) {
                check(media, &at)?;
                self.note_media(media, &at);
            }
        }
        let written = results::write(result, part, place, name, self.generation);
        if !written.exact {
            self.losses.push(Loss::approximated(at));
        }
        self.pieces.push(written.response, Some(&part.extra));
        for medium in written.beside {
            self.pieces.push(medium, None);
        }
        Ok(())
    }

    /// A text without anything in it is refused, and says nothing.
    fn text(&mut self, text: &'r str, part: &'r Part) {
        if !text.is_empty() {
            self.pieces
                .push(PieceKind::Text(Cow::Borrowed(text)), Some(&part.extra));
        }
    }

    /// Reasoning goes back unless it is proven by somebody else.
    fn reasoning(&mut self, reasoning: &'r Reasoning, part: &'r Part, at: &str) {
        let proofs = [&reasoning.signature, &reasoning.encrypted];
        if proofs
            .into_iter()
            .flatten()
            .any(|proof| proof.open(ID).is_none())
        {
            self.losses.push(Loss::dropped(at));
            return;
        }
        self.pieces.push_reasoning(reasoning, &part.extra);
    }

    /// Notes what is lost of a part beside what it is.
    fn note_beside(&mut self, part: &Part, at: &str) {
        self.losses.extend(part.lost_to(ID, at));
        let said = [
            ("cache_control", part.cache.is_some()),
            ("citations", !part.citations.is_empty()),
        ];
        let lost = said.iter().filter(|(_, is_said)| *is_said);
        self.losses
            .extend(lost.map(|(field, _)| Loss::dropped(format!("{at}.{field}"))));
    }

    fn note_media(&mut self, media: &Media, at: &str) {
        if media
            .detail
            .as_deref()
            .is_some_and(|detail| detail != "auto")
        {
            self.losses.push(Loss::dropped(format!("{at}.detail")));
        }
    }
}

fn check(media: &Media, at: &str) -> Result<(), Malformed> {
    match &media.source {
        MediaSource::FileId(id) if id.open(ID).is_none() => Err(Malformed::field(
            at,
            "names a file that was uploaded to another provider: send its content",
        )),
        MediaSource::FileId(_)
        | MediaSource::Base64 { .. }
        | MediaSource::Url(_)
        | MediaSource::Text(_) => Ok(()),
    }
}
