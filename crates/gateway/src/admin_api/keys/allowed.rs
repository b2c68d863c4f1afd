//! The models that a key is bound to: each name must let it call something, since a slip of the pen would lock an
//! application out, and a wider one than meant would open more.

use super::super::error::AdminError;
use crate::state::Gateway;
use domain::caller::covers;
use domain::catalog::{Catalog, Unknown};

/// Whether a key may name these models. Those that it names already it may, even if the catalogue has lost them.
///
/// # Errors
/// Names the first that is none, with those that were probably meant.
pub(super) fn check(
    gateway: &Gateway,
    models: &[String],
    named_already: &[String],
    allow_unknown: bool,
) -> Result<(), AdminError> {
    let live = gateway.live.load();
    let catalog = &live.snapshot.catalog;
    let mut new = models.iter().filter(|name| !named_already.contains(name));
    new.try_for_each(|name| check_one(catalog, name, allow_unknown))
        .map_err(|message| {
            AdminError::field("allowed_models", format!("allowed_models: {message}"))
        })
}

fn check_one(catalog: &Catalog, name: &str, allow_unknown: bool) -> Result<(), String> {
    let halves = name.split_once('/');
    let well_formed = halves.is_some_and(|(author, slug)| !author.is_empty() && !slug.is_empty());
    if well_formed && allow_unknown {
        return Ok(());
    }
    if well_formed && catalog.models().any(|(_, model)| covers(name, model)) {
        return match others_models(catalog, name) {
            None => Ok(()),
            Some(provider) => Err(format!(
                "'{name}' means what {provider} made, and most of what it serves others made: name these models; with \
                 allow_unknown, it is taken as it stands"
            )),
        };
    }
    let meant = match name.strip_suffix("/*") {
        Some(author) => (catalog.author_like(author).into_iter())
            .map(|author| format!("{author}/*"))
            .collect(),
        None => ids_like(catalog, name),
    };
    let meant = match meant.as_slice() {
        [] => String::new(),
        some => format!(" (did you mean {}?)", some.join(", ")),
    };
    Err(match well_formed {
        true => format!(
            "'{name}' is no model of the catalogue{meant}; with allow_unknown, one that will come may be named"
        ),
        false => format!("'{name}' names no model{meant}; write `author/slug` or `author/*`"),
    })
}

/// The provider that is called as an author is in `author/*`, where most of its models are others': then it is not clear
/// that the author is meant.
fn others_models<'n>(catalog: &Catalog, name: &'n str) -> Option<&'n str> {
    let word = name.strip_suffix("/*")?;
    let provider = catalog.find_provider(word)?;
    let offerings = catalog.offerings().map(|(_, offering)| offering);
    let served = offerings.filter(|offering| offering.provider == provider);
    let (own, others): (Vec<bool>, Vec<bool>) = served
        .map(|offering| covers(name, catalog.model(offering.model)))
        .partition(|own| *own);
    (others.len() > own.len()).then_some(word)
}

/// What a client that says this name gets, or, where that is nothing, what looks like it.
fn ids_like(catalog: &Catalog, name: &str) -> Vec<String> {
    match catalog.resolve(name) {
        Ok(found) => vec![catalog.model(found.model).id.clone()],
        Err(Unknown { close, .. }) => close,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_lets_a_key_call_nothing_is_told_with_what_was_meant() {
        let settings = crate::config::load(None, &|_| None).unwrap();
        let none = std::path::Path::new("none");
        let ground = crate::assemble::Ground::lay(&settings, none, &|_| None).unwrap();
        let check = |name: &str, expect: Result<(), &str>| {
            let heard = check_one(ground.catalog(), name, false);
            match expect {
                Ok(()) => assert_eq!(heard, Ok(())),
                Err(expect) => {
                    let heard = heard.unwrap_err();
                    assert!(heard.contains(expect), "{name}: {heard}");
                }
            }
        };
        check("openai/gpt-4o-mini", Ok(()));
        check("openai/*", Ok(()));
        check(
            "openai/gpt-4o-minni",
            Err("is no model of the catalogue (did you mean openai/gpt-4o-mini"),
        );
        // Requests may say it so; what a key is bound to is compared letter by letter.
        check(
            "OpenAI/GPT-4o Mini",
            Err("(did you mean openai/gpt-4o-mini?)"),
        );
        check(
            "gpt-4o-mini",
            Err("names no model (did you mean openai/gpt-4o-mini?); write"),
        );
        check("openia/*", Err("(did you mean openai/*?)"));
        check("mistral/*", Err("(did you mean mistralai/*?)"));
        check("alibaba/*", Err("(did you mean qwen/*?)"));
        // Authors too, of little; whoever says it means what the provider serves.
        check(
            "groq/*",
            Err("means what groq made, and most of what it serves others made"),
        );
        check("google/*", Ok(()));
        assert_eq!(check_one(ground.catalog(), "groq/*", true), Ok(()));
        check(
            "nobody-at-all/*",
            Err("is no model of the catalogue; with allow_unknown"),
        );
        check("/x", Err("write `author/slug`"));
        assert_eq!(check_one(ground.catalog(), "lab/soon", true), Ok(()));
        check_one(ground.catalog(), "soon", true).unwrap_err();
    }
}
