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
    let _ = writeln!(io::stderr(), "{mark} {error:#}");
}

fn paints(stream: &impl IsTerminal) -> bool {
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
