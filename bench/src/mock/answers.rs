//! The bytes that the mock answers with, made once at start. No IO, no choice between them.

use bytes::Bytes;

/// Content chunks of a burst and of a paced stream; the usage chunk and `[DONE]` come on top.
pub(crate) const CHUNKS: usize = 100;

/// Content chunks of a held stream.
pub(crate) const HELD_CHUNKS: usize = 10;

/// Every answer, ready to be sent. Cloning one copies no bytes.
pub(crate) struct Answers {
    /// An OpenAI `chat.completion` with usage.
    pub(crate) openai_whole: Bytes,
    /// The Server-Sent Events of an OpenAI stream: content chunks, the usage chunk, `[DONE]`.
    pub(crate) openai_events: Vec<Bytes>,
    /// The same with `HELD_CHUNKS` content chunks.
    pub(crate) openai_held_events: Vec<Bytes>,
    /// An Anthropic `message` with usage.
    pub(crate) anthropic_whole: Bytes,
}

impl Answers {
    /// Makes all answers.
    pub(crate) fn new() -> Self {
        Self {
            openai_whole: Bytes::from(OPENAI_WHOLE),
            openai_events: openai_events(CHUNKS),
            openai_held_events: openai_events(HELD_CHUNKS),
            anthropic_whole: Bytes::from(ANTHROPIC_WHOLE),
        }
    }
}

fn openai_events(chunks: usize) -> Vec<Bytes> {
    let event = |rest: &str| {
        Bytes::from(format!(
            "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\
             \"model\":\"bench\",\"system_fingerprint\":\"fp_bench\",{rest}}}\n\n"
        ))
    };
    let content = (1..=chunks).map(|number| {
        let finish = if number == chunks { "\"stop\"" } else { "null" };
        event(&format!(
            "\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" word{number}\"}},\"logprobs\":null,\
             \"finish_reason\":{finish}}}],\"usage\":null"
        ))
    });
    let usage = event(&format!(
        "\"choices\":[],\"usage\":{{\"prompt_tokens\":150,\"completion_tokens\":{chunks},\"total_tokens\":{},\
         \"prompt_tokens_details\":{{\"cached_tokens\":0}},\"completion_tokens_details\":{{\"reasoning_tokens\":0}}}}",
        150 + chunks
    ));
    content
        .chain([usage, Bytes::from("data: [DONE]\n\n")])
        .collect()
}

const OPENAI_WHOLE: &str = r#"{"id":"chatcmpl-bench","object":"chat.completion","created":1760000000,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":"The harbour was quiet when the last boat came in. Nobody had lit the lamps, and the gulls slept on the rails.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":150,"completion_tokens":27,"total_tokens":177,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}},"service_tier":"default","system_fingerprint":"fp_bench"}"#;

const ANTHROPIC_WHOLE: &str = r#"{"id":"msg_bench","type":"message","role":"assistant","model":"bench","content":[{"type":"text","text":"The harbour was quiet when the last boat came in. Nobody had lit the lamps, and the gulls slept on the rails."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":150,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":27,"service_tier":"standard"}}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_answers_are_json_with_usage() {
        let openai: serde_json::Value = serde_json::from_str(OPENAI_WHOLE).unwrap();
        assert_eq!(openai["usage"]["completion_tokens"], 27);
        let anthropic: serde_json::Value = serde_json::from_str(ANTHROPIC_WHOLE).unwrap();
        assert_eq!(anthropic["usage"]["output_tokens"], 27);
    }

    #[test]
    fn events_are_content_then_usage_then_done() {
        let events = openai_events(3);
        assert_eq!(events.len(), 5);
        let json = |event: &Bytes| -> serde_json::Value {
            serde_json::from_slice(
                event
                    .strip_prefix(b"data: ")
                    .unwrap()
                    .strip_suffix(b"\n\n")
                    .unwrap(),
            )
            .unwrap()
        };
        assert_eq!(
            json(&events[0])["choices"][0]["finish_reason"],
            serde_json::Value::Null
        );
        assert_eq!(json(&events[2])["choices"][0]["finish_reason"], "stop");
        assert_eq!(json(&events[3])["usage"]["total_tokens"], 153);
        assert_eq!(events[4], "data: [DONE]\n\n");
    }
}
