//! The pace of attempts to log in. Each attempt is charged to the account from that address, to the account, and to the
//! address; success gives it back. Memory does not grow: keys share a fixed number of places, by a hash that nobody
//! outside can foresee.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Places for each kind of key.
const PLACES: usize = 4096;

/// How often may be tried: so many at once, and then one in each interval.
#[derive(Clone, Copy, Debug)]
struct Pace {
    at_once: i64,
    every_ms: i64,
}

/// One account from one address: what a person needs who mistypes.
const PAIR: Pace = Pace {
    at_once: 5,
    every_ms: 30_000,
};
/// One account from anywhere: guessing from many addresses. Wider, so that nobody is kept out by one other.
const ACCOUNT: Pace = Pace {
    at_once: 30,
    every_ms: 10_000,
};
/// One address, whatever the account.
const ADDRESS: Pace = Pace {
    at_once: 30,
    every_ms: 5_000,
};

/// Counts attempts.
pub(crate) struct Throttle {
    keys: RandomState,
    pairs: Places,
    accounts: Places,
    addresses: Places,
}

impl Throttle {
    /// Nothing tried yet.
    pub(crate) fn new() -> Self {
        Self {
            keys: RandomState::new(),
            pairs: Places::new(PAIR),
            accounts: Places::new(ACCOUNT),
            addresses: Places::new(ADDRESS),
        }
    }

    /// Charges an attempt for an account (by its e-mail address as typed) from an address.
    ///
    /// # Errors
    /// With the seconds to wait, where there were too many; then nothing is charged.
    pub(crate) fn attempt(&self, account: &str, from: IpAddr, now_ms: i64) -> Result<(), u64> {
        let wait = self
            .places(account, from)
            .map(|(places, key)| places.wait_ms(key, now_ms))
            .into_iter()
            .max()
            .unwrap_or(0);
        if wait > 0 {
            return Err(wait.unsigned_abs().div_ceil(1000));
        }
        for (places, key) in self.places(account, from) {
            places.charge(key, now_ms);
        }
        Ok(())
    }

    /// Gives back what a successful attempt was charged; the account from that address begins anew.
    pub(crate) fn succeeded(&self, account: &str, from: IpAddr) {
        let [(pairs, pair), accounts, addresses] = self.places(account, from);
        pairs.clear(pair);
        for (places, key) in [accounts, addresses] {
            places.give_back(key);
        }
    }

    fn places(&self, account: &str, from: IpAddr) -> [(&Places, u64); 3] {
        let account = account.trim().to_lowercase();
        let from = network(from);
        [
            (&self.pairs, self.keys.hash_one((&account, from))),
            (&self.accounts, self.keys.hash_one(&account)),
            (&self.addresses, self.keys.hash_one(from)),
        ]
    }
}

/// What one customer of a network has for its own: an IPv4 address, or the first half of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// Per place, the moment at which all that was charged there is paid off.
struct Places {
    pace: Pace,
    paid_off_ms: Mutex<Vec<i64>>,
}

impl Places {
    fn new(pace: Pace) -> Self {
        Self {
            pace,
            paid_off_ms: Mutex::new(vec![0; PLACES]),
        }
    }

    fn wait_ms(&self, key: u64, now_ms: i64) -> i64 {
        let room = (self.pace.at_once - 1) * self.pace.every_ms;
        self.with(key, |paid_off| *paid_off - room - now_ms)
    }

    fn charge(&self, key: u64, now_ms: i64) {
        self.with(key, |paid_off| {
            *paid_off = (*paid_off).max(now_ms) + self.pace.every_ms;
        });
    }

    fn give_back(&self, key: u64) {
        self.with(key, |paid_off| *paid_off -= self.pace.every_ms);
    }

    fn clear(&self, key: u64) {
        self.with(key, |paid_off| *paid_off = 0);
    }

    fn with<T>(&self, key: u64, act: impl FnOnce(&mut i64) -> T) -> T {
        let mut places = self
            .paid_off_ms
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // The remainder is smaller than the list is long.
        act(&mut places[(key % PLACES as u64) as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));
    const NOW: i64 = 1_000_000_000;

    fn tries(throttle: &Throttle, account: &str, from: IpAddr, now_ms: i64) -> usize {
        (0..1000)
            .take_while(|_| throttle.attempt(account, from, now_ms).is_ok())
            .count()
    }

    #[test]
    fn one_account_from_one_address_gets_five_and_then_one_in_half_a_minute() {
        let throttle = Throttle::new();
        assert_eq!(tries(&throttle, "ada", HERE, NOW), 5);
        assert_eq!(throttle.attempt("Ada ", HERE, NOW), Err(30));
        assert_eq!(tries(&throttle, "ada", HERE, NOW + 29_999), 0);
        assert_eq!(tries(&throttle, "ada", HERE, NOW + 30_000), 1);
        assert_eq!(
            tries(&throttle, "ada", THERE, NOW),
            5,
            "others are not kept out"
        );
        assert_eq!(tries(&throttle, "ada", HERE, NOW + 3_600_000), 5);
    }

    #[test]
    fn success_gives_back() {
        let throttle = Throttle::new();
        for _ in 0..1000 {
            throttle.attempt("ada", HERE, NOW).unwrap();
            throttle.succeeded("ada", HERE);
        }
        assert_eq!(tries(&throttle, "ada", HERE, NOW), 5);
    }

    #[test]
    fn many_accounts_from_one_address_and_many_addresses_for_one_account_are_bounded() {
        let throttle = Throttle::new();
        let guessed = (0..1000)
            .filter(|n| throttle.attempt(&format!("u{n}"), HERE, NOW).is_ok())
            .count();
        assert_eq!(guessed, 30);
        let throttle = Throttle::new();
        let from = |n: u16| IpAddr::from([0x2001, 0xdb8, n, 0, 0, 0, 0, 1]);
        let guessed = (0..1000)
            .filter(|n| throttle.attempt("ada", from(*n), NOW).is_ok())
            .count();
        assert_eq!(guessed, 30);
    }

    #[test]
    fn the_addresses_of_one_network_count_as_one() {
        let throttle = Throttle::new();
        let from = |n: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, n]);
        let guessed = (0..100)
            .filter(|n| throttle.attempt("ada", from(*n), NOW).is_ok())
            .count();
        assert_eq!(guessed, 5);
    }
}
