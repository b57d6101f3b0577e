//! What is read of an archive when a quarantine file is tried again.

use std::collections::{HashMap, HashSet};

use crate::schema::{Origin, Quarantined};

/// The places that were set aside and are to be read again.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Single lines, of which there may be many.
    lines: HashSet<Origin>,
    /// Whole files and members, and lines after which more may follow.
    parts: HashMap<String, Vec<Quarantined>>,
}

impl Wanted {
    pub(super) fn new(listed: Vec<Quarantined>) -> Self {
        let mut wanted = Self {
            lines: HashSet::new(),
            parts: HashMap::new(),
        };
        for quarantined in listed {
            if quarantined.origin.line.is_some() && !quarantined.last {
                wanted.lines.insert(without_bytes(&quarantined.origin));
            } else {
                let path = quarantined.origin.path.clone();
                wanted.parts.entry(path).or_default().push(quarantined);
            }
        }
        wanted
    }

    pub(super) fn holds(&self, place: &Origin) -> bool {
        let parts = self.parts.get(&place.path);
        self.lines.contains(&without_bytes(place))
            || parts.is_some_and(|parts| parts.iter().any(|part| part.covers(place)))
    }
}

/// The place by its line alone: bytes move when what stands before them is mended.
fn without_bytes(place: &Origin) -> Origin {
    Origin {
        bytes: None,
        ..place.clone()
    }
}
