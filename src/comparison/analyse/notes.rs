//! What a reader should know before quoting a number.

use super::correction;
use super::targets::NotCompared;
use crate::comparison::collect::Collected;
use crate::comparison::result::Comparison;

/// How many joined names are shown.
const NAMED_JOINED: usize = 10;

/// The notes, the most important first.
pub(super) fn notes(
    comparison: &Comparison,
    collected: &Collected,
    not_compared: NotCompared,
) -> Vec<String> {
    let mut notes = vec![correction::note(&comparison.correction)];
    notes.extend(left_out(comparison));
    notes.extend(joined(collected));
    if comparison.groups.len() == 1 {
        notes.push("there is one group: nothing to compare it with".to_owned());
    }
    if comparison
        .stances
        .iter()
        .any(|found| found.target.is_some())
    {
        notes.push(of_targets(comparison, not_compared));
    }
    let sampled: u64 = comparison
        .groups
        .iter()
        .map(|group| group.sampled as u64)
        .sum();
    let all: u64 = comparison.groups.iter().map(|group| group.statements).sum();
    if sampled < all {
        notes.push(format!(
            "examples are taken from a random sample of {sampled} of {all} statements; every number counts all"
        ));
    }
    let dropped = collected.terms.dropped_below();
    if dropped > 0 {
        notes.push(format!(
            "words and phrases that a group uses at most about {dropped} times may be undercounted (lossy \
             counting, to bound memory)"
        ));
    }
    notes
}

/// What counts as one target.
fn of_targets(comparison: &Comparison, not_compared: NotCompared) -> String {
    let Some(encoder) = &comparison.options.target_encoder else {
        return "targets that share nearly all words count as one (the report, --format json and csv list the wordings); no \
                model is asked what they mean, so 'the war in Sudan' and 'the conflict in Sudan' stay apart \
                (--target-encoder asks one)"
            .to_owned();
    };
    let unseen = match not_compared {
        NotCompared { groups: 0, .. } => String::new(),
        NotCompared { groups, mentions } => {
            format!("; it was not asked of the {groups} rarest targets, {mentions} of all mentions")
        }
    };
    format!(
        "targets that share nearly all words, or are near in meaning by {encoder}, count as one; that can be wrong, so \
         the report, --format json and csv list the wordings of each{unseen}"
    )
}

/// The names that count as one, so that a wrong join can be seen.
fn joined(collected: &Collected) -> Option<String> {
    let joined = collected.spellings.joined();
    let some = joined.iter().take(NAMED_JOINED);
    let some: Vec<String> = some.map(|names| names.join(" = ")).collect();
    let more = joined.len().saturating_sub(some.len());
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    (!some.is_empty()).then(|| {
        format!(
            "spellings of one name count together: {}{more} (--exact-names parts them)",
            some.join("; ")
        )
    })
}

/// What was read and is not in the numbers.
fn left_out(comparison: &Comparison) -> Vec<String> {
    let (tally, options) = (&comparison.input.tally, &comparison.options);
    let counted = [
        (
            tally.without_group,
            format!("statements have no {} and are not counted", options.by),
        ),
        (
            tally.quarantined,
            "lines were set aside as damaged".to_owned(),
        ),
        (
            tally.malformed_date,
            "statements have a malformed date and are in no period".to_owned(),
        ),
        (
            tally.without_date,
            "statements have no date and are in no period".to_owned(),
        ),
        (
            tally.coarse_date,
            "statements are dated by year only and are in no month".to_owned(),
        ),
        (
            tally.dropped_mentions,
            "mentions of the rarest targets were dropped to bound memory".to_owned(),
        ),
        (
            comparison.left_out.too_small as u64,
            format!(
                "groups have fewer than {} statements and are left out",
                options.min_statements
            ),
        ),
        (
            comparison.left_out.past_limit as u64,
            "smaller groups are left out (--max-groups)".to_owned(),
        ),
    ];
    let mut notes: Vec<String> = counted
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !comparison.left_out.not_found.is_empty() {
        notes.push(format!(
            "not found: {}",
            comparison.left_out.not_found.join(", ")
        ));
    }
    notes
}
