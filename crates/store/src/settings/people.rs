//! People who log in to the console, and the links that make the first of them or give one a new password.

use super::secret::{LINK_PREFIX, Secret, hash_secret, random_id};
use super::{Settings, name, not_found};
use crate::db::Row;
use crate::{StoreError, clock};
use domain::account::{Role, User};
use sqlx::Row as _;
use std::time::Duration;

/// Longer addresses cannot be sent to (RFC 5321, section 4.5.3.1.3).
const MAX_EMAIL: usize = 254;

/// What a new person needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// What the person logs in with.
    pub email: String,
    /// For people.
    pub name: String,
    /// As [`super::password::hash_password`] gives it.
    pub password_hash: String,
}

/// What a one-time link does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Makes the first owner.
    Welcome,
    /// Gives the user of this id a new password.
    Reset(String),
}

impl Settings {
    /// All people, the first one first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows = sqlx::query("SELECT * FROM person ORDER BY created_at_ms, id")
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed())?;
        rows.iter().map(|row| self.read_user(row)).collect()
    }

    /// A person and the hash of the password, by e-mail address.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<(User, String)>, StoreError> {
        let row = sqlx::query("SELECT * FROM person WHERE email = $1")
            .bind(email.trim().to_lowercase())
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed())?;
        let Some(row) = row else { return Ok(None) };
        let hash = row.try_get("password").map_err(self.failed())?;
        Ok(Some((self.read_user(&row)?, hash)))
    }

    /// Makes a link that works once; an earlier one for the same purpose works no more.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for a welcome where there is an owner already; [`StoreError::NotFound`] where there is no
    /// such user.
    pub async fn create_link(
        &self,
        purpose: &LinkPurpose,
        lifetime: Duration,
    ) -> Result<Secret, StoreError> {
        let secret = Secret::random(LINK_PREFIX)?;
        let users = self.users().await?;
        let person = match purpose {
            LinkPurpose::Welcome => match users.first() {
                None => None,
                Some(owner) => return Err(owner_exists(owner)),
            },
            LinkPurpose::Reset(user) => match users.iter().any(|one| one.id == *user) {
                true => Some(user.as_str()),
                false => return Err(not_found("user", user)),
            },
        };
        let expires = clock::now_ms().saturating_add_unsigned(lifetime.as_millis() as u64);
        let mut change = self.pool.begin().await.map_err(self.failed())?;
        sqlx::query(
            "DELETE FROM one_time_link WHERE COALESCE(person, '') = $1 OR expires_at_ms <= $2",
        )
        .bind(person.unwrap_or_default())
        .bind(clock::now_ms())
        .execute(&mut *change)
        .await
        .map_err(self.failed())?;
        sqlx::query("INSERT INTO one_time_link (hash, person, expires_at_ms) VALUES ($1, $2, $3)")
            .bind(hash_secret(secret.expose()).0.to_vec())
            .bind(person)
            .bind(expires)
            .execute(&mut *change)
            .await
            .map_err(self.failed())?;
        change.commit().await.map_err(self.failed())?;
        Ok(secret)
    }

    /// Makes the first owner, with the link that allows it; the link works no more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the link does not work (any more); [`StoreError::Taken`] where there is an owner.
    pub async fn create_owner(&self, link: &Secret, new: &NewUser) -> Result<User, StoreError> {
        let user = User {
            id: random_id("user_")?,
            email: email(&new.email)?,
            name: name(&new.name)?.to_owned(),
            role: Role::Owner,
            created_at_ms: clock::now_ms(),
        };
        let mut change = self.pool.begin().await.map_err(self.failed())?;
        // The first statement writes, so that of two at once the second waits here and then finds the link used.
        let used =
            "DELETE FROM one_time_link WHERE hash = $1 AND person IS NULL AND expires_at_ms > $2";
        let used = sqlx::query(used)
            .bind(hash_secret(link.expose()).0.to_vec())
            .bind(clock::now_ms())
            .execute(&mut *change)
            .await
            .map_err(self.failed())?;
        if used.rows_affected() == 0 {
            return Err(not_found("link", "of this text"));
        }
        let insert = "INSERT INTO person (id, email, name, role, password, created_at_ms) \
             SELECT $1, $2, $3, 'owner', $4, $5 WHERE NOT EXISTS (SELECT 1 FROM person)";
        let made = sqlx::query(insert)
            .bind(&user.id)
            .bind(&user.email)
            .bind(&user.name)
            .bind(&new.password_hash)
            .bind(user.created_at_ms)
            .execute(&mut *change)
            .await
            .map_err(self.failed())?;
        if made.rows_affected() == 0 {
            return Err(owner_exists(&user));
        }
        change.commit().await.map_err(self.failed())?;
        Ok(user)
    }

    /// Gives a person a new password, with the link that allows it; ends all of the person's sessions and links.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the link does not work (any more).
    pub async fn reset_password(
        &self,
        link: &Secret,
        password_hash: &str,
    ) -> Result<User, StoreError> {
        let mut change = self.pool.begin().await.map_err(self.failed())?;
        let used = "DELETE FROM one_time_link WHERE hash = $1 AND person IS NOT NULL AND expires_at_ms > $2 RETURNING person";
        let used: Option<String> = sqlx::query_scalar(used)
            .bind(hash_secret(link.expose()).0.to_vec())
            .bind(clock::now_ms())
            .fetch_optional(&mut *change)
            .await
            .map_err(self.failed())?;
        let person = used.ok_or_else(|| not_found("link", "of this text"))?;
        sqlx::query("UPDATE person SET password = $2 WHERE id = $1")
            .bind(&person)
            .bind(password_hash)
            .execute(&mut *change)
            .await
            .map_err(self.failed())?;
        self.end_what_it_opened(&mut change, &person).await?;
        // Before anything holds, so that an error means that nothing does.
        let row = sqlx::query("SELECT * FROM person WHERE id = $1")
            .bind(&person)
            .fetch_optional(&mut *change)
            .await
            .map_err(self.failed())?;
        let user = self.read_user(&row.ok_or_else(|| not_found("user", &person))?)?;
        change.commit().await.map_err(self.failed())?;
        Ok(user)
    }

    /// Gives a person a new password, and ends all of the person's sessions and links; false, and nothing is changed,
    /// where the password is not that of the `shown` hash (any more).
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn set_password(
        &self,
        user: &str,
        shown: &str,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        let mut change = self.pool.begin().await.map_err(self.failed())?;
        // The first statement writes, so that of two at once the second waits here and then finds another password.
        let holds = sqlx::query("UPDATE person SET password = $3 WHERE id = $1 AND password = $2")
            .bind(user)
            .bind(shown)
            .bind(password_hash)
            .execute(&mut *change)
            .await
            .map_err(self.failed())?;
        if holds.rows_affected() == 0 {
            return Ok(false);
        }
        self.end_what_it_opened(&mut change, user).await?;
        change.commit().await.map_err(self.failed())?;
        Ok(true)
    }

    /// With a password end the sessions that it opened, and the links that were made to replace it.
    async fn end_what_it_opened(
        &self,
        change: &mut sqlx::Transaction<'_, crate::db::Database>,
        user: &str,
    ) -> Result<(), StoreError> {
        for ended in [
            "DELETE FROM session WHERE person = $1",
            "DELETE FROM one_time_link WHERE person = $1",
        ] {
            sqlx::query(ended)
                .bind(user)
                .execute(&mut **change)
                .await
                .map_err(self.failed())?;
        }
        Ok(())
    }

    fn read_user(&self, row: &Row) -> Result<User, StoreError> {
        let read = || {
            let role: String = row.try_get("role")?;
            let user = User {
                id: row.try_get("id")?,
                email: row.try_get("email")?,
                name: row.try_get("name")?,
                role: Role::Owner,
                created_at_ms: row.try_get("created_at_ms")?,
            };
            Ok((role, user))
        };
        let (role, user) = read().map_err(self.failed())?;
        match role.as_str() {
            "owner" => Ok(user),
            other => Err(self.unreadable(format!("the role {other} of {}", user.id))),
        }
    }
}

fn owner_exists(owner: &User) -> StoreError {
    StoreError::Taken {
        what: "owner",
        name: owner.name.clone(),
    }
}

/// An address as it is stored and looked up.
fn email(text: &str) -> Result<String, StoreError> {
    let email = text.trim().to_lowercase();
    let halves = email.split_once('@');
    let shaped = halves.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    if !shaped || email.len() > MAX_EMAIL || !email.chars().all(plain) {
        return Err(StoreError::Invalid {
            field: "email",
            message: "must be an e-mail address, like ada@example.org".to_owned(),
        });
    }
    Ok(email)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SealingKeySource;
    use crate::settings::types::Created;
    use domain::account::Session;

    const HOUR: Duration = Duration::from_secs(3600);

    async fn fresh() -> (tempfile::TempDir, Settings) {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::open(folder.path(), &SealingKeySource::File);
        let settings = settings.await.unwrap();
        (folder, settings)
    }

    fn ada(email: &str) -> NewUser {
        NewUser {
            email: email.to_owned(),
            name: "Ada".to_owned(),
            password_hash: "hash".to_owned(),
        }
    }

    async fn owned() -> (tempfile::TempDir, Settings, User) {
        let (folder, settings) = fresh().await;
        let link = settings
            .create_link(&LinkPurpose::Welcome, HOUR)
            .await
            .unwrap();
        let user = settings
            .create_owner(&link, &ada(" Ada@Example.org "))
            .await
            .unwrap();
        (folder, settings, user)
    }

    #[tokio::test]
    async fn a_welcome_works_once_and_only_the_newest() {
        let (_folder, settings) = fresh().await;
        let old = settings
            .create_link(&LinkPurpose::Welcome, HOUR)
            .await
            .unwrap();
        let link = settings
            .create_link(&LinkPurpose::Welcome, HOUR)
            .await
            .unwrap();
        let refused = |made: Result<User, StoreError>| match made.unwrap_err() {
            StoreError::NotFound { what, .. } | StoreError::Taken { what, .. } => what,
            StoreError::Invalid { field, .. } => field,
            other => panic!("{other}"),
        };
        assert_eq!(
            refused(settings.create_owner(&old, &ada("a@b")).await),
            "link"
        );
        for wrong in ["", "ada", "@b", "a@", "a b@c"] {
            assert_eq!(
                refused(settings.create_owner(&link, &ada(wrong)).await),
                "email"
            );
        }
        let user = settings.create_owner(&link, &ada("a@b")).await.unwrap();
        assert_eq!(
            refused(settings.create_owner(&link, &ada("c@d")).await),
            "link"
        );
        assert_eq!(settings.users().await.unwrap(), [user]);
        let again = settings.create_link(&LinkPurpose::Welcome, HOUR).await;
        assert!(matches!(
            again,
            Err(StoreError::Taken { what: "owner", .. })
        ));
    }

    #[tokio::test]
    async fn a_link_expires() {
        let (_folder, settings) = fresh().await;
        let link = settings
            .create_link(&LinkPurpose::Welcome, Duration::ZERO)
            .await
            .unwrap();
        let made = settings.create_owner(&link, &ada("a@b")).await;
        assert!(matches!(
            made,
            Err(StoreError::NotFound { what: "link", .. })
        ));
    }

    #[tokio::test]
    async fn people_are_found_by_address_however_it_is_written() {
        let (_folder, settings, user) = owned().await;
        assert_eq!(
            (user.email.as_str(), user.role),
            ("ada@example.org", Role::Owner)
        );
        let found = settings.user_by_email("ADA@example.org ").await.unwrap();
        assert_eq!(found, Some((user, "hash".to_owned())));
        assert_eq!(
            settings.user_by_email("bob@example.org").await.unwrap(),
            None
        );
    }

    #[tokio::test]
    async fn a_new_password_ends_all_sessions() {
        let (_folder, settings, user) = owned().await;
        begin(&settings, &user, "hash").await.unwrap();
        let set = settings.set_password(&user.id, "hash", "other").await;
        assert!(set.unwrap());
        assert!(settings.sessions().await.unwrap().is_empty());
        let stored = settings.user_by_email(&user.email).await.unwrap();
        assert_eq!(stored.map(|(_, hash)| hash).as_deref(), Some("other"));
        begin(&settings, &user, "other").await.unwrap();
        let purpose = LinkPurpose::Reset(user.id.clone());
        let link = settings.create_link(&purpose, HOUR).await.unwrap();
        assert_eq!(settings.reset_password(&link, "third").await.unwrap(), user);
        assert!(settings.sessions().await.unwrap().is_empty());
        let twice = settings.reset_password(&link, "fourth").await;
        assert!(matches!(
            twice,
            Err(StoreError::NotFound { what: "link", .. })
        ));
        let nobody = LinkPurpose::Reset("user_x".to_owned());
        assert!(settings.create_link(&nobody, HOUR).await.is_err());
    }

    async fn begin(
        settings: &Settings,
        user: &User,
        hash: &str,
    ) -> Option<(Created<Session>, Vec<String>)> {
        let begun = settings.create_session(&user.id, hash, HOUR).await;
        begun.unwrap()
    }

    /// Somebody's log-in had its password checked, and then the password was changed before the session was stored.
    #[tokio::test]
    async fn a_password_that_was_changed_after_it_was_checked_opens_no_session() {
        let (_folder, settings, user) = owned().await;
        let set = settings.set_password(&user.id, "hash", "other").await;
        assert!(set.unwrap());
        assert!(begin(&settings, &user, "hash").await.is_none());
        let again = settings.set_password(&user.id, "hash", "third").await;
        assert!(!again.unwrap(), "of two changes at once one holds");
        assert!(settings.sessions().await.unwrap().is_empty());
        assert!(begin(&settings, &user, "other").await.is_some());
        settings.delete_sessions(&user.id).await.unwrap();
        assert!(settings.sessions().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_link_to_reset_a_password_ends_with_that_password() {
        let (_folder, settings, user) = owned().await;
        let purpose = LinkPurpose::Reset(user.id.clone());
        let link = settings.create_link(&purpose, HOUR).await.unwrap();
        let set = settings.set_password(&user.id, "hash", "other").await;
        assert!(set.unwrap());
        let reset = settings.reset_password(&link, "third").await;
        assert!(matches!(
            reset,
            Err(StoreError::NotFound { what: "link", .. })
        ));
    }

    #[tokio::test]
    async fn sessions_come_and_go_and_are_bounded() {
        let (_folder, settings, user) = owned().await;
        let (begun, _) = begin(&settings, &user, "hash").await.unwrap();
        assert_eq!(
            settings.sessions().await.unwrap(),
            std::slice::from_ref(&begun.made)
        );
        assert_eq!(hash_secret(begun.secret.expose()), begun.made.hash);
        settings.touch_session(&begun.made.id, 5).await.unwrap();
        assert_eq!(settings.sessions().await.unwrap()[0].seen_at_ms, 5);
        settings.delete_session(&begun.made.id).await.unwrap();
        settings.delete_session(&begun.made.id).await.unwrap();
        assert!(settings.sessions().await.unwrap().is_empty());
        let mut ended = 0;
        for _ in 0..55 {
            ended += begin(&settings, &user, "hash").await.unwrap().1.len();
        }
        assert_eq!((settings.sessions().await.unwrap().len(), ended), (50, 5));
        let over = settings.create_session(&user.id, "hash", Duration::ZERO);
        let (over, ended) = over.await.unwrap().unwrap();
        assert!(ended.contains(&over.made.id), "expired");
        let left = settings.sessions().await.unwrap();
        assert!(left.iter().all(|one| one.id != over.made.id), "expired");
        let nobody = settings.create_session("user_x", "hash", HOUR).await;
        assert!(nobody.unwrap().is_none());
    }
}
