//! The pipeline's stages, in order: segment · encode · attribute · classify; and `embed`, which stands beside them.
//!
//! Each takes the [`Analysis`](crate::schema::Analysis) that the one before it made; a wrong order does
//! not compile.

pub mod attribute;
pub mod classify;
pub mod embed;
pub mod encode;
pub mod furniture;
pub mod segment;
