//! What happened while lists became a listing, for people to judge.

use crate::Offered;
use std::collections::BTreeMap;
use std::fmt::{self, Display};

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many lines each list had of providers that we know.
    pub lines: Vec<(&'static str, usize)>,
    /// Providers that no file in `providers/` claims: list, its id, lines.
    pub not_imported: Vec<(&'static str, String, usize)>,
    /// Values that cannot be read; of their entries no price is taken.
    pub unread: Vec<Unread>,
    /// Offerings whose tiers of context followed a changed price, since the list does not name them.
    pub followed: Vec<Offered>,
    /// Lines that the rules leave out.
    pub skipped: usize,
    /// Prices that cannot be meant, and were left out.
    pub mended: usize,
    /// Prices that were left out because they are far from what others ask.
    pub far: Vec<Far>,
    /// Contexts that are far above what others give the model, and what was taken instead.
    pub large: Vec<String>,
    /// Outputs longer than the author of a closed model gives, which were left out.
    pub long: Vec<String>,
    /// Where lists differ on a price.
    pub disagreements: Vec<Disagreement>,
    /// Names that two models claimed, and neither got.
    pub contested: Vec<String>,
    /// By provider: offerings that came from one of the lists, and should be on it where it names the provider.
    pub expected: BTreeMap<String, Expected>,
}

/// A value of a list that is not of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The list.
    pub list: &'static str,
    /// `openai/gpt-4o-mini`, as the list names it.
    pub entry: String,
    /// `cost.input`; empty where it is the whole entry.
    pub field: String,
    /// The value as it is written, or its beginning.
    pub value: String,
}

impl Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            list,
            entry,
            field,
            value,
        } = self;
        match field.as_str() {
            "" => write!(f, "{list} {entry}: {value}"),
            field => write!(f, "{list} {entry}: {field} is {value}"),
        }
    }
}

/// Offerings that a list should have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// All of them.
    pub known: usize,
    /// Those that the list has no more.
    pub missing: usize,
}

/// A price that is far from what others ask for the model. Pairs are input and output, in USD per million tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Far {
    /// `x-ai/grok-4-fast at oci as xai.grok-4-fast`
    pub place: String,
    /// The list that has it.
    pub list: String,
    /// The price.
    pub asked: [String; 2],
    /// The median of others'.
    pub usual: [String; 2],
    /// The list that was followed instead, if one is near.
    pub instead: Option<&'static str>,
}

impl Display for Far {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [input, output] = &self.asked;
        let [usual_input, usual_output] = &self.usual;
        let instead = self.instead.unwrap_or("none");
        write!(
            f,
            "{}: {} {input}, {output}; others {usual_input}, {usual_output}; taken {instead}",
            self.place, self.list
        )
    }
}

/// One price on which lists differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// Where.
    pub at: Offered,
    /// `cache_read`
    pub rate: &'static str,
    /// What each list says.
    pub said: BTreeMap<&'static str, String>,
    /// The list that was followed.
    pub taken: &'static str,
    /// Why that one.
    pub why: &'static str,
}

impl Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:", self.at, self.rate)?;
        for (list, price) in &self.said {
            write!(f, " {list} {price}")?;
        }
        write!(f, "; taken {} ({})", self.taken, self.why)
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (list, lines) in &self.lines {
            writeln!(f, "{list}: {lines} lines")?;
        }
        writeln!(f, "left out by rules: {} lines", self.skipped)?;
        writeln!(f, "prices left out that cannot be meant: {}", self.mended)?;
        let lines: usize = self.not_imported.iter().map(|(_, _, lines)| lines).sum();
        writeln!(f, "of providers without a file: {lines} lines")?;
        for (list, provider, lines) in &self.not_imported {
            writeln!(f, "  {list} {provider} {lines}")?;
        }
        writeln!(f, "values that cannot be read: {}", self.unread.len())?;
        for one in &self.unread {
            writeln!(f, "  {one}")?;
        }
        if !self.contested.is_empty() {
            writeln!(
                f,
                "names that two models claim: {}",
                self.contested.join(", ")
            )?;
        }
        writeln!(f, "prices far from what others ask: {}", self.far.len())?;
        for one in &self.far {
            writeln!(f, "  {one}")?;
        }
        writeln!(
            f,
            "contexts far above what others give: {}",
            self.large.len()
        )?;
        for one in &self.large {
            writeln!(f, "  {one}")?;
        }
        writeln!(
            f,
            "outputs longer than the author gives: {}",
            self.long.len()
        )?;
        for one in &self.long {
            writeln!(f, "  {one}")?;
        }
        writeln!(
            f,
            "prices on which lists differ: {}",
            self.disagreements.len()
        )?;
        for one in &self.disagreements {
            writeln!(f, "  {} {one}", one.at.provider)?;
        }
        Ok(())
    }
}
