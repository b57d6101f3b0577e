//! The pipeline's stages, in order: segment · encode · attribute · classify.
//!
//! Each takes the [`Analysis`](crate::schema::Analysis) that the one before it made; a wrong order does
//! not compile.

pub mod attribute;
pub mod classify;
pub mod encode;
pub mod furniture;
pub mod segment;
