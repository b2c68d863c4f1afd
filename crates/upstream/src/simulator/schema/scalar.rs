//! Made-up texts and numbers within a schema's bounds.

use serde_json::{Map, Number, Value};

/// A size keyword (`minLength`, `maxItems` …), where it is a whole number.
pub(super) fn size(schema: &Map<String, Value>, keyword: &str) -> Option<usize> {
    schema
        .get(keyword)
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
}

/// The longest made-up text, whatever `minLength` asks.
const LONGEST: usize = 4096;

/// A text of the asked format or length; without either, `simulated <name>`.
pub(super) fn text(schema: &Map<String, Value>, name: &str, item: usize) -> Value {
    if let Some(format) = schema.get("format").and_then(Value::as_str)
        && let Some(text) = of_format(format, item)
    {
        return Value::String(text);
    }
    let mut text = format!("simulated {name}");
    if item > 0 {
        text = format!("{item} {text}");
    }
    let least = size(schema, "minLength").unwrap_or(0).min(LONGEST);
    while text.chars().count() < least {
        text.push_str(" and more");
    }
    let most = size(schema, "maxLength").unwrap_or(usize::MAX);
    Value::String(text.chars().take(most).collect())
}

/// Formats of JSON Schema 2020-12, section 7.3 of the validation vocabulary.
fn of_format(format: &str, item: usize) -> Option<String> {
    let number = item % 28 + 1;
    Some(match format {
        "date" => format!("2025-01-{number:02}"),
        "date-time" => format!("2025-01-{number:02}T12:00:00Z"),
        "time" => format!("12:{number:02}:00Z"),
        "duration" => format!("PT{number}M"),
        "email" => format!("simulated{number}@example.com"),
        "hostname" => format!("host{number}.example.com"),
        "ipv4" => format!("192.0.2.{number}"),
        "ipv6" => format!("2001:db8::{number}"),
        "uri" | "iri" => format!("https://example.com/simulated/{number}"),
        "uuid" => format!("00000000-0000-4000-8000-{number:012}"),
        _ => return None,
    })
}

/// A whole number within bounds: the least allowed one from 1 on where possible, one step further per list item.
pub(super) fn integer(schema: &Map<String, Value>, item: usize) -> Value {
    let bounds = Bounds::of(schema);
    let step = bounds
        .step
        .filter(|step| step.fract() == 0.0)
        .unwrap_or(1.0);
    let chosen = bounds.choose(step, item);
    let whole = if chosen.abs() < 9e15 { chosen } else { 0.0 };
    // The text of a whole float below 2^53 is that whole number.
    format!("{whole:.0}")
        .parse::<i64>()
        .map_or(Value::Null, Value::from)
}

/// A number within bounds.
pub(super) fn number(schema: &Map<String, Value>, item: usize) -> Value {
    let bounds = Bounds::of(schema);
    let step = bounds.step.unwrap_or_else(|| bounds.span());
    Number::from_f64(bounds.choose(step, item)).map_or(Value::Null, Value::Number)
}

struct Bounds {
    least: Option<f64>,
    least_excluded: bool,
    most: Option<f64>,
    most_excluded: bool,
    step: Option<f64>,
}

impl Bounds {
    fn of(schema: &Map<String, Value>) -> Self {
        let number = |keyword| schema.get(keyword).and_then(Value::as_f64);
        // Draft 4 says `"minimum": 0, "exclusiveMinimum": true`, later ones `"exclusiveMinimum": 0`.
        let flagged = |keyword| schema.get(keyword).and_then(Value::as_bool) == Some(true);
        let over = number("exclusiveMinimum");
        let under = number("exclusiveMaximum");
        Self {
            least: over.or(number("minimum")),
            least_excluded: over.is_some() || flagged("exclusiveMinimum"),
            most: under.or(number("maximum")),
            most_excluded: under.is_some() || flagged("exclusiveMaximum"),
            step: number("multipleOf").filter(|step| *step > 0.0),
        }
    }

    /// A step that leaves room for several values between the bounds.
    fn span(&self) -> f64 {
        match (self.least, self.most) {
            (Some(least), Some(most)) if most > least => ((most - least) / 4.0).min(1.0),
            (Some(_) | None, Some(_) | None) => 1.0,
        }
    }

    fn allows(&self, number: f64) -> bool {
        let over = self
            .least
            .is_none_or(|least| number > least || (number == least && !self.least_excluded));
        let under = self
            .most
            .is_none_or(|most| number < most || (number == most && !self.most_excluded));
        over && under
    }

    /// The `item`th allowed multiple of `step` at or above a natural beginning.
    fn choose(&self, step: f64, item: usize) -> f64 {
        let begin = match (self.least, self.most) {
            _ if self.allows(step) => step,
            (Some(least), _) => least,
            (None, Some(most)) => most - step * 8.0,
            (None, None) => step,
        };
        let aligned = match self.step {
            Some(_) => (begin / step).ceil() * step,
            None => begin,
        };
        let candidates = (0..64_u32).map(|index| aligned + f64::from(index) * step);
        let mut allowed = candidates.filter(|number| self.allows(*number)).peekable();
        let lowest = allowed.peek().copied();
        let fallback = lowest.or(self.least).or(self.most).unwrap_or(0.0);
        allowed.nth(item).unwrap_or(fallback)
    }
}
