//! Which model a provider's name means: the author, the slug, and a key under which spellings of one model meet.

use super::rules::{Naming, Rules};

/// What a provider's name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The author, as the provider spells it.
    pub(super) author: Option<String>,
    /// The slug without date and without what says how it is served.
    pub(super) slug: String,
    /// The date in the name, as digits.
    pub(super) date: Option<String>,
    /// `fp8`, where the name says it.
    pub(super) quantization: Option<String>,
    /// `eu`, where the name says it.
    pub(super) region: Option<String>,
    /// Whether the name means the newest of a family, whichever that is.
    pub(super) newest: bool,
}

const REGIONS: [&str; 10] = [
    "us", "eu", "apac", "global", "au", "jp", "ca", "us-gov", "amer", "in",
];

/// Takes a name apart.
pub(super) fn said(rules: &Rules, provider: &str, wire_id: &str) -> Said {
    let naming = rules.naming.get(provider).cloned().unwrap_or_default();
    let mut name = wire_id.to_lowercase();
    for before in &naming.before {
        if let Some(rest) = name.strip_prefix(before.as_str()) {
            name = rest.to_owned();
        }
    }
    // A part of a path that says how it is served, not which model it is.
    for behind in naming
        .behind
        .iter()
        .filter(|behind| behind.starts_with('/'))
    {
        if let Some(rest) = name.strip_suffix(behind.as_str()) {
            name = rest.to_owned();
        }
    }
    let mut said = Said::default();
    if naming.dotted {
        if let Some((region, rest)) = name.split_once('.')
            && REGIONS.contains(&region)
        {
            said.region = Some(region.to_owned());
            name = rest.to_owned();
        }
        if let Some((author, rest)) = name.clone().split_once('.')
            && rules.author(author).is_some()
        {
            said.author = Some(author.to_owned());
            name = unversioned(rest);
        }
    }
    if let Some((path, rest)) = name.clone().rsplit_once('/') {
        let known = path.rsplit('/').find(|part| rules.author(part).is_some());
        let author = known.unwrap_or(path.rsplit('/').next().unwrap_or(path));
        if !naming.no_author || rules.author(author).is_some() {
            said.author = Some(author.to_owned());
        }
        name = rest.to_owned();
    }
    let mut name = name.replace([' ', '_', '@', '~'], "-");
    if naming.p_is_point {
        name = pointed(&name);
    }
    let name = rules.respelled(name.trim_matches('-'));
    let name = unserved(rules, &naming, name, &mut said);
    let name = unrevised(&name).to_owned();
    (said.slug, said.date) = undated(&name);
    said.slug = unserved(rules, &naming, said.slug.clone(), &mut said);
    if let Some((author, slug)) = rules.meant(provider, wire_id) {
        let (slug, date) = undated(slug);
        return Said {
            author: Some(author.to_owned()),
            slug,
            date,
            newest: false,
            ..said
        };
    }
    if said.author.is_none()
        && let Some((author, slug)) = led_by_author(rules, &said.slug)
    {
        said.author = Some(author.to_owned());
        said.slug = rules.respelled(slug);
    }
    said
}

/// `openai-gpt-4o` is OpenAI's `gpt-4o`: the name begins with an author, and what follows is a name of that author's.
fn led_by_author<'n>(rules: &Rules, name: &'n str) -> Option<(&'n str, &'n str)> {
    let ends = name.match_indices('-').map(|(at, _)| at);
    ends.map(|at| (&name[..at], &name[at + 1..]))
        .find(|(spelled, rest)| {
            let author = rules.author(spelled);
            author.is_some() && rules.by_prefix(rest) == author
        })
}

/// Without endings that say how or where it is served.
fn unserved(rules: &Rules, naming: &Naming, mut name: String, said: &mut Said) -> String {
    loop {
        let before = name.len();
        let switches = rules.switches_of(&name);
        for ending in naming.behind.iter().chain(&rules.suffixes).chain(switches) {
            if let Some(rest) = name.strip_suffix(ending.as_str())
                && !rest.is_empty()
            {
                said.newest |= ending.ends_with("latest");
                name = rest.to_owned();
            }
        }
        for (ending, region) in &naming.regions {
            if let Some(rest) = name.strip_suffix(ending.as_str()) {
                said.region = Some(region.clone());
                name = rest.to_owned();
            }
        }
        for numbers in &rules.quantizations {
            if let Some(rest) = name.strip_suffix(numbers.as_str())
                && let Some(rest) = rest.strip_suffix(['-', ':'])
            {
                said.quantization = Some(numbers.clone());
                name = rest.to_owned();
            }
        }
        for effort in &rules.efforts {
            if let Some((rest, amount)) = name.rsplit_once(effort.as_str())
                && !rest.is_empty()
                && (["low", "medium", "high", "max"].contains(&amount)
                    // Any other number behind a word is a version: `-thinking-1`, `-thinking-2507`.
                    || rules.budgets.iter().any(|budget| budget == amount)
                    || (effort == ":" && amount.bytes().all(|byte| byte.is_ascii_digit())))
            {
                name = rest.to_owned();
            }
        }
        if name.len() == before {
            return name;
        }
    }
}

/// `claude-3-5-sonnet-20241022-v2:0` is `claude-3-5-sonnet-20241022`; `titan-embed-text-v2:0` is `titan-embed-text-v2`;
/// `gpt-oss-120b-1:0` is `gpt-oss-120b`; `mistral-7b-instruct-v0:2` is `mistral-7b-instruct-v0.2`.
fn unversioned(name: &str) -> String {
    let (name, revision) = name.split_once(':').unwrap_or((name, ""));
    let revision = revision.split(':').next().unwrap_or_default();
    if ["1", "2", "3"].contains(&revision) {
        return format!("{name}.{revision}");
    }
    if let Some(rest) = name.strip_suffix("-v1") {
        return rest.to_owned();
    }
    if let Some(rest) = name.strip_suffix("-1").filter(|_| revision == "0") {
        return rest.to_owned();
    }
    unrevised(name).to_owned()
}

/// Without a revision behind a date: `claude-3-5-sonnet-20241022` of `claude-3-5-sonnet-20241022-v2`.
fn unrevised(name: &str) -> &str {
    let dated = name.rsplit_once("-v").filter(|(rest, version)| {
        version.bytes().all(|byte| byte.is_ascii_digit()) && undated(rest).1.is_some()
    });
    dated.map_or(name, |(rest, _)| rest)
}

/// `llama-v3p1` is `llama-v3.1`.
fn pointed(name: &str) -> String {
    let bytes = name.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let point = |(at, letter): (usize, char)| {
        if letter == 'p' && digit(at.checked_sub(1)) && digit(at.checked_add(1)) {
            '.'
        } else {
            letter
        }
    };
    name.char_indices().map(point).collect()
}

/// A name without its date, and the date: `20240806`, `2024-08-06` or `240806` at the end.
pub(super) fn undated(name: &str) -> (String, Option<String>) {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let day = |text: &str| text.len() == 8 && digits(text) && text.starts_with("20");
    if let Some((rest, last)) = name.rsplit_once('-')
        && day(last)
    {
        return (rest.to_owned(), Some(last.to_owned()));
    }
    // Volcano Engine's: https://www.volcengine.com/docs/82379/1330310 (2026-11)
    if let Some((rest, last)) = name.rsplit_once('-')
        && last.len() == 6
        && digits(last)
        && last.starts_with('2')
        && ("01"..="12").contains(&&last[2..4])
        && ("01"..="31").contains(&&last[4..])
    {
        return (rest.to_owned(), Some(format!("20{last}")));
    }
    let at = name.len().wrapping_sub(11);
    if let Some(last) = name.get(at..).filter(|last| last.starts_with('-')) {
        let flat = last.replace('-', "");
        if day(&flat) && last.matches('-').count() == 3 {
            return (name.get(..at).unwrap_or(name).to_owned(), Some(flat));
        }
    }
    (name.to_owned(), None)
}

/// `llama-3-1-8b` is `llama-3.1-8b`: two single digits beside each other are a version with a point.
pub(super) fn with_points(slug: &str) -> String {
    let words: Vec<&str> = slug.split('-').collect();
    let mut out = String::with_capacity(slug.len());
    let mut joined = false;
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| words[before]);
        let ends = |word: &str| word.ends_with(|last: char| last.is_ascii_digit());
        // `v2-5`, `qwen3-5`, `3-1`, and not `1-5-1`, `12-5`, `k2.5-1`.
        let version = word.len() == 1
            && ends(word)
            && ends(before)
            && !before.contains('.')
            && !joined
            && before
                .trim_end_matches(|last: char| last.is_ascii_digit())
                .len()
                + 1
                == before.len();
        if at > 0 {
            out.push(if version { '.' } else { '-' });
        }
        joined = version;
        out.push_str(word);
    }
    out
}

/// Under which spellings of one slug meet.
pub(super) fn key(rules: &Rules, author: &str, slug: &str) -> String {
    let list = |map: &std::collections::BTreeMap<String, Vec<String>>| {
        map.get(author).cloned().unwrap_or_default()
    };
    let mut slug = slug;
    for word in list(&rules.optional_first) {
        slug = slug.strip_prefix(word.as_str()).unwrap_or(slug);
    }
    for word in list(&rules.optional_last) {
        slug = slug.strip_suffix(word.as_str()).unwrap_or(slug);
    }
    let mut words: Vec<&str> = slug
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '+')
        .collect();
    words.retain(|word| !word.is_empty());
    for family in list(&rules.families) {
        if let Some(at) = words.iter().position(|word| *word == family) {
            let word = words.remove(at);
            words.insert(1.min(words.len()), word);
        }
    }
    let unmarked = words.into_iter().map(|word| match word.strip_prefix('v') {
        Some(version) if version.starts_with(|letter: char| letter.is_ascii_digit()) => version,
        Some(_) | None => word,
    });
    crate::squash(&unmarked.collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
suffixes = [":free", "-latest"]
quantizations = ["fp8"]
efforts = ["-thinking-", "-thinking:"]
budgets = ["1024"]
[switches]
"claude" = ["-thinking"]
[respelled]
"gpt-35-" = "gpt-3.5-"
[authors]
anthropic = "anthropic"
meta-llama = "meta-llama"
meta = "meta-llama"
amazon = "amazon"
openai = "openai"
mistral = "mistralai"
[naming.bedrock]
dotted = true
[prefixes]
claude = "anthropic"
llama = "meta-llama"
[means]
"vertex/claude-latest" = "anthropic/claude-9-20260101"
[naming.novita]
behind = ["/community"]
[naming.fireworks]
before = ["accounts/fireworks/models/"]
p_is_point = true
regions = { "-us" = "us" }
[optional_first]
meta-llama = ["meta-"]
[optional_last]
meta-llama = ["-instruct"]
[families]
anthropic = ["sonnet"]
"#;

    #[test]
    fn names_are_taken_apart() {
        // A provider, its name of a model: the author, slug, date and quantization that it says.
        let cases = [
            ("a", "gpt-4o-2024-08-06", ["", "gpt-4o", "20240806", ""]),
            (
                "a",
                "meta-llama/Llama-3.3-70B-Instruct-FP8",
                ["meta-llama", "llama-3.3-70b-instruct", "", "fp8"],
            ),
            (
                "bedrock",
                "eu.anthropic.claude-3-5-sonnet-20241022-v2:0",
                ["anthropic", "claude-3-5-sonnet", "20241022", ""],
            ),
            (
                "bedrock",
                "amazon.titan-embed-text-v2:0",
                ["amazon", "titan-embed-text-v2", "", ""],
            ),
            (
                "fireworks",
                "accounts/fireworks/models/llama-v3p1-8b-instruct",
                ["", "llama-v3.1-8b-instruct", "", ""],
            ),
            (
                "vertex",
                "claude-sonnet-4-5@20250929",
                ["", "claude-sonnet-4-5", "20250929", ""],
            ),
            ("a", "x/model:free", ["x", "model", "", ""]),
            (
                "a",
                "claude-3-5-sonnet-latest",
                ["", "claude-3-5-sonnet", "", ""],
            ),
            ("a", "deepseek-r1-0528", ["", "deepseek-r1-0528", "", ""]),
            // A reseller's: the author in front, a part of the path that is none, a version that is no effort.
            (
                "a",
                "anthropic-claude-3-opus",
                ["anthropic", "claude-3-opus", "", ""],
            ),
            ("a", "meta-llama-3-8b", ["meta", "llama-3-8b", "", ""]),
            ("a", "anthropic-like", ["", "anthropic-like", "", ""]),
            (
                "novita",
                "meta/llama-3-8b/community",
                ["meta", "llama-3-8b", "", ""],
            ),
            ("a", "hub/meta/tts/voice", ["meta", "voice", "", ""]),
            ("a", "mai-thinking-1", ["", "mai-thinking-1", "", ""]),
            ("a", "claude-9-thinking-1024", ["", "claude-9", "", ""]),
            // A month, which is a version with weights of its own, is no amount; a switch is no version.
            (
                "a",
                "qwen3-235b-a22b-thinking-2507",
                ["", "qwen3-235b-a22b-thinking-2507", "", ""],
            ),
            ("a", "kimi-k2-thinking", ["", "kimi-k2-thinking", "", ""]),
            (
                "a",
                "kimi-k2-thinking-251104",
                ["", "kimi-k2-thinking", "20251104", ""],
            ),
            (
                "a",
                "claude-opus-4-1-20250805-thinking",
                ["", "claude-opus-4-1", "20250805", ""],
            ),
            // Versions that Bedrock adds, and such as mean one.
            (
                "bedrock",
                "openai.gpt-oss-120b-1:0",
                ["openai", "gpt-oss-120b", "", ""],
            ),
            (
                "bedrock",
                "mistral.mistral-7b-instruct-v0:2",
                ["mistral", "mistral-7b-instruct-v0.2", "", ""],
            ),
            (
                "bedrock",
                "anthropic.claude-v2:1",
                ["anthropic", "claude-v2.1", "", ""],
            ),
            (
                "a",
                "claude-sonnet-4-5-20250929-v1",
                ["", "claude-sonnet-4-5", "20250929", ""],
            ),
            ("a", "gpt-35-turbo-16k", ["", "gpt-3.5-turbo-16k", "", ""]),
            ("fireworks", "glm-5p3-us", ["", "glm-5.3", "", ""]),
            ("a", "part-301299", ["", "part-301299", "", ""]),
            // What a provider means by a name is another's business elsewhere.
            (
                "vertex",
                "Claude-Latest",
                ["anthropic", "claude-9", "20260101", ""],
            ),
            ("a", "claude-latest", ["", "claude", "", ""]),
        ];
        let rules = Rules::read(RULES).unwrap();
        for (provider, wire_id, expect) in cases {
            let said = said(&rules, provider, wire_id);
            let [author, date, quantization] =
                [said.author, said.date, said.quantization].map(Option::unwrap_or_default);
            assert_eq!([author, said.slug, date, quantization], expect, "{wire_id}");
        }
    }

    #[test]
    fn what_a_name_says_besides_the_model_is_kept() {
        let rules = Rules::read(RULES).unwrap();
        assert!(said(&rules, "a", "gemini-flash-latest").newest);
        assert!(!said(&rules, "a", "gemini-2.5-flash").newest);
        let us = said(&rules, "fireworks", "kimi-k3-us");
        assert_eq!(us.region.as_deref(), Some("us"));
    }

    #[test]
    fn two_single_digits_are_a_version_with_a_point() {
        for (slug, with) in [
            ("llama-3-1-8b-instruct", "llama-3.1-8b-instruct"),
            ("qwen2-5-14b", "qwen2.5-14b"),
            (
                "stable-diffusion-xl-1024-v1-0",
                "stable-diffusion-xl-1024-v1.0",
            ),
            ("leanstral-1-5-1", "leanstral-1.5-1"),
            ("gemma-4-31b", "gemma-4-31b"),
            ("grok-2-1212", "grok-2-1212"),
            ("text-embedding-3-large", "text-embedding-3-large"),
            ("jev-1-14-0", "jev-1-14-0"),
        ] {
            assert_eq!(with_points(slug), with);
        }
    }

    #[test]
    fn spellings_of_one_model_meet() {
        let rules = Rules::read(RULES).unwrap();
        let same = |author, one, other| {
            assert_eq!(key(&rules, author, one), key(&rules, author, other));
        };
        let differ = |author, one, other| {
            assert_ne!(key(&rules, author, one), key(&rules, author, other));
        };
        same("anthropic", "claude-3-5-sonnet", "claude-3.5-sonnet");
        same("anthropic", "claude-sonnet-4-5", "claude-4.5-sonnet");
        same("meta-llama", "meta-llama-3.1-8b-instruct", "llama-v3.1-8b");
        differ("qwen", "qwen3-4b", "qwen-34b");
        differ("meta-llama", "llama-3.1-8b", "llama-3-18b");
    }
}
