//! What is stored comes back; what must not be is refused with a reason.

use super::*;
use crate::settings::secret::{Secret, hash_secret};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

async fn open(folder: &Path) -> Settings {
    Settings::open(folder, &SealingKeySource::File)
        .await
        .unwrap()
}

async fn fresh() -> (tempfile::TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let settings = open(folder.path()).await;
    (folder, settings)
}

/// As [`fresh`], with the id of the one project that is there.
async fn fresh_with_project() -> (tempfile::TempDir, Settings, String) {
    let (folder, settings) = fresh().await;
    let made = settings.create_project(DEFAULT_ORGANIZATION, "shop").await;
    (folder, settings, made.unwrap().id)
}

fn key_of(project: &str, name: &str) -> NewKey {
    NewKey {
        project: project.to_owned(),
        name: name.to_owned(),
        ..NewKey::default()
    }
}

#[tokio::test]
async fn a_fresh_installation_has_one_organization() {
    let (folder, settings) = fresh().await;
    let first = settings.organizations().await.unwrap();
    assert_eq!(first.len(), 1);
    assert_eq!(
        (first[0].id.as_str(), first[0].name.as_str()),
        ("org_default", "default")
    );
    settings.close().await;
    assert_eq!(
        open(folder.path()).await.organizations().await.unwrap(),
        first
    );
}

#[tokio::test]
async fn projects() {
    let (_folder, settings) = fresh().await;
    let shop = settings
        .create_project(DEFAULT_ORGANIZATION, " shop ")
        .await
        .unwrap();
    assert_eq!(shop.name, "shop");
    let blog = settings
        .create_project(DEFAULT_ORGANIZATION, "blog")
        .await
        .unwrap();
    let refused = |result: Result<_, StoreError>| result.map(|_: ()| ()).unwrap_err().to_string();
    let twice = settings.create_project(DEFAULT_ORGANIZATION, "shop").await;
    assert_eq!(
        refused(twice.map(drop)),
        "a project named `shop` exists already; choose another name"
    );
    let nowhere = settings.create_project("org_x", "a").await;
    assert_eq!(
        refused(nowhere.map(drop)),
        "there is no organization `org_x`"
    );
    let unnamed = settings.create_project(DEFAULT_ORGANIZATION, " \n").await;
    assert!(refused(unnamed.map(drop)).starts_with("name: "));
    let taken = settings.rename_project(&blog.id, "shop").await;
    assert!(matches!(taken, Err(StoreError::Taken { .. })));
    let news = settings.rename_project(&blog.id, "news").await.unwrap();
    assert_eq!(
        settings
            .project_named(DEFAULT_ORGANIZATION, "news")
            .await
            .unwrap(),
        Some(news)
    );
    assert_eq!(
        settings
            .project_named(DEFAULT_ORGANIZATION, "blog")
            .await
            .unwrap(),
        None
    );

    settings.create_key(&key_of(&shop.id, "a")).await.unwrap();
    let used = settings.delete_project(&shop.id).await;
    assert!(refused(used).contains("still has keys"));
    settings.delete_project(&blog.id).await.unwrap();
    let gone = settings.delete_project(&blog.id).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
    assert_eq!(settings.projects().await.unwrap(), [shop]);
}

#[tokio::test]
async fn keys() {
    let (folder, settings, project) = fresh_with_project().await;
    let created = settings
        .create_key(&NewKey {
            allowed_models: vec!["openai/*".to_owned()],
            expires_at_ms: Some(5),
            ..key_of(&project, "a")
        })
        .await
        .unwrap();
    let key = created.made;
    assert!(created.secret.expose().starts_with(&key.prefix));
    assert_eq!(key.hash, hash_secret(created.secret.expose()));
    assert_eq!(
        settings.key_by_hash(key.hash).await.unwrap(),
        Some(key.clone())
    );
    assert_eq!(
        settings.key_by_hash(hash_secret("tg_other")).await.unwrap(),
        None
    );
    let same_name = settings.create_key(&key_of(&project, "a")).await;
    assert!(matches!(
        same_name,
        Err(StoreError::Taken { what: "key", .. })
    ));
    let nowhere = settings.create_key(&key_of("proj_x", "a")).await;
    assert!(matches!(
        nowhere,
        Err(StoreError::NotFound {
            what: "project",
            ..
        })
    ));

    let renamed = KeyPatch {
        name: Some("b".to_owned()),
        ..KeyPatch::default()
    };
    let patched = settings.update_key(&key.id, &renamed).await.unwrap();
    assert_eq!(
        patched,
        domain::account::Key {
            name: "b".to_owned(),
            ..key.clone()
        }
    );
    let freed = KeyPatch {
        allowed_models: Some(Vec::new()),
        expires_at_ms: Some(None),
        ..KeyPatch::default()
    };
    let patched = settings.update_key(&key.id, &freed).await.unwrap();
    assert_eq!(
        (patched.allowed_models.len(), patched.expires_at_ms),
        (0, None)
    );
    assert_eq!(patched.name, "b");

    let revoked = settings.revoke_key(&key.id).await.unwrap();
    assert!(revoked.revoked_at_ms.is_some());
    assert_eq!(settings.revoke_key(&key.id).await.unwrap(), revoked);
    let again = settings
        .create_key(&key_of(&project, "b"))
        .await
        .unwrap()
        .made;
    assert_ne!(again.id, key.id);
    assert!(matches!(
        settings.revoke_key("key_x").await,
        Err(StoreError::NotFound { .. })
    ));

    settings.close().await;
    let all = open(folder.path()).await.keys().await.unwrap();
    assert_eq!(all, [revoked, again]);
    let file = std::fs::read(folder.path().join("settings.db")).unwrap();
    let secret = created.secret.expose().as_bytes();
    assert!(!file.windows(secret.len()).any(|bytes| bytes == secret));
}

#[tokio::test]
async fn a_key_is_replaced_once_and_the_old_one_has_an_end() {
    let (_folder, settings, project) = fresh_with_project().await;
    let old = settings
        .create_key(&key_of(&project, "web"))
        .await
        .unwrap()
        .made;
    let in_an_hour = clock::now_ms() + 3_600_000;
    let rotation = Rotation {
        ends_at_ms: in_an_hour,
        expires_at_ms: None,
    };
    let Rotated {
        successor,
        replaced,
    } = settings.rotate_key(&old.id, &rotation).await.unwrap();
    let expect = domain::account::Key {
        revoked_at_ms: Some(in_an_hour),
        ..old.clone()
    };
    assert_eq!(replaced, expect);
    assert_eq!(settings.key(&old.id).await.unwrap(), expect);
    let same = |one: &domain::account::Key| {
        (
            one.project.clone(),
            one.name.clone(),
            one.allowed_models.clone(),
        )
    };
    let new = successor.made;
    assert_eq!(same(&new), same(&old));
    assert_eq!((new.expires_at_ms, new.revoked_at_ms), (None, None));
    assert_ne!((&new.id, new.hash), (&old.id, old.hash));
    let twice = settings.rotate_key(&old.id, &rotation).await;
    assert!(matches!(twice, Err(StoreError::Over { what: "key", .. })));
    let nobody = settings.rotate_key("key_x", &rotation).await;
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
    assert_eq!(settings.keys().await.unwrap().len(), 2);

    // The overlap can be made longer, and it can be ended; but not be for ever.
    let until = |expires_at_ms| KeyPatch {
        expires_at_ms: Some(expires_at_ms),
        ..KeyPatch::default()
    };
    let later = settings
        .update_key(&old.id, &until(Some(in_an_hour + 1)))
        .await
        .unwrap();
    assert_eq!(later.revoked_at_ms, Some(in_an_hour + 1));
    let for_ever = settings.update_key(&old.id, &until(None)).await;
    let field = "expires_at";
    assert!(matches!(for_ever, Err(StoreError::Invalid { field: at, .. }) if at == field));
    let ended = settings.revoke_key(&old.id).await.unwrap();
    assert!(ended.revoked_at_ms.unwrap() <= clock::now_ms());
}

#[tokio::test]
async fn a_hundred_thousand_keys_load() {
    let (_folder, settings, project) = fresh_with_project().await;
    sqlx::query(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000) \
         INSERT INTO access_key (id, project, name, prefix, hash, allowed_models, created_at_ms) \
         SELECT 'key_' || n, $1, 'k' || n, 'tg_', CAST(printf('%032d', n) AS BLOB), '[]', n FROM n",
    )
    .bind(&project)
    .execute(&settings.pool)
    .await
    .unwrap();
    assert_eq!(settings.keys().await.unwrap().len(), 100_000);
}

#[tokio::test]
async fn management_tokens() {
    let (_folder, settings) = fresh().await;
    let created = settings.create_management_token("first").await.unwrap();
    assert!(created.secret.expose().starts_with("tgm_"));
    let twice = settings.create_management_token("first").await;
    assert!(matches!(twice, Err(StoreError::Taken { .. })));
    let given = settings
        .set_management_token("env", &Secret::new("chosen-1"))
        .await
        .unwrap();
    let other = settings
        .set_management_token("env", &Secret::new("chosen-2"))
        .await
        .unwrap();
    assert_eq!(given.id, other.id);
    assert_eq!(other.hash, hash_secret("chosen-2"));
    let same = settings
        .set_management_token("env2", &Secret::new("chosen-2"))
        .await;
    assert!(matches!(same, Err(StoreError::Taken { .. })));
    assert_eq!(
        settings.management_tokens().await.unwrap(),
        [created.made.clone(), other]
    );
    settings
        .delete_management_token(&created.made.id)
        .await
        .unwrap();
    assert_eq!(settings.management_tokens().await.unwrap().len(), 1);
}

#[tokio::test]
async fn credentials_open_with_the_key_they_were_sealed_with() {
    let (folder, settings) = fresh().await;
    let secret = Secret::new("sk-one");
    let one = settings
        .create_credential("openai", "main", &secret)
        .await
        .unwrap();
    let twice = settings.create_credential("openai", "main", &secret).await;
    assert!(matches!(twice, Err(StoreError::Taken { .. })));
    let opened = settings.opened_credentials().await.unwrap();
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0].0, one);
    assert_eq!(*opened[0].1.as_ref().unwrap(), secret);

    // No key: none is made beside what the lost one has sealed, by nobody who reads or writes.
    settings.close().await;
    let file = folder.path().join("sealing.key");
    std::fs::remove_file(&file).unwrap();
    let settings = open(folder.path()).await;
    let opened = settings.opened_credentials().await.unwrap();
    assert!(matches!(opened[0].1, Err(StoreError::Sealing(_))));
    let refused = settings.create_credential("groq", "main", &secret).await;
    assert!(matches!(refused, Err(StoreError::Sealing(_))));
    assert!(!file.exists());

    // Another key: the old credential says so, a new one and a replaced one open.
    settings.close().await;
    std::fs::write(&file, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let settings = open(folder.path()).await;
    settings
        .create_credential("groq", "main", &Secret::new("gsk"))
        .await
        .unwrap();
    let opened = settings.opened_credentials().await.unwrap();
    assert!(
        opened[0]
            .1
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains(&one.sealing_key)
    );
    assert_eq!(opened[1].1.as_ref().unwrap().expose(), "gsk");
    settings
        .replace_credential(&one.id, &Secret::new("sk-two"))
        .await
        .unwrap();
    let opened = settings.opened_credentials().await.unwrap();
    assert_eq!(opened[0].1.as_ref().unwrap().expose(), "sk-two");

    settings.delete_credential(&one.id).await.unwrap();
    assert_eq!(settings.credentials().await.unwrap().len(), 1);
    let gone = settings.replace_credential(&one.id, &secret).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn providers() {
    let (_folder, settings) = fresh().await;
    let mut vllm = StoredProvider {
        id: "next-door".to_owned(),
        enabled: true,
        base_url: Some("http://127.0.0.1:8000/v1".to_owned()),
        speaks: vec!["openai_chat".to_owned()],
        models: Some(r#"[{"id":"a"}]"#.to_owned()),
        updated_at_ms: 0,
    };
    settings.put_provider(&vllm).await.unwrap();
    vllm.enabled = false;
    settings.put_provider(&vllm).await.unwrap();
    let stored = settings.providers().await.unwrap();
    assert_eq!(stored.len(), 1);
    assert!(stored[0].updated_at_ms > 0);
    vllm.updated_at_ms = stored[0].updated_at_ms;
    assert_eq!(stored[0], vllm);
    vllm.models = Some("{}".to_owned());
    let refused = settings.put_provider(&vllm).await.unwrap_err().to_string();
    assert!(
        refused.starts_with("models: must be a JSON array"),
        "{refused}"
    );
    let secret = Secret::new("sk-one");
    for provider in ["next-door", "groq"] {
        let made = settings.create_credential(provider, "main", &secret).await;
        made.unwrap();
    }
    settings
        .delete_provider("next-door", Credentials::Delete)
        .await
        .unwrap();
    assert!(settings.providers().await.unwrap().is_empty());
    let left = settings.credentials().await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].provider, "groq");
}
