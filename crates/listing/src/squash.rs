//! Under which names meet that people and programs write differently.

/// A name in lower case without what separates its words; between two digits a point stays, so that `qwen3-4b` and
/// `qwen-34b` differ.
pub fn squash(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut parted = false;
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() || letter == '+' {
            let between = parted
                && letter.is_ascii_digit()
                && out.ends_with(|last: char| last.is_ascii_digit());
            if between {
                out.push('.');
            }
            out.push(letter);
            parted = false;
        } else {
            parted = true;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::squash;

    #[test]
    fn separators_and_case_do_not_matter_but_between_digits() {
        assert_eq!(squash("GPT-4o Mini"), "gpt4omini");
        assert_eq!(
            squash("Gpt 4.1 Mini 2025 04 14"),
            squash("gpt-4.1-mini-2025-04-14")
        );
        assert_eq!(
            squash("Twelvelabs.Pegasus 1 2 V1:0"),
            squash("twelvelabs.pegasus-1-2-v1:0")
        );
        assert_ne!(squash("qwen3-4b"), squash("qwen-34b"));
    }
}
