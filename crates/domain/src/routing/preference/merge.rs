//! What a client says about routing in Merge's words: `vendor` (the only provider to try), `vendors` (which to try first)
//! and `priority_order` (models to try in turn). That a policy is named is no matter where a model is: Merge ignores it
//! then. <https://docs.merge.dev/merge-gateway/routing> (2026-08)

use super::{Preference, contradiction, names};
use protocol::dialect::controls;
use protocol::ir::Malformed;

/// Reads them among the controls of a request.
pub(super) fn read(
    preference: &mut Preference,
    controls: &[(&'static str, String)],
) -> Result<(), Malformed> {
    let (mut vendor, mut vendors, mut order) = (None, Vec::new(), Vec::new());
    for (field, json) in controls {
        match *field {
            "vendor" => vendor = name_of(field, json)?,
            "vendors" => vendors = names(field, json)?,
            "priority_order" => order = controls::priority_order(json)?,
            _ => {}
        }
    }
    if let Some(vendor) = &vendor
        && !vendors.is_empty()
        && !vendors.contains(vendor)
    {
        return Err(contradiction("vendor", "vendors"));
    }
    let only = vendor.into_iter().collect();
    once(&mut preference.only, only, "vendor", "provider.only")?;
    once(&mut preference.order, vendors, "vendors", "provider.order")?;
    once(&mut preference.models, order, "priority_order", "models")
}

/// Takes a list that `field` gives, unless `other` gave another one.
fn once(
    list: &mut Vec<String>,
    said: Vec<String>,
    field: &str,
    other: &str,
) -> Result<(), Malformed> {
    if said.is_empty() || *list == said {
        return Ok(());
    }
    if !list.is_empty() {
        return Err(contradiction(field, other));
    }
    *list = said;
    Ok(())
}

/// A name; `null` is none.
fn name_of(field: &str, json: &str) -> Result<Option<String>, Malformed> {
    let read: Option<String> =
        serde_json::from_str(json).map_err(|_| Malformed::field(field, "expected a string"))?;
    match read {
        Some(name) if name.is_empty() => Err(Malformed::field(
            field,
            "expected a name, found an empty string",
        )),
        read => Ok(read),
    }
}
