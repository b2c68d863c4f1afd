//! Token counts as version 4 has them: totals that contain what stands beside them.

use crate::dialect::write::Object;
use crate::ir::Usage;

/// Writes `usage`. Counts that the provider never gave are left out, which the SDK takes for unknown.
pub(super) fn write(o: &mut Object<'_>, usage: Option<&Usage>) {
    o.object("usage", |o| {
        o.object("inputTokens", |o| {
            if let Some(usage) = usage {
                o.value("total", &usage.total_input());
                o.value("noCache", &usage.input);
                o.value("cacheRead", &usage.cache_read);
                o.value("cacheWrite", &usage.cache_write);
            }
        });
        o.object("outputTokens", |o| {
            if let Some(usage) = usage {
                o.value("total", &usage.output);
                o.value("text", &usage.output.saturating_sub(usage.reasoning));
                o.value("reasoning", &usage.reasoning);
            }
        });
    });
}

/// The counts that have a place here.
pub(super) fn said(usage: &Usage) -> Usage {
    Usage {
        cache_write_1h: 0,
        audio_input: 0,
        audio_output: 0,
        image_input: 0,
        image_output: 0,
        web_searches: 0,
        ..*usage
    }
}
