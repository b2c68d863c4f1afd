//! What stands behind a path's `?`, and how a value that is not understood is refused.

use super::super::percent_decoded;
use http::Uri;
use protocol::ir::{Error, ErrorKind};
use std::borrow::Cow;
use std::str::FromStr;

/// Names and values, decoded, in their order. Names that mean nothing here are nobody's fault: clients add their own.
pub(super) struct Query<'u>(Vec<(Cow<'u, str>, String)>);

/// A value with the name that it was given under.
#[derive(Clone, Debug)]
pub(super) struct Given<'q> {
    pub(super) name: &'q str,
    pub(super) value: &'q str,
}

impl<'u> Query<'u> {
    pub(super) fn of(uri: &'u Uri) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&');
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decoded(&value.replace('+', " ")).into_owned();
            (percent_decoded(name), value)
        });
        Self(decoded.collect())
    }

    /// All values of some names for the same thing, each of several joined by commas. Empty ones say nothing.
    pub(super) fn all(&self, names: &[&str]) -> Vec<Given<'_>> {
        let given = self.0.iter().filter(|(name, _)| {
            let bare = name.strip_suffix("[]").unwrap_or(name);
            names.contains(&bare)
        });
        let values = given.flat_map(|(name, value)| {
            let parts = value.split(',').map(str::trim);
            parts.map(move |value| Given { name, value })
        });
        values.filter(|given| !given.value.is_empty()).collect()
    }

    /// The value of a name, whole.
    pub(super) fn one(&self, name: &'static str) -> Option<Given<'_>> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        let (_, value) = values.find(|(_, value)| !value.is_empty())?;
        Some(Given { name, value })
    }

    /// A number.
    ///
    /// # Errors
    /// Where it is none.
    pub(super) fn number<T: FromStr>(
        &self,
        name: &'static str,
        expected: &str,
    ) -> Result<Option<T>, Error> {
        let Some(given) = self.one(name) else {
            return Ok(None);
        };
        let read = given.value.parse();
        read.map(Some)
            .map_err(|_| given.refused(&format!("expected {expected}")))
    }

    /// A yes or no.
    ///
    /// # Errors
    /// Where it is neither.
    pub(super) fn is(&self, name: &'static str) -> Result<Option<bool>, Error> {
        let Some(given) = self.one(name) else {
            return Ok(None);
        };
        match given.value.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => Err(given.refused("expected true or false")),
        }
    }
}

impl Given<'_> {
    /// The value is not understood.
    pub(super) fn refused(&self, why: &str) -> Error {
        let value: String = self.value.chars().take(100).collect();
        let message = format!("{}: '{value}': {why}.", self.name);
        Error::new(ErrorKind::InvalidRequest, message)
            .with_param(self.name)
            .with_code("invalid_filter")
    }
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn values_are_decoded_and_lists_taken_apart() {
        let uri = "/m?q=gpt+4o%20mini&a=x,%20y,&a[]=z&empty=&n=7&yes=True"
            .parse()
            .unwrap();
        let query = Query::of(&uri);
        assert_eq!(query.one("q").unwrap().value, "gpt 4o mini");
        let all = query.all(&["a", "b"]);
        let values: Vec<&str> = all.iter().map(|given| given.value).collect();
        assert_eq!(values, ["x", "y", "z"]);
        assert!(query.one("empty").is_none());
        assert_eq!(query.number::<u64>("n", "a number").unwrap(), Some(7));
        assert_eq!(query.is("yes").unwrap(), Some(true));
        let error = query.number::<u64>("q", "a whole number").unwrap_err();
        assert_eq!(
            (error.message.as_str(), error.param.as_deref()),
            ("q: 'gpt 4o mini': expected a whole number.", Some("q"))
        );
        assert!(query.is("n").is_err());
    }
}
