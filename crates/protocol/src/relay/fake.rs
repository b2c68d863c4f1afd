//! Two tiny dialects for tests, written `data: <word> <rest>` (`left`) and `data: <rest> <word>!` (`right`), so that
//! they are not each other's.

use crate::dialect::{
    ChatClient, ChatPass, ChatProvider, Dialect, DialectId, Encoded, Errors, Fetches, FrameKind,
    Framing, Outline, Places, Reply, Seen, Sides, StreamDecoder, StreamEncoder, Tap, WholeSeen,
    anthropic, openai_chat,
};
use crate::ir::{
    Delta, Error, ErrorKind, Event, Loss, Malformed, Opening, Request, Response, Start, StopReason,
    Usage,
};
use crate::splice::Document;
use crate::sse::Frame;
use std::borrow::Cow;

pub(super) static LEFT: Dialect = dialect(openai_chat::ID, &Side::Left);
pub(super) static RIGHT: Dialect = dialect(anthropic::ID, &Side::Right);

const fn dialect(id: DialectId, side: &'static Side) -> Dialect {
    Dialect {
        id,
        framing: Framing::Sse,
        errors: side,
        request_headers: &[],
        response_headers: &[],
        request_id_header: None,
        fixed_headers: &[],
        key_header: None,
        keep_alive: b":\n\n",
        chat: Sides {
            client: Some(side),
            provider: Some(side),
        },
        chat_pass: Some(side),
        embed: Sides {
            client: None,
            provider: None,
        },
        fetches: Fetches {
            images: false,
            files: false,
            audio: false,
            video: false,
        },
    }
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

impl Side {
    /// The frame for a word and what belongs to it.
    fn frame(self, word: &str, rest: &str) -> String {
        match self {
            Self::Left => format!("data: {word} {rest}\n\n"),
            Self::Right => format!("data: {rest} {word}!\n\n"),
        }
    }

    fn word<'f>(self, frame: &'f Frame<'_>) -> Result<(&'f str, &'f str), Malformed> {
        let text = std::str::from_utf8(&frame.data).map_err(|e| Malformed::body(e.to_string()))?;
        if text.is_empty() {
            return Ok(("ping", ""));
        }
        match self {
            Self::Left => text.split_once(' '),
            Self::Right => text
                .strip_suffix('!')
                .and_then(|text| text.rsplit_once(' '))
                .map(|(rest, word)| (word, rest)),
        }
        .ok_or_else(|| Malformed::body("no word"))
    }
}

fn read_usage(object: &str) -> Result<Usage, Malformed> {
    let doc = Document::parse(object.as_bytes())?;
    Ok(Usage {
        output: doc.unsigned("output")?.unwrap_or_default(),
        ..Usage::default()
    })
}

/// A provider's stream or a client's, encoded from events or read into them, word by word.
struct Words(Side, bool);

impl Tap for Words {
    fn read(&mut self, frame: &Frame<'_>) -> Result<Seen, Malformed> {
        let (word, rest) = self.0.word(frame)?;
        let mut seen = Seen {
            kind: FrameKind::Content,
            usage: None,
            usage_span: None,
            text_bytes: 0,
        };
        match word {
            "start" => seen.kind = FrameKind::Preamble,
            "guess" => {
                seen.kind = FrameKind::Preamble;
                seen.usage = Some(read_usage(rest)?);
            }
            "ping" => seen.kind = FrameKind::Ping,
            "text" => seen.text_bytes = rest.len() as u64,
            "stop" => self.1 = rest == "complete",
            "usage" => {
                let start = match self.0 {
                    Side::Left => "usage ".len(),
                    Side::Right => 0,
                };
                seen.kind = FrameKind::UsageOnly;
                seen.usage = Some(read_usage(rest)?);
                seen.usage_span = Some(start..start + rest.len());
            }
            "error" => seen.kind = FrameKind::Error(Error::new(ErrorKind::Server, rest)),
            "end" => seen.kind = FrameKind::End,
            _ => return Err(Malformed::body("unknown word")),
        }
        Ok(seen)
    }

    fn complete(&self) -> bool {
        self.1
    }
}

impl StreamDecoder for Words {
    fn decode(&mut self, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let (word, rest) = self.0.word(frame)?;
        let (choice, index) = (0, 0);
        match word {
            "start" => out.push(Event::Start(Start {
                model: rest.to_owned(),
                ..Start::default()
            })),
            "guess" | "usage" => out.push(Event::Usage(read_usage(rest)?)),
            "ping" => out.push(Event::Ping),
            "text" => out.extend([
                Event::Open {
                    choice,
                    index,
                    part: Opening::Text,
                },
                Event::Delta {
                    choice,
                    index,
                    delta: Delta::Text(rest.to_owned()),
                },
                Event::Close { choice, index },
            ]),
            "stop" => {
                self.1 = rest == "complete";
                out.push(Event::Stop {
                    choice,
                    reason: StopReason::Stop,
                    sequence: None,
                });
            }
            "error" => out.push(Event::Error(Error::new(ErrorKind::Server, rest))),
            "end" => out.push(Event::End),
            _ => return Err(Malformed::body("unknown word")),
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<Event>) {
        if self.1 {
            out.push(Event::End);
        }
    }
}

impl StreamEncoder for Words {
    fn encode(&mut self, event: &Event, cost: Option<&str>, out: &mut Vec<u8>) {
        let (word, rest) = match event {
            Event::Start(start) => ("start", start.model.clone()),
            Event::Delta {
                delta: Delta::Text(text),
                ..
            } => ("text", text.clone()),
            Event::Stop { .. } => ("stop", "x".into()),
            Event::Usage(usage) => {
                let cost = cost
                    .map(|cost| format!(",\"cost\":{cost}"))
                    .unwrap_or_default();
                ("usage", format!("{{\"output\":{}{cost}}}", usage.output))
            }
            Event::Ping => ("ping", "x".into()),
            Event::Error(error) => ("error", error.message.clone()),
            Event::End => ("end", "x".into()),
            _ => return,
        };
        out.extend_from_slice(self.0.frame(word, &rest).as_bytes());
    }
}

impl Errors for Side {
    fn encode(&self, error: &Error, _request_id: &str) -> Vec<u8> {
        error.message.clone().into_bytes()
    }

    fn decode(&self, status: u16, _body: &[u8]) -> Error {
        Error::new(ErrorKind::from_status(status), "")
    }
}

impl ChatClient for Side {
    fn outline(&self, _doc: &Document<'_>) -> Result<Outline, Malformed> {
        unreachable!("a relay reads no request")
    }

    fn decode_request(&self, _body: &[u8]) -> Result<Request, Malformed> {
        unreachable!("a relay reads no request")
    }

    fn encode_response(&self, _: &Response, _: &Reply, _: Option<&str>) -> Encoded {
        unreachable!("a relay writes no whole answer")
    }

    fn stream_encoder(&self, _reply: &Reply) -> Box<dyn StreamEncoder> {
        Box::new(Words(*self, false))
    }

    fn stream_error(&self, error: &Error, _request_id: &str) -> Vec<u8> {
        self.frame("error", &error.message).into_bytes()
    }
}

impl ChatProvider for Side {
    fn path(&self, _model: &str, _stream: bool) -> Cow<'static, str> {
        unreachable!("a relay sends no request")
    }

    fn encode_request(&self, _request: &Request) -> Result<Encoded, Malformed> {
        unreachable!("a relay sends no request")
    }

    fn decode_response(&self, _body: &[u8]) -> Result<Response, Malformed> {
        unreachable!("a relay reads no whole answer")
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        Box::new(Words(*self, false))
    }

    fn read_whole(&self, _body: &[u8]) -> Result<WholeSeen, Malformed> {
        unreachable!("a relay reads no whole answer")
    }
}

impl ChatPass for Side {
    fn retarget(&self, _: &mut Document<'_>, _: &Outline, _: &str) -> Vec<Loss> {
        unreachable!("a relay sends no request")
    }

    fn places(&self) -> &'static Places {
        unreachable!("a relay sends no request")
    }

    fn tap(&self) -> Box<dyn Tap> {
        Box::new(Words(*self, false))
    }
}
