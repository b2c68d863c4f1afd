//! Closed sets of words of the domain, as answers spell them and as the OpenAPI document lists them. What they mean, and
//! how they are spelled, stands in the domain alone.

use domain::catalog::{Capability, Granted, Lifecycle, Modality};
use domain::pricing::Unit;
use domain::routing::Why;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Something that a model can do.
pub(crate) type CapabilityWord = Word<Capability>;
/// A kind of content.
pub(crate) type ModalityWord = Word<Modality>;
/// To whom a promise about data is made.
pub(crate) type GrantedWord = Word<Granted>;
/// Whether something is served, by the day on which it ends.
pub(crate) type LifecycleWord = Word<Lifecycle>;
/// Something that is sold by the piece.
pub(crate) type UnitWord = Word<Unit>;
/// Why an offering stands where it does in a plan.
pub(crate) type WhyWord = Word<Why>;

/// One word of a closed set. Types of answers name it by one of the aliases above, since the derived schemas add the
/// arguments of a generic type to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<W>(W);

/// A closed set of words.
pub(crate) trait Words: Copy + 'static {
    /// What the OpenAPI document calls the set.
    const NAME: &'static str;
    /// What one of them says, in a sentence.
    const ABOUT: &'static str;
    /// All of them, in the document's order.
    const ALL: &'static [Self];

    /// How it is spelled.
    fn as_str(self) -> &'static str;
}

impl<W> From<W> for Word<W> {
    fn from(word: W) -> Self {
        Self(word)
    }
}

impl<W: Words> Serialize for Word<W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<W: Words> PartialSchema for Word<W> {
    fn schema() -> RefOr<Schema> {
        let words = W::ALL.iter().map(|word| word.as_str());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(W::ABOUT))
            .enum_values(Some(words))
            .into()
    }
}

impl<W: Words> ToSchema for Word<W> {
    fn name() -> Cow<'static, str> {
        W::NAME.into()
    }
}

impl Words for Capability {
    const NAME: &'static str = "Capability";
    const ABOUT: &'static str = "Something that a model can do.";
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }
}

impl Words for Modality {
    const NAME: &'static str = "Modality";
    const ABOUT: &'static str = "A kind of content.";
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }
}

impl Words for Granted {
    const NAME: &'static str = "Granted";
    const ABOUT: &'static str = "To whom a promise about data is made.";
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }
}

impl Words for Lifecycle {
    const NAME: &'static str = "Lifecycle";
    const ABOUT: &'static str = "Whether something is served: `deprecated` once the day of its end is known, `retired` once it has come.";
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }
}

impl Words for Unit {
    const NAME: &'static str = "Unit";
    const ABOUT: &'static str = "Something that is sold by the piece.";
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }
}

impl Words for Why {
    const NAME: &'static str = "WhyWord";
    const ABOUT: &'static str = "Why an offering stands where it does.";
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }
}
