//! Embeddings: answers. <https://platform.openai.com/docs/api-reference/embeddings/object>

use super::super::{ID, response, usage, wire};
use crate::dialect::fields::{Fields, Path};
use crate::dialect::glance::span_in;
use crate::dialect::members;
use crate::dialect::openai_error as error;
use crate::dialect::write::{self, List};
use crate::dialect::{Encoded, Reply, WholeSeen};
use crate::ir::{EmbedResponse, Embedding, Extra, Malformed};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// Reads a whole answer.
pub(in super::super) fn decode_response(body: &[u8]) -> Result<EmbedResponse, Malformed> {
    let mut fields = Fields::body(body)?;
    let at = Path::ROOT.key("data");
    let list = fields
        .list("data")?
        .ok_or_else(|| at.wrong("is required"))?;
    let mut data = Vec::with_capacity(list.len());
    for (n, raw) in list.into_iter().enumerate() {
        data.push(vector(raw, at.index(n), n)?);
    }
    // Inputs answer by index, and a provider may send them in any order.
    data.sort_by_key(|(index, _)| *index);
    fields.take("object");
    let mut extra = Extra::default();
    let usage = response::take_usage(&mut fields, &mut extra)?;
    let model = fields.string("model")?;
    fields.rest_into(ID, "", &mut extra);
    Ok(EmbedResponse {
        model: model.unwrap_or_default(),
        data: data.into_iter().map(|(_, vector)| vector).collect(),
        usage,
        extra,
    })
}

fn vector(raw: &RawValue, at: Path<'_>, place: usize) -> Result<(u64, Embedding), Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let index = fields.unsigned("index")?.unwrap_or(place as u64);
    let raw = fields.need("embedding")?;
    let embedding = if raw.get().starts_with('"') {
        serde_json::from_str(raw.get()).map(Embedding::Base64)
    } else {
        serde_json::from_str(raw.get()).map(Embedding::Float)
    };
    let embedding = embedding.map_err(|_| {
        at.key("embedding")
            .wrong("must be a list of numbers or a base64 string")
    })?;
    Ok((index, embedding))
}

/// Writes a whole answer.
pub(in super::super) fn encode_response(
    answer: &EmbedResponse,
    reply: &Reply,
    cost: Option<&str>,
) -> Encoded {
    let mut body = Vec::with_capacity(4096);
    write::object(&mut body, |o| {
        o.value("object", "list");
        o.list("data", |list| {
            for (index, vector) in answer.data.iter().enumerate() {
                write_vector(list, index, vector);
            }
        });
        o.value("model", response::or(&answer.model, &reply.model));
        let counts = answer.usage.unwrap_or_default();
        o.object("usage", |o| {
            o.value("prompt_tokens", &counts.total_input());
            o.value("total_tokens", &counts.total());
            if let Some(cost) = cost {
                o.written("cost", cost.as_bytes());
            }
        });
        o.extra(&answer.extra, ID);
    });
    let losses = answer.extra.lost_to(ID, "").collect();
    Encoded { body, losses }
}

fn write_vector(list: &mut List<'_>, index: usize, vector: &Embedding) {
    list.object(|o| {
        o.value("object", "embedding");
        o.value("index", &index);
        match vector {
            Embedding::Float(numbers) => o.value("embedding", numbers),
            Embedding::Base64(text) => o.value("embedding", text),
        }
    });
}

/// Looks at a whole answer without decoding it.
pub(in super::super) fn read_whole(body: &[u8]) -> Result<WholeSeen, Malformed> {
    #[derive(Deserialize)]
    struct Look<'a> {
        #[serde(default)]
        data: Option<Vec<IgnoredAny>>,
        #[serde(borrow, default)]
        usage: Option<&'a RawValue>,
        #[serde(default)]
        error: Option<IgnoredAny>,
    }
    let look: Look<'_> = serde_json::from_slice(body)
        .map_err(|bad| Malformed::body(format!("is not a valid answer: {bad}")))?;
    if look.error.is_some() {
        return Ok(WholeSeen {
            error: Some(error::decode(200, body)),
            ..WholeSeen::default()
        });
    }
    if look.data.is_none() {
        return Err(Malformed::field("data", "is required"));
    }
    let counts = look
        .usage
        .and_then(|raw| members::read::<wire::Usage<'_>>(raw.get().as_bytes()).ok());
    Ok(WholeSeen {
        usage: counts.map(|counts| usage::read(&counts)),
        usage_span: look.usage.and_then(|raw| span_in(body, raw)),
        ..WholeSeen::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1.25]},{"object":"embedding","index":1,"embedding":"AAAAPw=="}],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8},"id":"e1"}"#;

    #[test]
    fn an_answer_comes_back_as_it_was_and_takes_our_cost() {
        let answer = decode_response(ANSWER.as_bytes()).unwrap();
        let reply = Reply::default();
        let text = |cost| String::from_utf8(encode_response(&answer, &reply, cost).body).unwrap();
        assert_eq!(text(None), ANSWER);
        let paid = ANSWER.replace("\"total_tokens\":8", "\"total_tokens\":8,\"cost\":0.5");
        assert_eq!(text(Some("0.5")), paid);
    }

    #[test]
    fn vectors_are_put_in_the_order_of_their_inputs() {
        let body =
            br#"{"data":[{"index":1,"embedding":[1]},{"index":0,"embedding":[0]}],"model":"m"}"#;
        let answer = decode_response(body).unwrap();
        let expect = [Embedding::Float(vec![0.0]), Embedding::Float(vec![1.0])];
        assert_eq!(answer.data, expect);
    }

    #[test]
    fn a_glance_finds_usage_and_where_it_stands() {
        let seen = read_whole(ANSWER.as_bytes()).unwrap();
        assert_eq!(seen.usage.map(|usage| usage.input), Some(8));
        assert_eq!(
            seen.usage_span.map(|span| &ANSWER[span]),
            Some(r#"{"prompt_tokens":8,"total_tokens":8}"#)
        );
        assert!(read_whole(br#"{"data":[1"#).is_err());
        assert!(read_whole(b"{}").is_err());
        let error = read_whole(br#"{"error":{"message":"m"}}"#).unwrap().error;
        assert_eq!(error.map(|error| error.message).as_deref(), Some("m"));
    }
}
