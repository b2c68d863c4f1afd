//! Names of tools where a provider would refuse the client's own: for one exchange each gets an alias on its way out, and is
//! told by its own name in the answer. What names a dialect's providers take, the dialect says ([`NameRule`]).

use super::free_names::{FreeNames, digest};
use crate::ir::{Event, Opening, Part, PartKind, Request, Response};
use std::collections::HashMap;

/// Which names of tools are taken: of so many ASCII letters, digits and marks.
#[derive(Clone, Copy, Debug)]
pub struct NameRule {
    /// The most characters.
    pub longest: usize,
    /// What a name may hold besides letters and digits.
    pub marks: &'static [char],
    /// What it may begin with.
    pub first: First,
}

/// What a name may begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// Anything it may hold.
    Any,
    /// A letter or `_`.
    LetterOrUnderscore,
}

impl NameRule {
    /// Whether a name is taken as it is.
    pub fn takes(&self, name: &str) -> bool {
        (1..=self.longest).contains(&name.len())
            && name.chars().all(|c| self.may_hold(c))
            && self.may_begin(name)
    }

    fn may_hold(&self, c: char) -> bool {
        c.is_ascii_alphanumeric() || self.marks.contains(&c)
    }

    fn may_begin(&self, name: &str) -> bool {
        match self.first {
            First::Any => true,
            First::LetterOrUnderscore => {
                name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            }
        }
    }

    /// A name that is taken and still tells what the tool is: as near to its own as may be, and a digest of that, since
    /// names that differ may look alike by then. It depends on nothing but the name, so that a provider's prompt cache
    /// knows it again.
    fn alias(&self, own: &str, digest: u32) -> String {
        let digest = format!("_{digest:08x}");
        let mut alias = String::new();
        if !self.may_begin(own) {
            alias.push('_');
        }
        let fit = |c: char| if self.may_hold(c) { c } else { '_' };
        alias.extend(own.chars().map(fit));
        // All of it is ASCII.
        alias.truncate(self.longest.saturating_sub(digest.len()));
        alias + &digest
    }
}

/// The aliases of one exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolAliases {
    /// The client's own names.
    own: HashMap<String, String>,
}

impl ToolAliases {
    /// Gives each tool of a request an alias whose name the rule does not take: where it is declared, chosen, and called.
    pub fn give(rule: &NameRule, request: &mut Request) -> Self {
        let mut all_taken = true;
        request.for_each_tool_name(&mut |name| all_taken &= rule.takes(name));
        if all_taken {
            return Self::default();
        }
        let mut free = FreeNames::default();
        request.for_each_tool_name(&mut |name| {
            if rule.takes(name) {
                free.add(name.clone());
            }
        });
        let mut aliases: HashMap<String, String> = HashMap::new();
        request.for_each_tool_name(&mut |name| {
            if rule.takes(name) {
                return;
            }
            let alias = aliases.entry(name.clone()).or_insert_with(|| {
                let another =
                    |alias: &str, round| rule.alias(name, digest(&format!("{alias} {round}")));
                free.take(rule.alias(name, digest(name)), another)
            });
            name.clone_from(alias);
        });
        let own = aliases.into_iter().map(|(own, alias)| (alias, own));
        Self { own: own.collect() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// Tells the tools of a whole answer by their own names.
    pub fn lift(&self, response: &mut Response) {
        let choices = response.choices.iter_mut();
        for part in choices.flat_map(|choice| &mut choice.parts) {
            self.lift_part(part);
        }
    }

    /// Tells the tool of a stream's event by its own name.
    pub fn lift_event(&self, event: &mut Event) {
        match event {
            Event::Open { part, .. } => match part {
                Opening::ToolCall { name, .. } => self.lift_name(name),
                Opening::Whole(part) => self.lift_part(part),
                Opening::Text
                | Opening::Reasoning
                | Opening::Refusal
                | Opening::EncryptedReasoning(_) => {}
            },
            Event::Start(_)
            | Event::Delta { .. }
            | Event::Close { .. }
            | Event::Logprobs { .. }
            | Event::Stop { .. }
            | Event::ServiceTier(_)
            | Event::Usage(_)
            | Event::Ping
            | Event::Error(_)
            | Event::End => {}
        }
    }

    fn lift_part(&self, part: &mut Part) {
        if let PartKind::ToolCall(call) = &mut part.kind {
            self.lift_name(&mut call.name);
        }
    }

    fn lift_name(&self, name: &mut String) {
        if let Some(own) = self.own.get(name) {
            name.clone_from(own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Tool, ToolChoice};

    const BARE: NameRule = NameRule {
        longest: 16,
        marks: &['_', '-'],
        first: First::Any,
    };

    const WORDS: NameRule = NameRule {
        longest: 24,
        marks: &['_', '.', ':', '-'],
        first: First::LetterOrUnderscore,
    };

    fn tool(name: &str) -> Tool {
        Tool::Function {
            name: name.to_owned(),
            description: None,
            schema: None,
            strict: None,
            cache: None,
            extra: Default::default(),
        }
    }

    fn request(names: &[&str]) -> Request {
        Request {
            tools: names.iter().map(|name| tool(name)).collect(),
            ..Request::default()
        }
    }

    fn names(request: &Request) -> Vec<&str> {
        request.tools.iter().filter_map(Tool::name).collect()
    }

    #[test]
    fn an_alias_is_near_to_the_name() {
        for (rule, own, alias) in [
            (BARE, "fs/read", "fs_read_e3d66a57"),
            (BARE, "fs.read", "fs_read_d154e2a4"),
            (BARE, "a_name_that_is_longer", "a_name__a7b21f69"),
            (BARE, "", "_811c9dc5"),
            (BARE, "größe", "gr__e_cd38f49a"),
            (WORDS, "3d.view", "_3d.view_847183cd"),
        ] {
            let mut asked = request(&[own, "ok"]);
            let aliases = ToolAliases::give(&rule, &mut asked);
            assert_eq!(names(&asked), [alias, "ok"]);
            assert!(rule.takes(alias), "{alias}");
            let mut back = alias.to_owned();
            aliases.lift_name(&mut back);
            assert_eq!(back, own);
        }
    }

    #[test]
    fn names_that_are_taken_stay() {
        for (rule, name) in [(BARE, "3d-view"), (WORDS, "mcp__a.b:c-d"), (WORDS, "_")] {
            let mut asked = request(&[name]);
            assert!(ToolAliases::give(&rule, &mut asked).is_empty());
            assert_eq!(names(&asked), [name]);
        }
    }

    #[test]
    fn no_alias_is_the_name_of_another_tool() {
        let mut asked = request(&["fs/read"]);
        ToolAliases::give(&BARE, &mut asked);
        let wanted = names(&asked)[0].to_owned();
        let mut asked = request(&["fs/read", &wanted, "fs/read"]);
        asked.tool_choice = Some(ToolChoice::Named("fs/read".into()));
        asked.allowed_tools = vec!["fs/read".into(), wanted.clone()];
        let aliases = ToolAliases::give(&BARE, &mut asked);
        let [first, second, third] = names(&asked)[..] else {
            panic!("{asked:?}");
        };
        assert_ne!(first, wanted);
        assert_eq!((first, second), (third, wanted.as_str()));
        assert_eq!(asked.tool_choice, Some(ToolChoice::Named(first.to_owned())));
        assert_eq!(asked.allowed_tools, [first, &wanted]);
        for (alias, own) in [(first, "fs/read"), (second, &wanted)] {
            let mut name = alias.to_owned();
            aliases.lift_name(&mut name);
            assert_eq!(name, own);
        }
    }
}
