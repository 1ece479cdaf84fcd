//! How many requests a minute one account may make, and one address of those who are not signed in. Each node counts
//! for itself, in bounded memory.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{PoisonError, RwLock};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

/// The most accounts or addresses counted at once, some 10 MB.
const MOST: usize = 100_000;

/// Requests a minute; so many may also come at once. Without a number there is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Of one account, by whatever sign-ins and tokens.
    pub principal: Option<NonZeroU32>,
    /// From one address, of those who are not signed in or fail to.
    pub address: Option<NonZeroU32>,
}

/// Counts requests, and says who has to wait.
#[derive(Debug, Default)]
pub struct Pace {
    principals: Option<Allowances<Uuid, DefaultClock>>,
    addresses: Option<Allowances<Place, DefaultClock>>,
}

/// Too many requests: so many seconds are to be waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub u32);

impl Pace {
    /// Counts by these rates.
    #[must_use]
    pub fn new(rates: Rates) -> Self {
        let clock = DefaultClock::default;
        Self {
            principals: rates.principal.map(|rate| Allowances::new(rate, MOST, clock())),
            addresses: rates.address.map(|rate| Allowances::new(rate, MOST, clock())),
        }
    }

    /// Counts a request of an account.
    ///
    /// # Errors
    /// If it was one too many.
    pub fn principal(&self, account_id: Uuid) -> Result<(), Wait> {
        self.principals.as_ref().map_or(Ok(()), |allowances| allowances.take(&account_id))
    }

    /// Counts a request of somebody who is not signed in.
    ///
    /// # Errors
    /// If it was one too many.
    pub fn address(&self, address: Option<&str>) -> Result<(), Wait> {
        self.addresses.as_ref().map_or(Ok(()), |allowances| allowances.take(&Place::of(address)))
    }
}

/// Where a request comes from. Whoever has one IPv6 address has 2⁶⁴ of them, so these count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Four([u8; 4]),
    Six([u16; 4]),
    Unknown,
}

impl Place {
    fn of(address: Option<&str>) -> Self {
        match address.and_then(|text| text.parse::<IpAddr>().ok()).map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::Four(address.octets()),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Self::Six([a, b, c, d])
            }
            None => Self::Unknown,
        }
    }
}

type Limiter<K, C> = RateLimiter<K, DefaultKeyedStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The allowances of all keys.
struct Allowances<K: Hash + Eq + Clone, C: Clock> {
    limiter: RwLock<Limiter<K, C>>,
    quota: Quota,
    most: usize,
    clock: C,
}

impl<K: Hash + Eq + Clone, C: Clock> std::fmt::Debug for Allowances<K, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Allowances").field("quota", &self.quota).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Allowances<K, C> {
    fn new(rate: NonZeroU32, most: usize, clock: C) -> Self {
        let quota = Quota::per_minute(rate);
        Self { limiter: RwLock::new(Self::fresh(quota, &clock)), quota, most, clock }
    }

    fn fresh(quota: Quota, clock: &C) -> Limiter<K, C> {
        RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone())
    }

    fn take(&self, key: &K) -> Result<(), Wait> {
        let limiter = self.limiter.read().unwrap_or_else(PoisonError::into_inner);
        let taken = limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            // To the next full second: a client that waits so long is let in.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Wait(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX))
        });
        let full = limiter.len() >= self.most;
        drop(limiter);
        if full {
            self.make_room();
        }
        taken
    }

    /// Forgets keys that have their whole allowance; if all are in use, everybody has it again.
    fn make_room(&self) {
        let mut limiter = self.limiter.write().unwrap_or_else(PoisonError::into_inner);
        limiter.retain_recent();
        if limiter.len() >= self.most {
            *limiter = Self::fresh(self.quota, &self.clock);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn allowances(rate: u32, most: usize) -> (Allowances<u32, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Allowances::new(NonZeroU32::new(rate).unwrap(), most, clock.clone()), clock)
    }

    #[test]
    fn who_has_used_its_allowance_waits_and_nobody_else_does() {
        let (allowances, clock) = allowances(6, 100);
        for _ in 0..6 {
            assert_eq!(allowances.take(&1), Ok(()));
        }
        let Err(Wait(seconds)) = allowances.take(&1) else { panic!("a seventh") };
        assert!((1..=10).contains(&seconds), "{seconds}");
        assert_eq!(allowances.take(&2), Ok(()));
        clock.advance(Duration::from_secs(u64::from(seconds)));
        assert_eq!(allowances.take(&1), Ok(()));
        assert!(allowances.take(&1).is_err());
        clock.advance(Duration::from_mins(1));
        assert_eq!((0..9).filter(|_| allowances.take(&1).is_ok()).count(), 6);
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let (allowances, clock) = allowances(1, 100);
        let count = |allowances: &Allowances<u32, FakeRelativeClock>| allowances.limiter.read().unwrap().len();
        for key in 0..1_000 {
            assert_eq!(allowances.take(&key), Ok(()));
            assert!(count(&allowances) < 100);
        }
        // Those who have their whole allowance back go first; who has used it is remembered.
        for key in 2_000..2_098 {
            let _ = allowances.take(&key);
        }
        clock.advance(Duration::from_secs(121));
        assert_eq!(allowances.take(&3_000), Ok(()));
        assert_eq!(allowances.take(&3_001), Ok(()));
        assert!(allowances.take(&3_000).is_err());
    }

    #[test]
    fn without_a_rate_nobody_waits() {
        let pace = Pace::new(Rates::default());
        assert!((0..10_000).all(|_| pace.principal(Uuid::nil()).is_ok() && pace.address(None).is_ok()));
    }

    #[test]
    fn addresses_of_one_network_of_ipv6_count_as_one() {
        let of = |text| Place::of(Some(text));
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("unknown"), Place::of(None));
    }
}
