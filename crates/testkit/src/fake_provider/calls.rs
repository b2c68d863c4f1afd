//! Calls of tools that wait for their results: every vendor that names calls by ids demands one result for each.

/// The ids of calls without a result so far, in their order.
#[derive(Debug, Default)]
pub(super) struct OpenCalls(Vec<String>);

impl OpenCalls {
    /// A call was made.
    pub(super) fn add(&mut self, id: &str) {
        self.0.push(id.to_owned());
    }

    /// Takes a result; whether a call waits for it.
    pub(super) fn answer(&mut self, id: &str) -> bool {
        let place = self.0.iter().position(|open| open == id);
        place.map(|place| self.0.remove(place)).is_some()
    }

    /// The first that has no result.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }
}
