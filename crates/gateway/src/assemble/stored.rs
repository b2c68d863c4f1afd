//! Providers that the admin API stored, as an overlay over the ground. What fits together is decided here; who is
//! enabled is not.

use super::Ground;
use domain::catalog::{Overlay, ProviderOverlay};
use store::settings::StoredProvider;

/// All that fits of what is stored. What does not (two providers that claim one model's name, or a newer catalogue that
/// claims it) is left out and told: it must stop neither the start of the program nor a change of another provider.
pub(super) fn overlay(ground: &Ground, stored: &[StoredProvider]) -> Overlay {
    if let Ok(all) = strict(ground, stored) {
        return all;
    }
    let mut fitting = Vec::new();
    for said in stored {
        fitting.push(said.clone());
        if let Err(error) = strict(ground, &fitting) {
            tracing::error!(
                provider = said.id,
                error = format!("{error:#}"),
                "a stored provider does not fit and is left out; change or delete it in the admin API"
            );
            fitting.pop();
        }
    }
    strict(ground, &fitting).unwrap_or_default()
}

/// Whether what is about to be stored of a provider fits to the catalogue and to what is stored of the others.
///
/// # Errors
/// Says what does not.
pub(super) fn check(
    ground: &Ground,
    stored: &[StoredProvider],
    said: &StoredProvider,
) -> anyhow::Result<()> {
    let own = strict(ground, std::slice::from_ref(said))?;
    // Only where it is said: a newer catalogue may know a name that is nearly one that was stored before.
    ground.catalog.check_new_names(&own)?;
    let mut all: Vec<StoredProvider> = stored
        .iter()
        .filter(|one| one.id != said.id)
        .cloned()
        .collect();
    // Others that do not fit among themselves are no fault of this one.
    if strict(ground, &all).is_err() {
        return Ok(());
    }
    // In the order in which the store gives them.
    let at = all.partition_point(|one| one.id < said.id);
    all.insert(at, said.clone());
    strict(ground, &all).map(drop)
}

fn strict(ground: &Ground, stored: &[StoredProvider]) -> anyhow::Result<Overlay> {
    let mut overlay = Overlay::default();
    for said in stored
        .iter()
        .filter(|said| !ground.declared.contains(&said.id))
    {
        overlay.providers.extend(of_one(ground, said)?);
    }
    ground.catalog.overlaid(&overlay)?;
    Ok(overlay)
}

/// `None` where a provider of the catalogue is switched and nothing else.
fn of_one(ground: &Ground, said: &StoredProvider) -> anyhow::Result<Option<ProviderOverlay>> {
    let own = ground.catalog.find_provider(&said.id).is_none();
    if !own && said.base_url.is_none() && said.speaks.is_empty() && said.models.is_none() {
        return Ok(None);
    }
    let models = match &said.models {
        None => Vec::new(),
        Some(json) => super::model::models_of(&said.id, json)?,
    };
    Ok(Some(ProviderOverlay {
        id: said.id.clone(),
        base_url: said.base_url.clone(),
        speaks: Some(said.speaks.clone()).filter(|words| !words.is_empty()),
        models,
        ..ProviderOverlay::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::{Ground, check, overlay};
    use store::settings::StoredProvider;

    fn ground() -> Ground {
        let settings = crate::config::load(None, &|_| None).unwrap();
        Ground::lay(&settings, std::path::Path::new("none"), &|_| None).unwrap()
    }

    fn said(id: &str, base_url: &str, models: &str) -> StoredProvider {
        StoredProvider {
            id: id.to_owned(),
            enabled: true,
            base_url: Some(base_url.to_owned()),
            speaks: Vec::new(),
            models: Some(models.to_owned()),
            updated_at_ms: 0,
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_stops_nothing_else() {
        let ground = ground();
        let (good, bad, also_good) = (
            said("aa", "http://127.0.0.1:1", r#"[{"id":"m"}]"#),
            said("bb", "127.0.0.1", r#"[{"id":"m"}]"#),
            said("cc", "http://127.0.0.1:1", r#"[{"id":"m"}]"#),
        );
        let stored = [good, bad.clone(), also_good.clone()];
        let left: Vec<String> = overlay(&ground, &stored)
            .providers
            .into_iter()
            .map(|one| one.id)
            .collect();
        assert_eq!(left, ["aa", "cc"]);
        check(&ground, &stored, &bad).unwrap_err();
        check(&ground, &stored, &also_good).unwrap();
        check(&ground, &[], &said("dd", "http://127.0.0.1:1", "[{")).unwrap_err();
    }
}
