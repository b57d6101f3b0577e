//! Everything that is a number as one flat table: a row a number.

use std::collections::BTreeSet;

use crate::comparison::result::{
    Change, Comparison, CorrectedShare, Disagreement, Distinctive, FeatureKind, Share, TrendPoint,
};
use crate::schema::Interval;

/// The columns.
const COLUMNS: [&str; 17] = [
    "section", "group", "other", "theme", "target", "stance", "kind", "feature", "period",
    "measure", "count", "of", "value", "low", "high", "p", "q",
];

/// One row; empty cells are empty.
#[derive(Default)]
struct Row<'a> {
    section: &'a str,
    group: &'a str,
    other: &'a str,
    theme: &'a str,
    target: &'a str,
    stance: &'a str,
    kind: &'a str,
    feature: &'a str,
    period: String,
    measure: &'a str,
    count: Option<u64>,
    of: Option<u64>,
    value: Option<f64>,
    interval: Option<Interval>,
    p: Option<f64>,
    q: Option<f64>,
}

impl<'a> Row<'a> {
    fn of_share(self, measure: &'a str, share: &Share) -> Self {
        Self {
            measure,
            count: Some(share.count),
            of: Some(share.of),
            value: share.share,
            interval: share.interval,
            ..self
        }
    }

    fn corrected(self, measure: &'a str, corrected: &CorrectedShare) -> Self {
        Self {
            measure,
            value: Some(corrected.share),
            interval: Some(corrected.interval),
            ..self
        }
    }

    fn cells(self) -> [String; 17] {
        let number = |value: Option<f64>| {
            value.map_or_else(String::new, |value| {
                let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
                rounded.to_string()
            })
        };
        let count = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        [
            self.section.to_owned(),
            self.group.to_owned(),
            self.other.to_owned(),
            self.theme.to_owned(),
            self.target.to_owned(),
            self.stance.to_owned(),
            self.kind.to_owned(),
            self.feature.to_owned(),
            self.period,
            self.measure.to_owned(),
            count(self.count),
            count(self.of),
            number(self.value),
            number(self.interval.map(|interval| interval.low)),
            number(self.interval.map(|interval| interval.high)),
            number(self.p),
            number(self.q),
        ]
    }
}

/// The comparison as CSV.
///
/// # Errors
/// If writing to memory fails, which it does not.
pub fn text(comparison: &Comparison) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    let sections = [
        emphasis,
        differences,
        stances,
        disagreements,
        distinctive,
        trends,
        changes,
        wordings,
    ];
    for row in sections.iter().flat_map(|section| section(comparison)) {
        writer.write_record(row.cells())?;
    }
    let bytes = writer
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn emphasis(comparison: &Comparison) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for cell in &comparison.emphasis {
        let row = || Row {
            section: "emphasis",
            group: &cell.group,
            theme: &cell.theme,
            ..Row::default()
        };
        rows.push(row().of_share("share of statements", &cell.statements));
        rows.push(row().of_share("share of words", &cell.words));
        let corrected = cell.corrected.as_ref();
        rows.extend(corrected.map(|c| row().corrected("corrected share of statements", c)));
    }
    rows
}

fn differences(comparison: &Comparison) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for found in &comparison.differences {
        let row = || Row {
            section: "difference",
            group: &found.first,
            other: found.second.as_deref().unwrap_or("(all others)"),
            theme: &found.theme,
            ..Row::default()
        };
        rows.push(Row {
            measure: "difference of shares of statements",
            value: found.difference,
            interval: found.interval,
            p: found.p,
            q: found.q,
            ..row()
        });
        if let Some(corrected) = &found.corrected {
            rows.push(Row {
                measure: "corrected difference of shares of statements",
                value: Some(corrected.difference),
                interval: Some(corrected.interval),
                p: corrected.p,
                q: corrected.q,
                ..row()
            });
        }
    }
    rows
}

fn stances(comparison: &Comparison) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for found in &comparison.stances {
        let row = |stance| Row {
            section: "stance",
            group: &found.group,
            theme: found.theme.as_deref().unwrap_or_default(),
            target: found.target.as_deref().unwrap_or_default(),
            stance,
            ..Row::default()
        };
        rows.push(row("support").of_share("share of labels", &found.support));
        rows.push(row("oppose").of_share("share of labels", &found.oppose));
        rows.push(row("neutral").of_share("share of labels", &found.neutral));
        rows.push(Row {
            measure: "support minus oppose",
            of: Some(found.labels),
            value: found.net,
            interval: found.net_interval,
            ..row("")
        });
        if let Some(corrected) = &found.corrected {
            let measure = "corrected share of labels";
            rows.push(row("support").corrected(measure, &corrected.support));
            rows.push(row("oppose").corrected(measure, &corrected.oppose));
            rows.push(row("neutral").corrected(measure, &corrected.neutral));
            rows.push(row("").corrected("corrected support minus oppose", &corrected.net));
        }
    }
    rows
}

/// What counts as one of the targets that stand in other rows.
fn wordings(comparison: &Comparison) -> Vec<Row<'_>> {
    let stances = comparison.stances.iter();
    let mut shown: BTreeSet<&str> = stances.filter_map(|s| s.target.as_deref()).collect();
    let distinctive = comparison.distinctive.iter();
    let targets = distinctive.filter(|found| found.kind == FeatureKind::Target);
    shown.extend(targets.map(|found| found.feature.as_str()));
    let mut rows = Vec::new();
    let targets = comparison.targets.iter();
    for target in targets.filter(|target| shown.contains(&*target.label)) {
        for wording in &target.wordings {
            rows.push(Row {
                section: "wording",
                group: "(all)",
                target: &target.label,
                kind: if wording.cosine.is_some() {
                    "meaning"
                } else {
                    "words"
                },
                feature: &wording.text,
                measure: "mentions; cosine where joined by meaning",
                count: Some(wording.mentions),
                of: Some(target.mentions),
                value: wording.cosine,
                ..Row::default()
            });
        }
    }
    rows
}

fn disagreements(comparison: &Comparison) -> Vec<Row<'_>> {
    fn row(found: &Disagreement) -> Row<'_> {
        Row {
            section: "disagreement",
            group: &found.first,
            other: &found.second,
            target: &found.target,
            measure: "difference of support minus oppose",
            value: Some(found.difference),
            interval: found.interval,
            p: found.p,
            q: found.q,
            ..Row::default()
        }
    }
    comparison.disagreements.iter().map(row).collect()
}

fn distinctive(comparison: &Comparison) -> Vec<Row<'_>> {
    fn row(found: &Distinctive) -> Row<'_> {
        Row {
            section: "distinctive",
            group: &found.group,
            other: "(all others)",
            feature: &found.feature,
            kind: found.kind.name(),
            measure: "z of weighted log-odds",
            count: Some(found.count),
            of: Some(found.of),
            value: Some(found.z),
            p: found.p,
            q: found.q,
            ..Row::default()
        }
    }
    comparison.distinctive.iter().map(row).collect()
}

fn trends(comparison: &Comparison) -> Vec<Row<'_>> {
    fn row(point: &TrendPoint) -> Row<'_> {
        Row {
            section: "trend",
            group: &point.group,
            theme: &point.theme,
            period: point.period.to_string(),
            ..Row::default()
        }
    }
    let mut rows = Vec::new();
    for point in &comparison.trends {
        rows.push(row(point).of_share("share of statements", &point.share));
        let corrected = point.corrected.as_ref();
        rows.extend(corrected.map(|c| row(point).corrected("corrected share of statements", c)));
    }
    rows
}

fn changes(comparison: &Comparison) -> Vec<Row<'_>> {
    fn row(change: &Change) -> Row<'_> {
        Row {
            section: "change",
            group: &change.group,
            theme: &change.theme,
            period: change.period.to_string(),
            measure: "change of the share of statements",
            value: Some(change.after - change.before),
            p: Some(change.p),
            q: change.q,
            ..Row::default()
        }
    }
    comparison.changes.iter().map(row).collect()
}
