//! Randomness for ids: from the operating system's generator, through the one crypto library.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// Ten random bytes for a request id. Should the generator fail (it cannot on the systems we run on), ids still sort by
/// time and differ by the counter that stands in.
pub(crate) fn bytes() -> [u8; 10] {
    let mut bytes = [0; 10];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let count = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        bytes[2..].copy_from_slice(&count.to_be_bytes());
    }
    bytes
}
