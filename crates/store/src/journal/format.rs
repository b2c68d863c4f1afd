//! How entries lie in a segment. Nothing here touches a file.
//!
//! A segment begins with [`HEADER`]. Each entry is a frame, integers little-endian:
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | length of what follows the checksum |
//! | 4 | CRC-32 of what follows |
//! | 1 | format version of the payload, [`VERSION`] |
//! | 1 | kind: 1 intent, 2 checkpoint, 3 settled |
//! | 16 | the exchange's id, so that a reader can pass over an entry without decoding it |
//! | … | payload: the `domain::record` type in postcard |
//!
//! **How it evolves.** Postcard holds no field names, so any change to `Record`, `Intent`, `Checkpoint` or what they
//! contain changes the payload. Whoever makes one (the test with golden bytes below fails) raises [`VERSION`], copies
//! the types as they were into `journal/v<old>.rs`, and has [`Frame::decode`] turn those into today's for that version:
//! a new program must read what the old one left behind. An entry of a later version than ours stops the program
//! before it does harm ([`Fault::Newer`]).

use domain::id::RequestId;
use domain::record::{Checkpoint, Intent, Record};
use serde::Serialize;

/// First bytes of every segment.
pub(crate) const HEADER: &[u8; 8] = b"tgjrnl1\n";

/// The payloads' version that is written.
pub(crate) const VERSION: u8 = 1;

/// An entry larger than this is a defect, or not an entry. Bodies are not journalled, so that real ones are far below.
pub(crate) const MAX_FRAME: usize = 8_000_000;

/// Length and checksum.
const PREFIX: usize = 8;
/// Version, kind and id.
const HEAD: usize = 18;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Intent,
    Checkpoint,
    Settled,
}

impl Kind {
    fn to_byte(self) -> u8 {
        match self {
            Self::Intent => 1,
            Self::Checkpoint => 2,
            Self::Settled => 3,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Intent),
            2 => Some(Self::Checkpoint),
            3 => Some(Self::Settled),
            _ => None,
        }
    }
}

/// A whole, undamaged entry whose payload is still in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) kind: Kind,
    pub(crate) id: RequestId,
    pub(crate) payload: &'a [u8],
    /// Bytes that the frame takes in the segment.
    pub(crate) length: usize,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    Intent(Box<Intent>),
    Checkpoint(Checkpoint),
    Settled(Box<Record>),
}

/// Why there is no entry here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The bytes end before the entry does.
    Incomplete,
    /// The bytes are not what was written.
    Damaged(&'static str),
    /// Written by a later version of this program.
    Newer(u8),
}

/// Appends one frame to `out`.
///
/// # Errors
/// Where the value cannot be encoded; `out` then holds anything.
pub(crate) fn encode(
    out: &mut Vec<u8>,
    kind: Kind,
    id: RequestId,
    value: &impl Serialize,
) -> Result<(), postcard::Error> {
    let begin = out.len();
    out.extend_from_slice(&[0; PREFIX]);
    out.extend_from_slice(&[VERSION, kind.to_byte()]);
    out.extend_from_slice(id.as_bytes());
    *out = postcard::to_extend(value, std::mem::take(out))?;
    let body = out.get(begin + PREFIX..).unwrap_or_default();
    let length = u32::try_from(body.len()).map_err(|_| postcard::Error::SerializeBufferFull)?;
    let checksum = crc32fast::hash(body);
    for (to, from) in out.iter_mut().skip(begin).zip(
        length
            .to_le_bytes()
            .into_iter()
            .chain(checksum.to_le_bytes()),
    ) {
        *to = from;
    }
    Ok(())
}

impl<'a> Frame<'a> {
    /// How long the frame is that `bytes` begins with, from its first four bytes.
    pub(crate) fn length(bytes: &[u8]) -> Result<usize, Fault> {
        let (length, _) = take_u32(bytes)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if (HEAD..=MAX_FRAME).contains(&length) {
            Ok(PREFIX + length)
        } else {
            Err(Fault::Damaged("its length is impossible"))
        }
    }

    /// The frame that `bytes` begins with.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let length = Self::length(bytes)?;
        let bytes = bytes.get(4..length).ok_or(Fault::Incomplete)?;
        let (checksum, body) = take_u32(bytes)?;
        if crc32fast::hash(body) != checksum {
            return Err(Fault::Damaged("its checksum is wrong"));
        }
        let [version, kind, rest @ ..] = body else {
            return Err(Fault::Incomplete);
        };
        if *version > VERSION {
            return Err(Fault::Newer(*version));
        }
        let (id, payload) = rest.split_first_chunk::<16>().ok_or(Fault::Incomplete)?;
        Ok(Self {
            kind: Kind::from_byte(*kind).ok_or(Fault::Damaged("its kind is unknown"))?,
            id: RequestId::from_bytes(*id),
            payload,
            length,
        })
    }

    /// The payload, as today's types.
    pub(crate) fn decode(&self) -> Result<Entry, postcard::Error> {
        match self.kind {
            Kind::Intent => postcard::from_bytes(self.payload).map(Entry::Intent),
            Kind::Checkpoint => postcard::from_bytes(self.payload).map(Entry::Checkpoint),
            Kind::Settled => postcard::from_bytes(self.payload).map(Entry::Settled),
        }
    }
}

fn take_u32(bytes: &[u8]) -> Result<(u32, &[u8]), Fault> {
    let (number, rest) = bytes.split_first_chunk::<4>().ok_or(Fault::Incomplete)?;
    Ok((u32::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use proptest::prelude::*;

    fn framed(kind: Kind, id: RequestId, value: &impl Serialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(&mut bytes, kind, id, value).unwrap();
        bytes
    }

    #[test]
    fn entries_come_back_as_they_were() {
        let intent = samples::intent(1);
        let bytes = framed(Kind::Intent, intent.draft.id, &intent);
        let frame = Frame::parse(&bytes).unwrap();
        assert_eq!((frame.id, frame.length), (intent.draft.id, bytes.len()));
        assert_eq!(frame.decode().unwrap(), Entry::Intent(Box::new(intent)));

        let checkpoint = samples::checkpoint(1, 40);
        let bytes = framed(Kind::Checkpoint, checkpoint.id, &checkpoint);
        assert_eq!(
            Frame::parse(&bytes).unwrap().decode().unwrap(),
            Entry::Checkpoint(checkpoint)
        );

        let record = samples::full_record(1);
        let bytes = framed(Kind::Settled, record.id, &record);
        assert_eq!(
            Frame::parse(&bytes).unwrap().decode().unwrap(),
            Entry::Settled(Box::new(record))
        );
    }

    /// Fails when `domain` changes what is journalled: then read "How it evolves" above. (Until the first release, which
    /// nobody's journal is older than, the golden bytes are simply replaced by what this prints.)
    #[test]
    fn the_layout_is_that_of_this_version() {
        let record = samples::full_record(1);
        let intent = Intent {
            draft: record.clone(),
            reservation: record.cost,
        };
        let golden = [
            (Kind::Settled, framed(Kind::Settled, record.id, &record)),
            (Kind::Intent, framed(Kind::Intent, record.id, &intent)),
            (
                Kind::Checkpoint,
                framed(Kind::Checkpoint, record.id, &samples::checkpoint(1, 40)),
            ),
        ];
        let text: String = golden
            .iter()
            .map(|(kind, bytes)| format!("{kind:?} {}\n", hex(bytes)))
            .collect();
        assert_eq!(
            VERSION, 1,
            "add a file for the new version, keep the old one"
        );
        assert_eq!(text, include_str!("v1.golden"));
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn a_later_version_is_said_to_be_one() {
        let record = samples::record(1);
        let mut bytes = framed(Kind::Settled, record.id, &record);
        bytes[PREFIX] = VERSION + 1;
        let checksum = crc32fast::hash(&bytes[PREFIX..]).to_le_bytes();
        bytes[4..8].copy_from_slice(&checksum);
        assert_eq!(Frame::parse(&bytes), Err(Fault::Newer(VERSION + 1)));
    }

    proptest! {
        #[test]
        fn one_wrong_bit_never_goes_unseen(at in 0usize..10_000, bit in 0u8..8) {
            let record = samples::full_record(1);
            let mut bytes = framed(Kind::Settled, record.id, &record);
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            prop_assert!(Frame::parse(&bytes).is_err());
        }

        #[test]
        fn a_shorter_frame_is_incomplete(length in 0usize..10_000) {
            let record = samples::full_record(1);
            let bytes = framed(Kind::Settled, record.id, &record);
            let length = length % bytes.len();
            prop_assert_eq!(Frame::parse(&bytes[..length]), Err(Fault::Incomplete));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(frame) = Frame::parse(&bytes) {
                let _ = frame.decode();
            }
        }
    }
}
