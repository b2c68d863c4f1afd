//! What is lost and what is wrong, in the words of the client. Encoders name fields in the canonical words, which are those of
//! OpenAI's Chat Completions; a dialect's table says which member of its own each of them is.

use super::{ChatClient, Dialect};
use crate::ir::{Error, Loss, Malformed, Message, Part, Request, Role};

/// Canonical names and the dialect's own, of members or of what they begin with; with a dot before it, of members anywhere
/// inside, where `[]` stands for any place in a list.
pub type OwnWords = [(&'static str, &'static str)];

/// What a field of a message is called where the client's dialect has no messages of that kind: the message, its part where
/// one is named, and what follows the canonical path of either.
pub type PlaceOf = fn(&Message, Option<&Part>, &str) -> Option<String>;

/// How the fields of one request are called.
#[derive(Clone, Copy, Debug)]
pub struct Naming<'r> {
    words: &'static OwnWords,
    places: Option<(PlaceOf, &'r [Message])>,
    /// The member that the first canonical message stands in, where that is not among the turns.
    apart: Option<&'static str>,
}

impl<'r> Naming<'r> {
    /// Those of a client's request.
    pub fn of(client: &dyn ChatClient, request: &'r Request) -> Self {
        let first = request.messages.first().map(|message| message.role);
        Self {
            words: client.own_words(),
            places: client.place_of().map(|of| (of, &*request.messages)),
            apart: client
                .instructions()
                .filter(|_| first == Some(Role::System)),
        }
    }

    /// Those of a table, all messages being turns.
    #[cfg(test)]
    pub(super) fn by(words: &'static OwnWords) -> Self {
        Self {
            words,
            places: None,
            apart: None,
        }
    }

    /// A loss in the client's words.
    pub fn loss(&self, loss: Loss) -> Loss {
        Loss {
            field: self.name(loss.field),
            ..loss
        }
    }

    /// What is wrong with the request, in the client's words.
    pub fn malformed(&self, wrong: Malformed) -> Malformed {
        Malformed {
            field: wrong.field.map(|field| self.name(field)),
            ..wrong
        }
    }

    fn name(&self, field: String) -> String {
        if let Some(own) = self.placed(&field) {
            return own;
        }
        let Some(member) = self.apart else {
            return name(self.words, field);
        };
        let index = field.strip_prefix("messages[");
        let index = index.and_then(|rest| rest.split_once(']'));
        match index.map(|(number, rest)| (number.parse::<usize>(), rest)) {
            Some((Ok(0), rest)) => self.of_instructions(member, rest),
            Some((Ok(n), rest)) => name(self.words, format!("messages[{}]{rest}", n - 1)),
            Some((Err(_), _)) | None => name(self.words, field),
        }
    }

    /// A field of a message, where that stands elsewhere in the client's own request.
    fn placed(&self, field: &str) -> Option<String> {
        let (of, messages) = self.places?;
        let (n, rest) = indexed(field, "messages[")?;
        let message = messages.get(n)?;
        match indexed(rest, ".content[") {
            Some((n, rest)) => of(message, Some(message.parts.get(n)?), rest),
            None => of(message, None, rest),
        }
    }

    /// They are a list of their own, where a message's content has no other name.
    fn of_instructions(&self, member: &str, rest: &str) -> String {
        let in_content = self.words.iter().any(|(word, _)| word.starts_with('.'));
        match rest.strip_prefix(".content").filter(|_| !in_content) {
            Some(rest) => format!("{member}{rest}"),
            None => inside(self.words, format!("{member}{rest}")),
        }
    }
}

/// The client's own field that a provider of another dialect finds fault with, by the two dialects' tables; `None` where they
/// do not tell. Of lists no element is named: translation may have put them in another order.
pub fn at_fault(provider: &Dialect, client: &Dialect, error: &Error) -> Option<String> {
    let (theirs, own) = (provider.chat.client?.own_words(), client.chat.client?);
    let own = own.own_words();
    if provider.id == client.id {
        return None;
    }
    // Anthropic's API has no member for the field: its sentence begins with it.
    let said = error.param.as_deref();
    let said = said.or_else(|| Some(error.message.split_once(": ")?.0))?;
    let canonical =
        canonical(theirs, own, &camel_case(said)).or_else(|| canonical(theirs, own, said))?;
    Some(name(own, canonical.to_owned()))
}

/// Canonical names that most dialects share, so that their tables leave them out.
const SHARED: &[&str] = &[
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "service_tier",
];

/// The canonical name of a provider's field: the one that the client's table knows too, should there be several.
fn canonical(theirs: &OwnWords, own: &OwnWords, field: &str) -> Option<&'static str> {
    let begins = |word: &str| {
        let rest = field.strip_prefix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let listed = || theirs.iter().filter(|(_, word)| begins(word));
    let longest = listed().map(|(_, word)| word.len()).max();
    let mut found = listed()
        .filter(|(_, word)| Some(word.len()) == longest)
        .map(|(canonical, _)| *canonical);
    let known = found
        .clone()
        .find(|name| own.iter().any(|(it, _)| it == name));
    let elsewhere = |name: &str| theirs.iter().any(|(canonical, _)| *canonical == name);
    let shared = || {
        SHARED
            .iter()
            .copied()
            .find(|name| begins(name) && !elsewhere(name))
    };
    let named = known.or_else(|| found.next()).or_else(shared)?;
    (named != "messages").then_some(named)
}

/// Google's servers call fields in errors by their other names (`generation_config.max_output_tokens`).
fn camel_case(path: &str) -> String {
    let steps: Vec<String> = path
        .split('.')
        .map(|step| super::fields::camel(step).unwrap_or_else(|| step.to_owned()))
        .collect();
    steps.join(".")
}

/// The place in a list that a path begins with, and what follows it.
fn indexed<'f>(field: &'f str, list: &str) -> Option<(usize, &'f str)> {
    let (number, rest) = field.strip_prefix(list)?.split_once(']')?;
    Some((number.parse().ok()?, rest))
}

/// The name of a field, by the longest canonical name that it begins with.
fn name(words: &OwnWords, field: String) -> String {
    let fits = |canonical: &str| {
        let rest = field.strip_prefix(canonical);
        rest.filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let known = words
        .iter()
        .filter_map(|(canonical, own)| Some((canonical.len(), *own, fits(canonical)?)));
    let named = match known.max_by_key(|(length, ..)| *length) {
        Some((_, own, rest)) => format!("{own}{rest}"),
        None => return field,
    };
    inside(words, named)
}

fn inside(words: &OwnWords, named: String) -> String {
    let inside = words.iter().filter(|(word, _)| word.starts_with('.'));
    inside.fold(named, |named, (word, own)| {
        match (word.split_once("[]"), own.split_once("[]")) {
            (Some(word), Some(own)) => in_list(&named, word, own).unwrap_or(named),
            _ => named.replace(word, own),
        }
    })
}

/// The name with what stands before and behind a place in a list replaced, at the last place that fits.
fn in_list(named: &str, word: (&str, &str), own: (&str, &str)) -> Option<String> {
    let mut found = named.rmatch_indices(word.0);
    found.find_map(|(at, _)| {
        let (place, rest) = named[at..].strip_prefix(word.0)?.split_once(']')?;
        let digits = place.strip_prefix('[')?;
        let rest = rest.strip_prefix(word.1)?;
        let fits = digits.bytes().all(|it| it.is_ascii_digit())
            && (rest.is_empty() || rest.starts_with(['.', '[']));
        let begin = &named[..at];
        fits.then(|| format!("{begin}{}{place}]{}{rest}", own.0, own.1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{ai_sdk, anthropic, bedrock, cohere, gemini, merge, openai_chat};
    use crate::ir::ErrorKind;

    #[test]
    fn a_providers_complaint_names_the_clients_own_field() {
        let check = |provider: &Dialect, said: &str, client: &Dialect, expect: Option<&str>| {
            let error = Error::new(ErrorKind::InvalidRequest, "No.").with_param(said);
            let told = at_fault(provider, client, &error);
            assert_eq!(
                told.as_deref(),
                expect,
                "{} {said} {}",
                provider.id,
                client.id
            );
            // As the beginning of a sentence.
            let error = Error::new(ErrorKind::InvalidRequest, format!("{said}: is too large"));
            assert_eq!(at_fault(provider, client, &error), told);
        };
        let (chat, google) = (&openai_chat::DIALECT, &gemini::DIALECT);
        let most = "generation_config.max_output_tokens";
        for (client, expect) in [
            (chat, "max_tokens"),
            (&anthropic::DIALECT, "max_tokens"),
            (&bedrock::DIALECT, "inferenceConfig.maxTokens"),
            (&ai_sdk::DIALECT, "maxOutputTokens"),
            (&merge::DIALECT, "max_tokens"),
        ] {
            check(google, most, client, Some(expect));
        }
        check(
            google,
            "generationConfig.stopSequences[4]",
            chat,
            Some("stop"),
        );
        check(
            google,
            "tools[0].function_declarations[3].name",
            chat,
            Some("tools"),
        );
        check(google, "generation_config.new_field", chat, None);
        check(google, "contents[1].parts", chat, None);
        check(google, most, google, None);
        check(
            chat,
            "max_tokens",
            google,
            Some("generationConfig.maxOutputTokens"),
        );
        check(
            chat,
            "temperature",
            google,
            Some("generationConfig.temperature"),
        );
        check(chat, "messages[0].content", google, None);
        check(
            &anthropic::DIALECT,
            "max_tokens",
            google,
            Some("generationConfig.maxOutputTokens"),
        );
        check(&anthropic::DIALECT, "stop_sequences", chat, Some("stop"));
        check(&anthropic::DIALECT, "Something", chat, None);
        check(
            &bedrock::DIALECT,
            "inferenceConfig.topP",
            chat,
            Some("top_p"),
        );
        check(&cohere::DIALECT, "max_tokens", chat, None);
    }

    #[test]
    fn a_field_is_named_as_the_client_named_it() {
        const WORDS: &OwnWords = &[
            ("max_tokens", "max_output_tokens"),
            ("messages", "input"),
            (".content[", ".parts["),
            ("response_format", "text.format"),
            ("response_format.json_schema", "text.format"),
        ];
        let plain = Naming::by(WORDS);
        let check = |field: &str, expect: &str| {
            let loss = plain.loss(Loss::dropped(field));
            assert_eq!(loss, Loss::dropped(expect));
        };
        check("max_tokens", "max_output_tokens");
        check("messages[0].name", "input[0].name");
        check("messages", "input");
        check(
            "messages[2].content[0].citations",
            "input[2].parts[0].citations",
        );
        check("response_format.json_schema.strict", "text.format.strict");
        check("max_tokens_of_mine", "max_tokens_of_mine");
        let apart = Naming {
            apart: Some("system"),
            ..plain
        };
        let check = |field: &str, expect: &str| {
            let wrong = apart.malformed(Malformed::field(field, "is odd"));
            assert_eq!(wrong.field.as_deref(), Some(expect));
        };
        check("messages[1]", "input[0]");
        check(
            "messages[0].content[2].citations",
            "system.parts[2].citations",
        );
        check("max_tokens", "max_output_tokens");
        const LISTS: &OwnWords = &[
            ("messages", "prompt"),
            (".content[].name", ".content[].filename"),
            (".content[].content", ".content[].output.value"),
        ];
        let lists = Naming::by(LISTS);
        for (field, expect) in [
            (
                "messages[1].content[20].name",
                "prompt[1].content[20].filename",
            ),
            (
                "messages[1].content[0].content[3].name",
                "prompt[1].content[0].output.value[3].filename",
            ),
            (
                "messages[1].content[0].content",
                "prompt[1].content[0].output.value",
            ),
            ("messages[1].content[0].named", "prompt[1].content[0].named"),
            ("tools[1].name", "tools[1].name"),
        ] {
            assert_eq!(lists.loss(Loss::dropped(field)), Loss::dropped(expect));
        }
        let list = Naming {
            apart: Some("system"),
            ..Naming::by(&[])
        };
        let wrong = list.malformed(Malformed::field("messages[0].content[2].x", "is odd"));
        assert_eq!(wrong.field.as_deref(), Some("system[2].x"));
    }
}
