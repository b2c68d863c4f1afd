//! The calls that wait for their responses, which name them by id, or else by the function's name and their order. A turn
//! may hold any number of them, so each is found without a look at the others.

use std::collections::{HashMap, VecDeque};

/// Calls without a response.
#[derive(Debug, Default)]
pub(super) struct OpenCalls {
    /// Ids in the order of their calls; taken out where a response came.
    ids: Vec<Option<String>>,
    /// Where in `ids` the calls of an id stand, and those of a name; places of calls that were taken may be among them.
    by_id: HashMap<String, VecDeque<usize>>,
    by_name: HashMap<String, VecDeque<usize>>,
}

impl OpenCalls {
    /// A call, the last one so far.
    pub(super) fn push(&mut self, id: &str, name: &str) {
        let place = self.ids.len();
        self.ids.push(Some(id.to_owned()));
        self.by_id
            .entry(id.to_owned())
            .or_default()
            .push_back(place);
        self.by_name
            .entry(name.to_owned())
            .or_default()
            .push_back(place);
    }

    /// The id of the call that a response answers, which is taken: the first of the id that it names, else of that name.
    pub(super) fn take(&mut self, id: Option<&str>, name: &str) -> Option<String> {
        let named = id.and_then(|id| self.by_id.get_mut(id));
        let by_id = named.and_then(|places| first(places, &mut self.ids));
        by_id.or_else(|| first(self.by_name.get_mut(name)?, &mut self.ids))
    }
}

/// Each place is looked at once over all calls of this, since it is taken off.
fn first(places: &mut VecDeque<usize>, ids: &mut [Option<String>]) -> Option<String> {
    while let Some(place) = places.pop_front() {
        let id = ids.get_mut(place).and_then(Option::take);
        if id.is_some() {
            return id;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::OpenCalls;

    #[test]
    fn a_response_is_matched_by_id_then_by_name_and_order() {
        let mut open = OpenCalls::default();
        for (id, name) in [("a", "x"), ("b", "x"), ("c", "y"), ("a", "y")] {
            open.push(id, name);
        }
        let mut check = |id: Option<&str>, name: &str, expect: Option<&str>| {
            assert_eq!(open.take(id, name).as_deref(), expect, "{id:?} {name}");
        };
        check(Some("b"), "y", Some("b"));
        check(None, "x", Some("a"));
        check(None, "x", None);
        check(Some("a"), "y", Some("a"));
        check(Some("z"), "y", Some("c"));
        check(Some("c"), "y", None);
    }

    /// Each response was searched for among all calls, so that the time grew with the square of their count.
    #[test]
    fn calls_without_number_are_matched_one_by_one() {
        let mut open = OpenCalls::default();
        let ids: Vec<String> = (0..200_000).map(|at| format!("call_{at}")).collect();
        for id in &ids {
            open.push(id, id);
        }
        for id in ids.iter().rev() {
            assert_eq!(open.take(Some(id), "f").as_deref(), Some(id.as_str()));
        }
    }
}
