//! A script in the words of the IR: as a whole answer, or as the events of a stream, each token its own. How they
//! become bytes, and when, is not here.

use super::script::{Said, Script};
use super::tokens;
use protocol::ir::{
    CallKind, Choice, Delta, Error, ErrorKind, Event, Opening, Part, PartKind, Reasoning, Response,
    Start, ToolCall, Usage,
};

/// The error that faults report.
pub(super) fn simulated_error(kind: ErrorKind) -> Error {
    Error::new(kind, "Simulated fault, as the request asked for.").with_code("simulated_fault")
}

/// The scripts as a whole answer.
pub(super) fn response(id: String, model: String, scripts: Vec<Script>, usage: Usage) -> Response {
    let choices = scripts.into_iter().map(|script| Choice {
        parts: script.parts.into_iter().map(part).collect(),
        stop: Some(script.stop),
        stop_sequence: script.stop_sequence,
        ..Choice::default()
    });
    Response {
        id,
        model,
        choices: choices.collect(),
        usage: Some(usage),
        ..Response::default()
    }
}

fn part(said: Said) -> Part {
    match said {
        Said::Reasoning(text) => Part::new(PartKind::Reasoning(Reasoning {
            text,
            ..Reasoning::default()
        })),
        Said::Text(text) => Part::text(text),
        Said::Call {
            id,
            name,
            arguments,
        } => Part::new(PartKind::ToolCall(ToolCall {
            id,
            name,
            arguments,
            kind: CallKind::Function,
        })),
    }
}

/// One event of a stream, and which token it comes with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) token: u32,
    pub(super) event: Event,
}

/// The scripts as the events of a stream, each token its own.
pub(super) fn steps(start: Start, scripts: Vec<Script>, usage: Usage) -> Vec<Step> {
    let mut writer = StepWriter {
        steps: vec![Step {
            token: 0,
            event: Event::Start(start),
        }],
        token: 0,
    };
    for (choice, script) in (0..).zip(scripts) {
        for (index, said) in (0..).zip(&script.parts) {
            writer.part(choice, index, said);
        }
        writer.put(Event::Stop {
            choice,
            reason: script.stop,
            sequence: script.stop_sequence,
        });
    }
    writer.put(Event::Usage(usage));
    writer.put(Event::End);
    writer.steps
}

struct StepWriter {
    steps: Vec<Step>,
    /// Tokens written so far.
    token: u32,
}

impl StepWriter {
    fn part(&mut self, choice: u32, index: u32, said: &Said) {
        // What opens a part comes with its first token, what closes it with its last.
        let opened = Event::Open {
            choice,
            index,
            part: opening(said),
        };
        self.steps.push(Step {
            token: self.token,
            event: opened,
        });
        for token in tokens::split(said.text()) {
            self.steps.push(Step {
                token: self.token,
                event: Event::Delta {
                    choice,
                    index,
                    delta: delta(said, token),
                },
            });
            self.token += 1;
        }
        self.put(Event::Close { choice, index });
    }

    fn put(&mut self, event: Event) {
        self.steps.push(Step {
            token: self.token.saturating_sub(1),
            event,
        });
    }
}

fn opening(said: &Said) -> Opening {
    match said {
        Said::Reasoning(_) => Opening::Reasoning,
        Said::Text(_) => Opening::Text,
        Said::Call { id, name, .. } => Opening::ToolCall {
            id: id.clone(),
            name: name.clone(),
            kind: CallKind::Function,
        },
    }
}

fn delta(said: &Said, token: &str) -> Delta {
    let token = token.to_owned();
    match said {
        Said::Reasoning(_) => Delta::Reasoning(token),
        Said::Text(_) => Delta::Text(token),
        Said::Call { .. } => Delta::Arguments(token),
    }
}
