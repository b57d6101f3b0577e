//! Who says what, about which themes, and where do they stand?
//!
//! Plenary reads an archive of articles and speeches and writes one annotated record a statement: its
//! speaker, the themes it touches, and the speaker's stance toward the target that the statement names.
//!
//! # Architecture
//!
//! ```text
//! archive ─ corpus ─► Document ─ segment ─► Statement ─ encode ─► Encoding ─ attribute ─► Attributed
//!           ─ classify ─► Annotated ─ output ─► Record      records ─► evaluation · comparison
//! ```
//!
//! - [`schema`]: plain data. A [`Span`](schema::Span) is made by its [`Document`](schema::Document) alone,
//!   so that it always slices; an [`Analysis`](schema::Analysis) is a document with what is known of its
//!   statements, so that stages in the wrong order do not compile; a [`Record`](schema::Record) is one
//!   line of what is written.
//! - [`corpus`]: archives in, one file a format. What cannot be read is an
//!   [`Entry::Quarantined`](corpus::Entry::Quarantined) with its reason, never an error that ends a run.
//! - [`stages`]: segment, encode, attribute, classify. A statement is read in a *window* of its
//!   neighbours; every window passes the encoder once, for all heads; pooling, calibration and decoding
//!   stand outside the engine.
//! - [`model`]: the model folder. One weights file, from which the graph that the engines run is made
//!   when it is opened, in f32 or int8.
//! - [`engine`]: [`Engine`](engine::Engine), one trait: token ids in, named tensors out. An engine knows
//!   nothing of themes.
//! - [`run`]: the stages joined by bounded queues. Batches hold windows of exactly one length, so nothing
//!   is padded and no result depends on its neighbours: the same input gives the same bytes, whatever the
//!   threads and batch sizes.
//! - [`output`]: records reach their name only when complete; an interrupted run goes on where it stopped.
//! - [`evaluation`] and [`comparison`] read records alone, without weights.
//! - [`training`]: from labelled records to a model folder, on libtorch.
//!
//! Directions: `commands → run → stages → engine → model`, all of them `→ schema → error`; a test reads
//! the `use` lines and guards this.
//!
//! To add a reader, put a file into `corpus/formats`; a theme, a `[[theme]]` into a taxonomy and labelled
//! records before `plenary train`; an engine, a file into `engine`; a report, a file beside the others in
//! `comparison` or `evaluation`.

pub mod comparison;
pub mod corpus;
pub mod engine;
pub mod error;
pub mod evaluation;
pub mod json_lines;
pub mod model;
pub mod output;
pub mod run;
pub mod schema;
pub mod stages;
pub mod training;
