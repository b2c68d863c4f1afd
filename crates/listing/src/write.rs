//! A listing as text that people read and compare: fields in one order, one line each, what is not said left out.

use crate::{
    AboveFile, AuthFile, AuthorFile, DataFile, ModelFile, OffPeakFile, OfferingFile, PeriodFile,
    ProviderFile, QuirkKind, RatesFile, ScoreFile, SetFile, TransportFile,
};
use std::collections::BTreeMap;
use std::fmt::Write;

impl AuthorFile {
    /// As TOML.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        for (position, model) in self.model.iter().enumerate() {
            if position > 0 {
                out.push('\n');
            }
            write_model(&mut out, model);
        }
        out
    }
}

fn write_model(out: &mut String, model: &ModelFile) {
    out.push_str("[[model]]\n");
    line(out, "slug", text(&model.slug));
    line(out, "name", text(&model.name));
    some(out, "aliases", list(&model.aliases));
    some(out, "description", given(&model.description));
    some(out, "released", quoted(&model.released));
    some(out, "knowledge", quoted(&model.knowledge));
    some(out, "tokenizer", quoted(&model.tokenizer));
    some(
        out,
        "open_weights",
        model.open_weights.map(|open| open.to_string()),
    );
    some(out, "replaced_by", quoted(&model.replaced_by));
    some(out, "input", model.input.as_deref().and_then(list));
    some(out, "output", model.output.as_deref().and_then(list));
    some(out, "capabilities", list(&model.capabilities));
    some(out, "operations", model.operations.as_deref().map(array));
    for score in &model.scores {
        write_score(out, score);
    }
    for offering in &model.offering {
        write_offering(out, offering);
    }
}

fn write_score(out: &mut String, score: &ScoreFile) {
    out.push_str("[[model.scores]]\n");
    line(out, "of", text(&score.of));
    line(out, "percent", text(&score.percent));
    line(out, "by", text(&score.by));
    line(out, "source", text(&score.source));
    line(out, "date", text(&score.date));
}

fn write_offering(out: &mut String, offering: &OfferingFile) {
    out.push_str("[[model.offering]]\n");
    line(out, "provider", text(&offering.provider));
    line(out, "wire_id", text(&offering.wire_id));
    some(out, "also", list(&offering.also));
    some(
        out,
        "context",
        offering.context.map(|tokens| tokens.to_string()),
    );
    some(
        out,
        "max_output",
        offering.max_output.map(|tokens| tokens.to_string()),
    );
    some(out, "input", offering.input.as_deref().map(array));
    some(out, "output", offering.output.as_deref().map(array));
    some(
        out,
        "capabilities",
        offering.capabilities.as_deref().map(array),
    );
    some(out, "operations", offering.operations.as_deref().map(array));
    some(out, "dialects", offering.dialects.as_deref().map(array));
    some(out, "parameters", list(&offering.parameters));
    some(out, "defaults", map(&offering.defaults));
    some(out, "deprecated", quoted(&offering.deprecated));
    some(out, "quantization", quoted(&offering.quantization));
    some(out, "regions", list(&offering.regions));
    some(
        out,
        "moderated",
        offering.moderated.map(|checked| checked.to_string()),
    );
    some(out, "data", offering.data.as_ref().map(data));
    some(out, "unpriced", quoted(&offering.unpriced));
    line(out, "source", text(&offering.source));
    some(out, "via", quoted(&offering.via));
    line(out, "date", text(&offering.date));
    for period in &offering.price {
        write_period(out, period);
    }
}

fn write_period(out: &mut String, period: &PeriodFile) {
    out.push_str("[[model.offering.price]]\n");
    some(out, "from", quoted(&period.from));
    some(out, "until", quoted(&period.until));
    line(out, "rates", rates(&period.rates));
    some(out, "above", above(&period.above));
    some(out, "off_peak", period.off_peak.as_ref().map(off_peak));
    some(out, "flex", period.flex.as_ref().map(set));
    some(out, "priority", period.priority.as_ref().map(set));
    some(out, "batch", period.batch.as_ref().map(set));
    some(out, "per", map(&period.per));
}

fn rates(rates: &RatesFile) -> String {
    table(
        rates
            .named()
            .into_iter()
            .filter_map(|(name, rate)| Some((name, text(rate.as_deref()?)))),
    )
}

fn above(tiers: &[AboveFile]) -> Option<String> {
    let tier = |tier: &AboveFile| {
        table([
            ("tokens", tier.tokens.to_string()),
            ("rates", rates(&tier.rates)),
        ])
    };
    let tiers: Vec<String> = tiers.iter().map(tier).collect();
    (!tiers.is_empty()).then(|| format!("[{}]", tiers.join(", ")))
}

fn set(set: &SetFile) -> String {
    let above = above(&set.above).map(|tiers| ("above", tiers));
    table([("rates", rates(&set.rates))].into_iter().chain(above))
}

fn off_peak(off_peak: &OffPeakFile) -> String {
    let above = above(&off_peak.above).map(|tiers| ("above", tiers));
    let said = [
        ("windows", array(&off_peak.windows)),
        ("rates", rates(&off_peak.rates)),
    ];
    table(said.into_iter().chain(above))
}

fn data(data: &DataFile) -> String {
    let said = [
        ("zero_retention", quoted(&data.zero_retention)),
        ("no_training", quoted(&data.no_training)),
        ("source", given(&data.source)),
        ("date", given(&data.date)),
    ];
    table(
        said.into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    )
}

impl ProviderFile {
    /// As TOML.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        line(&mut out, "name", text(&self.name));
        some(&mut out, "aliases", list(&self.aliases));
        line(&mut out, "base_url", text(&self.base_url));
        some(&mut out, "base_url_env", quoted(&self.base_url_env));
        if self.transport == TransportFile::Simulator {
            line(&mut out, "transport", text("simulator"));
        }
        line(&mut out, "speaks", array(&self.speaks));
        line(&mut out, "auth", auth(&self.auth));
        some(&mut out, "env", list(&self.env));
        some(&mut out, "headers", map(&self.headers));
        some(&mut out, "headquarters", quoted(&self.headquarters));
        some(&mut out, "regions", list(&self.regions));
        some(&mut out, "data", self.data.as_ref().map(data));
        some(&mut out, "free", quoted(&self.free));
        line(&mut out, "evidence", text(&self.evidence));
        self.write_tables(&mut out);
        out
    }

    fn write_tables(&self, out: &mut String) {
        if !self.known_as.is_empty() {
            out.push_str("\n[known_as]\n");
            for (ecosystem, ids) in &self.known_as {
                line(out, ecosystem, array(ids));
            }
        }
        for (dialect, own) in &self.dialects {
            let _ = writeln!(out, "\n[dialects.{dialect}]");
            some(out, "base_url", quoted(&own.base_url));
            some(out, "auth", own.auth.as_ref().map(auth));
        }
        for quirk in &self.quirks {
            out.push_str("\n[[quirks]]\n");
            line(out, "is", kind(&quirk.is));
            some(out, "dialect", quoted(&quirk.dialect));
            line(out, "source", text(&quirk.source));
        }
        let links = [
            ("docs", &self.links.docs),
            ("pricing", &self.links.pricing),
            ("terms", &self.links.terms),
            ("privacy", &self.links.privacy),
            ("status", &self.links.status),
        ];
        if links.iter().any(|(_, link)| !link.is_empty()) {
            out.push_str("\n[links]\n");
            for (name, link) in links {
                some(out, name, given(link));
            }
        }
    }
}

fn auth(auth: &AuthFile) -> String {
    match auth {
        AuthFile::Bearer => text("bearer"),
        AuthFile::Header(name) => table([("header", text(name))]),
        AuthFile::Aws { service, region } => {
            let inner = table([("service", text(service)), ("region", text(region))]);
            table([("aws", inner)])
        }
        AuthFile::None => text("none"),
    }
}

fn kind(kind: &QuirkKind) -> String {
    match kind {
        QuirkKind::Rename { from, to } => {
            table([("rename", table([("from", text(from)), ("to", text(to))]))])
        }
        QuirkKind::Drop { field } => table([("drop", table([("field", text(field))]))]),
        QuirkKind::ReasoningNotInOutput => text("reasoning_not_in_output"),
        QuirkKind::Fetches(media) => {
            let words: Vec<String> = media
                .iter()
                .map(|medium| medium.as_str().to_owned())
                .collect();
            table([("fetches", array(&words))])
        }
        QuirkKind::HoldsThreads => text("holds_threads"),
    }
}

fn line(out: &mut String, name: &str, value: String) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{name} = {value}");
}

fn some(out: &mut String, name: &str, value: Option<String>) {
    if let Some(value) = value {
        line(out, name, value);
    }
}

fn text(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn given(said: &str) -> Option<String> {
    (!said.is_empty()).then(|| text(said))
}

fn quoted(said: &Option<String>) -> Option<String> {
    said.as_deref().map(text)
}

fn array(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| text(word)).collect();
    format!("[{}]", words.join(", "))
}

fn list(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| array(words))
}

fn table<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("{} = {value}", key(name)))
        .collect();
    if members.is_empty() {
        return "{}".to_owned();
    }
    format!("{{ {} }}", members.join(", "))
}

fn map(map: &BTreeMap<String, String>) -> Option<String> {
    (!map.is_empty()).then(|| table(map.iter().map(|(name, value)| (name.as_str(), text(value)))))
}

/// A bare key where it may be one.
fn key(name: &str) -> String {
    let bare = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if bare { name.to_owned() } else { text(name) }
}

#[cfg(test)]
mod tests {
    use crate::Listing;

    const MODELS: &str = r#"[[model]]
slug = "one"
name = 'One "1"'
aliases = ["uno", "eins"]
description = "32 billion parameters."
released = "2026-01-31"
knowledge = "2025-06"
tokenizer = "o200k"
open_weights = false
replaced_by = "lab/two"
input = ["text", "image"]
output = ["text"]
capabilities = ["tools"]
operations = ["chat", "embed"]
[[model.scores]]
of = "intelligence"
percent = "13"
by = "Somebody"
source = "https://acme.example"
date = "2026-11-21"
[[model.offering]]
provider = "acme"
wire_id = "one-v1"
also = ["eu.one-v1"]
context = 1000
max_output = 10
input = []
output = ["text"]
capabilities = []
operations = ["chat"]
dialects = ["anthropic"]
parameters = ["seed", "top_p"]
defaults = { top_p = "1" }
deprecated = "2027-01-01"
quantization = "fp8"
regions = ["eu"]
moderated = true
data = { zero_retention = "default", no_training = "none", source = "https://acme.example", date = "2026-11-21" }
source = "https://acme.example/prices"
via = "a list"
date = "2026-11-21"
[[model.offering.price]]
from = "2026-01-01"
until = "2026-02-01"
rates = { input = "1", output = "3", per_request = "0.5" }
above = [{ tokens = 10, rates = { input = "5", output = "6" } }]
off_peak = { windows = ["sat-sun 00:00-24:00"], rates = { input = "5", output = "6" }, above = [{ tokens = 10, rates = { image_input = "5" } }] }
flex = { rates = { input = "1" }, above = [{ tokens = 10, rates = {} }] }
priority = { rates = { output = "1" } }
batch = { rates = { cache_read = "0.1" } }
per = { output_image = "0.04" }
[[model.offering]]
provider = "b"
wire_id = "two"
unpriced = "nobody says"
source = "https://acme.example"
date = "2026-11-21"
"#;

    const PROVIDER: &str = r#"name = "Acme"
aliases = ["acme-ai"]
base_url = "https://${HOST}/v1"
base_url_env = "ACME_HOST"
transport = "simulator"
speaks = ["openai_chat", "anthropic"]
auth = { header = "x-key" }
env = ["ACME_KEY"]
headers = { x-team = "a" }
headquarters = "CH"
regions = ["eu"]
data = { no_training = "default", source = "https://acme.example", date = "2026-11-21" }
free = "while in beta"
evidence = "reference"

[known_as]
litellm = ["acme_ai", "acme_chat"]

[dialects.anthropic]
base_url = "https://acme.example/claude"
auth = "none"

[[quirks]]
is = { rename = { from = "a", to = "b" } }
dialect = "anthropic"
source = "https://acme.example"

[[quirks]]
is = { drop = { field = "a" } }
source = "https://acme.example"

[[quirks]]
is = "reasoning_not_in_output"
source = "https://acme.example"

[[quirks]]
is = { fetches = ["image", "video"] }
source = "https://acme.example"

[[quirks]]
is = "holds_threads"
source = "https://acme.example"

[links]
docs = "https://acme.example/docs"
privacy = "https://acme.example/privacy"
"#;

    #[test]
    fn what_is_read_is_written_the_same() {
        let read = Listing::read([
            ("providers/acme.toml", PROVIDER),
            ("models/lab.toml", MODELS),
        ]);
        let listing = read.unwrap();
        assert_eq!(listing.authors["lab"].to_toml(), MODELS);
        assert_eq!(listing.providers["acme"].to_toml(), PROVIDER);
    }
}
