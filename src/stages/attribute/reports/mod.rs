//! Acts of speech: `report` finds them by rule with `phrase`; `decode` and `link` read the tagger.

pub(in crate::stages::attribute) mod decode;
pub(in crate::stages::attribute) mod link;
pub(in crate::stages::attribute) mod phrase;
pub(in crate::stages::attribute) mod report;
