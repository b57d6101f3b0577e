//! Which groups and themes are compared.

use super::{Group, Theme};
use crate::comparison::collect::Collected;
use crate::comparison::collect::clusters::Column;
use crate::comparison::collect::spellings::group_key;
use crate::comparison::input::Quarantined;
use crate::comparison::options::Options;
use crate::comparison::result::LeftOut;
use crate::error::{Error, Result};

/// How many groups that are left out are named.
const NAMED_LEFT_OUT: usize = 20;

/// The themes to compare, in the taxonomy's order where the records tell it.
pub(super) fn themes(collected: &Collected, options: &Options) -> Result<Vec<Theme>> {
    let known: Vec<&String> = collected.themes.iter().collect();
    if let Some(unknown) = options.themes.iter().find(|theme| !known.contains(theme)) {
        let problem = format!(
            "no record has the theme {unknown:?}; without --themes all themes of the records are compared"
        );
        return Err(Error::Settings { problem });
    }
    let mut themes: Vec<Theme> = collected
        .themes
        .iter()
        .enumerate()
        .map(|(column, name)| Theme {
            name: name.clone(),
            column,
        })
        .collect();
    let place = |theme: &Theme| {
        collected
            .scored_order
            .iter()
            .position(|name| *name == theme.name)
            .unwrap_or(usize::MAX)
    };
    themes.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.name.cmp(&b.name)));
    if themes.is_empty() && collected.tally.statements > 0 {
        let problem = "no record has a label or a score of any theme: there is nothing to compare; \
                       were the records tagged with a model?";
        return Err(Error::Settings {
            problem: problem.to_owned(),
        });
    }
    Ok(themes)
}

/// The groups to compare: large enough, and not too many.
pub(super) fn groups<'a>(
    collected: &'a Collected,
    options: &Options,
    quarantined: &[Quarantined],
) -> Result<(Vec<Group<'a>>, LeftOut)> {
    let mut all: Vec<Group<'a>> = (0_u32..)
        .zip(&collected.groups)
        .map(|(number, (name, clusters))| Group {
            name: name.clone(),
            number,
            clusters,
            statements: clusters.sum(Column::Statements),
        })
        .collect();
    all.sort_by(|a, b| {
        b.statements
            .cmp(&a.statements)
            .then_with(|| a.name.cmp(&b.name))
    });
    let large = all
        .iter()
        .filter(|g| g.statements >= options.min_statements as u64)
        .count();
    let too_small = all.len() - large;
    let kept = if options.groups.is_empty() {
        large.min(options.max_groups)
    } else {
        large
    };
    let left = all.split_off(kept);
    let left_out = LeftOut {
        too_small,
        past_limit: large - kept,
        largest: left
            .iter()
            .take(NAMED_LEFT_OUT)
            .map(|g| (g.name.clone(), g.statements))
            .collect(),
        not_found: options
            .groups
            .iter()
            .filter(|name| !collected.spellings.has(&group_key(name, options)))
            .cloned()
            .collect(),
    };
    if all.is_empty() {
        return Err(Error::Settings {
            problem: nothing_to_compare(collected, options, &left_out, quarantined),
        });
    }
    Ok((all, left_out))
}

fn nothing_to_compare(
    collected: &Collected,
    options: &Options,
    left_out: &LeftOut,
    quarantined: &[Quarantined],
) -> String {
    let (by, tally) = (&options.by, &collected.tally);
    if tally.statements == 0 {
        let first = quarantined.first().map_or_else(String::new, |bad| {
            let (path, line, problem) = (bad.path.display(), bad.line, &bad.problem);
            format!("; the first is {path}, line {line}: {problem}")
        });
        return format!(
            "no statement to compare ({} lines were set aside{first})",
            tally.quarantined
        );
    }
    if collected.groups.is_empty() && tally.of_other_groups > 0 {
        return format!(
            "none of the groups asked for is there by {by}: {}; without --groups the largest are compared",
            options.groups.join(", ")
        );
    }
    if collected.groups.is_empty() {
        return format!(
            "none of {} statements has a {by}; choose another --by (speaker, country, source, role or \
             a field of the documents)",
            tally.statements
        );
    }
    let largest = left_out
        .largest
        .first()
        .map_or(0, |&(_, statements)| statements);
    format!(
        "no group by {by} has {} statements (the largest has {largest}); lower --min-statements",
        options.min_statements
    )
}
