//! Signatures and encrypted reasoning in `providerMetadata` and `providerOptions`. Those of a vendor whose own package for
//! the AI SDK has members for them stand there, so that a conversation can move between that package and this gateway; any
//! other's stand in a namespace of ours, with their origin.

use super::ID;
use crate::dialect;
use crate::dialect::fields::{self, Fields};
use crate::dialect::write::Object;
use crate::ir::{Extra, Malformed, Reasoning, Sealed};

/// The namespace for what no vendor's package has a member for.
pub(super) const NAMESPACE: &str = "tollgate";

/// What a sealed value proves or holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Where the reasoning came from.
    Signature,
    /// The reasoning itself.
    Encrypted,
}

/// Where a vendor's package keeps a sealed value.
struct Place {
    namespace: &'static str,
    member: &'static str,
    /// The dialect whose values stand there.
    origin: &'static str,
    kind: Kind,
}

const fn place(
    namespace: &'static str,
    member: &'static str,
    origin: &'static str,
    kind: Kind,
) -> Place {
    Place {
        namespace,
        member,
        origin,
        kind,
    }
}

/// As the packages `@ai-sdk/anthropic`, `@ai-sdk/amazon-bedrock` and `@ai-sdk/google` have them (2026-11). The first for
/// an origin is written, all are read.
const PLACES: &[Place] = &[
    place("anthropic", "signature", "anthropic", Kind::Signature),
    place("anthropic", "redactedData", "anthropic", Kind::Encrypted),
    place("bedrock", "signature", "bedrock", Kind::Signature),
    place("bedrock", "redactedData", "bedrock", Kind::Encrypted),
    place("google", "thoughtSignature", "gemini", Kind::Signature),
    place("vertex", "thoughtSignature", "gemini", Kind::Signature),
];

/// Takes the sealed values out of a part's options of one namespace. Those of a dialect that is not known here stay.
pub(super) fn take(
    namespace: &str,
    options: &mut Fields<'_, '_>,
    into: &mut Reasoning,
) -> Result<(), Malformed> {
    if namespace == NAMESPACE {
        return take_ours(options, into);
    }
    for place in PLACES {
        let known = dialect::find(place.origin).filter(|_| place.namespace == namespace);
        if let Some(origin) = known
            && let Some(value) = options.string(place.member)?
        {
            put(into, place.kind, Sealed::new(origin.id, value));
        }
    }
    Ok(())
}

fn take_ours(options: &mut Fields<'_, '_>, into: &mut Reasoning) -> Result<(), Malformed> {
    let Some(origin) = options.string("origin")? else {
        return Ok(());
    };
    let at = options.at();
    let origin = dialect::find(&origin)
        .ok_or_else(|| at.key("origin").wrong("names no dialect of this gateway"))?;
    for (member, kind) in [
        ("signature", Kind::Signature),
        ("encrypted", Kind::Encrypted),
    ] {
        if let Some(raw) = options.take(member) {
            let value = fields::string(raw, &at.key(member))?;
            put(into, kind, Sealed::new(origin.id, value));
        }
    }
    Ok(())
}

fn put(into: &mut Reasoning, kind: Kind, sealed: Sealed) {
    match kind {
        Kind::Signature => into.signature = Some(sealed),
        Kind::Encrypted => into.encrypted = Some(sealed),
    }
}

/// Writes the namespaces that hold a reasoning's sealed values.
pub(super) fn write(metadata: &mut Object<'_>, reasoning: &Reasoning) {
    let sealed = [
        (Kind::Signature, reasoning.signature.as_ref()),
        (Kind::Encrypted, reasoning.encrypted.as_ref()),
    ];
    let mut left: Vec<(Kind, &Sealed)> = sealed
        .into_iter()
        .filter_map(|(kind, sealed)| Some((kind, sealed?)))
        .collect();
    // Both of one origin share its namespace.
    while let Some((_, first)) = left.first() {
        let origin = first.origin;
        let (same, rest): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(_, it)| it.origin == origin);
        left = rest;
        let places: Vec<Option<&Place>> = same
            .iter()
            .map(|(kind, _)| {
                PLACES
                    .iter()
                    .find(|place| place.origin == origin.as_str() && place.kind == *kind)
            })
            .collect();
        match places.first() {
            Some(Some(place)) if places.iter().all(Option::is_some) => {
                metadata.object(place.namespace, |o| {
                    for (place, (_, sealed)) in places.iter().flatten().zip(&same) {
                        o.value(place.member, &sealed.value);
                    }
                });
            }
            _ => metadata.object(NAMESPACE, |o| {
                o.value("origin", origin.as_str());
                for (kind, sealed) in &same {
                    let member = match kind {
                        Kind::Signature => "signature",
                        Kind::Encrypted => "encrypted",
                    };
                    o.value(member, &sealed.value);
                }
            }),
        }
    }
}

/// Whether there is anything to write.
pub(super) fn is_sealed(reasoning: &Reasoning) -> bool {
    reasoning.signature.is_some() || reasoning.encrypted.is_some()
}

/// Keeps what is left of a namespace as an extra of the part.
pub(super) fn keep_rest(namespace: &str, options: Fields<'_, '_>, extra: &mut Extra) {
    options.rest_into(ID, &format!("providerOptions.{namespace}."), extra);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::fields::Path;
    use crate::dialect::{anthropic, openai_chat, write};
    use serde_json::value::RawValue;

    fn check(reasoning: &Reasoning, expect: &str) {
        let mut out = Vec::new();
        write::object(&mut out, |o| write(o, reasoning));
        assert_eq!(String::from_utf8_lossy(&out), expect);
        let mut read = Reasoning::default();
        let raw: &RawValue = serde_json::from_slice(&out).unwrap();
        for (namespace, options) in Fields::of(raw, Path::ROOT).unwrap().into_members() {
            let mut options = Fields::of(options, Path::ROOT).unwrap();
            take(&namespace, &mut options, &mut read).unwrap();
            assert!(options.into_members().is_empty(), "{namespace}");
        }
        assert_eq!(&read, reasoning);
    }

    #[test]
    fn sealed_values_come_back_with_their_origin() {
        let sealed = |origin, value: &str| Some(Sealed::new(origin, value));
        check(
            &Reasoning {
                signature: sealed(anthropic::ID, "sig"),
                encrypted: sealed(anthropic::ID, "data"),
                ..Reasoning::default()
            },
            r#"{"anthropic":{"signature":"sig","redactedData":"data"}}"#,
        );
        check(
            &Reasoning {
                encrypted: sealed(openai_chat::ID, "data"),
                ..Reasoning::default()
            },
            r#"{"tollgate":{"origin":"openai_chat","encrypted":"data"}}"#,
        );
        check(&Reasoning::default(), "{}");
    }
}
