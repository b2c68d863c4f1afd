//! One exchange's usage times its rates, component by component.

use super::Rates;
use crate::money::Money;
use protocol::ir::Usage;

/// What an exchange costs, by component; the parts sum exactly to [`Breakdown::total`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breakdown {
    /// Uncached text input.
    pub input: Money,
    /// Input read from a prompt cache.
    pub cache_read: Money,
    /// Input written to a prompt cache, of short lifetime.
    pub cache_write: Money,
    /// Input written to a prompt cache for one hour.
    pub cache_write_1h: Money,
    /// Audio input.
    pub audio_input: Money,
    /// Pictures in the input.
    pub image_input: Money,
    /// Visible text output.
    pub output: Money,
    /// Reasoning.
    pub reasoning: Money,
    /// Audio output.
    pub audio_output: Money,
    /// Pictures in the output.
    pub image_output: Money,
    /// The price of the request itself.
    pub request: Money,
    /// Web searches.
    pub web_searches: Money,
}

impl Breakdown {
    /// Usage times rates. A count "of which" that exceeds what contains it is taken as the whole of it, so that no
    /// token is billed twice whatever a provider reports.
    pub(super) fn of(rates: &Rates, usage: &Usage) -> Self {
        let audio_input = usage.audio_input.min(usage.input);
        let image_input = usage.image_input.min(usage.input - audio_input);
        let written_1h = usage.cache_write_1h.min(usage.cache_write);
        let reasoning = usage.reasoning.min(usage.output);
        let audio_output = usage.audio_output.min(usage.output - reasoning);
        let image_output = usage
            .image_output
            .min(usage.output - reasoning - audio_output);
        let write = rates.cache_write.unwrap_or(rates.input);
        Self {
            input: rates.input.of(usage.input - audio_input - image_input),
            cache_read: rates.cache_read.unwrap_or(rates.input).of(usage.cache_read),
            cache_write: write.of(usage.cache_write - written_1h),
            cache_write_1h: rates.cache_write_1h.unwrap_or(write).of(written_1h),
            audio_input: rates.audio_input.unwrap_or(rates.input).of(audio_input),
            image_input: rates.image_input.unwrap_or(rates.input).of(image_input),
            output: rates
                .output
                .of(usage.output - reasoning - audio_output - image_output),
            reasoning: rates.reasoning.unwrap_or(rates.output).of(reasoning),
            audio_output: rates.audio_output.unwrap_or(rates.output).of(audio_output),
            image_output: rates.image_output.unwrap_or(rates.output).of(image_output),
            request: rates.per_request.into(),
            web_searches: Money::from(rates.per_web_search).saturating_mul(usage.web_searches),
        }
    }

    /// Each component with the name reports give it.
    pub fn parts(&self) -> [(&'static str, Money); 12] {
        [
            ("input", self.input),
            ("cache_read", self.cache_read),
            ("cache_write", self.cache_write),
            ("cache_write_1h", self.cache_write_1h),
            ("audio_input", self.audio_input),
            ("image_input", self.image_input),
            ("output", self.output),
            ("reasoning", self.reasoning),
            ("audio_output", self.audio_output),
            ("image_output", self.image_output),
            ("request", self.request),
            ("web_searches", self.web_searches),
        ]
    }

    /// The sum.
    pub fn total(&self) -> Money {
        self.parts().into_iter().map(|(_, part)| part).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn full() -> Rates {
        Rates {
            input: "1".parse().unwrap(),
            output: "10".parse().unwrap(),
            cache_read: Some("0.1".parse().unwrap()),
            cache_write: Some("1.25".parse().unwrap()),
            cache_write_1h: Some("2".parse().unwrap()),
            reasoning: Some("12".parse().unwrap()),
            audio_input: Some("32".parse().unwrap()),
            audio_output: Some("64".parse().unwrap()),
            image_input: Some("3".parse().unwrap()),
            image_output: Some("40".parse().unwrap()),
            per_request: "0.005".parse().unwrap(),
            per_web_search: "0.01".parse().unwrap(),
        }
    }

    fn bare() -> Rates {
        Rates {
            input: "1".parse().unwrap(),
            output: "10".parse().unwrap(),
            ..Rates::default()
        }
    }

    fn everything() -> Usage {
        Usage {
            input: 1000,
            cache_read: 200,
            cache_write: 300,
            cache_write_1h: 100,
            output: 50,
            reasoning: 20,
            audio_input: 400,
            audio_output: 5,
            image_input: 100,
            image_output: 10,
            web_searches: 3,
        }
    }

    fn check(rates: &Rates, expect: [&str; 12]) {
        let bill = Breakdown::of(rates, &everything());
        assert_eq!(bill.parts().map(|(_, part)| part.to_string()), expect);
    }

    #[test]
    fn every_component_has_its_own_price() {
        check(
            &full(),
            [
                "0.0005", "0.00002", "0.00025", "0.0002", "0.0128", "0.0003", "0.00015", "0.00024",
                "0.00032", "0.0004", "0.005", "0.03",
            ],
        );
    }

    #[test]
    fn what_has_no_price_of_its_own_costs_as_its_fallback() {
        check(
            &bare(),
            [
                "0.0005", "0.0002", "0.0002", "0.0001", "0.0004", "0.0001", "0.00015", "0.0002",
                "0.00005", "0.0001", "0", "0",
            ],
        );
        let no_hour = Rates {
            cache_write_1h: None,
            ..full()
        };
        assert_eq!(
            Breakdown::of(&no_hour, &everything())
                .cache_write_1h
                .to_string(),
            "0.000125"
        );
    }

    fn usage() -> impl Strategy<Value = Usage> {
        proptest::array::uniform11(0u64..=1 << 40).prop_map(
            |[a, b, c, d, e, f, g, h, i, j, searches]| Usage {
                input: a,
                cache_read: b,
                cache_write: c,
                cache_write_1h: d,
                output: e,
                reasoning: f,
                audio_input: g,
                audio_output: h,
                image_input: i,
                image_output: j,
                web_searches: searches,
            },
        )
    }

    proptest! {
        #[test]
        fn parts_sum_exactly(usage in usage()) {
            let bill = Breakdown::of(&full(), &usage);
            let sum: i128 = bill.parts().iter().map(|(_, part)| part.pico()).sum();
            prop_assert_eq!(bill.total().pico(), sum);
        }

        /// With one price for all, the bill is that price times all tokens: none is missed, none billed twice.
        #[test]
        fn every_token_is_billed_once(usage in usage()) {
            let one = "1".parse().unwrap();
            let rates = Rates { input: one, output: one, ..Rates::default() };
            prop_assert_eq!(Breakdown::of(&rates, &usage).total(), one.of(usage.total()));
        }
    }
}
