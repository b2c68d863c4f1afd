//! How a [`Sealed`] value crosses a client of another dialect: that client keeps it as it is and sends it back in its
//! next request, where it must be told from one of the client's own dialect. So a foreign value is written with its
//! origin before it, for dialects that have no member for that.

use super::DialectId;
use crate::ir::Sealed;
use std::borrow::Cow;

/// What stands before the name of a foreign value's origin.
pub(in crate::dialect) const MARK: &str = "tollgate:";

/// The value as a client of `own` dialect gets it.
pub(in crate::dialect) fn write(sealed: &Sealed, own: DialectId) -> Cow<'_, str> {
    match sealed.open(own) {
        Some(value) => Cow::Borrowed(value),
        None => Cow::Owned(format!("{MARK}{}:{}", sealed.origin, sealed.value)),
    }
}

/// Reads a value that a client of `own` dialect sent back.
pub(in crate::dialect) fn read(value: String, own: DialectId) -> Sealed {
    let marked = value
        .strip_prefix(MARK)
        .and_then(|rest| rest.split_once(':'));
    match marked.and_then(|(name, value)| Some((super::find(name)?, value))) {
        Some((dialect, value)) => Sealed::new(dialect.id, value),
        None => Sealed::new(own, value),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{anthropic, openai_chat};
    use super::*;

    #[test]
    fn a_foreign_value_comes_back_with_its_origin() {
        let check = |origin, own, written: &str| {
            let sealed = Sealed::new(origin, "a:b");
            assert_eq!(write(&sealed, own), written);
            assert_eq!(read(written.to_owned(), own), sealed);
        };
        check(anthropic::ID, anthropic::ID, "a:b");
        check(openai_chat::ID, anthropic::ID, "tollgate:openai_chat:a:b");
        let odd = read("tollgate:nothing:x".into(), anthropic::ID);
        assert_eq!(odd, Sealed::new(anthropic::ID, "tollgate:nothing:x"));
    }
}
