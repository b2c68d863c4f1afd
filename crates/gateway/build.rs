//! Packs the catalogue's files (`catalog/`) into what the binary holds, and has the program built anew when the console
//! (`console/dist`) was.

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
    watch_console()
}

/// Optimised builds have the console's files inside; others read them from the disk. A path that is not there would make
/// every build begin anew.
fn watch_console() -> Result<(), Box<dyn Error>> {
    if env::var("PROFILE")? != "release" {
        return Ok(());
    }
    let console = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../console");
    let built = console.join("dist");
    if let Some(there) = [built, console].iter().find(|path| path.exists()) {
        println!("cargo::rerun-if-changed={}", there.display());
    }
    Ok(())
}
