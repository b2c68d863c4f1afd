//! One offering from all lines about it: each fact from the list that says it. Prices: `prices.rs`.

use super::found::Found;
use super::report::Report;
use super::rules::Ways;
use super::{Prior, genai_prices, litellm, models_dev};
use crate::{ModelFile, OfferingFile};
use std::collections::BTreeMap;

/// All lines about one offering.
pub(super) struct Lines<'a> {
    /// The model's id.
    pub(super) model: String,
    pub(super) provider: String,
    pub(super) wire_id: String,
    pub(super) lines: Vec<&'a Found>,
    /// Why the provider is free.
    pub(super) free: Option<String>,
    /// What is known of prices besides what the lists say.
    pub(super) ways: Ways,
    /// The provider's dialects.
    pub(super) speaks: Vec<String>,
    pub(super) quantization: Option<String>,
    pub(super) region: Option<String>,
    pub(super) prior: Prior,
    pub(super) date: String,
}

impl Lines<'_> {
    /// The offering as it was before, with what the lists say.
    pub(super) fn offering(&self, before: OfferingFile, report: &mut Report) -> OfferingFile {
        let mut offering = before;
        let is_new = offering.wire_id.is_empty();
        offering.provider.clone_from(&self.provider);
        offering.wire_id.clone_from(&self.wire_id);
        for also in self.lines.iter().filter_map(|line| line.also.as_ref()) {
            if !offering.also.contains(also) {
                offering.also.push(also.clone());
            }
        }
        offering.context = offering.context.or_else(|| self.first(|line| line.context));
        offering.max_output = offering
            .max_output
            .or_else(|| self.first(|line| line.max_output));
        // Of what is known already, what the offering does not say is as the model says.
        if is_new || self.prior == Prior::Stays {
            offering.input = offering
                .input
                .take()
                .or_else(|| self.first(|line| line.input.clone()));
            offering.output = offering
                .output
                .take()
                .or_else(|| self.first(|line| line.output.clone()));
        }
        let ends = self.first(|line| line.deprecated.clone());
        offering.deprecated = match (self.prior, &offering.via) {
            // Days of end are put off; one that somebody read on the provider's page stays.
            (Prior::Yields(_), Some(_)) => ends.or(offering.deprecated.take()),
            (Prior::Yields(_), None) | (Prior::Stays, _) => offering.deprecated.take().or(ends),
        };
        offering.quantization = offering
            .quantization
            .take()
            .or_else(|| self.quantization.clone());
        if let Some(region) = self.region.as_ref().filter(|_| offering.regions.is_empty()) {
            offering.regions.push(region.clone());
        }
        if is_new {
            offering.dialects = self.first(|line| {
                let fits = |all: &Vec<String>| all.iter().all(|one| self.speaks.contains(one));
                line.dialects.clone().filter(fits)
            });
            self.abilities(&mut offering);
        }
        if offering.parameters.is_empty() {
            self.parameters(&mut offering);
        }
        let keeps = self.prior == Prior::Stays
            && (!offering.price.is_empty() || offering.unpriced.is_some());
        if !keeps && !self.lines.is_empty() {
            self.price(&mut offering, report);
        }
        offering
    }

    /// The first that says it, in the order of trust.
    fn first<T>(&self, said: impl Fn(&Found) -> Option<T>) -> Option<T> {
        let order = [models_dev::LIST, litellm::LIST, genai_prices::LIST];
        order.iter().find_map(|list| {
            self.lines
                .iter()
                .filter(|line| line.list == *list)
                .find_map(|line| said(line))
        })
    }

    fn abilities(&self, offering: &mut OfferingFile) {
        let mut can: Vec<String> = Vec::new();
        for word in self.lines.iter().flat_map(|line| &line.capabilities) {
            if !can.contains(word) {
                can.push(word.clone());
            }
        }
        // LiteLLM says what a model does; models.dev leaves it to be guessed.
        let said = |list: &str| {
            let mut of_list = self.lines.iter().filter(|line| line.list == list);
            of_list.find_map(|line| (!line.operations.is_empty()).then(|| line.operations.clone()))
        };
        let does = said(litellm::LIST).or_else(|| said(models_dev::LIST));
        if does
            .as_ref()
            .is_none_or(|words| words.iter().any(|word| word == "chat"))
        {
            can.push("streaming".to_owned());
        }
        const ORDER: [&str; 8] = [
            "tools",
            "parallel_tools",
            "structured_output",
            "reasoning",
            "prompt_caching",
            "web_search",
            "computer_use",
            "streaming",
        ];
        can.sort_by_key(|word| ORDER.iter().position(|known| known == word));
        offering.capabilities = Some(can);
        offering.operations = does;
    }

    fn parameters(&self, offering: &mut OfferingFile) {
        let mut all: Vec<String> = Vec::new();
        for name in self.lines.iter().flat_map(|line| &line.parameters) {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        all.sort();
        for line in &self.lines {
            for (name, default) in &line.defaults {
                if all.contains(name) {
                    offering.defaults.insert(name.clone(), default.clone());
                }
            }
        }
        offering.parameters = all;
    }
}

/// Says what the offerings of a model do, where lists say it wrongly or not. What does not chat does not stream.
pub(super) fn only_do(offerings: &mut [OfferingFile], does: &[String]) {
    let chats = does.iter().any(|word| word == "chat");
    for one in offerings {
        one.operations = Some(does.to_vec());
        if let Some(can) = one.capabilities.as_mut().filter(|_| !chats) {
            can.retain(|word| word != "streaming");
        }
    }
}

/// Puts what most offerings say on the model, and leaves it out of those that say the same.
pub(super) fn settle(model: &mut ModelFile, mut offerings: Vec<OfferingFile>, by_hand: bool) {
    if !by_hand {
        model.input = most(offerings.iter().filter_map(|one| one.input.clone()));
        model.output = most(offerings.iter().filter_map(|one| one.output.clone()));
        model.operations = most(offerings.iter().filter_map(|one| one.operations.clone()));
        model.capabilities =
            most(offerings.iter().filter_map(|one| one.capabilities.clone())).unwrap_or_default();
    }
    let text = vec!["text".to_owned()];
    let chat = vec!["chat".to_owned()];
    for one in &mut offerings {
        let same =
            |said: &Option<Vec<String>>, of_model: &Option<Vec<String>>, else_: &Vec<String>| {
                said.as_ref()
                    .is_some_and(|said| said == of_model.as_ref().unwrap_or(else_))
            };
        if same(&one.input, &model.input, &text) {
            one.input = None;
        }
        if same(&one.output, &model.output, &text) {
            one.output = None;
        }
        if same(&one.operations, &model.operations, &chat) {
            one.operations = None;
        }
        if one
            .capabilities
            .as_ref()
            .is_some_and(|said| *said == model.capabilities)
        {
            one.capabilities = None;
        }
    }
    for (said, usual) in [
        (&mut model.input, &text),
        (&mut model.output, &text),
        (&mut model.operations, &chat),
    ] {
        if said.as_ref() == Some(usual) {
            *said = None;
        }
    }
    offerings.sort_by(|a, b| (&a.provider, &a.wire_id).cmp(&(&b.provider, &b.wire_id)));
    model.offering = offerings;
}

fn most(said: impl Iterator<Item = Vec<String>>) -> Option<Vec<String>> {
    let mut votes: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for one in said {
        *votes.entry(one).or_default() += 1;
    }
    votes
        .into_iter()
        .max_by(|(a, x), (b, y)| x.cmp(y).then(b.cmp(a)))
        .map(|(one, _)| one)
}
