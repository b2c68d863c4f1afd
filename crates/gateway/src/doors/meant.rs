//! What a path that leads nowhere probably meant: SDKs put their own segments behind a base URL that is off by one.

use super::DOORS;

/// Where the doors of one ecosystem stand below a prefix of their own, so that its clients need only another base URL.
const PREFIXES: &[&str] = &["/anthropic", "/merge", "/api"];

/// How a path of the AI SDK ends whatever its base URL is, and what it must be here.
const AI_SDK_TAILS: [(&str, &str); 2] = [
    ("/language-model", "/v4/ai/language-model"),
    ("/ai/config", "/v4/ai/config"),
];

/// A base URL that is off by a segment doubles, misses or misplaces a prefix (`/v1/v1/messages`, `/chat/completions`):
/// the door whose own last segments end the path, the longest first.
pub(super) fn door(path: &str) -> Option<&'static str> {
    if let Some(door) = converse(path) {
        return Some(door);
    }
    let of_ai_sdk = AI_SDK_TAILS
        .iter()
        .find(|(tail, _)| path.ends_with(tail))
        .map(|(_, whole)| *whole);
    if let Some(whole) = of_ai_sdk.or_else(|| verb(path)) {
        return Some(whole);
    }
    let own = PREFIXES.iter().find(|prefix| path.starts_with(**prefix));
    let own = own.copied().unwrap_or_default();
    DOORS
        .iter()
        .filter(|door| !door.path.contains('{'))
        .filter_map(|door| {
            let (prefix, tail) = door.path.split_once("/v1")?;
            // Whoever asks below a prefix speaks that dialect: another one's path would not help. OpenRouter's has lists
            // alone, and its calls are OpenAI's.
            let fits = own.is_empty() || prefix == own || (own == "/api" && prefix.is_empty());
            (fits && path.ends_with(tail)).then_some((prefix == own, tail.len(), door.path))
        })
        .max()
        .map(|(_, _, whole)| whole)
}

/// The door of Bedrock's that a path means which ends as its paths do.
pub(super) fn converse(path: &str) -> Option<&'static str> {
    let (_, behind) = path.split_once("/model/")?;
    let (model, operation) = behind.rsplit_once('/')?;
    match operation {
        _ if model.is_empty() => None,
        "converse" => Some("/bedrock/model/{model}/converse"),
        "converse-stream" => Some("/bedrock/model/{model}/converse-stream"),
        // InvokeModel takes each author's own format, which is not spoken here.
        "invoke" => Some("/bedrock/model/{model}/converse"),
        "invoke-with-response-stream" => Some("/bedrock/model/{model}/converse-stream"),
        _ => None,
    }
}

/// The same for a path that ends with one of Gemini's verbs.
fn verb(path: &str) -> Option<&'static str> {
    let mut doors = DOORS.iter().filter(|door| {
        let verb = door.path.rsplit_once('}').map_or("", |(_, verb)| verb);
        verb.starts_with(':') && path.ends_with(verb)
    });
    let below_gemini = path.starts_with("/gemini");
    doors
        .find(|door| door.path.starts_with("/gemini") == below_gemini)
        .map(|door| door.path)
}
