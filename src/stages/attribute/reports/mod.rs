//! Acts of speech: `report` finds them by rule with `phrase` and `conviction`; `decode`, `chances`, `edges` and
//! `link` read the tagger.

mod chances;
mod conviction;
pub(in crate::stages::attribute) mod decode;
mod edges;
pub(in crate::stages::attribute) mod link;
pub(in crate::stages::attribute) mod phrase;
pub(in crate::stages::attribute) mod report;
