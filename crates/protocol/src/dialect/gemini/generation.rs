//! What a model's generation decides. Google's API itself refuses for one generation what it demands of the next, so its
//! names are read here, and nowhere else.
//! <https://ai.google.dev/gemini-api/docs/thinking>, <https://ai.google.dev/gemini-api/docs/thought-signatures> (2026-11)

/// Which generation a model is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// Up to 2.0: as [`Self::Older`], but for thinking, which they do not do and refuse to be told of.
    First,
    /// 2.5, and Gemma: thinking is bounded in tokens, functions answer in text, and signatures may be left out.
    Older {
        /// The large one of its generation, which may think longest.
        pro: bool,
    },
    /// From 3 on: thinking has levels, functions answer with images too, and calls must have their signatures.
    Newer {
        /// The large one of its generation, which cannot think least.
        pro: bool,
    },
    /// A name that does not tell (`gemini-flash-latest`, a tuned model): taken for a newer one.
    Unknown,
}

impl Generation {
    /// Reads a provider's name of a model, as far as it goes.
    pub(super) fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or_default();
        let pro = name.contains("-pro");
        if name.starts_with("gemma-") {
            return Self::Older { pro: false };
        }
        let version = name
            .strip_prefix("gemini-")
            .and_then(|rest| rest.split(['.', '-']).next())
            .and_then(|major| major.parse::<u32>().ok());
        match version {
            Some(0..=1) => Self::First,
            Some(2) if name.starts_with("gemini-2.0") => Self::First,
            Some(2) => Self::Older { pro },
            Some(_) => Self::Newer { pro },
            None => Self::Unknown,
        }
    }

    /// Whether it is up to 2.5.
    pub(super) fn is_older(self) -> bool {
        matches!(self, Self::First | Self::Older { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::Generation;

    #[test]
    fn names_tell_generations() {
        let check = |model: &str, expect| assert_eq!(Generation::of(model), expect, "{model}");
        check("gemini-2.5-pro", Generation::Older { pro: true });
        check("models/gemini-2.0-flash-001", Generation::First);
        check("gemini-1.5-pro", Generation::First);
        check("gemini-2.5-flash", Generation::Older { pro: false });
        check("gemma-3-27b-it", Generation::Older { pro: false });
        check("gemini-3-pro-preview", Generation::Newer { pro: true });
        check(
            "publishers/google/models/gemini-3.5-flash",
            Generation::Newer { pro: false },
        );
        check("gemini-10-flash", Generation::Newer { pro: false });
        check("gemini-flash-latest", Generation::Unknown);
        check("", Generation::Unknown);
    }
}
