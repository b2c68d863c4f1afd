//! Writes a request for a provider. Fields: <https://ai.google.dev/api/generate-content#request-body> (2026-11).

use super::super::ID;
use super::super::generation::Generation;
use super::super::pieces::Piece;
use super::contents::{self, Conversation, Speaker};
use super::{config, tools};
use crate::dialect::codec::Encoded;
use crate::dialect::write::{self, Object};
use crate::ir::{Loss, Malformed, Request};

/// Writes a whole request; its model and whether to stream stand in the path.
///
/// # Errors
/// When something in it cannot be said at all (a file uploaded to another provider).
pub(in super::super) fn encode(request: &Request) -> Result<Encoded, Malformed> {
    let generation = Generation::of(&request.model);
    let mut losses = Vec::new();
    let conversation = contents::arrange(request, generation, &mut losses)?;
    note_unsayable(request, &mut losses);
    let mut body = Vec::with_capacity(1024);
    write::object(&mut body, |o| {
        instructions(o, &conversation);
        turns(o, &conversation);
        tools::write(o, request, &mut losses);
        tools::write_config(o, request, &mut losses);
        config::write(o, request, generation, &mut losses);
        service_tier(o, request, &mut losses);
        o.extra(&request.extra, ID);
    });
    Ok(Encoded { body, losses })
}

/// Notes what this dialect has no word for. A value that changes nothing is no loss.
fn note_unsayable(request: &Request, losses: &mut Vec<Loss>) {
    let sampling = &request.sampling;
    let says = |json: Option<&crate::ir::Json>| json.is_some_and(|it| it.get() != "{}");
    let said = [
        ("logit_bias", says(sampling.logit_bias.as_ref())),
        ("user", request.user.is_some()),
        ("cache_control", request.cache.is_some()),
        ("prompt_cache_key", request.prompt_cache_key.is_some()),
        ("verbosity", request.verbosity.is_some()),
        // Vertex has labels, but takes few letters in them, and AI Studio none at all.
        ("metadata", says(request.metadata.as_ref())),
        ("store", request.store == Some(true)),
    ];
    let unsaid = said.iter().filter(|(_, is_said)| *is_said);
    losses.extend(unsaid.map(|(field, _)| Loss::dropped(*field)));
    losses.extend(request.extra.lost_to(ID, ""));
}

fn instructions(o: &mut Object<'_>, conversation: &Conversation<'_>) {
    if conversation.system.is_empty() {
        return;
    }
    o.object("systemInstruction", |o| {
        parts(o, &conversation.system);
        for extra in &conversation.system_extra {
            o.extra(extra, ID);
        }
    });
}

fn turns(o: &mut Object<'_>, conversation: &Conversation<'_>) {
    o.list("contents", |list| {
        for turn in &conversation.turns {
            list.object(|o| {
                o.value(
                    "role",
                    match turn.speaker {
                        Speaker::User => "user",
                        Speaker::Model => "model",
                    },
                );
                parts(o, &turn.pieces);
                for extra in &turn.extra {
                    o.extra(extra, ID);
                }
            });
        }
    });
}

fn parts(o: &mut Object<'_>, pieces: &[Piece<'_>]) {
    o.list("parts", |list| {
        pieces.iter().for_each(|piece| piece.write(list))
    });
}

/// <https://ai.google.dev/gemini-api/docs/service-tiers> (2026-11)
fn service_tier(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let tier = match request.service_tier.as_deref() {
        None | Some("auto") => None,
        Some("default" | "standard_only") => Some("standard"),
        Some(tier @ ("standard" | "flex" | "priority" | "unspecified")) => Some(tier),
        Some(_) => {
            losses.push(Loss::dropped("service_tier"));
            None
        }
    };
    o.some("serviceTier", tier);
}
