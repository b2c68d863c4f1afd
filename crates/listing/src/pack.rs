//! A listing in few bytes that are read in little time: postcard, deflated.

use crate::Listing;

/// How hard is packed, of 10: what is packed once is read at every start, and reading takes the same time for all.
const LEVEL: u8 = 9;
/// More than any listing takes, so that a damaged file cannot ask for all memory.
const LARGEST: usize = 256 * 1024 * 1024;

/// Bytes that are no packed listing of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no catalogue that this version of the program has packed")]
pub struct NotPacked;

/// Packs a listing.
///
/// # Errors
/// Never for what a listing can hold.
pub fn pack(listing: &Listing) -> Result<Vec<u8>, NotPacked> {
    let plain = postcard::to_stdvec(listing).map_err(|_| NotPacked)?;
    Ok(miniz_oxide::deflate::compress_to_vec_zlib(&plain, LEVEL))
}

/// Unpacks what [`pack`] made.
///
/// # Errors
/// When it did not.
pub fn unpack(packed: &[u8]) -> Result<Listing, NotPacked> {
    let plain = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(packed, LARGEST)
        .map_err(|_| NotPacked)?;
    postcard::from_bytes(&plain).map_err(|_| NotPacked)
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
