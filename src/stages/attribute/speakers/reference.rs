//! Resolves the words of a source to the one they mean.

use std::ops::Range;

use crate::schema::Document;

use super::past::{Past, Resolved, Way, Who};
use crate::stages::attribute::names::entity::{Entities, Mention, text};
use crate::stages::attribute::names::name::NameKind;
use crate::stages::attribute::names::role::Role;
use crate::stages::attribute::reports::phrase::head_end;
use crate::stages::attribute::words::lexicon::{Gender, lexicon};
use crate::stages::attribute::words::piece::{Piece, Pieces, Shape, dateline};

/// Resolves the sources of one document.
pub(in crate::stages::attribute) struct Resolver<'d> {
    /// The document.
    pub(in crate::stages::attribute) document: &'d Document,
    /// Its pieces.
    pub(in crate::stages::attribute) pieces: &'d Pieces,
    /// Its entities.
    pub(in crate::stages::attribute) entities: &'d Entities,
}

impl Resolver<'_> {
    /// Who the words at `source` mean; `None` for words that mean nobody the document tells of.
    pub(in crate::stages::attribute) fn resolve(
        &self,
        source: &Range<usize>,
        past: &Past,
    ) -> Option<Resolved> {
        let words = self.pieces.all.get(source.clone())?;
        let (first, last) = (words.first()?, words.last()?);
        let mention = self.document.span(first.start..last.end);
        let found = |who, way| Some(Resolved { who, mention, way });
        let statement = self.pieces.statement_of(source.start);
        let lexicon = lexicon();
        if let Some(gender) = lexicon.pronoun(&last.lower).filter(|_| words.len() == 1) {
            let who = self.pronoun(gender, statement, source.start, past)?;
            return found(who, Way::Pronoun);
        }
        if let Some(several) = self.several(source) {
            return found(Who::Several(several), Way::Name);
        }
        if let Some(entity) = self.named(source) {
            return found(Who::Entity(entity), Way::Name);
        }
        if let Some(role) = Role::new(self.document, words) {
            let fitting = self.entities.with_role(&role);
            let definite = first.is("the")
                || first.is("his")
                || first.is("her")
                || first.shape == Shape::Capital;
            let recent = || {
                past.recent(statement).find_map(|who| match who {
                    Who::Entity(id) if fitting.contains(id) => Some(*id),
                    _ => None,
                })
            };
            let unique = (fitting.len() == 1).then(|| fitting[0]);
            // 'The President' alone is the one whom the article is about, 'the French President' the last.
            let protagonist = || {
                let acted = |id: usize| past.recent(statement).any(|who| *who == Who::Entity(id));
                let times = |id: usize| past.times.get(&id).copied().unwrap_or(0);
                let fitting = fitting.iter().copied().rev();
                fitting.max_by_key(|&id| (times(id), acted(id)))
            };
            // 'The mayor thanked them. “We go on,” the mayor said': a cue in a sentence keeps to who spoke before it.
            let range = self.pieces.of_statement.get(statement);
            let inside = range.is_some_and(|range| source.start > range.start);
            let before = || match past.speaker.as_ref()? {
                (_, Who::Entity(id)) => Some(*id).filter(|id| inside && fitting.contains(id)),
                _ => None,
            };
            let best = unique.or_else(|| match words.len() {
                _ if !definite => None,
                ..=2 => before().or_else(protagonist),
                _ => recent().or(fitting.first().copied()),
            });
            let best = best.or_else(|| self.entities.known_with_role(&role).filter(|_| definite));
            // 'The President', as a press office writes of its own.
            let alone = words.len() == 2 && first.is("the") && last.shape == Shape::Capital;
            let best = best.or_else(|| self.entities.known_of_kind(&role).filter(|_| alone));
            if let Some(id) = best {
                return found(Who::Entity(id), Way::Role);
            }
        }
        if let Some(who) = Self::same_noun(words, statement, past) {
            return found(who, Way::Noun);
        }
        let name = self.noun(words)?;
        found(Who::Words(name), Way::Noun)
    }

    /// The entities of a joint source, if there are several and nothing else: 'Ann Lee and Tom Berg'.
    fn several(&self, source: &Range<usize>) -> Option<Vec<usize>> {
        let all = &self.pieces.all;
        // Mentions can overlap: a role after one name can hold another.
        let joins = |range: Range<usize>| {
            let words = all.get(range).unwrap_or_default();
            words.iter().any(|p| p.is("and"))
                && words
                    .iter()
                    .all(|p| ["and", ",", "the"].iter().any(|word| p.is(word)))
        };
        let mentions = self.entities.mentions_in(source);
        let (first, last) = (mentions.first()?, mentions.last()?);
        let starts = all[source.start..first.pieces.start]
            .iter()
            .all(|p| p.is("the") || p.is("both"));
        let listed = mentions
            .windows(2)
            .all(|pair| joins(pair[0].pieces.end..pair[1].pieces.start));
        let mut several: Vec<usize> = Vec::with_capacity(mentions.len());
        for mention in mentions {
            let id = mention.entity?;
            if !several.contains(&id) {
                several.push(id);
            }
        }
        // 'Trade and Industry Minister Ann Lee' is one.
        let speaks = |id: &usize| {
            let entity = &self.entities.all[*id];
            entity.kind != NameKind::Unknown || entity.is_full()
        };
        let sure = |id: &usize| self.entities.all[*id].kind == NameKind::Person;
        let person = |id: &usize| self.entities.is_person(*id);
        // Behind one who is surely a person also those who may be: their names are new to the reader.
        let alike = several.first().is_some_and(sure) && several.iter().all(person)
            || !several.iter().any(sure);
        let ends = last.pieces.end == source.end;
        (several.len() > 1 && starts && listed && ends && alike && several.iter().all(speaks))
            .then_some(several)
    }

    /// The one without a name whom the same noun called before: 'the spokesman' after 'a spokesman for
    /// the ministry'.
    fn same_noun(words: &[Piece], statement: usize, past: &Past) -> Option<Who> {
        let [article, noun] = words else {
            return None;
        };
        let is_same = |who: &&Who| match who {
            Who::Words(known) => {
                let known = known.to_lowercase();
                let head = known
                    .split(' ')
                    .take_while(|word| !lexicon().is_preposition(word));
                known.contains(' ') && head.last() == Some(&*noun.lower)
            }
            Who::Entity(_) | Who::Several(_) => false,
        };
        article
            .is("the")
            .then(|| past.recent(statement).find(is_same).cloned())?
    }

    /// The entity named in the phrase: before its first preposition, else at its end.
    fn named(&self, source: &Range<usize>) -> Option<usize> {
        let words = &self.pieces.all[source.clone()];
        let head = source.start + head_end(words);
        let mentions = self.entities.mentions_in(source);
        let lexicon = lexicon();
        let whole = |m: &&Mention| m.pieces.end == source.end || m.pieces.end >= head;
        let fitting = mentions
            .iter()
            .filter(|m| m.pieces.start < head)
            .filter(whole);
        let best = fitting
            .clone()
            .rfind(|m| m.entity.is_some_and(|id| self.entities.is_person(id)))
            .or_else(|| fitting.clone().next_back())
            .or_else(|| {
                mentions.iter().rfind(|m| {
                    m.pieces.end == source.end
                        && m.entity.is_some_and(|id| self.entities.may_speak(id))
                })
            })?;
        let id = best.entity?;
        // 'Chinese officials', 'the US embassy': the country is not the one who speaks.
        let kind = self.entities.all[id].kind;
        let followed = self.pieces.all[best.pieces.end..source.end.max(best.pieces.end)]
            .iter()
            .take_while(|p| p.shape == Shape::Lower && !lexicon.is_preposition(&p.lower))
            .count();
        if followed > 0 && !(kind == NameKind::Person) {
            return None;
        }
        Some(id)
    }

    fn pronoun(&self, gender: Gender, statement: usize, at: usize, past: &Past) -> Option<Who> {
        let fits = |who: &Who| match who {
            Who::Entity(id) => self.fits(*id, gender),
            Who::Several(_) => gender == Gender::Plural,
            Who::Words(words) => {
                let plural = words
                    .split_whitespace()
                    .any(|word| lexicon().is_plural_speaker(&word.to_lowercase()));
                // 'The Finance Ministry' is no he, 'the official' can be one.
                let head = words.split_whitespace().last().unwrap_or_default();
                match gender {
                    Gender::Plural => plural,
                    Gender::Neuter => !plural,
                    Gender::Male | Gender::Female => {
                        !plural && !head.starts_with(char::is_uppercase)
                    }
                }
            }
        };
        // A subject named earlier in the same sentence is nearer than any other.
        let here = self.pieces.of_statement.get(statement)?.start..at;
        let subject = here.start + dateline(self.pieces.all.get(here.clone())?);
        let same = self.entities.mentions_in(&here).iter().find_map(|m| {
            let who = Who::Entity(m.entity.filter(|&id| self.entities.is_person(id))?);
            (m.pieces.start == subject && fits(&who)).then_some(who)
        });
        if same.is_some() && past.speaker.is_none() {
            return same;
        }
        let near = past
            .speaker
            .as_ref()
            .filter(|(at, who)| *at + 1 >= statement && fits(who));
        // 'According to Xinhua. He noted …': a name that only may be a person's is no better than one that is.
        let surely = |who: &Who| match who {
            Who::Entity(id) => {
                let entity = &self.entities.all[*id];
                entity.kind == NameKind::Person || entity.gender == Some(gender)
            }
            Who::Several(_) | Who::Words(_) => false,
        };
        let surer = near
            .filter(|(_, who)| gender.is_of_a_person() && !surely(who))
            .and_then(|_| past.recent(statement).find(|who| surely(who) && fits(who)));
        surer
            .or(near.map(|(_, who)| who))
            .cloned()
            .or_else(|| {
                (gender == Gender::Plural)
                    .then(|| self.group_before(statement))
                    .flatten()
            })
            .or_else(|| past.recent(statement).find(|who| fits(who)).cloned())
            .or(same)
    }

    /// The people or bodies without a name that the statement before tells of: 'separatist groups'.
    fn group_before(&self, statement: usize) -> Option<Who> {
        let range = self.pieces.of_statement.get(statement.checked_sub(1)?)?;
        let all = &self.pieces.all;
        let head = range.clone().find(|&at| {
            let capital = at > range.start && all[at - 1].is("the");
            (all[at].shape == Shape::Lower || capital)
                && lexicon().is_plural_speaker(&all[at].lower)
        })?;
        let start = (range.start..head)
            .rev()
            .take_while(|&at| {
                let lower = &all[at].lower;
                all[at].is_word()
                    && !lexicon().is_boundary(lower)
                    && !lexicon().is_preposition(lower)
                    && !lexicon().is_common(lower)
                    && !lexicon().is_between(lower)
            })
            .last()
            .unwrap_or(head);
        let definite = start > range.start && all[start - 1].is("the");
        let words = &all[start - usize::from(definite)..=head];
        Some(Who::Words(small_article(text(self.document, words))))
    }

    /// Whether a pronoun of this gender can mean the entity.
    fn fits(&self, id: usize, gender: Gender) -> bool {
        let entity = &self.entities.all[id];
        let person = self.entities.is_person(id);
        match gender {
            Gender::Male | Gender::Female => {
                person && entity.gender.is_none_or(|known| known == gender)
            }
            Gender::Neuter => {
                !person || entity.kind == NameKind::Unknown && entity.roles.is_empty()
            }
            Gender::Plural => !person,
        }
    }

    /// The noun phrase of someone without a name: 'the Chinese embassy', 'two analysts'.
    fn noun(&self, words: &[Piece]) -> Option<String> {
        let lexicon = lexicon();
        let head = &words[..head_end(words)];
        // 'This was announced', 'We’ve said': a capital at the beginning makes no name of them.
        let nobody = matches!(words, [word] if {
            let bare = word.lower.split('\'').next().unwrap_or_default();
            lexicon.is_common(bare) && !lexicon.is_anonymous(bare)
        });
        let can_speak = !nobody
            && head
                .last()
                .is_some_and(|p| lexicon.is_speaker(&p.lower) || p.shape == Shape::Capital);
        let article = words.first().is_some_and(|p| p.is("a") || p.is("an"));
        let words = if article && words.len() > 1 {
            &words[1..]
        } else {
            words
        };
        let name = can_speak.then(|| text(self.document, words))?;
        Some(small_article(name))
    }
}

/// At the beginning of a sentence 'The ministry' is the one that is 'the ministry' elsewhere.
fn small_article(name: String) -> String {
    match name.strip_prefix("The ") {
        Some(rest) => format!("the {rest}"),
        None => name,
    }
}
