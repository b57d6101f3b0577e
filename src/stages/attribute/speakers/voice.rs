//! Says of every statement who speaks: by its own report, by the quotation that it belongs to, by what
//! comes after ('This was stated by …'), or because it plainly goes on.

use crate::schema::Speech;

use super::evidence::{Evidence, is_sentence, is_term, quoted_share};
use super::past::{Past, Resolved, Way, Who};
use super::reference::Resolver;
use crate::stages::attribute::names::entity::Mention;
use crate::stages::attribute::names::name::NameKind;
use crate::stages::attribute::reports::report::{Direction, Report};
use crate::stages::attribute::words::lexicon::{CueKind, lexicon};
use crate::stages::attribute::words::piece::Shape;
use crate::stages::attribute::words::quotation::Quotation;
use crate::stages::attribute::words::settings::settings;

/// Who speaks in a statement, and how.
#[derive(Clone, Debug)]
pub(in crate::stages::attribute) struct Voice {
    /// Who.
    pub(in crate::stages::attribute) resolved: Resolved,
    /// How.
    pub(in crate::stages::attribute) speech: Speech,
}

/// How far into a statement a pronoun can be its subject, in pieces.
const SUBJECT_PIECES: usize = 6;
/// How many statements back 'This was stated by …' reaches.
const REACH_BACK: usize = 8;

/// The voice of every statement; `None` for the narrator.
pub(in crate::stages::attribute) fn voices(evidence: &Evidence<'_>) -> Vec<Option<Voice>> {
    let mut assigner = Assigner::new(evidence);
    for statement in 0..evidence.reports.len() {
        assigner.assign(statement);
    }
    assigner.voices
}

/// Gives the statements their voices, one after the other.
pub(super) struct Assigner<'e, 'd> {
    pub(super) evidence: &'e Evidence<'d>,
    resolver: Resolver<'e>,
    pub(super) past: Past,
    pub(super) voices: Vec<Option<Voice>>,
    /// The share of each statement that stands in quotation marks.
    pub(super) quoted: Vec<f32>,
    /// The share of reported statements among all sentences of the document.
    density: f32,
}

impl<'e, 'd> Assigner<'e, 'd> {
    fn new(evidence: &'e Evidence<'d>) -> Self {
        let quoted: Vec<f32> = (0..evidence.reports.len())
            .map(|statement| quoted_share(evidence, statement))
            .collect();
        let sentences = (0..quoted.len()).filter(|&s| is_sentence(evidence, s));
        let (mut count, mut reported) = (0, 0);
        for statement in sentences {
            count += 1;
            reported += usize::from(
                !evidence.reports[statement].is_empty()
                    || quoted[statement] > settings().quoted_share,
            );
        }
        Self {
            resolver: Resolver {
                document: &evidence.analysis.document,
                pieces: evidence.pieces,
                entities: evidence.entities,
            },
            past: Past::default(),
            voices: vec![None; quoted.len()],
            quoted,
            density: reported as f32 / count.max(1) as f32,
            evidence,
        }
    }

    fn assign(&mut self, statement: usize) {
        let own = self.own(statement);
        if let Some((report, resolved)) = own {
            let resolved = self.of_same_quotation(statement).unwrap_or(resolved);
            if report.direction == Direction::Before {
                self.reach_back(statement, &resolved);
            }
            let speech = self.speech(statement, Some(&report));
            // Whom the report is about may be the 'he' of the next sentence.
            if let Some(subject) = self.subject(statement) {
                self.past.acted(statement, subject);
            }
            self.set(statement, resolved, speech);
        } else if let Some(resolved) = self.of_quotation(statement) {
            self.set(statement, resolved, Speech::Direct);
        } else if let Some(resolved) = self.continued(statement) {
            self.voices[statement] = Some(Voice {
                resolved,
                speech: self.speech(statement, None),
            });
        } else if is_sentence(self.evidence, statement)
            && let Some(subject) = self.subject(statement)
        {
            self.past.acted(statement, subject);
        }
    }

    fn set(&mut self, statement: usize, resolved: Resolved, speech: Speech) {
        // A headline among the paragraphs belongs to another article.
        if is_sentence(self.evidence, statement) {
            self.past.spoke(statement, &resolved.who);
        }
        self.voices[statement] = Some(Voice { resolved, speech });
    }

    /// The statement's main report and who speaks in it.
    pub(super) fn own(&self, statement: usize) -> Option<(Report, Resolved)> {
        let reports = &self.evidence.reports[statement];
        // 'He briefed them, noting that Norland rejects it': who rejects is told by the one who notes.
        let told = |report: &&Report| {
            report.kind == CueKind::Act
                && reports.iter().any(|outer| {
                    outer.source.is_none()
                        && outer.kind == CueKind::Say
                        && outer.cue.start < report.cue.start
                })
        };
        let with_source = reports
            .iter()
            .filter(|report| report.source.is_some() && !told(report));
        // A report of speech outranks one of position: 'Lee, who opposed the plan, said …'.
        let mut ranked: Vec<&Report> = with_source.collect();
        ranked.sort_by_key(|report| report.kind != CueKind::Say);
        let resolve = |report: &Report| {
            let source = report.source.as_ref()?;
            let resolved = self.resolver.resolve(source, &self.past)?;
            Some((report.clone(), resolved))
        };
        if let Some(main) = ranked.iter().find_map(|report| resolve(report)) {
            // 'According to the Wire, Ann Lee said': the Wire only passes it on.
            let according =
                |report: &Report| report.cue.len() > 1 && report.direction == Direction::Forward;
            if according(&main.0) && !self.is_person(&main.1.who) {
                let said = ranked
                    .iter()
                    .filter(|r| r.kind == CueKind::Say && !according(r));
                let person = said
                    .filter_map(|r| resolve(r))
                    .find(|(_, r)| self.is_person(&r.who));
                return person.or(Some(main));
            }
            // 'The Fund expects rain, she noted': what closes the sentence tells all of it.
            let told = ranked.iter().find(|report| {
                let all = &self.evidence.pieces.all;
                let source = report.source.as_ref().map(|source| &all[source.clone()]);
                let named = source.is_some_and(|words| {
                    words.iter().all(|p| lexicon().pronoun(&p.lower).is_none())
                });
                self.closes(statement, report) && (named || !self.is_person(&main.1.who))
            });
            return told.and_then(|report| resolve(report)).or(Some(main));
        }
        let report = reports.first().filter(|report| report.source.is_none())?;
        let who = self.subject(statement)?;
        let resolved = Resolved {
            who,
            mention: None,
            way: Way::GoesOn,
        };
        Some((report.clone(), resolved))
    }

    /// Whether a report stands after what it reports and ends the statement: '…, she noted', but not '…, as promised by her'.
    fn closes(&self, statement: usize, report: &Report) -> bool {
        let pieces = self.evidence.pieces;
        let source = report.source.as_ref();
        let end = source.map_or(0, |source| source.end).max(report.cue.end);
        let rest = &pieces.all[end..pieces.of_statement[statement].end.max(end)];
        report.direction == Direction::Backward
            && report.kind == CueKind::Say
            && report.cue.len() == 1
            && !pieces.all.get(report.cue.end).is_some_and(|p| p.is("by"))
            && rest.iter().all(|p| p.shape == Shape::Mark)
    }

    /// The person or body that a statement names first.
    fn subject(&self, statement: usize) -> Option<Who> {
        let range = &self.evidence.pieces.of_statement[statement];
        let mentions = self.evidence.entities.mentions_in(range);
        let entities = self.evidence.entities;
        let all = &self.evidence.pieces.all;
        let people = || {
            mentions.iter().filter(|m| {
                let owner = all
                    .get(m.pieces.end)
                    .is_some_and(|p| p.shape == Shape::Genitive);
                !owner && m.entity.is_some_and(|id| entities.is_person(id))
            })
        };
        let sure = |m: &&Mention| {
            m.entity
                .is_some_and(|id| entities.all[id].kind == NameKind::Person)
        };
        // 'After a gift from Tom Berg, the mayor …': who stands after a preposition is not the subject.
        let governed = |m: &&Mention| {
            let before = m
                .pieces
                .start
                .checked_sub(1)
                .filter(|&at| at >= range.start);
            before.is_some_and(|at| lexicon().is_preposition(&all[at].lower) && !all[at].is("by"))
        };
        let free = || people().filter(|m| !governed(m));
        let person = free().find(sure).or_else(|| {
            let other = free().next()?;
            (!people().any(|m| sure(&m))).then_some(other)
        });
        // 'It was noted' is said by nobody whom 'it' means.
        let is_empty = |at: usize| {
            let next = all.get(at + 1);
            all[at].is("it") && next.is_some_and(|p| ["was", "is"].iter().any(|verb| p.is(verb)))
        };
        let nominative =
            |at: &usize| matches!(&*all[*at].lower, "he" | "she" | "they" | "it") && !is_empty(*at);
        let before = person.map_or(range.end, |mention| mention.pieces.start);
        let pronoun = (range.start..before.min(range.start + SUBJECT_PIECES)).find(nominative);
        match pronoun {
            Some(at) => {
                let resolved = self.resolver.resolve(&(at..at + 1), &self.past)?;
                Some(resolved.who)
            }
            None => person?.entity.map(Who::Entity),
        }
    }

    /// Gives the statements before 'This was stated by …' their speaker.
    fn reach_back(&mut self, statement: usize, resolved: &Resolved) {
        for before in (statement.saturating_sub(REACH_BACK)..statement).rev() {
            if self.voices[before].is_some() || !is_sentence(self.evidence, before) {
                break;
            }
            let speech = self.speech(before, None);
            self.voices[before] = Some(Voice {
                resolved: resolved.clone(),
                speech,
            });
        }
    }

    /// Whether this is a person for sure.
    pub(super) fn is_person(&self, who: &Who) -> bool {
        match who {
            Who::Entity(id) => self.evidence.entities.all[*id].kind == NameKind::Person,
            Who::Several(_) | Who::Words(_) => false,
        }
    }

    /// Who goes on speaking in a statement that names nobody and reports nothing.
    fn continued(&self, statement: usize) -> Option<Resolved> {
        let (at, who) = self.past.speaker.as_ref()?;
        let previous = statement.checked_sub(1)?;
        if self.voices[previous].is_none()
            || !is_sentence(self.evidence, statement)
            || statement - at > 4
        {
            return None;
        }
        let range = &self.evidence.pieces.of_statement[statement];
        let words = self
            .evidence
            .pieces
            .lower(range.start..range.end.min(range.start + 5));
        let lexicon = lexicon();
        let pieces = &self.evidence.pieces.all[range.clone()];
        if lexicon.tells_of_meeting(&self.evidence.pieces.lower(range.clone())) {
            return None;
        }
        let goes_on = lexicon.goes_on(&words);
        let opinion = pieces
            .iter()
            .any(|p| p.shape == Shape::Lower && lexicon.is_opinion(&p.lower));
        let ours = pieces.iter().any(|p| lexicon.is_first_person(&p.lower));
        if pieces.last().is_some_and(|p| p.is("?")) || words.starts_with("meanwhile") {
            return None;
        }
        // After a quotation, a paragraph that begins anew is background: 'The bridge was built in 1931.'
        let statements = &self.evidence.analysis.statements;
        let anew = statements[statement].paragraph != statements[previous].paragraph
            && self.quoted[previous] >= settings().quoted_share;
        if anew && !goes_on && !opinion && !ours {
            return None;
        }
        let weight = self.density
            + if goes_on { 0.25 } else { 0.0 }
            + if opinion { 0.2 } else { 0.0 }
            + if ours { 0.4 } else { 0.0 }
            + self.evidence.content.map_or(0.0, |shares| {
                (shares[statement] - settings().tagged_share) * settings().tagged_weight
            });
        (weight >= 0.8).then(|| Resolved {
            who: who.clone(),
            mention: None,
            way: Way::GoesOn,
        })
    }

    /// How a statement with a speaker gives the words.
    fn speech(&self, statement: usize, report: Option<&Report>) -> Speech {
        let span = self.evidence.analysis.statements[statement].span;
        let first = self
            .evidence
            .quotations
            .partition_point(|q| q.end <= span.start());
        let inside: Vec<&Quotation> = self.evidence.quotations[first..]
            .iter()
            .take_while(|q| q.start < span.end())
            .filter(|q| !is_term(self.evidence, q))
            .collect();
        if inside.is_empty() {
            return Speech::Indirect;
        }
        let Some(report) = report else {
            return if self.quoted[statement] >= settings().quoted_share {
                Speech::Direct
            } else {
                Speech::Mixed
            };
        };
        let others = self.evidence.reports[statement]
            .iter()
            .filter(|r| r.cue.start > report.cue.start && r.source.is_none())
            .count();
        let cue = &self.evidence.pieces.all[report.cue.start];
        let next = &self.evidence.pieces.all
            [report.cue.end..self.evidence.pieces.of_statement[statement].end];
        let after = next
            .iter()
            .find(|p| p.is_word())
            .map_or(span.end(), |p| p.start);
        let follows = inside
            .iter()
            .any(|q| q.start >= cue.end && q.start <= after);
        let colon = inside.iter().any(|q| {
            next.iter()
                .any(|p| p.is(":") && p.start < q.start && q.start - p.start <= 4)
        });
        let opens = inside.iter().any(|q| q.start <= span.start());
        let direct = report.kind == CueKind::Say && (follows || colon || opens) && others == 0;
        if direct {
            Speech::Direct
        } else {
            Speech::Mixed
        }
    }
}
