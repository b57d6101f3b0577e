//! Words and marks: `piece` cuts them, `quotation` pairs marks of quotation, `lexicon` knows the lists,
//! `settings` the thresholds.

pub(in crate::stages::attribute) mod lexicon;
pub(in crate::stages::attribute) mod piece;
pub(in crate::stages::attribute) mod quotation;
pub(in crate::stages::attribute) mod settings;
