//! What speakers stress, where they stand, and how sure one can be: from records alone.
pub mod statistics;
