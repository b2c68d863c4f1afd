//! Which words a model takes in `additionalModelRequestFields`: those of its author's own API. Its id tells, which begins
//! with the author (`anthropic.claude-…`), behind the region of an inference profile (`us.`) or in an ARN.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html> (2026-11)

/// Models whose parameters have the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `thinking`, `top_k`.
    Claude,
    /// `reasoningConfig`, `inferenceConfig.topK`.
    Nova,
    /// `reasoning_effort`.
    GptOss,
    /// None that is known here.
    Other,
    /// An id that does not tell (a prompt's, an application's own profile): Claude's words are taken, being by far the most
    /// usual.
    Unknown,
}

/// How ids begin, or go on behind a region or an ARN's last slash.
const AUTHORS: &[(&str, Family)] = &[
    ("anthropic.", Family::Claude),
    ("amazon.nova", Family::Nova),
    ("openai.", Family::GptOss),
];

impl Family {
    /// The family of a model's id.
    pub(super) fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or_default();
        let begins = |prefix: &str| {
            name.starts_with(prefix)
                || name
                    .split_once('.')
                    .is_some_and(|(region, rest)| region.len() <= 6 && rest.starts_with(prefix))
        };
        match AUTHORS.iter().find(|(prefix, _)| begins(prefix)) {
            Some((_, family)) => *family,
            None if name.contains('.') => Self::Other,
            None => Self::Unknown,
        }
    }

    /// Whether its models go on with an answer that the client began; others demand that the user speaks last.
    pub(super) fn takes_prefill(self) -> bool {
        match self {
            Self::Claude | Self::Nova | Self::Unknown => true,
            Self::GptOss | Self::Other => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Family::{self, Claude, GptOss, Nova, Other, Unknown};

    #[test]
    fn an_id_tells_whose_words_it_takes() {
        for (model, expect) in [
            ("anthropic.claude-3-5-sonnet-20241022-v2:0", Claude),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", Claude),
            ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", Claude),
            ("us-gov.anthropic.claude-3-haiku-20240307-v1:0", Claude),
            (
                "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2",
                Claude,
            ),
            (
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0",
                Nova,
            ),
            ("amazon.nova-2-lite-v1:0", Nova),
            ("amazon.titan-text-premier-v1:0", Other),
            ("openai.gpt-oss-120b-1:0", GptOss),
            ("meta.llama3-3-70b-instruct-v1:0", Other),
            ("deepseek.v3-v1:0", Other),
            (
                "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123",
                Unknown,
            ),
            ("", Unknown),
        ] {
            assert_eq!(Family::of(model), expect, "{model}");
        }
    }
}
