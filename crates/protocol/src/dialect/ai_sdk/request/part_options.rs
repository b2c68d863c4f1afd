//! `providerOptions` of messages, parts and tools: cache breakpoints, what seals reasoning, and a few things more, under any
//! vendor's name. The rest stays among the extras, which no provider takes: losses.

use super::super::{ID, seal};
use crate::dialect::fields::{Fields, Path};
use crate::ir::{CacheMarker, Extra, Malformed, Reasoning};
use serde_json::value::RawValue;

/// What we told of a part ourselves, and the SDK sends back: nothing to act on.
const OURS: &str = "gateway";

/// What is said of a part.
#[derive(Debug, Default)]
pub(super) struct OfPart {
    pub(super) cache: Option<CacheMarker>,
    /// How closely to look at an image.
    pub(super) detail: Option<String>,
    /// What seals this part's reasoning, or that before it.
    pub(super) sealed: Reasoning,
    /// Whether we told that its text is a refusal.
    pub(super) refusal: bool,
    pub(super) extra: Extra,
}

/// Takes what is said of a part.
pub(super) fn of_part(part: &mut Fields<'_, '_>) -> Result<OfPart, Malformed> {
    let mut of = OfPart::default();
    each(part, |namespace, mut options| {
        let cache = cache(&mut options)?;
        of.cache = of.cache.take().or(cache);
        if of.detail.is_none() {
            of.detail = options.string("imageDetail")?;
        }
        if namespace == seal::NAMESPACE {
            of.refusal = options.boolean("refusal")?.unwrap_or(false);
        }
        seal::take(namespace, &mut options, &mut of.sealed)?;
        seal::keep_rest(namespace, options, &mut of.extra);
        Ok(())
    })?;
    Ok(of)
}

/// Takes what is said of a message, but for what it says of the cache.
pub(super) fn of_message(
    message: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<CacheMarker>, Malformed> {
    of_tool(message, extra)
}

/// Takes what is said of a tool.
pub(super) fn of_tool(
    tool: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<CacheMarker>, Malformed> {
    let mut found = None;
    each(tool, |namespace, mut options| {
        let cache = cache(&mut options)?;
        found = found.take().or(cache);
        seal::keep_rest(namespace, options, extra);
        Ok(())
    })?;
    Ok(found)
}

/// Calls `read` with each vendor's options.
fn each(
    outer: &mut Fields<'_, '_>,
    mut read: impl FnMut(&str, Fields<'_, '_>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let at = outer.at();
    let at = at.key("providerOptions");
    let Some(raw) = outer.take("providerOptions") else {
        return Ok(());
    };
    for (namespace, raw) in Fields::of(raw, at)?.into_members() {
        if namespace != OURS && raw.get() != "null" {
            read(&namespace, Fields::of(raw, at.key(&namespace))?)?;
        }
    }
    Ok(())
}

/// Takes a cache breakpoint, in the words of Anthropic's package or Amazon's.
fn cache(options: &mut Fields<'_, '_>) -> Result<Option<CacheMarker>, Malformed> {
    let at = options.at();
    for name in ["cacheControl", "cache_control", "cachePoint"] {
        if let Some(raw) = options.take(name) {
            return marker(raw, at.key(name)).map(Some);
        }
    }
    Ok(None)
}

/// Reads a breakpoint.
pub(super) fn marker(raw: &RawValue, at: Path<'_>) -> Result<CacheMarker, Malformed> {
    let mut marker = Fields::of(raw, at)?;
    Ok(CacheMarker {
        from: ID,
        ttl: marker.string("ttl")?,
    })
}
