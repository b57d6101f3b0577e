//! Who is named: `name` finds names and roles in each `run` of capitals, `role` compares roles, `entity` clusters
//! what means one, `stray` and `things` take out what is nobody's; `holders` knows who held which office, `aliases` what the user's table says.

pub(in crate::stages::attribute) mod aliases;
pub(in crate::stages::attribute) mod entity;
pub(in crate::stages::attribute) mod holders;
pub(in crate::stages::attribute) mod name;
pub(in crate::stages::attribute) mod role;
mod run;
mod stray;
mod things;
