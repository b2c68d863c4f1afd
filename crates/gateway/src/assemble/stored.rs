//! Providers that the admin API stored, as an overlay over the ground. What fits together is decided here; who is
//! enabled is not.

use super::Ground;
use crate::clock;
use domain::catalog::{Overlay, ProviderOverlay};
use std::collections::BTreeMap;
use store::settings::StoredProvider;

/// All that fits of what is stored, and by provider why the rest does not. That (two providers that claim one model's
/// name, or a newer catalogue that claims it) is left out and told: it must stop neither the start of the program nor a
/// change of another provider. Without what is said of it, such a provider may not be asked.
pub(super) fn overlay(
    ground: &Ground,
    stored: &[StoredProvider],
) -> (Overlay, BTreeMap<String, String>) {
    let mut misfits = BTreeMap::new();
    if let Ok(all) = strict(ground, stored) {
        return (all, misfits);
    }
    let mut fitting = Vec::new();
    for said in stored {
        fitting.push(said.clone());
        if let Err(error) = strict(ground, &fitting) {
            tracing::error!(
                provider = said.id,
                error = format!("{error:#}"),
                "a stored provider does not fit and is not used; change or delete it in the admin API"
            );
            misfits.insert(ground.id_of(&said.id), format!("{error:#}"));
            fitting.pop();
        }
    }
    (strict(ground, &fitting).unwrap_or_default(), misfits)
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
    // Only where it is said: a newer catalogue may doubt what was stored before.
    if let Some(doubt) = ground
        .catalog
        .doubts(&own, clock::now_ms())
        .into_iter()
        .next()
    {
        return Err(doubt.into());
    }
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
    use super::super::live;
    use super::{Ground, check, overlay};
    use crate::telemetry::Metrics;
    use store::settings::StoredProvider;
    use store::{Store, StoreOptions};

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
        let (left, misfits) = overlay(&ground, &stored);
        let left: Vec<String> = left.providers.into_iter().map(|one| one.id).collect();
        assert_eq!(left, ["aa", "cc"]);
        assert!(misfits["bb"].contains("is no base URL"), "{misfits:?}");
        assert_eq!(misfits.len(), 1);
        check(&ground, &stored, &bad).unwrap_err();
        check(&ground, &stored, &also_good).unwrap();
        check(&ground, &[], &said("dd", "http://127.0.0.1:1", "[{")).unwrap_err();
    }

    /// What a newer catalogue contradicts keeps its address: without it the stored key went to the vendor's own.
    #[test]
    fn what_the_catalogue_comes_to_contradict_stays_as_it_is_stored() {
        let ground = ground();
        let doubted = r#"[{"id":"gpt-4o-mini","input":"0.01","output":"9"},{"id":"gpt-4o-minni"}]"#;
        let stored = said("openai", "http://127.0.0.1:1/v1", doubted);
        let (laid, misfits) = overlay(&ground, std::slice::from_ref(&stored));
        assert!(misfits.is_empty(), "{misfits:?}");
        assert_eq!(
            laid.providers[0].base_url.as_deref(),
            Some("http://127.0.0.1:1/v1")
        );
        let refused = check(&ground, &[], &stored).unwrap_err().to_string();
        assert!(refused.contains("say cache_read too"), "{refused}");
    }

    /// A stored address that no longer counts as one was dropped, and the stored key went to the vendor's own.
    #[tokio::test]
    async fn a_provider_whose_stored_override_does_not_fit_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(StoreOptions::new(folder.path())).await.unwrap();
        let settings = store.settings();
        for (id, base_url) in [("openai", "127.0.0.1:1"), ("groq", "http://127.0.0.1:1")] {
            settings
                .put_provider(&said(id, base_url, "[]"))
                .await
                .unwrap();
            let secret = store::Secret::new("sk-stored".to_owned());
            settings
                .create_credential(id, "main", &secret)
                .await
                .unwrap();
        }
        let live = live(&ground(), &store, &Metrics::new(), None)
            .await
            .unwrap();
        let idx = |id: &str| live.snapshot.catalog.find_provider(id).unwrap();
        assert!(!live.usable(idx("openai")) && live.credential(idx("openai")).is_none());
        assert!(live.usable(idx("groq")), "the others still work");
        assert!(live.misfits["openai"].contains("is no base URL"));
    }
}
