//! Plain text: the file is the document, as it stands.

use super::Draft;
use crate::corpus::CorpusOptions;
use crate::corpus::describe::date;
use crate::schema::document::Metadata;

/// The text unchanged; a first line such as ` date 2025-07-16 Baku, July 16` tells its date.
#[expect(
    clippy::unnecessary_wraps,
    reason = "one signature for all formats of one document"
)]
pub(super) fn parse(text: &str, _: &CorpusOptions) -> Result<Draft, String> {
    Ok(Draft {
        metadata: Metadata {
            date: date::leading(text),
            ..Metadata::default()
        },
        text: text.to_owned(),
    })
}
