//! Where the items of a request that stands by itself came from, so that what is said of them is said in the words of the
//! client, who sent only the last of them.

use crate::ir::Loss;

/// Where one item came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// An earlier turn: its place among all items of those.
    Earlier(usize),
    /// The client's own list: its place there.
    Own(usize),
    /// The client's own input, which is a text.
    Text,
}

/// Where all items of one request came from, in order, and what of earlier ones could not go on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origins {
    items: Vec<Origin>,
    earlier: usize,
    lost: Vec<Loss>,
}

impl Origins {
    /// The origin of the next item of an earlier turn.
    pub(super) fn next_earlier(&mut self) -> Origin {
        self.earlier += 1;
        Origin::Earlier(self.earlier - 1)
    }

    /// An item goes on.
    pub(super) fn came(&mut self, origin: Origin) {
        self.items.push(origin);
    }

    /// Reasoning does not go on: its provider keeps nothing, and it came without what it could be sent back as.
    pub(super) fn left_out(&mut self, origin: &Origin) {
        self.lost
            .push(Loss::dropped(format!("{}.summary", origin.path())));
    }

    /// What of earlier turns could not go on, whoever is asked.
    pub fn lost(&self) -> &[Loss] {
        &self.lost
    }

    /// A field of the request that stands by itself (`input[7].status`) as the client may know it: `input[1].status`, or
    /// `previous_response_id[3].status` where it came with what the request goes on from, counting from its beginning.
    pub fn name(&self, field: String) -> String {
        let Some((origin, rest)) = self.of(&field) else {
            return field;
        };
        match origin {
            Origin::Text => origin.path(),
            Origin::Earlier(_) | Origin::Own(_) => format!("{}{rest}", origin.path()),
        }
    }

    fn of<'f>(&self, field: &'f str) -> Option<(&Origin, &'f str)> {
        let (number, rest) = field.strip_prefix("input[")?.split_once(']')?;
        Some((self.items.get(number.parse::<usize>().ok()?)?, rest))
    }
}

impl Origin {
    fn path(self) -> String {
        match self {
            Self::Earlier(n) => format!("previous_response_id[{n}]"),
            Self::Own(n) => format!("input[{n}]"),
            Self::Text => "input".to_owned(),
        }
    }
}
