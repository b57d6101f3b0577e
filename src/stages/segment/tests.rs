use std::sync::Arc;

use proptest::prelude::*;

use super::{Segmenter, SegmenterOptions, Split};
use crate::schema::document::Metadata;
use crate::schema::{Analysis, Document, Statement};

fn segment(text: &str) -> Analysis<Statement> {
    let document = Document::new(Metadata::default(), text.to_owned());
    Segmenter::default().segment(Arc::new(document))
}

fn statements(text: &str) -> Vec<String> {
    let analysis = segment(text);
    analysis
        .statements
        .iter()
        .map(|statement| analysis.document.slice(statement.span).replace('\n', " "))
        .collect()
}

#[test]
fn abbreviations_and_initials_do_not_end_a_sentence() {
    for sentence in [
        "Gen. Ann Lee of the U.S. Army met Mr. J. R. Stone at No. 10.",
        "Growth was 3.5 percent... or so.",
        "It rose to 5 billion, i.e. a lot, vs. 3 last year.",
        "It rains, said Ms. Stone.",
    ] {
        assert_eq!(statements(sentence), [sentence]);
    }
}

#[test]
fn each_sentence_of_a_quotation_is_a_statement() {
    assert_eq!(
        statements("\"We wait today. It is hard. We go on,\" said the mayor. “Then?” She left."),
        [
            "\"We wait today.",
            "It is hard.",
            "We go on,\" said the mayor.",
            "“Then?”",
            "She left."
        ]
    );
}

#[test]
fn marks_inside_words_hide_no_end_of_a_sentence() {
    for sentences in [
        &[
            "The plan moved\"to the right\" a bit.",
            "We go on.",
            "He called it\"hard.\"",
            "Then he left.",
        ][..],
        &[
            "We don't stop.",
            "It's late.",
            "That's what Lee's friends' aide said.",
            "They aren't here.",
        ],
        &["We don’t stop.", "It’s late.", "O’Neal isn’t here."],
    ] {
        assert_eq!(statements(&sentences.join(" ")), sentences);
    }
}

#[test]
fn a_closing_mark_stays_and_an_opening_mark_goes_on() {
    assert_eq!(
        statements("He said: “No.” “Yes,” she said. 'Fine.' «Да.» Конец."),
        [
            "He said: “No.”",
            "“Yes,” she said.",
            "'Fine.'",
            "«Да.»",
            "Конец."
        ]
    );
}

#[test]
fn a_link_on_its_own_line_does_not_break_a_sentence() {
    assert_eq!(
        statements(
            "Markets\nA new bridge\nThe\ntown election\n, a slow\nrecovery\n, and a broad\nquarrel\n\
             add risks, said\nAnn Lee\n, head of the\nRiver Fund\n.\nNext one."
        ),
        [
            "Markets",
            "A new bridge",
            "The town election , a slow recovery , and a broad quarrel add risks, said Ann Lee , \
             head of the River Fund .",
            "Next one."
        ]
    );
}

#[test]
fn headlines_sections_and_list_items_stand_alone() {
    assert_eq!(
        statements(
            "River plan agreed\nbusiness\nTown eager to build\n- More trade\n- fewer tolls\n2. peace"
        ),
        [
            "River plan agreed",
            "business",
            "Town eager to build",
            "- More trade",
            "- fewer tolls",
            "2. peace"
        ]
    );
}

#[test]
fn hard_wrapped_lines_are_one_paragraph() {
    let analysis = segment(
        "The town council met on Monday evening to talk\nabout the bridge. Nobody from the River Fund\n\
         came to it. The mayor said that it would be\nbuilt by May if the weather is good.\n\n\
         Ann Lee\n\nShe was there.",
    );
    let paragraphs: Vec<usize> = analysis.statements.iter().map(|s| s.paragraph).collect();
    assert_eq!(paragraphs, [0, 0, 0, 1, 2]);
}

#[test]
fn a_document_can_be_one_statement() {
    let document = Document::new(Metadata::default(), " One. Two.\n\nThree. ".to_owned());
    let options = SegmenterOptions {
        split: Split::None,
        ..SegmenterOptions::default()
    };
    let analysis = Segmenter::new(options).segment(Arc::new(document));
    assert_eq!(analysis.statements.len(), 1);
    assert_eq!(
        analysis.document.slice(analysis.statements[0].span),
        "One. Two.\n\nThree."
    );
}

#[test]
fn text_without_a_sentence_end_is_cut_at_white_space() {
    let text = "word ".repeat(200_000);
    let analysis = segment(&text);
    assert!(analysis.statements.len() > 1);
    assert!(
        analysis
            .statements
            .iter()
            .all(|s| analysis.document.slice(s.span).ends_with("word"))
    );
}

#[test]
fn spaces_of_html_at_the_ends_are_no_part_of_a_statement() {
    let analysis =
        segment("&nbsp;It rained in the harbour.&nbsp;&nbsp;\n&nbsp; Ships &nbsp; waited.");
    let words: Vec<&str> = (analysis.statements.iter())
        .map(|statement| analysis.document.slice(statement.span))
        .collect();
    assert_eq!(words, ["It rained in the harbour.", "Ships &nbsp; waited."]);
    assert!(covers(&analysis));
}

/// Every byte but white space lies in exactly one statement or piece of furniture.
fn covers(analysis: &Analysis<Statement>) -> bool {
    let mut spans: Vec<_> = analysis.statements.iter().map(|s| s.span).collect();
    spans.extend(&analysis.furniture);
    spans.sort();
    let mut at = 0;
    for span in spans {
        let gap = analysis.document.span(at..span.start());
        if gap.is_none_or(|gap| !analysis.document.slice(gap).trim().is_empty()) {
            return false;
        }
        at = span.end();
    }
    let rest = analysis.document.span(at..analysis.document.text().len());
    rest.is_some_and(|rest| analysis.document.slice(rest).trim().is_empty())
}

proptest! {
    #[test]
    fn statements_cover_any_text_without_overlap(text in "(\\PC|&nbsp;|[ \n.!?\"'“”A-Za-z,:]){0,400}") {
        let analysis = segment(&text);
        prop_assert!(covers(&analysis), "{:?}", analysis);
        for statement in &analysis.statements {
            prop_assert_eq!(analysis.document.trim(statement.span), statement.span);
        }
    }
}
