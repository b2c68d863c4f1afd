//! A listing in few bytes that are read in little time: postcard, deflated.

use crate::{AuthorFile, Listing, ProviderFile};
use std::collections::BTreeMap;

/// How hard is packed, of 10: what is packed once is read at every start, and reading takes the same time for all.
const LEVEL: u8 = 9;
/// More than any listing takes, so that a damaged file cannot ask for all memory.
const LARGEST: usize = 256 * 1024 * 1024;

/// Bytes that are no packed listing of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no catalogue that this version of the program has packed")]
pub struct NotPacked;

/// Packs a listing: its providers, then author by author.
///
/// # Errors
/// Never for what a listing can hold.
pub fn pack(listing: &Listing) -> Result<Vec<u8>, NotPacked> {
    let mut plain = postcard::to_stdvec(&listing.providers).map_err(|_| NotPacked)?;
    for author in &listing.authors {
        plain = postcard::to_extend(&author, plain).map_err(|_| NotPacked)?;
    }
    Ok(miniz_oxide::deflate::compress_to_vec_zlib(&plain, LEVEL))
}

/// Unpacks what [`pack`] made.
///
/// # Errors
/// When it did not.
pub fn unpack(packed: &[u8]) -> Result<Listing, NotPacked> {
    let mut unpacking = Unpacking::begin(packed)?;
    let mut listing = Listing {
        providers: std::mem::take(&mut unpacking.providers),
        ..Listing::default()
    };
    while let Some((author, file)) = unpacking.author()? {
        listing.authors.insert(author, file);
    }
    Ok(listing)
}

/// A packed listing that is unpacked author by author: the whole takes many times the memory of what is made of it.
#[derive(Debug)]
pub struct Unpacking {
    /// Who serves models, by id.
    pub providers: BTreeMap<String, ProviderFile>,
    plain: Vec<u8>,
    at: usize,
}

impl Unpacking {
    /// Reads the providers.
    ///
    /// # Errors
    /// When these are no bytes of [`pack`].
    pub fn begin(packed: &[u8]) -> Result<Self, NotPacked> {
        let plain = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(packed, LARGEST)
            .map_err(|_| NotPacked)?;
        let (providers, rest) = postcard::take_from_bytes(&plain).map_err(|_| NotPacked)?;
        let at = plain.len() - rest.len();
        Ok(Self {
            providers,
            plain,
            at,
        })
    }

    /// The next author, in the order of their names; `None` after the last.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub fn author(&mut self) -> Result<Option<(String, AuthorFile)>, NotPacked> {
        let Some(rest) = self.plain.get(self.at..).filter(|rest| !rest.is_empty()) else {
            return Ok(None);
        };
        let (author, rest) = postcard::take_from_bytes(rest).map_err(|_| NotPacked)?;
        self.at = self.plain.len() - rest.len();
        Ok(Some(author))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_and_nothing_else_does() {
        let files = [
            (
                "providers/a.toml",
                "name = \"A\"\nauth = { header = \"x-key\" }",
            ),
            (
                "models/b.toml",
                "[[model]]\nslug = \"m\"\nopen_weights = false",
            ),
        ];
        let listing = Listing::read(files).unwrap();
        let packed = pack(&listing).unwrap();
        assert_eq!(unpack(&packed), Ok(listing));
        assert_eq!(unpack(&packed[..packed.len() - 9]), Err(NotPacked));
        assert_eq!(unpack(b"{}"), Err(NotPacked));
    }
}
