//! Where in a file something stands, and `${VARIABLE}` in its strings.

use super::ConfigError;
use std::ops::Range;
use std::path::Path;

/// A configuration file's text, for errors that say where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// An error at a place of the text.
    pub(super) fn wrong(&self, span: Range<usize>, message: impl Into<String>) -> ConfigError {
        let (line, column) = self.place(span);
        ConfigError::Wrong {
            path: self.path.to_owned(),
            line,
            column,
            message: message.into(),
        }
    }

    /// File, line and column of a place, for errors that are found later.
    pub(super) fn shown(&self, span: Range<usize>) -> String {
        let (line, column) = self.place(span);
        format!("{}:{line}:{column}", self.path.display())
    }

    /// Line and column, counted from 1.
    fn place(&self, span: Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        (line, column)
    }

    /// The string with every `${NAME}` replaced by that environment variable.
    pub(super) fn expand(
        &self,
        value: &toml::Spanned<String>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<String, ConfigError> {
        let mut out = String::new();
        let mut rest = value.get_ref().as_str();
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                return Err(self.wrong(value.span(), "`${` without `}`: write ${NAME}"));
            };
            let Some(found) = variable(name) else {
                let (line, column) = self.place(value.span());
                return Err(ConfigError::Unset {
                    path: self.path.to_owned(),
                    line,
                    column,
                    name: name.to_owned(),
                });
            };
            out.push_str(&found);
            rest = tail;
        }
        out.push_str(rest);
        Ok(out)
    }
}
