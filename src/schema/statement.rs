//! The unit of annotation, and a document with what is known of its statements.

use std::sync::Arc;

use super::{Document, Span};

/// A sentence as spoken or reported, or one whole input record under `--split none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its place among the document's statements, from 0.
    pub index: usize,
    /// Where it stands, without white space at its ends.
    pub span: Span,
    /// The paragraph that it stands in, from 0: statements of one paragraph share their context.
    pub paragraph: usize,
}

/// A document with what is known of its statements so far.
///
/// The stages take it from `Analysis<Statement>` over `Analysis<Attributed>` to `Analysis<Annotated>`:
/// stages in the wrong order do not compile.
#[derive(Clone, Debug)]
pub struct Analysis<S> {
    /// The document.
    pub document: Arc<Document>,
    /// Its statements, in order, not overlapping.
    pub statements: Vec<S>,
    /// What of the text is no statement: page furniture such as bylines, share buttons, advertisements.
    pub furniture: Vec<Span>,
}
