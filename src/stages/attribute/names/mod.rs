//! Who is named: `name` finds names and roles, `role` compares roles, `entity` clusters what means one.

pub(in crate::stages::attribute) mod entity;
pub(in crate::stages::attribute) mod name;
pub(in crate::stages::attribute) mod role;
