//! Who is logged in. The database has every session, by the hash of its secret; the same is held here, so that no request
//! waits for the database to learn who asks. Bounded: a person has 50 sessions at most.

use crate::clock::now_ms;
use crate::login::cookie;
use crate::state::Gateway;
use domain::account::{KeyHash, Session, User};
use http::HeaderMap;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Secret, Store, StoreError};

/// A session ends when it was not used for this long.
const IDLE_MS: i64 = 24 * 3600 * 1000;
/// A session ends this long after it began, however much it is used.
pub(crate) const LIFETIME: Duration = Duration::from_secs(14 * 24 * 3600);
/// How often the database is told that a session is in use.
const NOTED_EVERY_MS: i64 = 60_000;

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub(crate) struct LoggedIn {
    /// Who.
    pub(crate) user: Arc<User>,
    /// The session's id.
    pub(crate) session: String,
    /// The hash of its secret.
    pub(crate) hash: KeyHash,
    /// When it ends at the latest, in milliseconds since 1970.
    pub(crate) expires_at_ms: i64,
}

/// All of them.
pub(crate) struct Sessions {
    held: Mutex<HashMap<KeyHash, Held>>,
    /// Held while a session begins and while all of a person end, so that the database and `held` say the same.
    changing: tokio::sync::Mutex<()>,
}

struct Held {
    session: Session,
    user: Arc<User>,
    noted_ms: i64,
}

impl Sessions {
    /// Those that are stored.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) async fn open(store: &Store) -> Result<Self, StoreError> {
        let settings = store.settings();
        let users: Vec<_> = settings.users().await?.into_iter().map(Arc::new).collect();
        let held = settings
            .sessions()
            .await?
            .into_iter()
            .filter_map(|session| {
                let user = users.iter().find(|user| user.id == session.user)?;
                let user = Arc::clone(user);
                Some((session.hash, Held::new(session, user)))
            });
        Ok(Self::of(held.collect()))
    }

    fn of(held: HashMap<KeyHash, Held>) -> Self {
        Self {
            held: Mutex::new(held),
            changing: Default::default(),
        }
    }

    /// Logs somebody in who has shown the password of this hash: the session, and the secret for the cookie. `None`
    /// where the password has been changed since it was checked.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub(crate) async fn begin(
        &self,
        store: &Store,
        user: User,
        password_hash: &str,
    ) -> Result<Option<(LoggedIn, Secret)>, StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        let settings = store.settings();
        let begun = settings.create_session(&user.id, password_hash, LIFETIME);
        let Some((begun, ended)) = begun.await? else {
            return Ok(None);
        };
        let held = Held::new(begun.made, Arc::new(user));
        let logged_in = held.logged_in();
        let mut all = self.lock();
        all.insert(held.session.hash, held);
        all.retain(|_, held| !ended.contains(&held.session.id));
        Ok(Some((logged_in, begun.secret)))
    }

    /// Logs somebody out.
    ///
    /// # Errors
    /// When it cannot be stored; here the session has ended all the same.
    pub(crate) async fn end(&self, store: &Store, id: &str) -> Result<(), StoreError> {
        self.lock().retain(|_, held| held.session.id != id);
        store.settings().delete_session(id).await
    }

    /// Logs somebody out everywhere.
    ///
    /// # Errors
    /// When it cannot be stored; then nothing has ended.
    pub(crate) async fn end_all(&self, store: &Store, user: &str) -> Result<(), StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        store.settings().delete_sessions(user).await?;
        self.forget(user);
        Ok(())
    }

    /// Changes a person's password, which ends all sessions; false where it is not that of the `shown` hash (any more).
    ///
    /// # Errors
    /// When it cannot be stored; then nothing has ended.
    pub(crate) async fn set_password(
        &self,
        store: &Store,
        user: &str,
        shown: &str,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        let settings = store.settings();
        let set = settings.set_password(user, shown, password_hash).await?;
        if set {
            self.forget(user);
        }
        Ok(set)
    }

    /// Sets the password of whoever a link was made for, which ends all sessions.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the link does not work (any more); then nothing has ended.
    pub(crate) async fn reset_password(
        &self,
        store: &Store,
        link: &Secret,
        password_hash: &str,
    ) -> Result<User, StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        let settings = store.settings();
        let user = settings.reset_password(link, password_hash).await?;
        self.forget(&user.id);
        Ok(user)
    }

    fn forget(&self, user: &str) {
        self.lock().retain(|_, held| held.user.id != user);
    }

    /// Whose secret this is, at this moment; and whether the database should be told that the session is in use.
    fn find(&self, hash: &KeyHash, now_ms: i64) -> Option<(LoggedIn, bool)> {
        let mut all = self.lock();
        let held = all.get_mut(hash)?;
        if held.has_ended(now_ms) {
            all.remove(hash);
            return None;
        }
        held.session.seen_at_ms = now_ms;
        let note = now_ms - held.noted_ms >= NOTED_EVERY_MS;
        if note {
            held.noted_ms = now_ms;
        }
        Some((held.logged_in(), note))
    }

    /// Whose secret this is, at this moment.
    fn holder(&self, hash: &KeyHash, now_ms: i64) -> Option<LoggedIn> {
        let mut all = self.lock();
        let held = all.get_mut(hash).filter(|held| !held.has_ended(now_ms))?;
        held.session.seen_at_ms = now_ms;
        Some(held.logged_in())
    }

    /// Whether the session of this secret goes on at this moment, without counting that as use of it.
    pub(crate) fn is_alive(&self, hash: &KeyHash, now_ms: i64) -> bool {
        let all = self.lock();
        all.get(hash).is_some_and(|held| !held.has_ended(now_ms))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyHash, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn new(session: Session, user: Arc<User>) -> Self {
        Self {
            noted_ms: session.seen_at_ms,
            session,
            user,
        }
    }

    fn has_ended(&self, now_ms: i64) -> bool {
        now_ms >= self.session.expires_at_ms || now_ms - self.session.seen_at_ms >= IDLE_MS
    }

    fn logged_in(&self) -> LoggedIn {
        LoggedIn {
            user: Arc::clone(&self.user),
            session: self.session.id.clone(),
            hash: self.session.hash,
            expires_at_ms: self.session.expires_at_ms,
        }
    }
}

/// As [`logged_in`], for requests that come in such numbers that the database should not hear of them.
pub(crate) fn holder(gateway: &Gateway, headers: &HeaderMap) -> Option<LoggedIn> {
    holders(gateway, headers).next()
}

/// All sessions that a request's cookies open: a browser can have one of the plain connection and one by TLS.
pub(crate) fn holders(gateway: &Gateway, headers: &HeaderMap) -> impl Iterator<Item = LoggedIn> {
    let (sessions, now) = (&gateway.login.sessions, now_ms());
    cookie::read(headers).filter_map(move |secret| {
        let hash = store::hash_secret(secret);
        sessions.holder(&hash, now)
    })
}

/// Who is logged in where a request's cookie comes from.
pub(crate) fn logged_in(gateway: &Arc<Gateway>, headers: &HeaderMap) -> Option<LoggedIn> {
    let (sessions, now) = (&gateway.login.sessions, now_ms());
    let (logged_in, note) =
        cookie::read(headers).find_map(|secret| sessions.find(&store::hash_secret(secret), now))?;
    if note {
        let (gateway, id) = (Arc::clone(gateway), logged_in.session.clone());
        tokio::spawn(async move {
            if let Err(error) = gateway.store.settings().touch_session(&id, now).await {
                tracing::warn!(%error, "the use of a session could not be noted");
            }
        });
    }
    Some(logged_in)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::account::Role;

    const HASH: KeyHash = KeyHash([1; 32]);

    fn sessions() -> Sessions {
        let user = Arc::new(User {
            id: "user_1".to_owned(),
            email: "ada@example.org".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Owner,
            created_at_ms: 0,
        });
        let session = Session {
            id: "sess_1".to_owned(),
            user: user.id.clone(),
            hash: HASH,
            created_at_ms: 0,
            seen_at_ms: 0,
            expires_at_ms: 10 * IDLE_MS,
        };
        Sessions::of(HashMap::from([(HASH, Held::new(session, user))]))
    }

    #[test]
    fn a_session_ends_when_it_is_not_used() {
        let sessions = sessions();
        assert!(sessions.find(&HASH, IDLE_MS - 1).is_some());
        assert!(
            sessions.find(&HASH, 2 * IDLE_MS - 2).is_some(),
            "use prolongs it"
        );
        assert!(sessions.find(&HASH, 3 * IDLE_MS - 2).is_none());
        assert!(sessions.find(&HASH, 3 * IDLE_MS - 3).is_none(), "for good");
        assert!(sessions.find(&KeyHash([2; 32]), 0).is_none());
    }

    #[test]
    fn a_session_ends_in_the_end() {
        let sessions = sessions();
        for day in 1..20 {
            let alive = sessions.find(&HASH, day * (IDLE_MS - 1)).is_some();
            assert_eq!(alive, day <= 10, "{day}");
        }
    }

    #[test]
    fn use_is_noted_once_a_minute() {
        let sessions = sessions();
        let noted = (0..600)
            .filter(|second| sessions.find(&HASH, second * 1000).unwrap().1)
            .count();
        assert_eq!(noted, 9);
        sessions.forget("user_1");
        assert!(sessions.find(&HASH, 0).is_none());
    }
}
