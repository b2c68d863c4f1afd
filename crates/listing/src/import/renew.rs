//! The prices of an offering that is known already, and what a newer list says: what the list does not say stays, and
//! what it says holds from the day on which it is read. What was known of the time before is not touched, so that what
//! was recorded then keeps its price. Tiers of context are published as multiples of the ordinary price: where a list that
//! does not name them changes that, they follow in proportion, lest a large request cost less than a small one.

use super::number::in_proportion;
use super::prices::mend;
use crate::price::{AboveFile, OffPeakFile, PeriodFile, RatesFile, SetFile};

/// Known prices with a list's laid over them.
pub(super) struct Renewed {
    pub(super) periods: Vec<PeriodFile>,
    /// How many prices could not be meant.
    pub(super) mended: usize,
    /// Whether tiers of context followed another price.
    pub(super) followed: bool,
}

/// Known periods, with those of a list laid over them as of `today`.
pub(super) fn renewed(known: Vec<PeriodFile>, fresh: Vec<PeriodFile>, today: &str) -> Renewed {
    let mut periods = known;
    let mut mended = 0;
    let mut followed = false;
    let (begun, ahead): (Vec<_>, Vec<_>) = fresh.into_iter().partition(|one| begins(one) <= today);
    for said in begun.into_iter().next_back().into_iter().chain(ahead) {
        let from = match begins(&said) {
            // A list of what holds now does not say since when: since it was read, as far as we know.
            day if day <= today => since(&said, &periods, today),
            day => day.to_owned(),
        };
        let before = holding(&periods, &from).cloned().unwrap_or_default();
        let mut now = said;
        followed |= fill(&mut now, &before);
        mended += mend(&mut now);
        let mut as_it_was = before;
        mend(&mut as_it_was);
        (as_it_was.from, as_it_was.until) = (None, now.until.clone());
        now.from = None;
        if now != as_it_was {
            now.from = Some(from);
            place(&mut periods, now);
        }
    }
    Renewed {
        periods,
        mended,
        followed,
    }
}

/// The first day of a period; the empty text is before all days.
fn begins(period: &PeriodFile) -> &str {
    period.from.as_deref().unwrap_or_default()
}

/// Since when a list's present prices hold: since the day that it names, unless what is known is newer.
fn since(said: &PeriodFile, known: &[PeriodFile], today: &str) -> String {
    let named = said.from.as_deref();
    let newer = named.filter(|day| holding(known, today).is_some_and(|held| begins(held) < *day));
    newer.unwrap_or(today).to_owned()
}

/// What holds on a day.
fn holding<'p>(periods: &'p [PeriodFile], day: &str) -> Option<&'p PeriodFile> {
    let begun = periods.iter().rfind(|one| begins(one) <= day)?;
    let over = begun.until.as_deref().is_some_and(|until| until <= day);
    (!over).then_some(begun)
}

/// Puts a period where its day belongs; one that begins on that day gives way.
fn place(periods: &mut Vec<PeriodFile>, new: PeriodFile) {
    let at = periods.partition_point(|one| begins(one) < begins(&new));
    if let Some(before) = at.checked_sub(1).and_then(|before| periods.get_mut(before))
        && before.until.as_deref() > Some(begins(&new))
    {
        before.until = None;
    }
    match periods.get_mut(at) {
        Some(same) if same.from == new.from => *same = new,
        Some(_) | None => periods.insert(at, new),
    }
}

/// Gives what a list says what is known of all else; and whether tiers of context followed another price.
fn fill(now: &mut PeriodFile, known: &PeriodFile) -> bool {
    now.until = now.until.take().or_else(|| known.until.clone());
    let followed = [
        fill_prices(
            (&mut now.rates, &mut now.above),
            (&known.rates, &known.above),
        ),
        fill_set(&mut now.flex, cheaper(known.flex.as_ref(), &now.rates)),
        fill_set(&mut now.priority, known.priority.as_ref()),
        fill_set(&mut now.batch, cheaper(known.batch.as_ref(), &now.rates)),
        fill_off_peak(&mut now.off_peak, known.off_peak.as_ref()),
    ];
    for (unit, amount) in &known.per {
        now.per
            .entry(unit.clone())
            .or_insert_with(|| amount.clone());
    }
    followed.contains(&true)
}

/// What is known of a discount, unless the new ordinary price undercuts it: then it is none, and nobody says what it is now.
fn cheaper<'s>(known: Option<&'s SetFile>, ordinary: &RatesFile) -> Option<&'s SetFile> {
    let dearer = |(known, now): (&Option<String>, &Option<String>)| {
        let read = |rate: &Option<String>| rate.as_deref()?.parse::<f64>().ok();
        read(known) > read(now) && now.is_some()
    };
    known.filter(|set| {
        let both = [
            (&set.rates.input, &ordinary.input),
            (&set.rates.output, &ordinary.output),
        ];
        !both.into_iter().any(dearer)
    })
}

fn fill_rates(rates: &mut RatesFile, known: &RatesFile) {
    for ((_, own), (_, known)) in rates.named_mut().into_iter().zip(known.named()) {
        if own.is_none() {
            own.clone_from(known);
        }
    }
}

/// The ordinary rates of a set, and those above sizes. A list that knows tiers of context knows all of them; one that names
/// none says nothing of them, and they follow what it says of the ordinary rates. Says whether they had to.
fn fill_prices(
    (rates, above): (&mut RatesFile, &mut Vec<AboveFile>),
    (known, known_above): (&RatesFile, &[AboveFile]),
) -> bool {
    fill_rates(rates, known);
    if above.is_empty() {
        above.extend(known_above.iter().map(|tier| followed(tier, known, rates)));
        return above != known_above;
    }
    for tier in above {
        if let Some(same) = known_above.iter().find(|one| one.tokens == tier.tokens) {
            fill_rates(&mut tier.rates, &same.rates);
        }
    }
    false
}

/// A tier whose rates moved as the ordinary ones did.
fn followed(tier: &AboveFile, before: &RatesFile, now: &RatesFile) -> AboveFile {
    let mut tier = tier.clone();
    let ordinary = before.named().into_iter().zip(now.named());
    for ((_, rate), ((_, old), (_, new))) in tier.rates.named_mut().into_iter().zip(ordinary) {
        if let (Some(own), Some(old), Some(new)) = (rate.as_ref(), old, new)
            && let Some(moved) = in_proportion(own, old, new)
        {
            *rate = Some(moved);
        }
    }
    tier
}

fn fill_set(set: &mut Option<SetFile>, known: Option<&SetFile>) -> bool {
    let (Some(set), Some(known)) = (set.as_mut(), known) else {
        *set = set.take().or_else(|| known.cloned());
        return false;
    };
    fill_prices(
        (&mut set.rates, &mut set.above),
        (&known.rates, &known.above),
    )
}

fn fill_off_peak(off_peak: &mut Option<OffPeakFile>, known: Option<&OffPeakFile>) -> bool {
    let (Some(own), Some(known)) = (off_peak.as_mut(), known) else {
        *off_peak = off_peak.take().or_else(|| known.cloned());
        return false;
    };
    fill_prices(
        (&mut own.rates, &mut own.above),
        (&known.rates, &known.above),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn periods(toml: &str) -> Vec<PeriodFile> {
        #[derive(serde::Deserialize)]
        struct File {
            #[serde(default)]
            p: Vec<PeriodFile>,
        }
        toml::from_str::<File>(toml).unwrap().p
    }

    fn check(known: &str, fresh: &str, expect: &str) {
        let now = renewed(periods(known), periods(fresh), "2026-11-21");
        assert_eq!(now.periods, periods(expect), "{known}\n{fresh}");
    }

    const RICH: &str = r#"
[[p]]
rates = { input = "2", output = "8", cache_read = "0.5", audio_input = "10" }
above = [{ tokens = 200000, rates = { input = "4", output = "12", cache_read = "0.5" } }]
batch = { rates = { input = "1", output = "4" } }
flex = { rates = { input = "1.2", output = "4.8" } }
per = { output_image = "0.04" }
"#;

    /// A list that knows no tiers drops none, and last month keeps its price.
    #[test]
    fn a_changed_price_begins_today_and_what_the_list_does_not_know_stays() {
        let later = RICH.replace("[[p]]", "[[p]]\nfrom = \"2026-11-21\"");
        let later = later.replace("input = \"2\"", "input = \"3\"");
        let later = later.replace("rates = { input = \"4\"", "rates = { input = \"6\"");
        check(
            RICH,
            "[[p]]\nrates = { input = \"3\", output = \"8\" }",
            &format!("{RICH}{later}"),
        );
        check(
            RICH,
            "[[p]]\nrates = { input = \"2\", output = \"8\" }",
            RICH,
        );
        // Read again on the same day: no second period of that day.
        check(
            &format!("{RICH}{later}"),
            "[[p]]\nrates = { input = \"3.5\", output = \"8\" }",
            &format!(
                "{RICH}{}",
                (later.replace("input = \"3\"", "input = \"3.5\""))
                    .replace("input = \"6\"", "input = \"7\"")
            ),
        );
    }

    /// A base price that fell to a quarter left large requests at sixteen times it, and one that rose, below it.
    #[test]
    fn tiers_of_context_follow_the_ordinary_price() {
        let of = |from: &str, input: &str, cached: &str, large: [&str; 2]| {
            let [dear, output] = large;
            format!(
                "[[p]]\n{from}rates = {{ input = \"{input}\", output = \"8\", cache_read = \"{cached}\" }}\n\
                 above = [{{ tokens = 200000, rates = {{ input = \"{dear}\", output = \"{output}\", cache_read = \"1\" }} }}]\n"
            )
        };
        let known = of("", "2", "0.5", ["4", "12"]);
        let today = "from = \"2026-11-21\"\n";
        for (fresh, input, large) in [
            ("input = \"0.5\"", "0.5", ["1", "12"]),
            ("input = \"6\"", "6", ["12", "12"]),
            ("input = \"0.7\"", "0.7", ["1.4", "12"]),
        ] {
            let fresh = format!("[[p]]\nrates = {{ {fresh}, output = \"8\" }}");
            check(
                &known,
                &fresh,
                &format!("{known}{}", of(today, input, "0.5", large)),
            );
            assert!(renewed(periods(&known), periods(&fresh), "2026-11-21").followed);
        }
        // A list that names tiers is believed, however they lie to the ordinary price.
        let named = of("", "0.5", "0.5", ["3", "9"]);
        check(
            &known,
            &named,
            &format!("{known}{}", of(today, "0.5", "0.5", ["3", "9"])),
        );
        assert!(!renewed(periods(&known), periods(&named), "2026-11-21").followed);
    }

    /// A discount that is dearer than the new ordinary price is none; nobody says what it is now.
    #[test]
    fn a_discount_that_is_undercut_is_forgotten() {
        check(
            "[[p]]\nrates = { input = \"2\", output = \"8\" }\nbatch = { rates = { input = \"1\", output = \"4\" } }\n\
             priority = { rates = { input = \"3\", output = \"9\" } }",
            "[[p]]\nrates = { input = \"0.8\", output = \"5\" }",
            "[[p]]\nrates = { input = \"2\", output = \"8\" }\nbatch = { rates = { input = \"1\", output = \"4\" } }\n\
             priority = { rates = { input = \"3\", output = \"9\" } }\n\
             [[p]]\nfrom = \"2026-11-21\"\nrates = { input = \"0.8\", output = \"5\" }\n\
             priority = { rates = { input = \"3\", output = \"9\" } }",
        );
    }

    #[test]
    fn what_is_to_come_stays_and_what_the_list_knows_of_it_is_taken() {
        let plain = |from: &str, input: &str| {
            let from = match from {
                "" => String::new(),
                day => format!("from = \"{day}\"\n"),
            };
            format!("[[p]]\n{from}rates = {{ input = \"{input}\", output = \"9\" }}\n")
        };
        let known = format!("{}{}", plain("", "2"), plain("2027-01-01", "1"));
        check(
            &known,
            &plain("", "3"),
            &format!(
                "{}{}{}",
                plain("", "2"),
                plain("2026-11-21", "3"),
                plain("2027-01-01", "1")
            ),
        );
        // A list with days: since the day that it names, and a change that is ahead.
        check(
            &plain("", "2"),
            &format!(
                "{}{}{}",
                plain("", "2"),
                plain("2026-11-01", "3"),
                plain("2026-12-01", "4")
            ),
            &format!(
                "{}{}{}",
                plain("", "2"),
                plain("2026-11-01", "3"),
                plain("2026-12-01", "4")
            ),
        );
        check("", &plain("", "3"), &plain("2026-11-21", "3"));
        check(&known, "", &known);
    }

    /// A promotion that is over is no price: what a list says then begins today.
    #[test]
    fn what_ended_is_followed_by_what_is_said_now() {
        let ended = "[[p]]\nuntil = \"2026-11-01\"\nrates = { input = \"1\", output = \"2\" }\n";
        check(
            ended,
            "[[p]]\nrates = { input = \"3\", output = \"4\" }",
            &format!(
                "{ended}[[p]]\nfrom = \"2026-11-21\"\nrates = {{ input = \"3\", output = \"4\" }}"
            ),
        );
        let running = "[[p]]\nuntil = \"2026-12-01\"\nrates = { input = \"1\", output = \"2\" }\n";
        check(
            running,
            "[[p]]\nrates = { input = \"3\", output = \"4\" }",
            "[[p]]\nrates = { input = \"1\", output = \"2\" }\n\
             [[p]]\nfrom = \"2026-11-21\"\nuntil = \"2026-12-01\"\nrates = { input = \"3\", output = \"4\" }",
        );
    }

    /// What a list says of a rate that it had left out before is its price, even where it is the usual one.
    #[test]
    fn a_rate_that_became_the_usual_one_is_taken() {
        check(
            "[[p]]\nrates = { input = \"1\", output = \"4\", reasoning = \"6\" }",
            "[[p]]\nrates = { input = \"1\", output = \"4\", reasoning = \"4\" }",
            "[[p]]\nrates = { input = \"1\", output = \"4\", reasoning = \"6\" }\n\
             [[p]]\nfrom = \"2026-11-21\"\nrates = { input = \"1\", output = \"4\" }",
        );
    }
}
