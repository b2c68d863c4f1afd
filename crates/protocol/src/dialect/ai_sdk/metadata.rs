//! `providerMetadata`: what is told of one part, and what is told of the whole answer.

use super::seal;
use crate::dialect::Reply;
use crate::dialect::write::Object;
use crate::ir::{Logprobs, Reasoning};

/// What is told of one part.
#[derive(Clone, Copy, Default)]
pub(super) struct OfPart<'a> {
    /// Our id of the answer, beside its first part in a stream.
    pub(super) generation: Option<&'a str>,
    /// What must come back with it.
    pub(super) sealed: Option<&'a Reasoning>,
    /// Whether its text is a refusal.
    pub(super) refusal: bool,
}

impl<'a> OfPart<'a> {
    /// Our id of the answer, where it is told here, and nothing else.
    pub(super) fn told(generation: Option<&'a str>) -> Self {
        Self {
            generation,
            ..Self::default()
        }
    }

    /// Writes it, if there is anything to tell.
    pub(super) fn write(self, o: &mut Object<'_>) {
        let sealed = self.sealed.filter(|it| seal::is_sealed(it));
        if self.generation.is_none() && sealed.is_none() && !self.refusal {
            return;
        }
        o.object("providerMetadata", |o| {
            if let Some(id) = self.generation {
                o.object("gateway", |o| o.value("generationId", id));
            }
            if let Some(sealed) = sealed {
                seal::write(o, sealed);
            }
            if self.refusal {
                o.object(seal::NAMESPACE, |o| o.value("refusal", &true));
            }
        });
    }
}

/// What is told of the whole answer.
#[derive(Clone, Copy)]
pub(super) struct OfAnswer<'a> {
    pub(super) reply: &'a Reply,
    /// What it cost in USD, as a JSON number.
    pub(super) cost: Option<&'a str>,
    pub(super) service_tier: Option<&'a str>,
    pub(super) stop_sequence: Option<&'a str>,
    pub(super) logprobs: Option<&'a Logprobs>,
}

impl OfAnswer<'_> {
    /// Writes it. Amounts are decimal text, in USD.
    pub(super) fn write(self, o: &mut Object<'_>) {
        let reply = self.reply;
        o.object("providerMetadata", |o| {
            o.object("gateway", |o| {
                o.object("routing", |o| {
                    o.value("originalModelId", &reply.model);
                    o.value("canonicalSlug", &reply.served_model);
                    o.value("resolvedProvider", &reply.provider);
                    o.value("finalProvider", &reply.provider);
                    o.value("totalProviderAttemptCount", &reply.attempts);
                });
                o.some("cost", self.cost);
                o.some("marketCost", self.cost);
                o.value("generationId", &reply.request_id);
                let usual = ["default", "standard", "standard_only", "auto"];
                let tier = self.service_tier.filter(|tier| !usual.contains(tier));
                o.some("serviceTier", tier);
            });
            if let Some(sequence) = self.stop_sequence {
                o.object(seal::NAMESPACE, |o| o.value("stopSequence", sequence));
            }
            // Where the SDK's own OpenAI package puts them.
            if let Some(tokens) = self.logprobs.and_then(|it| it.content.as_ref()) {
                o.object("openai", |o| o.value("logprobs", tokens));
            }
        });
    }
}
