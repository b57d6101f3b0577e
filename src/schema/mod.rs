//! Plain data without input or output: what a document, a statement, an attribution, a label and a
//! record are. Everything else in the crate speaks in these types.
//!
//! [`document`] holds text and hands out [`Span`]s of it; [`statement`] says what is annotated;
//! [`attribution`] who speaks; [`taxonomy`] which themes and stances there are; [`annotation`] what was
//! found; [`record`] is what is written, one JSON line a statement; [`manifest`] what a run was;
//! [`targeted`] is a text with a target; [`interval`] how sure a figure is; [`name`] what spellings of a name have in common.

pub mod annotation;
pub mod attribution;
pub mod document;
pub mod interval;
pub mod manifest;
pub mod name;
pub mod origin;
pub mod probability;
pub mod record;
pub mod span;
pub mod statement;
pub mod targeted;
pub mod taxonomy;

pub use annotation::{Annotated, Label};
pub use attribution::{Attributed, Attribution, Speaker, Speech};
pub use document::Document;
pub use interval::Interval;
pub use manifest::{Counts, Manifest, Run, Shard};
pub use origin::{Origin, Quarantined};
pub use probability::Probability;
pub use record::Record;
pub use span::{CodePoints, Span};
pub use statement::{Analysis, Statement};
pub use targeted::TargetedText;
pub use taxonomy::{LabelKey, Stance, Taxonomy, Theme};
