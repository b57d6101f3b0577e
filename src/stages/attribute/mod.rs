//! Who speaks: `words` cuts the text, `names` finds who is named, `reports` finds acts of speech, `speakers`
//! gives every statement its speaker, `turn` reads transcripts and addresses.

mod names;
mod reports;
mod speakers;
#[cfg(test)]
mod tests;
mod turn;
mod words;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::schema::{
    Analysis, Attributed, Attribution, Document, Probability, Span, Speaker, Speech, Statement,
};
use crate::stages::encode::Encoding;

pub use names::aliases::Aliases;

use names::entity::Entities;
use names::holders;
use names::name::{self, Named};
use reports::report::{self, Context, Direction, Report};
use reports::{decode, link};
use speakers::evidence::Evidence;
use speakers::past::Who;
use speakers::voice::{self, Voice};
use turn::Floor;
use words::piece::Pieces;
use words::quotation;

/// How to attribute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttributorOptions {
    /// Speakers less likely than this are left out: unknown rather than wrong.
    pub threshold: Probability,
    /// Which names mean the same speaker in all documents.
    pub aliases: Aliases,
}

/// Says of every statement who speaks.
///
/// *Useful for* news in English, news releases, transcripts with turns, speeches. *Not useful for* other
/// languages (no speaker is guessed there) and fiction.
#[derive(Clone, Debug, Default)]
pub struct Attributor {
    options: AttributorOptions,
}

impl Attributor {
    /// An attributor that works by `options`.
    pub fn new(options: AttributorOptions) -> Self {
        Self { options }
    }

    /// Gives every statement its speaker and its reported speech, by the tagger's logits in `encoding`
    /// where there are some and by rules where there are none.
    pub fn attribute(
        &self,
        analysis: Analysis<Statement>,
        encoding: &Encoding,
    ) -> Analysis<Attributed> {
        let mut statements = if analysis.document.metadata.speaker.is_some() {
            of_document(&analysis)
        } else if is_english(&analysis.document) {
            self.by_evidence(&analysis, encoding)
        } else {
            analysis
                .statements
                .iter()
                .map(|&statement| narrated(statement))
                .collect()
        };
        self.name_across_documents(&analysis.document, &mut statements);
        Analysis {
            document: Arc::clone(&analysis.document),
            statements,
            furniture: analysis.furniture,
        }
    }

    /// Gives speakers the names under which they are known in all documents.
    fn name_across_documents(&self, document: &Document, statements: &mut [Attributed]) {
        let date = document.metadata.date.as_deref();
        let mut known: BTreeMap<(String, Option<String>), Option<&'static str>> = BTreeMap::new();
        let speakers = statements.iter_mut().filter_map(|s| s.speaker.as_mut());
        for speaker in speakers {
            if let Some(name) = self.options.aliases.replace(&speaker.name) {
                speaker.given_name = Some(std::mem::replace(&mut speaker.name, name));
                continue;
            }
            let named = known
                .entry((speaker.name.clone(), speaker.role.clone()))
                .or_insert_with_key(|(name, role)| holders::known_as(name, role.as_deref(), date));
            speaker.known_as = named.map(str::to_owned);
        }
    }

    fn by_evidence(&self, analysis: &Analysis<Statement>, encoding: &Encoding) -> Vec<Attributed> {
        let pieces = Pieces::new(analysis);
        let names = name::names(&pieces);
        let entities = Entities::new(&analysis.document, &pieces, &names);
        let quotations = quotation::quotations(analysis);
        let appositions = appositions(&names);
        let mut in_name = vec![false; pieces.all.len()];
        for named in &names {
            in_name[named.whole.clone()].fill(true);
        }
        let context = Context {
            pieces: &pieces,
            quotations: &quotations,
            appositions: &appositions,
            in_name: &in_name,
        };
        let mut reports: Vec<Vec<Report>> = (0..analysis.statements.len())
            .map(|statement| report::reports(&context, statement))
            .collect();
        let tags = decode::tags(analysis, encoding);
        let linked = tags.as_ref().map(|tags| link::attributions(&tags.spans));
        add_tagged(&mut reports, &context, linked.iter().flatten());
        let evidence = Evidence {
            analysis,
            content: tags.as_ref().map(|tags| tags.content.as_slice()),
            pieces: &pieces,
            entities: &entities,
            quotations: &quotations,
            reports: &reports,
        };
        let voices = voice::voices(&evidence);
        let mut statements: Vec<Attributed> = voices
            .into_iter()
            .enumerate()
            .map(|(index, voice)| attributed(&evidence, index, voice))
            .collect();
        if let Some(linked) = linked {
            touch(&mut statements, linked);
        }
        let floor = Floor {
            analysis,
            pieces: &pieces,
            names: &names,
            quotations: &quotations,
        };
        turn::take_floor(&floor, &mut statements);
        for statement in &mut statements {
            let probability = statement.speaker.as_ref().and_then(|s| s.probability);
            if probability.is_some_and(|probability| probability < self.options.threshold) {
                statement.speaker = None;
                statement.speech = Speech::None;
            }
        }
        statements
    }
}

/// A statement with its reports and its voice.
fn attributed(evidence: &Evidence<'_>, index: usize, voice: Option<Voice>) -> Attributed {
    let statement = evidence.analysis.statements[index];
    let attributions = evidence.reports[index]
        .iter()
        .map(|report| attribution(evidence, statement, report))
        .collect();
    let mut attributed = Attributed {
        statement,
        speaker: None,
        speech: Speech::None,
        attributions,
    };
    let Some(voice) = voice else {
        return attributed;
    };
    let probability =
        Probability::new(voice.resolved.way.probability(voice.speech)).unwrap_or_default();
    let (name, role) = match voice.resolved.who {
        Who::Words(name) => (name, None),
        Who::Several(ids) => {
            let name = |id: usize| evidence.entities.all[id].name.as_str();
            (
                ids.into_iter().map(name).collect::<Vec<_>>().join(" and "),
                None,
            )
        }
        Who::Entity(id) => {
            let entity = &evidence.entities.all[id];
            (
                entity.name.clone(),
                entity.roles.first().map(|role| role.text.clone()),
            )
        }
    };
    attributed.speaker = Some(Speaker {
        name,
        given_name: None,
        known_as: None,
        mention: voice.resolved.mention,
        role,
        probability: Some(probability),
    });
    attributed.speech = voice.speech;
    attributed
}

/// Adds what the tagger found in statements where no rule found who reports.
fn add_tagged<'a>(
    reports: &mut [Vec<Report>],
    context: &Context<'_>,
    linked: impl Iterator<Item = &'a (usize, Attribution)>,
) {
    for (_, attribution) in linked {
        if let Some((statement, report)) = report::tagged(context, attribution)
            && let Some(known) = reports.get_mut(statement)
            && known.iter().all(|known| known.source.is_none())
        {
            known.push(report);
        }
    }
}

/// Gives every statement the attributions that touch it.
fn touch(statements: &mut [Attributed], linked: Vec<(usize, Attribution)>) {
    for attributed in statements.iter_mut() {
        attributed.attributions.clear();
    }
    for (_, attribution) in linked {
        let spans = || {
            attribution
                .source
                .iter()
                .chain(&attribution.cue)
                .chain(&attribution.content)
        };
        let (Some(start), Some(end)) = (
            spans().map(|s| s.start()).min(),
            spans().map(|s| s.end()).max(),
        ) else {
            continue;
        };
        let first = statements.partition_point(|a| a.statement.span.end() <= start);
        for attributed in statements[first..]
            .iter_mut()
            .take_while(|a| a.statement.span.start() < end)
        {
            if spans().any(|span| span.overlaps(attributed.statement.span)) {
                attributed.attributions.push(attribution.clone());
            }
        }
    }
}

fn narrated(statement: Statement) -> Attributed {
    Attributed {
        statement,
        speaker: None,
        speech: Speech::None,
        attributions: Vec::new(),
    }
}

/// The whole document is one speaker's words.
fn of_document(analysis: &Analysis<Statement>) -> Vec<Attributed> {
    let metadata = &analysis.document.metadata;
    let speaker = metadata.speaker.as_ref().map(|name| Speaker {
        name: name.clone(),
        given_name: None,
        known_as: None,
        mention: None,
        role: metadata.role.clone(),
        probability: None,
    });
    let voiced = |&statement| Attributed {
        speaker: speaker.clone(),
        speech: Speech::Direct,
        ..narrated(statement)
    };
    analysis.statements.iter().map(voiced).collect()
}

fn is_english(document: &Document) -> bool {
    let language = document.metadata.language.as_deref();
    language.is_none_or(|language| language.starts_with("en"))
}

/// Where the roles after names end, with the pieces of the name: by these, 'Ann Lee, the mayor, said' has
/// its subject.
fn appositions(names: &[Named]) -> Vec<(usize, Range<usize>)> {
    let mut ends: Vec<(usize, Range<usize>)> = names
        .iter()
        .filter(|named| named.role.start >= named.name.end)
        .map(|named| (named.role.end, named.whole.clone()))
        .collect();
    ends.sort_by_key(|(end, _)| *end);
    ends
}

/// The spans of a report.
fn attribution(evidence: &Evidence<'_>, statement: Statement, report: &Report) -> Attribution {
    let document = &evidence.analysis.document;
    let spans = |start: usize, end: usize| -> Vec<Span> {
        let span = document.span(start..end).map(|span| document.trim(span));
        span.into_iter().filter(|span| !span.is_empty()).collect()
    };
    let all = &evidence.pieces.all;
    let of = |pieces: &Range<usize>| match (
        all.get(pieces.start),
        pieces.end.checked_sub(1).and_then(|i| all.get(i)),
    ) {
        (Some(first), Some(last)) => spans(first.start, last.end),
        _ => Vec::new(),
    };
    let source = report
        .source
        .clone()
        .unwrap_or(report.cue.start..report.cue.start);
    let outer = source.start.min(report.cue.start)..source.end.max(report.cue.end);
    let edge = |at: usize| all.get(at).map(|piece| (piece.start, piece.end));
    let content = match report.direction {
        Direction::Forward => spans(
            edge(outer.end - 1).map_or(0, |(_, end)| end),
            statement.span.end(),
        ),
        Direction::Backward | Direction::Before => spans(
            statement.span.start(),
            edge(outer.start).map_or(0, |(start, _)| start),
        ),
    };
    Attribution {
        source: report.source.as_ref().map(of).unwrap_or_default(),
        cue: of(&report.cue),
        content,
    }
}
