//! The one place that prints. Everything goes through a writer, so that a reader that goes away (`| head`) ends the
//! command quietly.

use std::io::{self, IsTerminal, Write};

/// Prints text as it is.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn text(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Prints a value as one line of JSON.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn json_line(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_string(value)?;
    line.push('\n');
    Ok(text(&line)?)
}

/// Prints an error with all its causes to standard error.
pub(super) fn error(error: &anyhow::Error) {
    let mark = if paints(&io::stderr()) {
        "\u{1b}[31merror:\u{1b}[0m"
    } else {
        "error:"
    };
    // There is nobody left to tell should this fail too.
    let _ = writeln!(io::stderr(), "{mark} {}", told(error));
}

/// An error with its causes, each said once: some say in their own words what caused them.
pub(super) fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// Whether a stream shows colours: a terminal does, unless `NO_COLOR` says otherwise.
pub(crate) fn paints(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether the reader of our output went away.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn a_cause_is_said_once() {
        let disk = std::io::Error::other("disk full");
        let plain = anyhow::Error::from(disk).context("cannot write a file");
        assert_eq!(told(&plain), "cannot write a file: disk full");
        let wordy = anyhow::anyhow!("disk full").context("cannot write (disk full); make room");
        assert_eq!(told(&wordy), "cannot write (disk full); make room");
    }
}
