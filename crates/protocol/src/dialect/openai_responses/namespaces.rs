//! Tools in namespaces (`{"type": "namespace", "name": "mail", "tools": [...]}`), as Codex declares those of its servers.
//! No other dialect has them, so a tool gets a name of its own that tells both, and its calls come back under both.
//! <https://platform.openai.com/docs/guides/function-calling> (2026-11), "namespaces".

use crate::dialect::fields::{Fields, Path};
use crate::dialect::free_names::{FreeNames, digest};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// The longest name of a function that other dialects' providers take, in bytes.
const NAME_MAX: usize = 64;

/// The tools that a request declares in namespaces, and the names of all that take free text.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// The one name of each tool, by its namespace and by its name there.
    flat: HashMap<String, HashMap<String, String>>,
    /// Namespace and name by the one name.
    spaced: HashMap<String, (String, String)>,
    freeform: Vec<String>,
}

impl Names {
    /// Reads a request's `tools`. What is wrong with a tool is for the decoder to say.
    pub(super) fn of_tools(tools: Option<&RawValue>) -> Self {
        Self::of_list(list(tools))
    }

    /// Reads the elements of a request's `tools`.
    pub(super) fn of_list<'a>(tools: impl IntoIterator<Item = &'a RawValue>) -> Self {
        let mut names = Self::default();
        let mut free = FreeNames::default();
        let mut spaces = Vec::new();
        for raw in tools {
            let Some((kind, name, fields)) = tool(raw) else {
                continue;
            };
            match kind.as_str() {
                "namespace" => spaces.push((name, fields)),
                "custom" => {
                    free.add(name.clone());
                    names.freeform.push(name);
                }
                _ => free.add(name),
            }
        }
        for (namespace, mut fields) in spaces {
            for (kind, name, _) in list(fields.take("tools")).filter_map(tool) {
                let another = |flat: &str, round| marked(flat, &format!("{flat} {round}"));
                let flat = free.take(flat(&namespace, &name), another);
                if kind == "custom" {
                    names.freeform.push(flat.clone());
                }
                // Of two that are alike, calls are of the first.
                let there = names.flat.entry(namespace.clone()).or_default();
                there.entry(name.clone()).or_insert(flat.clone());
                names.spaced.insert(flat, (namespace.clone(), name));
            }
        }
        names
    }

    /// The one name of a tool that is called by both.
    pub(super) fn flat(&self, namespace: Option<&str>, name: String) -> String {
        let Some(namespace) = namespace.filter(|it| !it.is_empty()) else {
            return name;
        };
        let known = self.flat.get(namespace).and_then(|there| there.get(&name));
        known.cloned().unwrap_or_else(|| flat(namespace, &name))
    }

    /// Namespace and name of a tool that is called by its one name.
    pub(super) fn split(&self, called: &str) -> Option<(&str, &str)> {
        let (namespace, name) = self.spaced.get(called)?;
        Some((namespace, name))
    }

    /// The one names of the tools that take free text.
    pub(super) fn into_freeform(self) -> Vec<String> {
        self.freeform
    }
}

fn list(raw: Option<&RawValue>) -> impl Iterator<Item = &RawValue> {
    let list: Option<Vec<&RawValue>> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok());
    list.into_iter().flatten()
}

fn tool(raw: &RawValue) -> Option<(String, String, Fields<'_, 'static>)> {
    let mut fields = Fields::of(raw, Path::ROOT).ok()?;
    let kind = fields.need_string("type").ok()?;
    let name = fields.need_string("name").ok()?;
    Some((kind, name, fields))
}

/// Both names in one, in the letters and the length that every provider takes.
fn flat(namespace: &str, name: &str) -> String {
    let between = if namespace.ends_with("__") { "" } else { "__" };
    let whole = format!("{namespace}{between}{name}");
    let plain: String = whole
        .chars()
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => letter,
            _ => '_',
        })
        .collect();
    if plain == whole && plain.len() <= NAME_MAX {
        return plain;
    }
    marked(&plain, &whole)
}

/// A name, shortened, with a mark that tells apart what only differs in `whole`.
fn marked(plain: &str, whole: &str) -> String {
    let room = NAME_MAX - "_01234567".len();
    let kept: String = plain.chars().take(room).collect();
    format!("{kept}_{:08x}", digest(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(tools: &str) -> Names {
        Names::of_tools(serde_json::from_str(tools).ok())
    }

    #[test]
    fn a_tool_in_a_namespace_has_one_name_and_comes_back_under_two() {
        let names = names(
            r#"[{"type":"function","name":"mail__send"},{"type":"custom","name":"patch"},
                {"type":"namespace","name":"mail","tools":[{"type":"function","name":"send"},{"type":"function","name":"read"}]},
                {"type":"namespace","name":"mcp__git__","tools":[{"type":"custom","name":"log"}]}]"#,
        );
        let check = |namespace, name: &str, one: &str| {
            let flat = names.flat(Some(namespace), name.to_owned());
            assert_eq!(flat, one);
            assert_eq!(names.split(&flat), Some((namespace, name)));
        };
        check("mail", "read", "mail__read");
        check("mcp__git__", "log", "mcp__git__log");
        let send = names.flat(Some("mail"), "send".to_owned());
        assert!(
            send.starts_with("mail__send_"),
            "a plain tool has that name: {send}"
        );
        assert_eq!(names.split("mail__send"), None);
        assert_eq!(names.flat(None, "send".to_owned()), "send");
        assert_eq!(names.into_freeform(), ["patch", "mcp__git__log"]);
    }

    #[test]
    fn long_and_odd_names_stay_apart() {
        let long = "x".repeat(70);
        let (one, two) = (flat(&long, "a"), flat(&long, "b"));
        assert_eq!((one.len(), two.len()), (64, 64));
        assert_ne!(one, two);
        assert_ne!(flat("a.b", "c"), flat("a/b", "c"));
        assert_eq!(flat("a", "b"), "a__b");
    }
}
