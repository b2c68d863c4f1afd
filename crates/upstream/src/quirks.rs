//! What is odd about a provider, applied: the one interpreter of the closed vocabulary in `domain::catalog::Quirk`.

use domain::catalog::Quirk;
use protocol::ir::Usage;
use protocol::splice::Document;

/// Edits a body on its way to a provider, in the order of the quirks.
pub fn edit(quirks: &[Quirk], body: &mut Document<'_>) {
    for quirk in quirks {
        match quirk {
            Quirk::Rename { from, to } => body.rename(from, to),
            Quirk::Drop { field } => body.remove(field),
            Quirk::ReasoningNotInOutput => {}
        }
    }
}

/// Brings a provider's token counts into our convention.
pub fn correct(quirks: &[Quirk], usage: &mut Usage) {
    for quirk in quirks {
        match quirk {
            Quirk::ReasoningNotInOutput => {
                usage.output = usage.output.saturating_add(usage.reasoning);
            }
            Quirk::Rename { .. } | Quirk::Drop { .. } => {}
        }
    }
}
