//! The catalogue that the binary holds.

use super::CATALOG;
use listing::Listing;
use std::path::Path;

#[test]
fn what_is_packed_is_what_the_files_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut files = Vec::new();
    for folder in ["providers", "models"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            files.push((path.to_str().unwrap().to_owned(), text));
        }
    }
    let texts = files.iter().map(|(path, text)| (&**path, &**text));
    assert!(listing::unpack(CATALOG).unwrap() == Listing::read(texts).unwrap());
}
