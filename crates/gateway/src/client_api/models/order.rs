//! In which order a query wants the models.

use super::filter::score;
use super::query::Query;
use super::shown::Shown;
use domain::catalog::ModelIdx;
use protocol::ir::Error;

/// What can be sorted by; OpenRouter's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Cheapest,
    Dearest,
    LargestContext,
    Newest,
    Intelligence,
    Coding,
}

const ORDERS: [(&str, Order); 6] = [
    ("pricing-low-to-high", Order::Cheapest),
    ("pricing-high-to-low", Order::Dearest),
    ("context-high-to-low", Order::LargestContext),
    ("newest", Order::Newest),
    ("intelligence-high-to-low", Order::Intelligence),
    ("coding-high-to-low", Order::Coding),
];

impl Order {
    /// Reads it.
    ///
    /// # Errors
    /// Names what is known.
    pub(super) fn read(query: &Query<'_>) -> Result<Option<Self>, Error> {
        let Some(given) = query.one("sort") else {
            return Ok(None);
        };
        let found = ORDERS.iter().find(|(word, _)| *word == given.value);
        found.map(|(_, order)| Some(*order)).ok_or_else(|| {
            let known: Vec<&str> = ORDERS.iter().map(|(word, _)| *word).collect();
            given.refused(&format!("known are {}", known.join(", ")))
        })
    }

    /// Sorts models; those of which it is not known (of a price: what is not sold by the
    /// token, too) come last, equal ones in the catalogue's order.
    pub(super) fn sort<'a>(
        self,
        models: &mut [u32],
        idx_of: impl Fn(u32) -> ModelIdx,
        shown: impl Fn(ModelIdx) -> Option<Shown<'a>>,
    ) {
        models.sort_by_cached_key(|at| {
            let key = shown(idx_of(*at)).and_then(|shown| self.key(&shown));
            (key.is_none(), key)
        });
    }

    /// Smaller comes first.
    fn key(self, shown: &Shown<'_>) -> Option<i128> {
        // The average of input and output.
        let price = || {
            let rates = shown.sale().rates()?;
            Some(rates.input.of(1).saturating_add(rates.output.of(1)).pico())
        };
        let descending = |number: i128| number.saturating_neg();
        let hundredths = |of| Some(descending((score(shown, of)? * 100.0) as i128));
        match self {
            Self::Cheapest => price(),
            Self::Dearest => price().map(descending),
            Self::LargestContext => shown.context().map(|it| descending(i128::from(it))),
            Self::Newest => {
                (shown.model.released).map(|_| descending(i128::from(shown.released_s())))
            }
            Self::Intelligence => hundredths("intelligence"),
            Self::Coding => hundredths("coding"),
        }
    }
}
