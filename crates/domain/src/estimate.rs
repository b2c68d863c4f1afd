//! Tokens from bytes, by a ratio learnt from exchanges whose usage the provider reported. Integers only. Which
//! offering has which ratio is the caller's to remember.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes make a token, in thousandths of a byte; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio(u32);

impl Default for Ratio {
    /// Four bytes: English prose in current tokenizers.
    fn default() -> Self {
        Self(4000)
    }
}

impl Ratio {
    /// The ratio of these sums, between a hundredth of a byte and a million bytes; `None` where either is zero.
    pub fn of(bytes: u64, tokens: u64) -> Option<Self> {
        if bytes == 0 || tokens == 0 {
            return None;
        }
        let milli = u128::from(bytes) * 1000 / u128::from(tokens);
        let milli = milli.clamp(10, 1_000_000_000);
        u32::try_from(milli).ok().map(Self)
    }

    /// In thousandths of a byte per token.
    pub fn milli_bytes(self) -> u32 {
        self.0
    }

    /// How many tokens so many bytes are, rounded up: what is not nothing is at least one.
    pub fn tokens(self, bytes: u64) -> u64 {
        let tokens = (u128::from(bytes) * 1000).div_ceil(u128::from(self.0));
        u64::try_from(tokens).unwrap_or(u64::MAX)
    }
}

/// Sums from which a ratio follows. Old exchanges weigh less and less: when the sums reach `Sums::LARGEST` they are
/// halved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    bytes: u32,
    tokens: u32,
}

impl Sums {
    /// Above so many bytes or tokens the sums are halved: some hundred answers of a thousand tokens.
    const LARGEST: u64 = 1 << 19;
    /// No exchange weighs more than this, so that a huge one does not wipe out what all others taught.
    const LARGEST_EXCHANGE: u64 = Self::LARGEST / 8;
    /// Sums of fewer tokens say too little to go by.
    const ENOUGH_TOKENS: u32 = 16;

    /// These sums and one more exchange: so many bytes were so many tokens. An exchange without either says nothing.
    #[must_use]
    pub fn learn(self, bytes: u64, tokens: u64) -> Self {
        if bytes == 0 || tokens == 0 {
            return self;
        }
        let (bytes, tokens) = halve(bytes, tokens, Self::LARGEST_EXCHANGE);
        let (bytes, tokens) = halve(
            u64::from(self.bytes) + bytes,
            u64::from(self.tokens) + tokens,
            Self::LARGEST,
        );
        Self {
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
            tokens: u32::try_from(tokens).unwrap_or(u32::MAX),
        }
    }

    /// The ratio so far; the default one until enough is known.
    pub fn ratio(self) -> Ratio {
        if self.tokens < Self::ENOUGH_TOKENS {
            return Ratio::default();
        }
        Ratio::of(self.bytes.into(), self.tokens.into()).unwrap_or_default()
    }

    fn pack(self) -> u64 {
        u64::from(self.bytes) << 32 | u64::from(self.tokens)
    }

    fn unpack(packed: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = packed.to_be_bytes();
        Self {
            bytes: u32::from_be_bytes([a, b, c, d]),
            tokens: u32::from_be_bytes([e, f, g, h]),
        }
    }
}

/// Both halved, rounding up, until neither is more than `most`.
fn halve(mut bytes: u64, mut tokens: u64, most: u64) -> (u64, u64) {
    while bytes > most || tokens > most {
        bytes = bytes.div_ceil(2);
        tokens = tokens.div_ceil(2);
    }
    (bytes, tokens)
}

/// [`Sums`] that many threads learn into. Both sums stand in one word, so that a reader never sees half an exchange.
#[derive(Debug, Default)]
pub struct AtomicRatio(AtomicU64);

impl AtomicRatio {
    /// Learns one completed exchange.
    pub fn learn(&self, bytes: u64, tokens: u64) {
        let learnt = |packed| Some(Sums::unpack(packed).learn(bytes, tokens).pack());
        // The closure never declines, so there is no error to see.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, learnt);
    }

    /// The ratio so far.
    pub fn ratio(&self) -> Ratio {
        Sums::unpack(self.0.load(Ordering::Relaxed)).ratio()
    }
}

/// What is learnt of one offering: input (bytes of the request's body) and output (bytes of generated text) differ,
/// since a body holds more than text.
#[derive(Debug, Default)]
pub struct Calibration {
    /// Bytes of body per token of input, cached included. Leave out requests with images, files or audio: their bytes
    /// say nothing of their tokens.
    pub input: AtomicRatio,
    /// Bytes of text, reasoning and tool arguments per token of output. Where reasoning is billed but not shown, leave
    /// its tokens out.
    pub output: AtomicRatio,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_experience_four_bytes_are_a_token() {
        let ratio = AtomicRatio::default().ratio();
        assert_eq!(ratio.milli_bytes(), 4000);
        assert_eq!(ratio.tokens(0), 0);
        assert_eq!(ratio.tokens(1), 1);
        assert_eq!(ratio.tokens(4000), 1000);
        assert_eq!(ratio.tokens(u64::MAX), u64::MAX.div_ceil(4));
    }

    #[test]
    fn too_little_experience_is_none() {
        assert_eq!(Sums::default().learn(6, 15).ratio(), Ratio::default());
        assert_eq!(Sums::default().learn(32, 16).ratio().milli_bytes(), 2000);
        let nothing = Sums::default().learn(0, 100).learn(100, 0);
        assert_eq!(nothing, Sums::default());
    }

    #[test]
    fn old_experience_fades() {
        let mut sums = Sums::default();
        for _ in 0..1000 {
            sums = sums.learn(4000, 1000);
        }
        assert_eq!(sums.ratio().milli_bytes(), 4000);
        for _ in 0..2000 {
            sums = sums.learn(2000, 1000);
        }
        let milli = sums.ratio().milli_bytes();
        assert!((2000..2050).contains(&milli), "{milli}");
    }

    #[test]
    fn one_huge_exchange_does_not_outweigh_all_others() {
        let mut sums = Sums::default();
        for _ in 0..100 {
            sums = sums.learn(4000, 1000);
        }
        let after = sums.learn(u64::MAX, 1).ratio().milli_bytes();
        assert!((4000..5000).contains(&after), "{after}");
    }

    #[test]
    fn threads_lose_nothing() {
        let ratio = AtomicRatio::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| ratio.learn(33, 10)));
            }
        });
        let sums = Sums::unpack(ratio.0.load(Ordering::Relaxed));
        assert_eq!((sums.bytes, sums.tokens), (132_000, 40_000));
    }

    proptest! {
        /// Whatever the tokenizer's true ratio, and though exchanges scatter by a fifth around it, a hung-up stream is
        /// estimated within 5 % after a few hundred exchanges.
        #[test]
        fn once_calibrated_estimates_are_within_5_percent(
            milli in 1500u64..8000,
            exchanges in proptest::collection::vec((100u64..2000, 80u64..=120), 300),
            hung_up in 200u64..20_000,
        ) {
            let scatter: u64 = exchanges.iter().map(|(tokens, percent)| tokens * percent).sum();
            let weight: u64 = exchanges.iter().map(|(tokens, _)| tokens * 100).sum();
            let sums = exchanges.iter().fold(Sums::default(), |sums, (tokens, percent)| {
                sums.learn(tokens * milli * percent / weight_of(scatter, weight), *tokens)
            });
            let estimate = sums.ratio().tokens(hung_up * milli / 1000);
            let off = estimate.abs_diff(hung_up) * 100;
            prop_assert!(off <= hung_up * 5, "{estimate} for {hung_up}");
        }

        #[test]
        fn packing_loses_nothing(bytes in any::<u32>(), tokens in any::<u32>()) {
            let sums = Sums { bytes, tokens };
            prop_assert_eq!(Sums::unpack(sums.pack()), sums);
        }
    }

    /// 1000 (milli-bytes) times 100 (percent), corrected for how far this sample's scatter is off centre.
    fn weight_of(scatter: u64, weight: u64) -> u64 {
        100_000 * scatter / weight
    }
}
