//! The simulator's words: plain sentences that say that they are simulated.

use super::request_text::Told;
use super::tokens::{self, Chance};

/// How much of the question an answer repeats, in characters.
const QUOTED: usize = 160;

/// Sentences that any answer may go on with.
const SENTENCES: &[&str] = &[
    "No model was asked and no network was used.",
    "The same request always gets the same words.",
    "Every token of this text was counted, and the usage below the answer says how many there were.",
    "A real model would go into the matter here, and take its time over it.",
    "Length, pace and faults of this answer can be set in the request.",
    "What you see arrived through the same path that a provider's answer takes.",
    "Budgets, limits and records treat it like any other answer.",
    "The rest of this paragraph is here to have something to read while tokens arrive.",
    "Sentences like this one come in an order that follows from the request.",
    "If two of these answers differ, then so did the two requests.",
];

/// Steps that reasoning is made of.
const THOUGHTS: &[&str] = &[
    "First I look at what is asked.",
    "Then I consider what the answer must contain.",
    "One way would be to answer at length, another to be brief.",
    "I check that nothing in the instructions speaks against it.",
    "Since I am simulated, any plain answer will do.",
    "So I can answer now.",
];

/// The first sentence of an answer: what it answers.
pub(super) fn opening(told: &Told<'_>) -> String {
    let mut text = if told.tool_results.is_empty() {
        format!("Simulated answer to: {}", quoted(&told.last_user_text))
    } else {
        let results: Vec<String> = told.tool_results.iter().map(|text| quoted(text)).collect();
        format!("Simulated answer after a tool said: {}", results.join("; "))
    };
    let seen = [
        (told.images, "image"),
        (told.files, "file"),
        (told.sounds, "recording"),
    ];
    for (number, what) in seen {
        match number {
            0 => {}
            1 => text.push_str(&format!(" I was shown 1 {what}.")),
            _ => text.push_str(&format!(" I was shown {number} {what}s.")),
        }
    }
    text
}

/// An answer; of exactly `length` tokens where that is given.
pub(super) fn answer(told: &Told<'_>, length: Option<usize>, chance: &mut Chance) -> String {
    let mut text = opening(told);
    match length {
        None => {
            go_on(&mut text, SENTENCES, 2 + chance.below(2), chance);
            text
        }
        Some(length) => {
            // No sentence is longer than its bytes; so few rounds are needed even where tokens are short.
            while tokens::split(&text).take(length).count() < length {
                go_on(&mut text, SENTENCES, 1 + length / 16, chance);
            }
            tokens::first(&text, length).to_owned()
        }
    }
}

/// The text back; repeated or cut to `length` tokens where that is given.
pub(super) fn echo(text: &str, length: Option<usize>) -> String {
    let Some(length) = length else {
        return text.to_owned();
    };
    let mut repeated = text.to_owned();
    while tokens::split(&repeated).take(length).count() < length {
        let again = format!(" {repeated}");
        repeated.push_str(&again);
    }
    tokens::first(&repeated, length).to_owned()
}

/// What a reasoning model thinks before it answers.
pub(super) fn reasoning(told: &Told<'_>, chance: &mut Chance) -> String {
    let mut text = format!(
        "Simulated reasoning about: {}",
        quoted(&told.last_user_text)
    );
    if !told.instructions.is_empty() {
        text.push_str(&format!(
            " I was given {} instructions.",
            told.instructions.len()
        ));
    }
    go_on(&mut text, THOUGHTS, 3, chance);
    text
}

fn go_on(text: &mut String, sentences: &[&str], number: usize, chance: &mut Chance) {
    let first = chance.below(sentences.len());
    let chosen = sentences.iter().cycle().skip(first).take(number);
    for sentence in chosen {
        text.push(' ');
        text.push_str(sentence);
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "(no text)".to_owned();
    }
    let mut shown: String = text.chars().take(QUOTED).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let shown = shown.trim();
    if shown.ends_with(['.', '!', '?', '…']) {
        format!("\"{shown}\"")
    } else {
        format!("\"{shown}\".")
    }
}
