//! The support table of `docs/translation.md`: for each client and provider dialect, which features cross whole, which in
//! another form, and which not. Made from the fixtures; a test holds the page against it.
//!
//! `UPDATE_DOCS=1 cargo test -p protocol --test it support` writes the page anew.

use crate::{fixtures, run};
use protocol::dialect::{
    DIALECTS, Dialect, ESSENTIALS, Given, check_essentials, own_words::Naming,
};
use protocol::ir::{Loss, LossKind, MediaSource, MediumKind};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// What a request may ask for, and the case that has it in each dialect.
const ASKED: [(&str, &str); 21] = [
    ("text", "text"),
    ("system instructions", "system"),
    ("several turns", "multi_turn"),
    ("tools", "tools"),
    ("parallel tool calls", "parallel_tools"),
    ("tool results, images in them", "tool_results"),
    ("a subset of the tools", "allowed_tools"),
    ("structured output", "structured_output"),
    ("images", "image"),
    ("files", "file"),
    ("files by URL", "file_url"),
    ("files by their provider's id", "file_id"),
    ("audio", "audio"),
    ("video", "video"),
    ("documents to cite", "documents"),
    ("log probabilities", "logprobs"),
    ("several choices", "n_choices"),
    ("reasoning, with its signatures", "reasoning"),
    ("prompt-cache markers", "cache_control"),
    ("what a message of the model is for (`phase`)", "phase"),
    ("fields that only this dialect knows", "unknown_fields"),
];

/// What an answer may hold.
const ANSWERED: [(&str, &str); 14] = [
    ("text", "text"),
    ("tool calls", "tools"),
    ("parallel tool calls", "parallel_tools"),
    ("structured output", "structured_output"),
    ("reasoning, with its signatures", "reasoning"),
    ("refusals", "refusal"),
    ("citations", "citations"),
    ("images", "image_out"),
    ("sound", "audio_out"),
    ("log probabilities", "logprobs"),
    ("several choices", "n_choices"),
    ("usage with caching", "usage_with_caching"),
    ("what a message of the model is for (`phase`)", "phase"),
    ("fields that only this dialect knows", "unknown_fields"),
];

const PAGE: &str = "../../docs/translation.md";

/// What stands on the page before and after what is generated.
const BEGIN: &str = "<!-- generated: crates/protocol/tests/it/support.rs -->\n";
const END: &str = "<!-- end of what is generated -->\n";

#[test]
fn the_page_says_what_the_tests_show() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has a place for it");
    let (_, after) = rest.split_once(END).expect("the generated part ends");
    let fresh = format!("{before}{BEGIN}{}{END}{after}", tables());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, fresh).unwrap();
    } else {
        assert!(
            page == fresh,
            "docs/translation.md is out of date: UPDATE_DOCS=1 cargo test -p protocol --test it support"
        );
    }
}

fn tables() -> String {
    let mut text = essentials();
    let clients = DIALECTS.iter().filter(|it| it.chat.client.is_some());
    for client in clients {
        writeln!(text, "\n### Clients of `{}`\n", client.id).unwrap();
        text.push_str("What a request asks for, at providers of\n\n");
        table(&mut text, client, &ASKED, asked);
        text.push_str("\nWhat an answer holds, from providers of\n\n");
        table(&mut text, client, &ANSWERED, answered);
    }
    text.push('\n');
    text
}

/// The members that are refused rather than left out.
fn essentials() -> String {
    let mut text = String::from("\n### Members that are refused rather than left out\n\n");
    text.push_str("| client | member | counts | because it |\n| --- | --- | --- | --- |\n");
    for one in ESSENTIALS {
        let names: Vec<String> = one.fields.iter().map(|it| format!("`{it}`")).collect();
        let counts = match one.given {
            Given::AtAll => "if it is there",
            Given::Filled => "unless empty",
            Given::WithoutText => "without text among it",
        };
        let (names, why) = (names.join(", "), one.what.as_str());
        writeln!(text, "| `{}` | {names} | {counts} | {why} |", one.dialect).unwrap();
    }
    text
}

/// How a case crosses between a client's dialect and a provider's; `None` where there is no such case.
type Crosses = fn(client: &'static Dialect, provider: &'static Dialect, case: &str) -> Option<Cell>;

enum Cell {
    Crosses(Vec<Loss>),
    Refused(String),
}

fn table(text: &mut String, client: &'static Dialect, rows: &[(&str, &str)], crosses: Crosses) {
    let others: Vec<&'static Dialect> = DIALECTS
        .iter()
        .filter(|it| it.chat.provider.is_some() && it.id != client.id)
        .copied()
        .collect();
    let mut notes: Vec<String> = Vec::new();
    text.push_str("| |");
    for provider in &others {
        write!(text, " `{}` |", provider.id).unwrap();
    }
    text.push_str("\n| --- |");
    others.iter().for_each(|_| text.push_str(" --- |"));
    text.push('\n');
    for (label, case) in rows {
        let cells: Vec<Option<Cell>> = others
            .iter()
            .map(|provider| crosses(client, provider, case))
            .collect();
        if cells.iter().all(Option::is_none) {
            continue;
        }
        write!(text, "| {label} |").unwrap();
        for cell in cells {
            write!(
                text,
                " {} |",
                cell.map_or("".into(), |cell| shown(cell, &mut notes))
            )
            .unwrap();
        }
        text.push('\n');
    }
    for (number, note) in notes.iter().enumerate() {
        write!(
            text,
            "{}[{}] {note}",
            if number == 0 { "\n" } else { "  \n" },
            number + 1
        )
        .unwrap();
    }
    if !notes.is_empty() {
        text.push('\n');
    }
}

/// A sign, and the number of the note that says more.
fn shown(cell: Cell, notes: &mut Vec<String>) -> String {
    let (sign, note) = match cell {
        Cell::Refused(why) => ("refused", format!("Refused with a 400: {why}.")),
        Cell::Crosses(losses) if losses.is_empty() => return "yes".into(),
        Cell::Crosses(losses) => {
            let named = |kind: LossKind| {
                let fields: BTreeSet<String> = losses
                    .iter()
                    .filter(|loss| loss.kind == kind)
                    .map(|loss| format!("`{}`", anywhere(&loss.field)))
                    .collect();
                fields.into_iter().collect::<Vec<_>>().join(", ")
            };
            let (lost, bent) = (named(LossKind::Dropped), named(LossKind::Approximated));
            match (lost.is_empty(), bent.is_empty()) {
                (true, _) => ("nearly", format!("In another form: {bent}.")),
                (false, true) => ("in part", format!("Lost: {lost}.")),
                (false, false) => ("in part", format!("Lost: {lost}; in another form: {bent}.")),
            }
        }
    };
    let known = notes.iter().position(|other| *other == note);
    let number = known.unwrap_or_else(|| {
        notes.push(note);
        notes.len() - 1
    });
    format!("{sign} [{}]", number + 1)
}

/// A field's path without the places in lists, which are the fixture's alone.
fn anywhere(field: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in field.chars() {
        match letter {
            '[' => {
                inside = true;
                text.push_str("[]");
            }
            ']' => inside = false,
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text
}

fn asked(client: &'static Dialect, provider: &'static Dialect, case: &str) -> Option<Cell> {
    let body = fixtures::one(client, case, "request.json")?;
    let mut request = client.chat.client?.decode_request(&body).unwrap();
    request.model = "wire-model".into();
    // As the gateway does for providers that do not.
    request.for_each_medium(&mut |kind, media| {
        if matches!(media.source, MediaSource::Url(_)) && !provider.fetches.has(kind) {
            let media_type = match kind {
                MediumKind::Image => "image/png",
                MediumKind::Audio => "audio/mp3",
                MediumKind::Video => "video/mp4",
                MediumKind::File => "application/pdf",
            };
            media.source = MediaSource::Base64 {
                media_type: media_type.into(),
                data: "AAAA".into(),
            };
        }
    });
    let known = check_essentials(client, &request, provider.id);
    let writer = provider.chat.provider?;
    Some(match known.and_then(|()| writer.encode_request(&request)) {
        Ok(encoded) => {
            let naming = Naming::of(client.chat.client?, &request);
            let losses = encoded.losses.into_iter();
            Cell::Crosses(losses.map(|loss| naming.loss(loss)).collect())
        }
        Err(bad) => Cell::Refused(anywhere(&bad.message)),
    })
}

fn answered(client: &'static Dialect, provider: &'static Dialect, case: &str) -> Option<Cell> {
    let body = fixtures::one(provider, case, "response.json")?;
    let response = provider.chat.provider?.decode_response(&body).unwrap();
    let encoded = client
        .chat
        .client?
        .encode_response(&response, &run::reply(), None);
    Some(Cell::Crosses(encoded.losses))
}
