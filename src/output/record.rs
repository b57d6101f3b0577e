//! From an analysed document to records.

use crate::schema::document::Metadata;
use crate::schema::record::{
    AttributionRecord, DocumentRecord, LabelRecord, Record, SCHEMA, SpeakerRecord,
};
use crate::schema::{
    Analysis, Annotated, Attribution, CodePoints, Document, Label, Origin, Span, Speaker, Taxonomy,
};

/// The records of a document, one a statement, in order: each is made when it is asked for, for those of a long
/// document are many times as long as the document.
///
/// `model` is the model's name and the start of its hash.
///
/// # Units
/// Spans become code points of the document's text.
pub fn records<'a>(
    analysis: &'a Analysis<Annotated>,
    taxonomy: &'a Taxonomy,
    model: &'a str,
) -> impl Iterator<Item = Record> + 'a {
    let document = &*analysis.document;
    let head = document_record(document);
    let record = move |annotated: &Annotated| {
        let attributed = &annotated.attributed;
        let span = attributed.statement.span;
        let themes = taxonomy.themes.iter().map(|theme| theme.name.clone());
        Record {
            schema: SCHEMA,
            document: head.clone(),
            statement: attributed.statement.index,
            span: document.code_points(span),
            text: document.slice(span).to_owned(),
            speaker: attributed
                .speaker
                .as_ref()
                .map(|s| speaker_record(document, s)),
            speech: attributed.speech,
            attributions: attributed
                .attributions
                .iter()
                .map(|attribution| attribution_record(document, attribution))
                .collect(),
            labels: annotated
                .labels
                .iter()
                .map(|label| label_record(document, taxonomy, label))
                .collect(),
            scores: themes.zip(annotated.scores.iter().copied()).collect(),
            printings: None,
            model: model.to_owned(),
        }
    };
    analysis.statements.iter().map(record)
}

fn document_record(document: &Document) -> DocumentRecord {
    DocumentRecord {
        sha256: Some(document.sha256()),
        ..described(&document.metadata)
    }
}

/// What is known of a document beside its text.
pub(super) fn described(metadata: &Metadata) -> DocumentRecord {
    DocumentRecord {
        id: metadata.id.clone(),
        source: metadata.source.clone(),
        title: metadata.title.clone(),
        date: metadata.date.clone(),
        language: metadata.language.clone(),
        sha256: None,
        origin: origin(metadata),
        fields: metadata.fields.clone(),
    }
}

/// Where a document stands within the archive, wherever that lies.
fn origin(metadata: &Metadata) -> Option<Origin> {
    let origin = &metadata.origin;
    let path = origin.within();
    let is_said = origin.member.is_none() && origin.line.is_none() && metadata.id == path;
    (!is_said && !path.is_empty()).then(|| Origin {
        path: path.to_owned(),
        relative: String::new(),
        member: origin.member.clone(),
        line: origin.line,
        bytes: origin.bytes,
    })
}

fn speaker_record(document: &Document, speaker: &Speaker) -> SpeakerRecord {
    SpeakerRecord {
        name: speaker.name.clone(),
        given_name: speaker.given_name.clone(),
        known_as: speaker.known_as.clone(),
        mention: speaker.mention.map(|span| document.slice(span).to_owned()),
        role: speaker.role.clone(),
        probability: speaker.probability,
    }
}

fn attribution_record(document: &Document, attribution: &Attribution) -> AttributionRecord {
    let code_points = |spans: &[Span]| -> Vec<CodePoints> {
        spans
            .iter()
            .map(|&span| document.code_points(span))
            .collect()
    };
    AttributionRecord {
        source: code_points(&attribution.source),
        cue: code_points(&attribution.cue),
        content: code_points(&attribution.content),
    }
}

fn label_record(document: &Document, taxonomy: &Taxonomy, label: &Label) -> LabelRecord {
    LabelRecord {
        theme: taxonomy.themes[label.key.theme_index].name.clone(),
        stance: label.key.stance,
        target: label.target.map(|span| document.slice(span).to_owned()),
        target_span: label.target.map(|span| document.code_points(span)),
        probability: Some(label.probability),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attributed, LabelKey, Probability, Speech, Stance, Statement, Theme};
    use std::sync::Arc;

    #[test]
    fn a_record_counts_code_points_and_keeps_the_words() {
        let text = "“Да,” she said of war.".to_owned();
        let document = Document::new(
            Metadata {
                id: "a".into(),
                ..Metadata::default()
            },
            text,
        );
        let at = |words: &str| {
            let start = document.text().find(words).unwrap();
            document.span(start..start + words.len()).unwrap()
        };
        let label = Label {
            key: LabelKey {
                theme_index: 0,
                stance: Stance::Oppose,
            },
            target: Some(at("war")),
            probability: Probability::new(0.9).unwrap(),
        };
        let attributed = Attributed {
            statement: Statement {
                index: 0,
                span: document.whole(),
                paragraph: 0,
            },
            speaker: Some(Speaker {
                name: "Anna Berg".into(),
                given_name: None,
                known_as: None,
                mention: Some(at("she")),
                role: None,
                probability: None,
            }),
            speech: Speech::Mixed,
            attributions: vec![Attribution {
                source: vec![at("she")],
                cue: vec![at("said")],
                content: vec![at("Да"), at("war")],
            }],
        };
        let annotated = Annotated {
            attributed,
            labels: vec![label],
            scores: vec![Probability::new(0.95).unwrap()],
        };
        let taxonomy = Taxonomy {
            themes: vec![Theme {
                name: "security".into(),
                definition: String::new(),
                examples: vec![],
            }],
        };
        let analysis = Analysis {
            document: Arc::new(document.clone()),
            statements: vec![annotated],
            furniture: vec![],
        };
        let found = records(&analysis, &taxonomy, "overlap").next().unwrap();
        insta::assert_snapshot!(serde_json::to_string(&found).unwrap(), @r#"{"schema":1,"document":{"id":"a","sha256":"f1ddc96687e7b4eb"},"statement":0,"span":[0,22],"text":"“Да,” she said of war.","speaker":{"name":"Anna Berg","mention":"she"},"speech":"mixed","attributions":[{"source":[[6,9]],"cue":[[10,14]],"content":[[1,3],[18,21]]}],"labels":[{"theme":"security","stance":"oppose","target":"war","target_span":[18,21],"probability":0.9}],"scores":{"security":0.95},"model":"overlap"}"#);
    }
}
