//! Puts the events of a stream together as the answer they tell, and checks on the way that they keep the promises of
//! [`Event`].

use protocol::ir::{
    CallKind, Choice, Delta, Error, Event, Opening, Part, PartKind, Reasoning, Response, ToolCall,
};
use std::collections::BTreeMap;

/// What a stream told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) response: Response,
    pub(crate) error: Option<Error>,
    pub(crate) ended: bool,
}

/// Folds events. `case` is for the message of a broken promise.
pub(crate) fn fold(case: &str, events: &[Event]) -> Told {
    let mut told = Told::default();
    let mut started = false;
    let mut choices: BTreeMap<u32, Open> = BTreeMap::new();
    for event in events {
        assert!(told.error.is_none(), "{case}: {event:?} after an error");
        assert!(!told.ended, "{case}: {event:?} after the end");
        let needs_start = !matches!(event, Event::Ping | Event::Error(_) | Event::Start(_));
        assert!(
            started || !needs_start,
            "{case}: {event:?} before the start"
        );
        match event {
            Event::Start(start) => {
                assert!(!started, "{case}: two starts");
                started = true;
                told.response.id.clone_from(&start.id);
                told.response.model.clone_from(&start.model);
                told.response.created = start.created;
                told.response.service_tier.clone_from(&start.service_tier);
            }
            Event::Open {
                choice,
                index,
                part,
            } => {
                let open = choices.entry(*choice).or_default();
                open.begin(case, *index, part);
            }
            Event::Delta {
                choice,
                index,
                delta,
            } => {
                let open = choices
                    .get_mut(choice)
                    .unwrap_or_else(|| panic!("{case}: {event:?}"));
                open.add(case, *index, delta);
            }
            Event::Close { choice, index } => {
                let open = choices
                    .get_mut(choice)
                    .unwrap_or_else(|| panic!("{case}: {event:?}"));
                assert_eq!(open.open.take(), Some(*index), "{case}: {event:?}");
            }
            Event::Logprobs { .. } => {}
            Event::Stop {
                choice,
                reason,
                sequence,
            } => {
                let open = choices.entry(*choice).or_default();
                assert_eq!(open.open, None, "{case}: stopped with a part open");
                assert_eq!(open.choice.stop, None, "{case}: two stops");
                open.choice.stop = Some(reason.clone());
                open.choice.stop_sequence.clone_from(sequence);
            }
            Event::ServiceTier(tier) => told.response.service_tier = Some(tier.clone()),
            Event::Usage(usage) => told.response.usage = Some(*usage),
            Event::Ping => {}
            Event::Error(error) => told.error = Some(error.clone()),
            Event::End => told.ended = true,
        }
    }
    if told.ended {
        let stopped = choices.values().all(|open| open.choice.stop.is_some());
        assert!(stopped, "{case}: ended without a stop");
    }
    told.response.choices = choices.into_values().map(|open| open.choice).collect();
    told
}

#[derive(Default)]
struct Open {
    choice: Choice,
    open: Option<u32>,
}

impl Open {
    fn begin(&mut self, case: &str, index: u32, part: &Opening) {
        assert_eq!(self.open, None, "{case}: two parts open");
        assert_eq!(index as usize, self.choice.parts.len(), "{case}: index");
        assert_eq!(self.choice.stop, None, "{case}: part after a stop");
        self.open = Some(index);
        let kind = match part {
            Opening::Text => PartKind::Text(String::new()),
            Opening::Refusal => PartKind::Refusal(String::new()),
            Opening::Reasoning => PartKind::Reasoning(Reasoning::default()),
            Opening::EncryptedReasoning(data) => PartKind::Reasoning(Reasoning {
                encrypted: Some(data.clone()),
                ..Reasoning::default()
            }),
            Opening::ToolCall { id, name, kind } => PartKind::ToolCall(ToolCall {
                id: id.clone(),
                name: name.clone(),
                arguments: String::new(),
                kind: *kind,
            }),
            Opening::Whole(part) => {
                self.choice.parts.push((**part).clone());
                return;
            }
        };
        self.choice.parts.push(Part::new(kind));
    }

    fn add(&mut self, case: &str, index: u32, delta: &Delta) {
        assert_eq!(self.open, Some(index), "{case}: delta of a part not open");
        let part = &mut self.choice.parts[index as usize];
        if let Delta::Citation(citation) = delta {
            part.citations.push((**citation).clone());
            return;
        }
        match (&mut part.kind, delta) {
            (PartKind::Text(text) | PartKind::Refusal(text), Delta::Text(more)) => {
                text.push_str(more);
            }
            (PartKind::Reasoning(it), Delta::Reasoning(more)) => it.text.push_str(more),
            (PartKind::Reasoning(it), Delta::Signature(more)) => match &mut it.signature {
                Some(signature) => signature.value.push_str(&more.value),
                none => *none = Some(more.clone()),
            },
            (PartKind::ToolCall(call), Delta::Arguments(more)) => call.arguments.push_str(more),
            (part, delta) => panic!("{case}: {delta:?} in {part:?}"),
        }
    }
}

/// What an answer says, without what only its own dialect knows, and with the arguments of calls as JSON: enough to
/// compare answers that took different ways.
pub(crate) fn gist(choice: &Choice) -> Vec<PartKind> {
    let kinds = choice.parts.iter().map(|part| part.kind.clone());
    let known = kinds.filter(|kind| !matches!(kind, PartKind::Opaque(..)));
    known
        .map(|kind| match kind {
            PartKind::ToolCall(mut call) if call.kind == CallKind::Function => {
                let json = if call.arguments.is_empty() {
                    "{}"
                } else {
                    &call.arguments
                };
                call.arguments = serde_json::from_str::<serde_json::Value>(json)
                    .map_or_else(|_| call.arguments.clone(), |json| json.to_string());
                PartKind::ToolCall(call)
            }
            other => other,
        })
        .collect()
}
