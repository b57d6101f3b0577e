//! Bytes that nobody meant: every reader and the segmenter take whatever comes, and nothing ends the run.
//!
//! `PROPTEST_CASES=100000 cargo test --test integration hostile` tries more than the usual 256 a test; `make fuzz`
//! searches where these tests throw dice.

pub(crate) mod check;
mod good;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::fixture;

use check::complaint;
use good::GOOD;

/// One change to the bytes of a file.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize),
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let telling = prop::sample::select(&b"\0\n\r\"',;<>[]{}&-\\\xFF\x80 \t"[..]);
    let some = prop_oneof![any::<u8>(), telling];
    prop_oneof![
        4 => (any::<Index>(), some.clone()).prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (any::<Index>(), 1..40_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        2 => (any::<Index>(), prop::collection::vec(some, 1..12)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => (any::<Index>(), 1..200_usize).prop_map(|(at, count)| Change::Repeat(at, count)),
        1 => any::<Index>().prop_map(Change::Cut),
    ]
}

fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match change {
            Change::Set(at, byte) => bytes[at.index(length)] = *byte,
            Change::Remove(at, count) => {
                let at = at.index(length);
                bytes.drain(at..length.min(at + count));
            }
            Change::Insert(at, more) => {
                let at = at.index(length);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Repeat(at, count) => {
                let at = at.index(length);
                let more = bytes[at..length.min(at + count)].to_vec();
                bytes.splice(at..at, more);
            }
            Change::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}

#[test]
fn files_that_were_made_to_harm_are_read_or_set_aside() {
    // What `make fuzz` finds comes here, too; the ending says for which reader.
    let folder = fixture("hostile");
    let mut count = 0;
    for finding in std::fs::read_dir(folder).unwrap() {
        let path = finding.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let is_text = path.extension().is_some_and(|ending| ending == "text");
        let name = if is_text { "text" } else { name };
        assert_eq!(complaint(name, &bytes), None, "{name}");
        count += 1;
    }
    assert!(count > 0);
}

proptest! {
    #[test]
    fn damaged_files_of_every_format_are_read_or_set_aside(
        file in any::<Index>(),
        changes in prop::collection::vec(change(), 0..6),
    ) {
        let (name, bytes) = file.get(&GOOD);
        prop_assert_eq!(complaint(name, &changed(bytes, &changes)), None, "{}", name);
    }

    #[test]
    fn any_bytes_under_any_name_are_read_or_set_aside(
        file in any::<Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        head in 0..24_usize,
    ) {
        let (name, good) = file.get(&GOOD);
        // The first bytes of the format, so that its reader is asked at all.
        let bytes = [&good[..head.min(good.len())], &bytes].concat();
        prop_assert_eq!(complaint(name, &bytes), None, "{}", name);
    }

    #[test]
    fn any_text_is_segmented_without_loss(text in "(\\PC|[ \n\t\r.!?…\"'“”«»()-]|[A-Z]\\.|\\. |\n\n){0,200}") {
        prop_assert_eq!(complaint("text", text.as_bytes()), None);
    }
}
