//! Acts of speech: `report` finds them by rule with `phrase` and `conviction`; `decode`, `edges` and `link`
//! read the tagger.

mod conviction;
pub(in crate::stages::attribute) mod decode;
mod edges;
pub(in crate::stages::attribute) mod link;
pub(in crate::stages::attribute) mod phrase;
pub(in crate::stages::attribute) mod report;
