//! Words and marks: `piece` cuts them, `quotation` pairs marks of quotation, `lexicon` knows the lists.

pub(in crate::stages::attribute) mod lexicon;
pub(in crate::stages::attribute) mod piece;
pub(in crate::stages::attribute) mod quotation;
