//! Made-up embeddings: texts that share words lie near each other, the same text always at the same point.

use super::tokens::{self, Chance};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::ir::{EmbedInput, EmbedRequest, EmbedResponse, Embedding, EncodingFormat, Extra};
use protocol::ir::{Malformed, Usage};

/// Dimensions where the request names none.
const USUAL: u32 = 256;

/// More dimensions are refused.
const MOST: u32 = 4096;

/// More inputs are refused.
const MOST_INPUTS: usize = 2048;

/// So many tokens of a text move its point one by one; the text as a whole always does.
const MOVING: usize = 512;

/// The answer to a request for embeddings.
///
/// # Errors
/// Names the field that asks for what cannot be.
pub(super) fn embed(request: &EmbedRequest) -> Result<EmbedResponse, Malformed> {
    let dimensions = request.dimensions.unwrap_or(USUAL);
    if !(1..=MOST).contains(&dimensions) {
        let allowed = format!("the simulator makes from 1 to {MOST} dimensions");
        return Err(Malformed::field("dimensions", allowed));
    }
    let dimensions = usize::try_from(dimensions).unwrap_or(0);
    let read = match &request.input {
        EmbedInput::Texts { texts, .. } => texts.iter().map(|text| read_text(text)).collect(),
        EmbedInput::Tokens { tokens, .. } => {
            tokens.iter().map(|ids| read_ids(ids)).collect::<Vec<_>>()
        }
    };
    if read.len() > MOST_INPUTS {
        let allowed = format!("the simulator takes up to {MOST_INPUTS} inputs");
        return Err(Malformed::field("input", allowed));
    }
    let written = |read: &Read| {
        let vector = read.vector(dimensions);
        match request.format.unwrap_or(EncodingFormat::Float) {
            EncodingFormat::Float => Embedding::Float(vector),
            EncodingFormat::Base64 => Embedding::Base64(as_base64(&vector)),
        }
    };
    Ok(EmbedResponse {
        model: request.model.clone(),
        data: read.iter().map(written).collect(),
        usage: Some(Usage {
            input: read.iter().map(|read| read.tokens).sum(),
            ..Usage::default()
        }),
        extra: Extra::default(),
    })
}

/// An input: how many tokens it has, and what moves its point.
struct Read {
    tokens: u64,
    whole: Chance,
    words: Vec<Chance>,
}

fn read_text(text: &str) -> Read {
    let moving = tokens::split(text).take(MOVING);
    Read {
        tokens: tokens::count(text),
        whole: Chance::from_bytes(text.as_bytes()),
        words: moving
            .map(|token| Chance::from_bytes(token.trim().to_lowercase().as_bytes()))
            .collect(),
    }
}

fn read_ids(ids: &[u32]) -> Read {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
    Read {
        tokens: ids.iter().fold(0, |sum, _| sum + 1),
        whole: Chance::from_bytes(&bytes),
        words: ids
            .iter()
            .take(MOVING)
            .map(|id| Chance::from_bytes(&id.to_le_bytes()))
            .collect(),
    }
}

impl Read {
    /// The sum of the words' directions, of length one.
    fn vector(&self, dimensions: usize) -> Vec<f32> {
        let mut sum = vec![0.0_f32; dimensions];
        for source in self.words.iter().chain([&self.whole]) {
            let mut source = *source;
            for value in &mut sum {
                *value += direction(&mut source);
            }
        }
        let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            for value in &mut sum {
                *value /= length;
            }
        }
        sum
    }
}

/// A number from -1 to 1.
fn direction(source: &mut Chance) -> f32 {
    let [low, high, ..] = source.next().to_le_bytes();
    f32::from(i16::from_le_bytes([low, high])) / 32768.0
}

fn as_base64(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::read_text;

    #[test]
    fn texts_that_share_words_lie_nearer() {
        let point = |text: &str| read_text(text).vector(256);
        let likeness = |left: &str, right: &str| -> f32 {
            let pairs = point(left).into_iter().zip(point(right));
            pairs.map(|(left, right)| left * right).sum()
        };
        let same = likeness("the cat sat", "the cat sat");
        let near = likeness("the cat sat", "the cat ran");
        let far = likeness("the cat sat", "quarterly budget report");
        assert!((same - 1.0).abs() < 1e-5, "{same}");
        assert!(near > far + 0.2, "{near} {far}");
    }
}
