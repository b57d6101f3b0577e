//! How press offices and news agencies write of who says what.

use super::{attribute_with, speakers};
use crate::schema::document::Metadata;

#[test]
fn what_agencies_write_has_its_speaker() {
    for (text, expected) in [
        (
            "Mayor Ann Lee expects more help this year. She told it on Norland Radio.",
            vec!["Ann Lee", "Ann Lee"],
        ),
        (
            "Mayor Ann Lee met First Lady Ida Berg on Monday. “It rained,” the President's wife said.",
            vec!["-", "Ida Berg"],
        ),
        (
            "Mayor Ann Lee and Ewa Zmijewska touched upon the tolls.",
            vec!["Ann Lee and Ewa Zmijewska"],
        ),
        (
            "The leaders spoke of the river, and of the dams of a number of European states. Mayor Bruno Vanti drew \
             attention to the dam. He also stressed that it leaks.",
            vec!["the leaders", "Bruno Vanti", "Bruno Vanti"],
        ),
        (
            "Mayor Ann Lee said that people must leave the village of Lowen. Lowen is empty. “It rained,” she said.",
            vec!["Ann Lee", "-", "Ann Lee"],
        ),
        (
            "Bruno Vanti informed Ann Lee that Norland awaits the help, as promised by its partners.",
            vec!["Bruno Vanti"],
        ),
        (
            "Mayor Ann Lee made it clear that it rained. Mayor Tom Berg set forth his plan. The bank for the purposes of said \
             order is the Norland Bank.",
            vec!["Ann Lee", "Tom Berg", "-"],
        ),
    ] {
        assert_eq!(speakers(text), expected, "{text}");
    }
}

#[test]
fn datelines_headlines_and_wires_take_nobody_s_words() {
    for (text, expected) in [
        (
            "The farmers Bruno Vanti and Tom Berg met Ewa Zmijewska. Vanti left the room, saying that it rained.",
            vec!["-", "Bruno Vanti"],
        ),
        (
            "According to the Norland Wire, Mayor Ann Lee said it rained.",
            vec!["Ann Lee"],
        ),
        (
            "LOWEN — The harbour opens soon. Lowen said it will be big.",
            vec!["-", "Lowen"],
        ),
        (
            "Earlier this month a senior official said it rained.",
            vec!["senior official"],
        ),
        (
            "The Presidents discussed the dam. They stressed that it leaks. The message reads, in part: “It rained.”",
            vec!["-", "the Presidents", "the message"],
        ),
        (
            "President Tom Berg met the guests. When asked about the storm in Lowen, the President of Norland noted that it rains.",
            vec!["-", "the President of Norland"],
        ),
        (
            "The mayors met. The leaders exchanged views. They emphasised that it rains.",
            vec!["-", "-", "the leaders"],
        ),
        (
            "Mayor Bruno Vanti told of the storm. President Tom Berg instructed the guard to help.",
            vec!["Bruno Vanti", "Tom Berg"],
        ),
    ] {
        assert_eq!(speakers(text), expected, "{text}");
    }
}

#[test]
fn the_title_and_the_date_tell_who_holds_an_office() {
    let metadata = Metadata {
        title: Some("Meeting with Norland Governor Bruno Vanti".to_owned()),
        date: Some("2022-05-01".to_owned()),
        ..Metadata::default()
    };
    let text = "The President recalled the storm. Vladimir Putin informed Bruno Vanti of it. He said that it rained. \
                According to the Governor, it rains again.";
    let found = attribute_with(metadata, text).statements;
    let names: Vec<_> = found
        .iter()
        .filter_map(|a| Some(a.speaker.as_ref()?.name.as_str()))
        .collect();
    let putin = "Vladimir Putin";
    assert_eq!(names, [putin, putin, putin, "Bruno Vanti"]);
    let metadata = Metadata {
        date: Some("2022-05-01".to_owned()),
        ..Metadata::default()
    };
    let text = "Vladimir Putin met the guests. Of the talks with Vladimir Zelensky, the President of Russia noted that they rest.";
    let found = attribute_with(metadata, text).statements;
    assert_eq!(found[1].speaker.as_ref().expect("a speaker").name, putin);
}

#[test]
fn the_author_in_a_title_stays_beside_what_it_is_on() {
    let metadata = Metadata {
        title: Some("Statement by Press Secretary Ann Lee on GDP".to_owned()),
        ..Metadata::default()
    };
    let text = "Today’s figures are proof of our progress. We will go on.";
    let found = attribute_with(metadata, text).statements;
    let speaker = found[0].speaker.as_ref().expect("the author");
    assert_eq!(speaker.name, "Ann Lee");
}
