//! What is known of a document beside its text: [`fields`] maps names of an archive's fields to ours,
//! [`table`] joins a metadata table, [`date`] and [`language`] bring what they found into one form.

pub(super) mod date;
pub(super) mod fields;
pub(super) mod language;
pub(super) mod table;
pub(super) mod value;
