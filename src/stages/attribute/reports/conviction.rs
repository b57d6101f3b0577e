//! Convictions that report: 'she is convinced that …', '…, the mayor is sure.'

use super::report::{Direction, Report, Scan};
use crate::stages::attribute::words::lexicon::{CueKind, lexicon};
use crate::stages::attribute::words::piece::Shape;

impl Scan<'_> {
    /// The report that a word of conviction makes with its subject.
    pub(super) fn conviction(&self, at: usize) -> Option<Report> {
        let lexicon = lexicon();
        let ends = self.ends_sentence(at + 1);
        let leads = self
            .piece(at + 1)
            .is_some_and(|p| lexicon.leads_from_conviction(&p.lower));
        if !ends && !leads {
            return None;
        }
        // 'is also convinced', 'was not convinced' is none.
        let linked = (self.range.start..at).rev().find(|&before| {
            let p = &self.all[before];
            !lexicon.is_between(&p.lower) || lexicon.is_linking(&p.lower)
        })?;
        let subject_end = lexicon
            .is_linking(&self.all[linked].lower)
            .then_some(linked)?;
        let source = self.phrase_before(subject_end)?;
        if !self.is_source(&source) {
            return None;
        }
        let follows_mark =
            source.start > self.range.start && self.all[source.start - 1].shape == Shape::Mark;
        if ends && !follows_mark {
            return None;
        }
        Some(Report {
            source: Some(source),
            cue: subject_end..at + 1,
            direction: if ends {
                Direction::Backward
            } else {
                Direction::Forward
            },
            kind: CueKind::Say,
        })
    }

    fn ends_sentence(&self, at: usize) -> bool {
        self.piece(at)
            .is_none_or(|p| [".", ",", ";", "!"].iter().any(|mark| p.is(mark)))
    }
}
