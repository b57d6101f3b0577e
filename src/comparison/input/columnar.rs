//! Parquet, with the nesting of our records.

use std::fs::File;
use std::path::Path;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde_json::Value;

use super::row::Row;
use super::{Entry, settle};
use crate::error::{Error, Result};

/// Hands every statement of a Parquet file to `take`.
pub(super) fn read(path: &Path, take: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
    let unreadable = |source: ParquetError| Error::ReadArchive {
        path: path.to_path_buf(),
        source: source.into(),
    };
    let file = File::open(path).map_err(|source| Error::ReadArchive {
        path: path.to_path_buf(),
        source: source.into(),
    })?;
    let reader = SerializedFileReader::new(file).map_err(unreadable)?;
    for (index, row) in reader.get_row_iter(None).map_err(unreadable)?.enumerate() {
        let mut record = row.map_err(unreadable)?.to_json_value();
        drop_nulls(&mut record);
        take(settle(
            path,
            index + 1,
            Row::from_json(&record.to_string()),
        )?)?;
    }
    Ok(())
}

/// A column that a row does not use is null in Parquet and absent in JSON Lines.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
