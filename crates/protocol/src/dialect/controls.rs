//! The gateway's own controls: top-level members that clients put into a request body for the gateway, in the words of
//! several ecosystems. The one list of them, shared by all dialects. What they mean is decided elsewhere (`domain`).

use crate::splice::Document;

/// Every control. None is a parameter of a model, so none is ever sent to a provider.
pub const CONTROLS: &[&str] = &[
    // Fallback models and provider preferences, and what its plugins do: OpenRouter.
    "models",
    "provider",
    "route",
    "transforms",
    "plugins",
    "preset",
    // The AI SDK's options per provider (`gateway` among them).
    "providerOptions",
    // Merge's routing, and attribution.
    "vendor",
    "vendors",
    "priority_order",
    "routing_policy_id",
    "tags",
    // Only offerings that lose nothing.
    "require_parameters",
];

/// Whether a top-level member is a control.
pub fn is_control(name: &str) -> bool {
    CONTROLS.contains(&name)
}

/// The controls present in a request, name and raw JSON.
pub(in crate::dialect) fn read(doc: &Document<'_>) -> Vec<(&'static str, String)> {
    CONTROLS
        .iter()
        .filter_map(|name| Some((*name, doc.get(name)?.to_owned())))
        .collect()
}

/// Takes every control found by [`read`] out of a request that goes to a provider.
pub(in crate::dialect) fn remove(doc: &mut Document<'_>, found: &[(&'static str, String)]) {
    for (name, _) in found {
        doc.remove(name);
    }
}
