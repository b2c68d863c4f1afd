//! How a store is opened.

use std::path::PathBuf;
use std::time::Duration;

/// How a store is opened; [`StoreOptions::new`] has what a server wants.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The data folder; made (0700) where missing.
    pub data_dir: PathBuf,
    /// When journal entries reach the disk.
    pub fsync: FsyncPolicy,
    /// A segment of the journal is closed once it is larger than this many bytes.
    pub segment_bytes: u64,
    /// How many bytes of journal may wait for the database before new exchanges are refused.
    pub journal_cap_bytes: u64,
    /// The longest that an entry waits before it is applied to the database.
    pub apply_pause: Duration,
    /// How often the applied position is made safe, which is what lets old segments go.
    pub safe_interval: Duration,
    /// Where the key that seals providers' secrets comes from.
    pub sealing_key: SealingKeySource,
    /// Partitions of records that ended longer ago than this are dropped soon after opening and then once a day; `None` keeps all.
    pub retention: Option<Duration>,
    /// How long responses are kept for clients to go on from: 30 days unless changed.
    pub responses_retention: Duration,
}

impl StoreOptions {
    /// Everything in `data_dir`, with the defaults: sync every 50 ms, segments of 64 MB, a cap of 8 GB, applied within
    /// half a second (readers do not wait for that), made safe every 5 s, sealing key from a file, nothing pruned.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            fsync: FsyncPolicy::Interval(Duration::from_millis(50)),
            segment_bytes: 64_000_000,
            journal_cap_bytes: 8_000_000_000,
            apply_pause: Duration::from_millis(500),
            safe_interval: Duration::from_secs(5),
            sealing_key: SealingKeySource::File,
            retention: None,
            responses_retention: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

/// When journal entries reach the disk. A killed process loses nothing either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FsyncPolicy {
    /// In the background, this often: a power cut loses at most one interval.
    Interval(Duration),
    /// [`crate::Journal::durable`] waits until they have; waiting exchanges share one sync.
    Always,
}

/// Where the key that seals providers' secrets comes from.
#[derive(Clone, Debug)]
pub enum SealingKeySource {
    /// `sealing.key` in the data folder, made (0600) when the first secret is sealed.
    File,
    /// The text of a key: 32 bytes in base64, as `TOLLGATE_SEALING_KEY` holds it.
    Text(crate::Secret),
}
