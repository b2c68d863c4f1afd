//! Writes how the model is to answer: bounds, sampling, thinking. Values beyond the documented ranges become their
//! nearest end. <https://docs.cohere.com/reference/chat#request> (2026-11)

use super::super::ID;
use crate::dialect::write::Object;
use crate::ir::{Loss, ReasoningRequest, ReasoningSummary, Request, Sampling};
use serde_json::Number;

/// How many stop texts are taken.
const MOST_STOPS: usize = 5;

/// The largest `k`.
const MOST_K: u64 = 500;

/// Writes them.
pub(super) fn write(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    o.some("max_tokens", request.max_output_tokens.as_ref());
    sampling(o, &request.sampling, losses);
    if let Some(asked) = &request.reasoning {
        thinking(o, asked, losses);
    }
}

fn sampling(o: &mut Object<'_>, sampling: &Sampling, losses: &mut Vec<Loss>) {
    if !sampling.stop.is_empty() {
        if sampling.stop.len() > MOST_STOPS {
            losses.push(Loss::approximated("stop"));
        }
        let kept: Vec<&String> = sampling.stop.iter().take(MOST_STOPS).collect();
        o.value("stop_sequences", &kept);
    }
    let mut within = |field, number: Option<&Number>, least: f64, most: f64| {
        let number = number?;
        let value = number.as_f64()?;
        if (least..=most).contains(&value) {
            return Some(number.clone());
        }
        losses.push(Loss::approximated(field));
        Number::from_f64(value.clamp(least, most))
    };
    let temperature = sampling.temperature.as_ref();
    let temperature = within("temperature", temperature, 0.0, f64::MAX);
    let p = within("top_p", sampling.top_p.as_ref(), 0.01, 0.99);
    let frequency = sampling.frequency_penalty.as_ref();
    let frequency = within("frequency_penalty", frequency, 0.0, 1.0);
    let presence = sampling.presence_penalty.as_ref();
    let presence = within("presence_penalty", presence, 0.0, 1.0);
    o.some("temperature", temperature);
    match sampling.seed {
        Some(seed) if seed < 0 => losses.push(Loss::dropped("seed")),
        seed => o.some("seed", seed),
    }
    o.some("frequency_penalty", frequency);
    o.some("presence_penalty", presence);
    if sampling.top_k > Some(MOST_K) {
        losses.push(Loss::approximated("top_k"));
    }
    o.some("k", sampling.top_k.map(|k| k.min(MOST_K)));
    o.some("p", p);
    if sampling.logprobs == Some(true) {
        o.value("logprobs", &true);
    }
}

/// A budget, or the one that an effort stands for. An effort alone, which asks for no thinking, is left out: models that
/// do not think refuse the member. <https://docs.cohere.com/docs/reasoning>
fn thinking(o: &mut Object<'_>, asked: &ReasoningRequest, losses: &mut Vec<Loss>) {
    let off = asked.is_off() || asked.budget_tokens == Some(0);
    let unsaid = matches!(
        asked.summary,
        Some(ReasoningSummary::Omitted | ReasoningSummary::Concise | ReasoningSummary::Detailed)
    );
    // Where nobody thinks, there is nothing to leave out.
    if unsaid && !off {
        losses.push(Loss::dropped("reasoning.summary"));
    }
    let budget = match (off, asked.budget_tokens, asked.effort) {
        (true, ..) => None,
        (false, Some(budget), _) => Some(budget),
        (false, None, Some(effort)) if asked.enabled == Some(true) => {
            losses.push(Loss::approximated("reasoning_effort"));
            Some(effort.budget_tokens())
        }
        (false, None, Some(_)) => {
            losses.push(Loss::dropped("reasoning_effort"));
            return;
        }
        (false, None, None) if asked.enabled == Some(true) || asked.adaptive => None,
        (false, None, None) => return,
    };
    if asked.budget_tokens.is_some() && asked.effort.is_some() && !off {
        losses.push(Loss::dropped("reasoning_effort"));
    }
    o.object("thinking", |o| {
        o.value("type", if off { "disabled" } else { "enabled" });
        o.some("token_budget", budget);
    });
}

/// Notes what this dialect has no word for. A value that changes nothing is no loss.
pub(super) fn note_unsayable(request: &Request, losses: &mut Vec<Loss>) {
    let sampling = &request.sampling;
    let bias = sampling.logit_bias.as_ref();
    let tier = request.service_tier.as_deref();
    let ordinary = ["auto", "default", "standard", "standard_only"];
    let said = [
        ("n", sampling.n.is_some_and(|n| n > 1)),
        ("top_logprobs", sampling.top_logprobs.is_some_and(|n| n > 0)),
        ("logit_bias", bias.is_some_and(|bias| bias.get() != "{}")),
        ("user", request.user.is_some()),
        ("cache_control", request.cache.is_some()),
        ("prompt_cache_key", request.prompt_cache_key.is_some()),
        ("verbosity", request.verbosity.is_some()),
        (
            "metadata",
            request.metadata.as_ref().is_some_and(|it| it.get() != "{}"),
        ),
        ("store", request.store == Some(true)),
        (
            "service_tier",
            tier.is_some_and(|tier| !ordinary.contains(&tier)),
        ),
    ];
    let unsaid = said.iter().filter(|(_, is_said)| *is_said);
    losses.extend(unsaid.map(|(field, _)| Loss::dropped(*field)));
    losses.extend(request.extra.lost_to(ID, ""));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::write;
    use crate::ir::Effort;

    #[test]
    fn what_is_out_of_range_becomes_its_nearest_end() {
        let number = |value: f64| Number::from_f64(value);
        let request = Request {
            sampling: Sampling {
                temperature: number(1.5),
                top_p: number(1.0),
                top_k: Some(1000),
                frequency_penalty: number(-0.5),
                presence_penalty: number(0.25),
                seed: Some(-1),
                stop: (0..7).map(|n| n.to_string()).collect(),
                ..Sampling::default()
            },
            ..Request::default()
        };
        let (mut out, mut losses) = (Vec::new(), Vec::new());
        write::object(&mut out, |o| super::write(o, &request, &mut losses));
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"stop_sequences":["0","1","2","3","4"],"temperature":1.5,"frequency_penalty":0.0,"presence_penalty":0.25,"k":500,"p":0.99}"#
        );
        let fields: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
        assert_eq!(
            fields,
            ["stop", "top_p", "frequency_penalty", "seed", "top_k"]
        );
    }

    #[test]
    fn thinking_is_mapped_by_the_one_table() {
        let check = |asked: ReasoningRequest, expect: &str, lost: &[&str]| {
            let (mut out, mut losses) = (Vec::new(), Vec::new());
            write::object(&mut out, |o| thinking(o, &asked, &mut losses));
            assert_eq!(String::from_utf8(out).unwrap(), expect, "{asked:?}");
            let fields: Vec<&str> = losses.iter().map(|loss| loss.field.as_str()).collect();
            assert_eq!(fields, lost, "{asked:?}");
        };
        let asked = |effort, budget_tokens, enabled| ReasoningRequest {
            effort,
            budget_tokens,
            enabled,
            ..ReasoningRequest::default()
        };
        let off = r#"{"thinking":{"type":"disabled"}}"#;
        check(asked(None, None, Some(false)), off, &[]);
        check(asked(Some(Effort::None), None, None), off, &[]);
        check(
            asked(None, Some(3000), Some(true)),
            r#"{"thinking":{"type":"enabled","token_budget":3000}}"#,
            &[],
        );
        check(
            asked(Some(Effort::High), None, Some(true)),
            r#"{"thinking":{"type":"enabled","token_budget":16384}}"#,
            &["reasoning_effort"],
        );
        check(
            asked(Some(Effort::High), None, None),
            "{}",
            &["reasoning_effort"],
        );
        check(
            asked(None, None, Some(true)),
            r#"{"thinking":{"type":"enabled"}}"#,
            &[],
        );
    }
}
