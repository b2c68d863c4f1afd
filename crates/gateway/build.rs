//! Packs the catalogue's files (`catalog/`) into what the binary holds.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../catalog");
    let mut files = Vec::new();
    for folder in ["providers", "models"] {
        let folder = root.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let text = fs::read_to_string(&path)?;
            files.push((path.display().to_string(), text));
        }
    }
    let texts = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let listing = listing::Listing::read(texts)?;
    let packed = PathBuf::from(env::var("OUT_DIR")?).join("catalog.packed");
    fs::write(packed, listing::pack(&listing)?)?;
    Ok(())
}
