//! A text and a target as one row for the stance head.

/// What is asked of the stance head about a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The statement.
    pub statement_index: usize,
    /// Which of the targets that the user named.
    pub target_index: usize,
    /// The row: the statement's tokens and the target's, with the special ones.
    pub ids: Vec<u32>,
}

/// The most tokens of a target; what is behind them is cut off.
const TARGET: usize = 32;

/// The tokens of a text, a separator (the model's end token), and those of a target: at most `room` of them, of which the
/// text gives way. The row has `[CLS]` before and `[SEP]` behind them.
pub fn question(text: &[u32], target: &[u32], separator: u32, room: usize) -> Vec<u32> {
    let target = &target[..target.len().min(TARGET)];
    let text = &text[..text.len().min(room.saturating_sub(target.len() + 1))];
    [text, &[separator], target].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_gives_way_to_the_target() {
        assert_eq!(question(&[1, 2, 3], &[7, 8], 9, 10), [1, 2, 3, 9, 7, 8]);
        assert_eq!(question(&[1, 2, 3], &[7, 8], 9, 5), [1, 2, 9, 7, 8]);
        assert_eq!(question(&[1], &[7; 40], 9, 40).len(), 1 + 1 + TARGET);
    }
}
