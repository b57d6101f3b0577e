mod agencies;

use std::sync::Arc;

use proptest::prelude::*;

use super::{Attributor, AttributorOptions};
use crate::schema::document::Metadata;
use crate::schema::{Analysis, Attributed, Document, Speech};
use crate::stages::encode::Encoding;
use crate::stages::segment::Segmenter;

fn attribute_with(metadata: Metadata, text: &str) -> Analysis<Attributed> {
    let document = Document::new(metadata, text.to_owned());
    let analysis = Segmenter::default().segment(Arc::new(document));
    Attributor::new(AttributorOptions::default()).attribute(analysis, &Encoding::default())
}

fn attribute(text: &str) -> Analysis<Attributed> {
    attribute_with(Metadata::default(), text)
}

/// The speaker's name of every statement, '-' for the narrator.
fn speakers(text: &str) -> Vec<String> {
    attribute(text)
        .statements
        .into_iter()
        .map(|a| a.speaker.map_or("-".to_owned(), |speaker| speaker.name))
        .collect()
}

#[test]
fn a_surname_a_pronoun_and_a_role_lead_to_the_full_name() {
    assert_eq!(
        speakers(
            "Norland's Foreign Minister Ann Lee met farmers on Monday. She said that tolls are high. \
             Lee added that the river is low. According to the minister, both will change."
        ),
        ["-", "Ann Lee", "Ann Lee", "Ann Lee"]
    );
}

#[test]
fn names_are_full_without_what_only_stands_before_them() {
    for (text, expected) in [
        (
            "The mayor met Tilda Murray on Monday. “It rained,” said Murray.",
            "Tilda Murray",
        ),
        (
            "The race went to Democrat Bruno Vanti. “It rained,” said Vanti.",
            "Bruno Vanti",
        ),
        (
            "Why The Big River Club Endorsed Vanti This Week\n\nThe mayor met Bruno Vanti. “It rained,” said Vanti.",
            "Bruno Vanti",
        ),
        (
            "Mayor Bruno Ferro Vanti\n\nThe club met Ferro Vanti. “It rained,” said Vanti.",
            "Bruno Ferro Vanti",
        ),
        (
            "The race went to Italian Bruno Ferro Vanti. “It rained,” said Vanti.",
            "Bruno Ferro Vanti",
        ),
        (
            "Okello Benta Mwangi, the founder of the river club, was there. “It rained,” Okello later added.",
            "Okello Benta Mwangi",
        ),
    ] {
        assert_eq!(speakers(text).last().map(String::as_str), Some(expected));
    }
}

#[test]
fn words_that_are_shortened_belong_to_names_and_offices() {
    for (text, expected) in [
        ("“It rained,” said Sen. Ann Lee.", "Ann Lee"),
        (
            "“It rained,” said Dr. Ann Lee, who keeps the dam.",
            "Ann Lee",
        ),
        ("The river rose, according to Prof. Lee.", "Lee"),
        (
            "Norland Ferry Corp. said on Monday that it rained.",
            "Norland Ferry Corp.",
        ),
        (
            "Bruno F. Vanti Jr. said that it rained.",
            "Bruno F. Vanti Jr.",
        ),
        (
            "“It rained,” said Norland Ferry Inc. spokesman Tom Berg.",
            "Tom Berg",
        ),
        ("“It rained,” Rep. Tom Berg, R-Norland, said.", "Tom Berg"),
        ("Tom Berg, 45, said that it rained.", "Tom Berg"),
        (
            "Norland Ferry Co., Ltd., said it rained.",
            "Norland Ferry Co.",
        ),
        ("“It rained,” said Maj. Ann Lee.", "Ann Lee"),
        (
            "“It rained,” Sen. Ann Lee, president of the club, told Norland Journal.",
            "Ann Lee",
        ),
    ] {
        assert_eq!(speakers(text), [expected], "{text}");
    }
}

#[test]
fn what_the_document_has_as_a_thing_is_no_he() {
    for text in [
        "Ann Lee said that inflation is high. Inflation hurts the fishermen. “We wait,” he said.",
        "Ben Okoro met us at the Baltic. Baltic fish is dear. “We wait,” he added.",
        "Fish from the Baltic is dear. The Okoro plan is late. “We wait,” he added.",
        "This was announced in the paper, which said that it rains.",
    ] {
        let found = speakers(text);
        let things = ["Inflation", "Baltic", "This"];
        assert!(
            found.iter().all(|name| !things.contains(&name.as_str())),
            "{found:?}"
        );
    }
}

#[test]
fn he_behind_the_sentence_is_its_subject_after_a_dateline_too() {
    assert_eq!(
        speakers(
            "PORT LEE - Mayor Ben Okoro has invited Governor Tom Berg to the fair, he said on Monday."
        ),
        ["Ben Okoro"]
    );
}

#[test]
fn behind_a_time_the_subject_has_been_named_before() {
    assert_eq!(
        speakers(
            "Mayor Ben Okoro, who keeps the dam, on Monday said Norland, Westland and the islands must pay."
        ),
        ["Ben Okoro"]
    );
}

#[test]
fn a_label_that_is_nothing_but_a_remark_is_none() {
    assert_eq!(speakers("(!He):He").len(), 1);
}

#[test]
fn who_claims_gold_reports_nothing() {
    assert_eq!(
        speakers("Ben Okoro claimed gold in the river race at the fair."),
        ["-"]
    );
}

#[test]
fn a_cue_after_the_quotation_reaches_back_over_its_sentences() {
    let text = "“We wait. It is hard. We go on,” said Mayor Ben Okoro.";
    assert_eq!(speakers(text), ["Ben Okoro", "Ben Okoro", "Ben Okoro"]);
    assert!(
        attribute(text)
            .statements
            .iter()
            .all(|a| a.speech == Speech::Direct)
    );
}

#[test]
fn a_quotation_that_goes_on_keeps_its_speaker() {
    assert_eq!(
        speakers(
            "“The bridge is old,” said Ben Okoro, a town engineer.\n\n“First, we repair it.\n\n“Then we paint it.”"
        ),
        ["Ben Okoro", "Ben Okoro", "Ben Okoro"]
    );
}

#[test]
fn this_was_stated_by_reaches_back_to_the_beginning() {
    assert_eq!(
        speakers(
            "The harvest needs new roads. They must be built soon. This was stated by President of \
             Norland Ann Lee during a visit."
        ),
        ["Ann Lee", "Ann Lee", "Ann Lee"]
    );
}

#[test]
fn an_apposition_does_not_hide_the_subject() {
    assert_eq!(
        speakers(
            "Tom Berg, chief analyst at River Bank (RB), said prices would fall. RB expects more, he added."
        ),
        ["Tom Berg", "Tom Berg"]
    );
    for text in [
        "Tom Berg, Deputy Head of the Mayor's Office, added that prices fall.",
        "The mayor, Tom Berg, added that prices fall.",
    ] {
        assert_eq!(speakers(text), ["Tom Berg"], "{text}");
    }
}

#[test]
fn the_subject_of_a_sentence_stands_after_no_preposition() {
    assert_eq!(
        speakers(
            "After a gift from Tom Berg, Mayor Ann Lee gave a speech. “We wait,” she said. “It rains,” said Berg."
        ),
        ["-", "Ann Lee", "Tom Berg"]
    );
    assert_eq!(
        speakers(
            "Mayor Tom Berg came. After a gift from Ann Stone, Mayor Tom Berg left. “We wait,” he said."
        ),
        ["-", "-", "Tom Berg"]
    );
}

#[test]
fn a_conviction_is_reported_and_our_own_state_does_not_speak() {
    assert_eq!(
        speakers(
            "The dam will hold, Mayor Ann Lee is convinced. She is also confident that it pays. That is why \
             our city calls for more dams. Ann Lee is sure to win. US Ambassador Tom Berg, in his speech, said it pays."
        ),
        ["Ann Lee", "Ann Lee", "Ann Lee", "-", "Tom Berg"]
    );
}

#[test]
fn a_rank_and_a_second_office_belong_to_the_role() {
    let roles = |text: &str| -> Vec<(String, String)> {
        let speakers = attribute(text).statements.into_iter();
        let speakers = speakers.filter_map(|a| a.speaker);
        speakers
            .map(|speaker| (speaker.name, speaker.role.unwrap_or_default()))
            .collect()
    };
    let pair = |name: &str, role: &str| (name.to_owned(), role.to_owned());
    assert_eq!(
        roles(
            "First Lady of Norway Ann Lee said it rains. Norland's First Deputy Minister Tom Berg said it snows. \
             The First Lady added that roads are wet. First Stone Bank said it stays open."
        )[..3],
        [
            pair("Ann Lee", "First Lady of Norway"),
            pair("Tom Berg", "First Deputy Minister"),
            pair("Ann Lee", "First Lady of Norway"),
        ]
    );
    assert_eq!(
        roles(
            "Deputy Prime Minister - Minister for Trade Ann Lee said it rains. Head of Trains at Norland Rail Tom Berg \
             said they run."
        ),
        [
            pair("Ann Lee", "Deputy Prime Minister - Minister for Trade"),
            pair("Tom Berg", "Head of Trains at Norland Rail"),
        ]
    );
}

#[test]
fn two_who_hold_offices_are_two() {
    assert_eq!(
        speakers(
            "President of Norway Ann Lee and Prime Minister of Peru Tom Berg met. The President of Norway said it \
             rains. The Prime Minister of Peru thanked her."
        ),
        ["-", "Ann Lee", "Tom Berg"]
    );
}

#[test]
fn the_president_after_a_quotation_is_the_one_before_it() {
    assert_eq!(
        speakers(
            "President of Norway Ann Lee met President of Peru Tan Sok. Tan Sok said that it rains. He added that it \
             snows. Ann Lee thanked him. “We go on,” the President said."
        ),
        ["-", "Tan Sok", "Tan Sok", "Ann Lee", "Ann Lee"]
    );
}

#[test]
fn what_closes_the_sentence_tells_all_of_it() {
    assert_eq!(
        speakers(
            "Tom Berg came. The River Fund suggests more dams, he noted. As stated by Ann Lee, they pay."
        ),
        ["-", "Tom Berg", "Ann Lee"]
    );
}

#[test]
fn the_subject_may_stand_far_from_its_verb() {
    assert_eq!(
        speakers(
            "The dam will hold. This was stated at a fair by Mayor Ann Lee. The head of the River Fund who saw the \
             dam that is planned stressed that it pays."
        ),
        ["Ann Lee", "Ann Lee", "the head of the River Fund"]
    );
    assert_eq!(
        speakers("“We wait,” said Mayor Tom “Kit” Berg. Berg said that it rains."),
        ["Tom “Kit” Berg", "Tom “Kit” Berg"]
    );
}

#[test]
fn a_quotation_after_a_narrated_sentence_is_its_subject_s() {
    assert_eq!(
        speakers(
            "“We wait,” said Tom Berg. Mayor Ann Lee also saw the harbour.\n\n“I was glad to come.”"
        ),
        ["Tom Berg", "-", "Ann Lee"]
    );
    assert_eq!(
        speakers(
            "“We wait,” said Mayor Ann Lee. A talk with President Tom Berg is due. She noted that it is late."
        ),
        ["Ann Lee", "-", "Ann Lee"]
    );
}

#[test]
fn a_quotation_in_straight_marks_can_hold_another() {
    let text = "\"We asked them. \"Who are you?\" It was dark. We went on,\" said Mayor Ann Lee.";
    assert_eq!(speakers(text), ["Ann Lee", "Ann Lee", "Ann Lee", "Ann Lee"]);
    let statements = attribute(text).statements;
    assert!(statements.iter().all(|a| a.speech == Speech::Direct));
}

#[test]
fn an_office_leads_to_the_name_that_the_world_knows() {
    let metadata = Metadata {
        date: Some("2022-01-21".to_owned()),
        ..Metadata::default()
    };
    let text = "Vladimir Putin informed Ann Lee about the river. The President of Russia noted that it is low.";
    let analysis = attribute_with(metadata, text);
    let speaker = analysis.statements[1].speaker.as_ref().unwrap();
    assert_eq!(speaker.name, "Vladimir Putin");
    assert_eq!(speaker.role, None);
}

#[test]
fn a_broken_quotation_and_two_reports_have_one_speaker_each() {
    let text = "“I came,” said Ann Lee, “and I saw.” Critics called the visit “a show”, adding that it cost much.";
    assert_eq!(speakers(text), ["Ann Lee", "Critics"]);
    let speech: Vec<Speech> = attribute(text)
        .statements
        .iter()
        .map(|a| a.speech)
        .collect();
    assert_eq!(speech, [Speech::Direct, Speech::Mixed]);
}

#[test]
fn the_narrator_speaks_where_nobody_else_does() {
    for text in [
        "Ann Lee met Ben Okoro in Norland. They signed a deal.",
        "The reported damage was small. No group claimed the attack.",
        "He goes. It rains.",
    ] {
        assert!(speakers(text).iter().all(|name| name == "-"), "{text}");
    }
}

#[test]
fn a_transcript_gives_the_floor_by_turns() {
    assert_eq!(
        speakers(
            "MS. LEE:  Good day, everyone.  I have news.\n\nQ    Is it good?\n\nMS. LEE:  It is.\n\nTHE MAYOR:  Yes!"
        ),
        ["Lee", "Lee", "Q", "Lee", "THE MAYOR"].map(|name| if name == "THE MAYOR" {
            "The Mayor"
        } else {
            name
        })
    );
}

#[test]
fn turns_of_one_word_slips_and_stage_directions_keep_their_speakers() {
    assert_eq!(
        speakers(
            "Mayor Tom Berg: Go ahead. Ann Lee, River Works, Aram: Thank you. I have news. Tom Berg: Is it good? \
             Ann Lee: It is. Ida Stone (retranslated): Yes! (Laughter) Tom Berg:… Thank you. Mayor of the Town of Aram, Otto Holm \
             Holm OttoMayor of Aram: I agree."
        ),
        [
            "Tom Berg",
            "Ann Lee",
            "Ann Lee",
            "Tom Berg",
            "Ann Lee",
            "Ida Stone",
            "Tom Berg",
            "Otto Holm"
        ]
    );
    assert_eq!(
        speakers(
            "MS. ESTEVAN: I have news.\n\nTHE MAYOR: Do you?\n\nMS. ESTEVAN: It rains.\n\nMS. ESTAVAN: I said \
             so.\n\nAUDIENCE MEMBRE: We know!\n\nMS. LEE: I do.\n\nMS. LEO: We do."
        ),
        [
            "Estevan",
            "The Mayor",
            "Estevan",
            "Estevan",
            "Audience Membre",
            "Lee",
            "Leo"
        ]
    );
}

#[test]
fn a_speech_has_one_speaker_and_other_languages_none() {
    let speech = Metadata {
        speaker: Some("Ann Lee".to_owned()),
        ..Metadata::default()
    };
    let analysis = attribute_with(speech, "We came. “They went,” Ben Okoro said.");
    assert!(analysis.statements.iter().all(|a| {
        a.speech == Speech::Direct && a.speaker.as_ref().is_some_and(|s| s.name == "Ann Lee")
    }));
    let foreign = Metadata {
        language: Some("de".to_owned()),
        ..Metadata::default()
    };
    let analysis = attribute_with(foreign, "„Wir warten“, sagte Ann Lee.");
    assert!(analysis.statements.iter().all(|a| a.speaker.is_none()));
}

#[test]
fn quotation_marks_of_any_style_and_missing_ones_do_no_harm() {
    for text in [
        "«Мы ждём», said Ann Lee.",
        "„We wait“, said Ann Lee.",
        "‘We wait,’ said Ann Lee.",
        "\"We wait, said Ann Lee.",
        "\"We \"really\" wait,\" said Ann Lee.",
        "The farmers' leader, Ann Lee, said: 'We don't wait.'",
    ] {
        assert_eq!(speakers(text), ["Ann Lee"], "{text}");
    }
}

#[test]
fn a_hundred_speakers_keep_their_own_words() {
    let syllables = ["Ba", "Ke", "Lo", "Mi", "Nu", "Pa", "Ro", "Se", "To", "Vi"];
    let names: Vec<String> = (0..100)
        .map(|i| {
            format!(
                "{}na {}rd{}n",
                syllables[i % 10],
                syllables[i / 10],
                syllables[i % 10].to_lowercase()
            )
        })
        .collect();
    let text = names.join(" said that it rains.\n\n") + " said that it rains.";
    assert_eq!(speakers(&text), names);
}

proptest! {
    #[test]
    fn any_text_is_attributed_without_a_panic(text in "(\\PC|[ \n.!?\"'“”‘’,:()]|said|He|Ann Lee|the ){0,200}") {
        let analysis = attribute(&text);
        for a in &analysis.statements {
            prop_assert_eq!(a.speaker.is_none(), a.speech == Speech::None);
        }
    }
}
