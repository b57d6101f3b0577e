//! Statements to tokens, tokens to windows, windows through the engine, and its outputs back to the
//! document's tokens: `window` cuts, `batch` groups, [`Encoding`] is what the later stages read.
//!
//! A statement is read in its context: a window is a run of statements of one paragraph (short
//! paragraphs are joined) that fits the model. Every window passes the encoder once, for all heads.

mod batch;
mod encoding;
mod question;
mod window;

pub use batch::{Batch, BatchOptions, Batcher};
pub use encoding::{Encoding, Token};
pub use question::{Question, question};
pub use window::{Window, WindowOptions, windows};
