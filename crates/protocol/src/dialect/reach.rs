//! How far a model reaches: what is known not to be given by it is lowered or left out of a request, as a loss, both of
//! one that is decoded and of one that passes as bytes, since a provider answers it with a 400. Nothing is changed for
//! what nobody knows.

use super::Outline;
use crate::ir::{Loss, Request};
use crate::splice::Document;
use std::borrow::Cow;

/// What is known of the model that a request goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The most output that it gives, in tokens; `None` where unknown.
    pub max_output: Option<u64>,
    /// Whether it can be asked to think; `None` where unknown.
    pub thinks: Option<bool>,
}

/// A member of a body: the names on the way to it, in camel case where the dialect knows each by two.
type At = &'static [&'static str];

/// Where requests of a dialect say what a model may not give.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// The bound of output.
    pub(in crate::dialect) output: &'static [At],
    /// Tokens for thinking that must stay below that bound.
    pub(in crate::dialect) budget: &'static [At],
    /// Whether and how much to think.
    pub(in crate::dialect) thinking: &'static [At],
    /// How much to spend in all, which only models that think take.
    pub(in crate::dialect) effort: &'static [At],
    /// A list, and what in it is refused by models that do not think.
    pub(in crate::dialect) list: Option<(&'static str, &'static str)>,
    /// Takes out what else is refused where thinking was.
    pub(in crate::dialect) beside: Option<fn(&mut Document<'_>)>,
}

impl Reach {
    /// Fits a decoded request. The losses are in the canonical words.
    pub fn fit(self, request: &mut Request) -> Vec<Loss> {
        let mut losses = Vec::new();
        if let (Some(most), Some(asked)) = (self.max_output, request.max_output_tokens)
            && asked > most
        {
            request.max_output_tokens = Some(most);
            losses.push(Loss::approximated("max_tokens"));
        }
        if self.thinks != Some(false) {
            return losses;
        }
        if let Some(asked) = request.reasoning.take().filter(|asked| !asked.is_off()) {
            let exact = asked.budget_tokens.is_some() || asked.adaptive;
            if exact || asked.enabled == Some(true) && asked.effort.is_none() {
                losses.push(Loss::dropped("reasoning"));
            }
            if asked.effort.is_some() {
                losses.push(Loss::dropped("reasoning_effort"));
            }
        }
        losses
    }

    /// Fits a body that passes to a provider of its own dialect. The losses are in that dialect's words.
    pub fn fit_bytes(
        self,
        doc: &mut Document<'_>,
        places: &Places,
        outline: &Outline,
    ) -> Vec<Loss> {
        let mut losses = Vec::new();
        if let Some(most) = self.max_output {
            let lowered = places.output.iter().filter(|at| lower(doc, at, most, most));
            losses.extend(lowered.map(|at| Loss::approximated(at.join("."))));
            let budgets = places.budget.iter().filter(|_| self.thinks != Some(false));
            // As where requests are translated, a fifth is left for the answer.
            let lowered = budgets.filter(|at| lower(doc, at, most.saturating_sub(1), most / 5 * 4));
            losses.extend(lowered.map(|at| Loss::approximated(at.join("."))));
        }
        if self.thinks == Some(false) {
            let removed = places.thinking.iter().filter(|at| remove(doc, at));
            let removed: Vec<Loss> = removed.map(|at| Loss::dropped(at.join("."))).collect();
            // Not to think is what such a model does.
            losses.extend(removed.into_iter().filter(|_| outline.needs.reasoning));
            let removed = places.effort.iter().filter(|at| remove(doc, at));
            losses.extend(removed.map(|at| Loss::dropped(at.join("."))));
            if let Some((list, element)) = places.list {
                shorten(doc, list, element);
            }
            if let Some(take_out) = places.beside {
                take_out(doc);
            }
        }
        losses
    }
}

/// Sets a number above `most` to `to`; whether there was one.
fn lower(doc: &mut Document<'_>, at: &[&str], most: u64, to: u64) -> bool {
    edit(doc, at, &|raw| {
        let asked: u64 = raw.parse().ok()?;
        (asked > most).then(|| Some(to.to_string()))
    })
}

/// Whether there was anything.
fn remove(doc: &mut Document<'_>, at: &[&str]) -> bool {
    edit(doc, at, &|raw| (raw != "null").then_some(None))
}

/// Puts what `change` makes of a member in its place, or removes it where that is nothing; whether it was changed at all.
fn edit(
    doc: &mut Document<'_>,
    at: &[&str],
    change: &dyn Fn(&str) -> Option<Option<String>>,
) -> bool {
    let Some((key, inner)) = at.split_first() else {
        return false;
    };
    let Some((key, raw)) = spelled(doc, key) else {
        return false;
    };
    let changed = match inner {
        [] => change(&raw),
        _ => Document::parse(raw.as_bytes()).ok().and_then(|mut object| {
            let changed = edit(&mut object, inner, change);
            let text = String::from_utf8(object.apply().into_owned()).ok();
            // An object that is left empty goes with what was in it.
            let text = text.filter(|text| text.as_str() != "{}");
            changed.then_some(text)
        }),
    };
    match &changed {
        None => {}
        Some(Some(value)) => doc.set(&key, value),
        Some(None) => doc.remove(&key),
    }
    changed.is_some()
}

/// A member under its name, or under the other one that Google's servers know each field by, and its raw text.
/// <https://protobuf.dev/programming-guides/json/>
fn spelled<'k>(doc: &Document<'_>, key: &'k str) -> Option<(Cow<'k, str>, String)> {
    if let Some(raw) = doc.get(key) {
        return Some((key.into(), raw.to_owned()));
    }
    let snake = key
        .chars()
        .fold(String::with_capacity(key.len() + 4), |mut snake, c| {
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
            snake
        });
    let raw = doc.get(&snake)?.to_owned();
    Some((snake.into(), raw))
}

/// Takes an element out of a list of words, and the list with the last one.
fn shorten(doc: &mut Document<'_>, list: &str, element: &str) {
    let words = doc.get(list).map(serde_json::from_str::<Vec<String>>);
    let Some(Ok(mut words)) = words else { return };
    let before = words.len();
    words.retain(|word| word != element);
    if words.is_empty() && before > 0 {
        doc.remove(list);
    } else if words.len() < before {
        doc.set(list, &serde_json::Value::from(words).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{DIALECTS, find};

    const LEAST: Reach = Reach {
        max_output: Some(8000),
        thinks: Some(false),
    };

    /// The body as it goes on to a provider of the same dialect, and the losses, `~` before what was approximated.
    fn passed(dialect: &str, body: &str, reach: Reach) -> (String, Vec<String>) {
        let dialect = find(dialect).unwrap();
        let mut doc = Document::parse(body.as_bytes()).unwrap();
        let outline = dialect.chat.client.unwrap().outline(&doc).unwrap();
        let places = dialect.chat_pass.unwrap().places();
        let losses = reach.fit_bytes(&mut doc, places, &outline);
        let body = String::from_utf8(doc.apply().into_owned()).unwrap();
        (body, named(&losses))
    }

    fn named(losses: &[Loss]) -> Vec<String> {
        let word = |loss: &Loss| match loss.kind {
            crate::ir::LossKind::Dropped => loss.field.clone(),
            crate::ir::LossKind::Approximated => format!("~{}", loss.field),
        };
        losses.iter().map(word).collect()
    }

    /// What stands in the place of `…` does not matter here.
    const CASES: &[(&str, &str, &str, &[&str])] = &[
        (
            "openai_chat",
            r#"{…,"max_completion_tokens":32000,"reasoning_effort":"high"}"#,
            r#"{…,"max_completion_tokens":8000}"#,
            &["~max_completion_tokens", "reasoning_effort"],
        ),
        (
            "openai_chat",
            r#"{…,"max_tokens":8000,"reasoning":{"max_tokens":1000}}"#,
            r#"{…,"max_tokens":8000}"#,
            &["reasoning"],
        ),
        (
            "openai_chat",
            r#"{…,"reasoning_effort":"none"}"#,
            "{…}",
            &[],
        ),
        (
            "openai_responses",
            r#"{…,"reasoning":{"effort":"high"},"include":["reasoning.encrypted_content"],"max_output_tokens":9000}"#,
            r#"{…,"max_output_tokens":8000}"#,
            &["~max_output_tokens", "reasoning"],
        ),
        (
            "openai_responses",
            r#"{…,"include":["reasoning.encrypted_content","file_search_call.results"]}"#,
            r#"{…,"include":["file_search_call.results"]}"#,
            &[],
        ),
        (
            "anthropic",
            r#"{…,"max_tokens":32000,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}}"#,
            r#"{…,"max_tokens":8000}"#,
            &["~max_tokens", "thinking", "output_config.effort"],
        ),
        (
            "anthropic",
            r#"{…,"max_tokens":10,"thinking":{"type":"disabled"}}"#,
            r#"{…,"max_tokens":10}"#,
            &[],
        ),
        (
            "gemini",
            r#"{…,"generationConfig":{"maxOutputTokens":9000,"thinkingConfig":{"thinkingBudget":-1},"topK":3}}"#,
            r#"{…,"generationConfig":{"maxOutputTokens":8000,"topK":3}}"#,
            &[
                "~generationConfig.maxOutputTokens",
                "generationConfig.thinkingConfig",
            ],
        ),
        (
            "gemini",
            r#"{…,"generation_config":{"max_output_tokens":9000,"thinking_config":{"thinking_budget":0}}}"#,
            r#"{…,"generation_config":{"max_output_tokens":8000}}"#,
            &["~generationConfig.maxOutputTokens"],
        ),
        (
            "bedrock",
            r#"{…,"inferenceConfig":{"maxTokens":9000},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":8500}}}"#,
            r#"{…,"inferenceConfig":{"maxTokens":8000}}"#,
            &[
                "~inferenceConfig.maxTokens",
                "additionalModelRequestFields.thinking",
            ],
        ),
    ];

    fn whole(dialect: &str, body: &str) -> String {
        let asked = match dialect {
            "openai_responses" => r#""model":"m","input":"Hi""#,
            "gemini" => r#""contents":[{"role":"user","parts":[{"text":"Hi"}]}]"#,
            "bedrock" => r#""messages":[{"role":"user","content":[{"text":"Hi"}]}]"#,
            "anthropic" if !body.contains("max_tokens") => {
                r#""model":"m","max_tokens":1,"messages":[{"role":"user","content":"Hi"}]"#
            }
            _ => r#""model":"m","messages":[{"role":"user","content":"Hi"}]"#,
        };
        body.replace('…', asked)
    }

    #[test]
    fn bodies_that_pass_are_fitted_in_every_dialect_that_passes() {
        for (dialect, body, expect, losses) in CASES {
            let (body, expect) = (whole(dialect, body), whole(dialect, expect));
            let got = passed(dialect, &body, LEAST);
            let losses: Vec<String> = losses.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(got, (expect, losses), "{dialect}: {body}");
        }
        for dialect in DIALECTS.iter().filter(|it| it.chat_pass.is_some()) {
            let named = |case: &&(&str, _, _, _)| case.0 == dialect.id.as_str();
            assert!(CASES.iter().any(|case| named(&case)), "{}", dialect.id);
        }
    }

    #[test]
    fn what_is_not_known_of_a_model_changes_nothing() {
        for (dialect, body, ..) in CASES {
            let body = whole(dialect, body);
            for thinks in [None, Some(true)] {
                let reach = Reach {
                    thinks,
                    ..Reach::default()
                };
                assert_eq!(passed(dialect, &body, reach), (body.clone(), Vec::new()));
            }
        }
    }

    #[test]
    fn a_budget_stays_below_a_bound_that_is_lowered() {
        let body = |most: u64, budget: u64| {
            let thinking = format!(r#"{{"type":"enabled","budget_tokens":{budget}}}"#);
            let body = format!(r#"{{…,"max_tokens":{most},"thinking":{thinking}}}"#);
            whole("anthropic", &body)
        };
        let reach = Reach {
            thinks: Some(true),
            ..LEAST
        };
        let (got, losses) = passed("anthropic", &body(32_000, 31_999), reach);
        assert_eq!(got, body(8000, 6400));
        assert_eq!(losses, ["~max_tokens", "~thinking.budget_tokens"]);
    }

    #[test]
    fn decoded_requests_are_fitted_in_every_clients_words() {
        use crate::dialect::own_words::Naming;
        let check = |dialect: &str, body: &str, expect: &[&str]| {
            let client = find(dialect).unwrap().chat.client.unwrap();
            let mut request = client.decode_request(body.as_bytes()).unwrap();
            let losses = LEAST.fit(&mut request);
            let naming = Naming::of(client, &request);
            let losses: Vec<Loss> = losses.into_iter().map(|it| naming.loss(it)).collect();
            assert_eq!(named(&losses), expect, "{dialect}");
            assert_eq!(request.reasoning, None);
            assert!(request.max_output_tokens.is_none_or(|most| most <= 8000));
        };
        for (dialect, body, _, losses) in CASES.iter().filter(|case| case.0 != "bedrock") {
            // A level and an effort have a name of their own there.
            let losses: Vec<&str> = losses
                .iter()
                .map(|loss| match (*dialect, *loss) {
                    ("openai_responses", "reasoning") => "reasoning.effort",
                    ("openai_chat", "~max_completion_tokens") => "~max_tokens",
                    _ => loss,
                })
                .collect();
            check(dialect, &whole(dialect, body), &losses);
        }
        let prompt = r#""prompt":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]"#;
        check(
            "ai_sdk",
            &format!(r#"{{{prompt},"maxOutputTokens":9000,"reasoning":"high"}}"#),
            &["~maxOutputTokens", "reasoning"],
        );
        let input = r#""model":"m","input":"Hi""#;
        check(
            "merge",
            &format!(
                r#"{{{input},"max_tokens":9000,"thinking":{{"type":"enabled","budget_tokens":2000}}}}"#
            ),
            &["~max_tokens", "thinking"],
        );
    }
}
