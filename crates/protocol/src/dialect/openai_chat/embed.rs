//! Embeddings: requests. Answers are next door.
//! <https://platform.openai.com/docs/api-reference/embeddings/create>

mod answer;

pub(super) use answer::{decode_response, encode_response, read_whole};

use super::{ID, request};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::{Encoded, Needs, Outline, controls, write};
use crate::ir::{EmbedInput, EmbedRequest, EncodingFormat, Malformed};
use crate::splice::Document;
use serde_json::value::RawValue;

/// Reads what the pipeline needs of a request for embeddings.
pub(super) fn outline(doc: &Document<'_>) -> Result<Outline, Malformed> {
    if doc.get("input").is_none_or(|raw| raw == "null") {
        return Err(Malformed::field("input", "is required"));
    }
    Ok(Outline {
        model: request::model(doc)?,
        stream: false,
        include_usage: true,
        max_output_tokens: None,
        needs: Needs::default(),
        freeform_tools: Vec::new(),
        controls: controls::read(doc),
    })
}

/// Edits a request so that it asks a provider of this dialect for `model`.
pub(super) fn retarget(doc: &mut Document<'_>, outline: &Outline, model: &str) {
    doc.set("model", &serde_json::Value::from(model).to_string());
    controls::remove(doc, &outline.controls);
}

/// Reads a whole request.
pub(super) fn decode_request(body: &[u8]) -> Result<EmbedRequest, Malformed> {
    let mut fields = Fields::body(body)?;
    let model = fields.need_string("model")?;
    if model.is_empty() {
        return Err(Malformed::field("model", "must not be empty"));
    }
    let input = input(fields.need("input")?, &Path::ROOT.key("input"))?;
    let dimensions = fields.small("dimensions")?;
    let format = format(&mut fields)?;
    let user = fields.string("user")?;
    for name in controls::CONTROLS {
        fields.take(name);
    }
    Ok(EmbedRequest {
        model,
        input,
        dimensions,
        format,
        user,
        extra: fields.rest(ID),
    })
}

fn format(fields: &mut Fields<'_, '_>) -> Result<Option<EncodingFormat>, Malformed> {
    match fields.string("encoding_format")?.as_deref() {
        None => Ok(None),
        Some("float") => Ok(Some(EncodingFormat::Float)),
        Some("base64") => Ok(Some(EncodingFormat::Base64)),
        Some(other) => Err(Malformed::field(
            "encoding_format",
            format!("must be float or base64, but is `{other}`"),
        )),
    }
}

/// A text, a list of texts, a list of token ids, or a list of such lists: the first element tells.
fn input(raw: &RawValue, at: &Path<'_>) -> Result<EmbedInput, Malformed> {
    if raw.get().starts_with('"') {
        return Ok(EmbedInput::Texts {
            texts: vec![fields::string(raw, at)?],
            one: true,
        });
    }
    let allowed =
        "must be a string, a list of strings, a list of token ids, or a list of such lists";
    let list: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| at.wrong(allowed))?;
    let first = list.first().ok_or_else(|| at.wrong("must not be empty"))?;
    match first.get().as_bytes().first() {
        Some(b'"') => Ok(EmbedInput::Texts {
            texts: each(&list, at, fields::string)?,
            one: false,
        }),
        Some(b'[') => Ok(EmbedInput::Tokens {
            tokens: each(&list, at, |raw, at| {
                read(raw, at, "must be a list of token ids")
            })?,
            one: false,
        }),
        Some(b'0'..=b'9') => Ok(EmbedInput::Tokens {
            tokens: vec![each(&list, at, |raw, at| {
                read(raw, at, "must be a token id")
            })?],
            one: true,
        }),
        _ => Err(at.index(0).wrong(allowed)),
    }
}

fn each<T>(
    list: &[&RawValue],
    at: &Path<'_>,
    read: impl Fn(&RawValue, &Path<'_>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let each = list.iter().enumerate();
    each.map(|(n, raw)| read(raw, &at.index(n))).collect()
}

fn read<T: serde::de::DeserializeOwned>(
    raw: &RawValue,
    at: &Path<'_>,
    allowed: &str,
) -> Result<T, Malformed> {
    serde_json::from_str(raw.get())
        .map_err(|_| at.wrong(format!("{allowed}, but is {}", fields::shape(raw))))
}

/// Writes a request for a provider.
pub(super) fn encode_request(request: &EmbedRequest) -> Encoded {
    let mut body = Vec::with_capacity(1024);
    write::object(&mut body, |o| {
        o.value("model", &request.model);
        match &request.input {
            EmbedInput::Texts { texts, one: true } if texts.len() == 1 => {
                o.some("input", texts.first());
            }
            EmbedInput::Texts { texts, .. } => o.value("input", texts),
            EmbedInput::Tokens { tokens, one: true } if tokens.len() == 1 => {
                o.some("input", tokens.first());
            }
            EmbedInput::Tokens { tokens, .. } => o.value("input", tokens),
        }
        o.some("dimensions", request.dimensions.as_ref());
        o.some("encoding_format", request.format.map(word));
        o.some("user", request.user.as_ref());
        o.extra(&request.extra, ID);
    });
    let losses = request.extra.lost_to(ID, "").collect();
    Encoded { body, losses }
}

fn word(format: EncodingFormat) -> &'static str {
    match format {
        EncodingFormat::Float => "float",
        EncodingFormat::Base64 => "base64",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(body: &str) -> String {
        let request = decode_request(body.as_bytes()).unwrap();
        String::from_utf8(encode_request(&request).body).unwrap()
    }

    #[test]
    fn every_form_of_input_comes_back_as_it_was() {
        for input in [
            r#""a""#,
            r#"["a"]"#,
            r#"["a","b"]"#,
            "[1,2]",
            "[[1,2],[3]]",
            "[[7]]",
        ] {
            let body = format!(
                r#"{{"model":"m","input":{input},"dimensions":8,"encoding_format":"base64","user":"u","truncate":"END"}}"#
            );
            assert_eq!(round(&body), body);
        }
    }

    #[test]
    fn bad_input_names_its_place() {
        for (input, expect) in [
            (
                "7",
                "input: must be a string, a list of strings, a list of token ids, or a list of such lists",
            ),
            ("[]", "input: must not be empty"),
            (r#"["a",1]"#, "input[1]: must be a string, but is 1"),
            (
                r#"[1,"a"]"#,
                "input[1]: must be a token id, but is a string",
            ),
            (
                "[[1],[-2]]",
                "input[1]: must be a list of token ids, but is a list",
            ),
        ] {
            let body = format!(r#"{{"model":"m","input":{input}}}"#);
            let bad = decode_request(body.as_bytes()).unwrap_err();
            assert_eq!(bad.to_string(), expect);
        }
    }

    #[test]
    fn retarget_changes_the_model_and_nothing_else() {
        let body = br#"{ "input" : "x", "model":"a/b", "tags":["t"], "new":1.0 }"#;
        let mut doc = Document::parse(body).unwrap();
        let found = outline(&doc).unwrap();
        assert_eq!(found.model, "a/b");
        retarget(&mut doc, &found, "b\"2");
        let text = String::from_utf8(doc.apply().to_vec()).unwrap();
        assert_eq!(text, r#"{ "input" : "x", "model":"b\"2", "new":1.0 }"#);
    }
}
