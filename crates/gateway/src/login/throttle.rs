//! The pace of attempts to log in. Each attempt is charged to the account from that address, to the account, and to the
//! address; success gives it back. An attempt from where its person is at home is not held up by the account's attempts
//! from elsewhere, so that strangers who guess keep nobody out. One with a link is charged to the address alone. Memory
//! does not grow: keys share a fixed number of places, by a hash that nobody outside can foresee.

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
    /// Accounts and addresses of people who were let in; a new one takes the place of another.
    homes: Mutex<Vec<u64>>,
}

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tried<'a> {
    /// To log in to the account of this e-mail address, as typed.
    Account(&'a str),
    /// To use a one-time link, which cannot be guessed.
    Link,
}

impl Throttle {
    /// Nothing tried yet.
    pub(crate) fn new() -> Self {
        Self {
            keys: RandomState::new(),
            pairs: Places::new(PAIR),
            accounts: Places::new(ACCOUNT),
            addresses: Places::new(ADDRESS),
            homes: Mutex::new(vec![0; PLACES]),
        }
    }

    /// Charges an attempt from an address.
    ///
    /// # Errors
    /// With the seconds to wait, where there were too many; then nothing is charged.
    pub(crate) fn attempt(&self, tried: Tried<'_>, from: IpAddr, now_ms: i64) -> Result<(), u64> {
        let places = self.places(tried, from);
        let waits = places
            .iter()
            .map(|(places, key)| places.wait_ms(*key, now_ms));
        let wait = waits.max().unwrap_or(0);
        if wait > 0 {
            return Err(wait.unsigned_abs().div_ceil(1000));
        }
        for (places, key) in places {
            places.charge(key, now_ms);
        }
        Ok(())
    }

    /// Gives back what a successful attempt was charged; the account from that address begins anew, and is at home there.
    pub(crate) fn succeeded(&self, tried: Tried<'_>, from: IpAddr) {
        for (places, key) in self.places(tried, from) {
            places.give_back(key);
        }
        if let Tried::Account(account) = tried {
            self.pairs.clear(self.pair(account, from));
            self.let_in(account, from);
        }
    }

    /// Notes that the person of an account was let in from an address.
    pub(crate) fn let_in(&self, account: &str, from: IpAddr) {
        let pair = self.pair(account, from);
        *place(
            &mut self.homes.lock().unwrap_or_else(PoisonError::into_inner),
            pair,
        ) = pair;
    }

    /// What is charged for an attempt.
    fn places(&self, tried: Tried<'_>, from: IpAddr) -> Vec<(&Places, u64)> {
        let address = (&self.addresses, self.keys.hash_one(network(from)));
        let Tried::Account(account) = tried else {
            return vec![address];
        };
        let pair = self.pair(account, from);
        let mut homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
        let anywhere = (&self.accounts, self.keys.hash_one(as_stored(account)));
        match *place(&mut homes, pair) == pair {
            true => vec![(&self.pairs, pair), address],
            false => vec![(&self.pairs, pair), anywhere, address],
        }
    }

    /// An account from an address.
    fn pair(&self, account: &str, from: IpAddr) -> u64 {
        self.keys.hash_one((as_stored(account), network(from)))
    }
}

fn as_stored(account: &str) -> String {
    account.trim().to_lowercase()
}

/// The place of a key.
fn place<T>(places: &mut [T], key: u64) -> &mut T {
    // The remainder is smaller than the list is long.
    &mut places[(key % PLACES as u64) as usize]
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
        act(place(&mut places, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));
    const ADA: Tried<'_> = Tried::Account("ada");
    const NOW: i64 = 1_000_000_000;

    fn tries(throttle: &Throttle, account: &str, from: IpAddr, now_ms: i64) -> usize {
        (0..1000)
            .take_while(|_| {
                throttle
                    .attempt(Tried::Account(account), from, now_ms)
                    .is_ok()
            })
            .count()
    }

    #[test]
    fn one_account_from_one_address_gets_five_and_then_one_in_half_a_minute() {
        let throttle = Throttle::new();
        assert_eq!(tries(&throttle, "ada", HERE, NOW), 5);
        assert_eq!(throttle.attempt(Tried::Account("Ada "), HERE, NOW), Err(30));
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
            throttle.attempt(ADA, HERE, NOW).unwrap();
            throttle.succeeded(ADA, HERE);
        }
        assert_eq!(tries(&throttle, "ada", HERE, NOW), 5);
    }

    #[test]
    fn many_accounts_from_one_address_and_many_addresses_for_one_account_are_bounded() {
        let throttle = Throttle::new();
        let guessed = (0..1000)
            .filter(|n| {
                let account = format!("u{n}");
                let tried = Tried::Account(&account);
                throttle.attempt(tried, HERE, NOW).is_ok()
            })
            .count();
        assert_eq!(guessed, 30);
        let throttle = Throttle::new();
        let from = |n: u16| IpAddr::from([0x2001, 0xdb8, n, 0, 0, 0, 0, 1]);
        let guessed = (0..1000)
            .filter(|n| throttle.attempt(ADA, from(*n), NOW).is_ok())
            .count();
        assert_eq!(guessed, 30);
    }

    /// From 2,000 networks, until the account's place is full.
    #[test]
    fn strangers_keep_nobody_out_who_let_in_where_they_ask_from() {
        let throttle = Throttle::new();
        throttle.attempt(ADA, HERE, NOW).unwrap();
        throttle.succeeded(ADA, HERE);
        let from = |n: u16| IpAddr::from([0x2001, 0xdb8, n, 0, 0, 0, 0, 1]);
        let guesses = || (0..2000).filter(|n| throttle.attempt(ADA, from(*n), NOW).is_ok());
        assert_eq!(guesses().count(), 30, "guessing stays bounded");
        assert_eq!(tries(&throttle, "ada", THERE, NOW), 0);
        assert_eq!(tries(&throttle, "ada", HERE, NOW), 5, "at home too");
        throttle.let_in("Ada ", THERE);
        assert_eq!(tries(&throttle, "ada", THERE, NOW), 5);
    }

    #[test]
    fn links_are_charged_to_an_address_and_keep_nobody_else_out() {
        let throttle = Throttle::new();
        let links = |from| {
            (0..1000)
                .take_while(|_| throttle.attempt(Tried::Link, from, NOW).is_ok())
                .count()
        };
        assert_eq!((links(HERE), links(THERE)), (30, 30));
        assert_eq!(throttle.attempt(Tried::Link, HERE, NOW), Err(5));
    }

    #[test]
    fn the_addresses_of_one_network_count_as_one() {
        let throttle = Throttle::new();
        let from = |n: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, n]);
        let guessed = (0..100)
            .filter(|n| throttle.attempt(ADA, from(*n), NOW).is_ok())
            .count();
        assert_eq!(guessed, 5);
    }
}
