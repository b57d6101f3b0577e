//! Who speaks: `reference` resolves words to names by what is `past`; `voice` gives every statement its
//! speaker by the `evidence`, with `quoted` for what stands in quotation marks.

pub(in crate::stages::attribute) mod evidence;
pub(in crate::stages::attribute) mod past;
mod quoted;
pub(in crate::stages::attribute) mod reference;
pub(in crate::stages::attribute) mod voice;
