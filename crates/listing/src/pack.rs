//! A listing in few bytes that are read in little time: postcard, deflated.

use crate::{Listing, ModelFile, ProviderFile};
use miniz_oxide::inflate::decompress_slice_iter_to_slice;
use std::collections::BTreeMap;

/// How hard is packed, of 10: what is packed once is read at every start, and reading takes the same time for all.
const LEVEL: u8 = 9;
/// More than any listing takes, so that a damaged file cannot ask for all memory.
const LARGEST: usize = 256 * 1024 * 1024;

/// Bytes that are no packed listing of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no catalogue that this version of the program has packed")]
pub struct NotPacked;

/// Packs a listing: its length unpacked (four bytes, the least first), its providers, then model by model.
///
/// # Errors
/// Never for what a listing can hold.
pub fn pack(listing: &Listing) -> Result<Vec<u8>, NotPacked> {
    let mut plain = postcard::to_stdvec(&listing.providers).map_err(|_| NotPacked)?;
    for (author, file) in &listing.authors {
        for model in &file.model {
            plain = postcard::to_extend(&(author, model), plain).map_err(|_| NotPacked)?;
        }
    }
    let length = u32::try_from(plain.len()).map_err(|_| NotPacked)?;
    let mut packed = length.to_le_bytes().to_vec();
    packed.extend(miniz_oxide::deflate::compress_to_vec_zlib(&plain, LEVEL));
    Ok(packed)
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
    while let Some((author, model)) = unpacking.model()? {
        listing.authors.entry(author).or_default().model.push(model);
    }
    Ok(listing)
}

/// A packed listing that is unpacked model by model: the whole takes many times the memory of what is made of it.
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
        let (length, packed) = packed.split_first_chunk().ok_or(NotPacked)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| NotPacked)?;
        if length > LARGEST {
            return Err(NotPacked);
        }
        let mut plain = vec![0; length];
        let written = decompress_slice_iter_to_slice(&mut plain, [packed].into_iter(), true, false);
        if written != Ok(length) {
            return Err(NotPacked);
        }
        let (providers, rest) = postcard::take_from_bytes(&plain).map_err(|_| NotPacked)?;
        let at = plain.len() - rest.len();
        Ok(Self {
            providers,
            plain,
            at,
        })
    }

    /// The next model and its author, in the order of authors; `None` after the last.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub fn model(&mut self) -> Result<Option<(String, ModelFile)>, NotPacked> {
        let Some(rest) = self.plain.get(self.at..).filter(|rest| !rest.is_empty()) else {
            return Ok(None);
        };
        let (model, rest) = postcard::take_from_bytes(rest).map_err(|_| NotPacked)?;
        self.at = self.plain.len() - rest.len();
        Ok(Some(model))
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
        assert_eq!(unpack(b"\xff\xff\xff\xff{}"), Err(NotPacked));
    }
}
