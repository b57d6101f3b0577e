//! Counts of one group, a document at a time: documents are what a bootstrap draws.

use rustc_hash::{FxHashMap, FxHashSet};

use super::period::Period;
use crate::comparison::statistics::seeding::mix;
use crate::schema::Stance;

/// Where the counts of a document stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Statements.
    Statements,
    /// Words of the statements.
    Words,
    /// Statements with the theme.
    Theme(usize),
    /// Words of statements with the theme.
    ThemeWords(usize),
    /// Statements with the theme and the stance.
    Pair(usize, Stance),
}

/// Columns that a theme takes.
const THEME_COLUMNS: usize = 5;

impl Column {
    /// Its place among the counts.
    pub fn index(self) -> usize {
        let of_theme = |theme: usize, offset: usize| 2 + theme * THEME_COLUMNS + offset;
        match self {
            Self::Statements => 0,
            Self::Words => 1,
            Self::Theme(theme) => of_theme(theme, 0),
            Self::ThemeWords(theme) => of_theme(theme, 1),
            Self::Pair(theme, Stance::Support) => of_theme(theme, 2),
            Self::Pair(theme, Stance::Oppose) => of_theme(theme, 3),
            Self::Pair(theme, Stance::Neutral) => of_theme(theme, 4),
        }
    }

    /// How many columns `themes` themes need.
    pub fn count(themes: usize) -> usize {
        2 + themes * THEME_COLUMNS
    }
}

/// The counts of one document (or of one bin of documents) in one group.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterCounts {
    /// The hash of the document or of the bin.
    pub document: u64,
    /// When it was.
    pub period: Option<Period>,
    /// The counts by [`Column::index`]; columns past the end are 0.
    pub counts: Vec<u32>,
}

impl ClusterCounts {
    /// The count in `column`.
    pub fn get(&self, column: Column) -> u32 {
        self.counts.get(column.index()).copied().unwrap_or(0)
    }

    fn add(&mut self, column: usize, count: u32) {
        if self.counts.len() <= column {
            self.counts.resize(column + 1, 0);
        }
        self.counts[column] += count;
    }
}

/// From so many documents on, the documents of a group share [`BINS`] bins (a period), so that memory stays
/// bounded. Sums of independent documents vary as the documents do, so intervals stay what they were; of
/// 4,096 bins the standard error is known to about one part in a hundred.
const MOST_CLUSTERS: usize = 16_384;

/// See [`MOST_CLUSTERS`].
const BINS: u64 = 4096;

/// The counts of one group by document.
#[derive(Clone, Debug, Default)]
pub struct Clusters {
    places: FxHashMap<(u64, Option<Period>), usize>,
    list: Vec<ClusterCounts>,
    documents: FxHashSet<u64>,
    binned: bool,
}

impl Clusters {
    /// Adds `counts` (column, count) of one statement of the document with this hash.
    pub fn add(&mut self, document: u64, period: Option<Period>, counts: &[(usize, u32)]) {
        self.documents.insert(document);
        let place = self.place(self.cluster(document, period), period);
        for &(column, count) in counts {
            self.list[place].add(column, count);
        }
        if !self.binned && self.list.len() > MOST_CLUSTERS {
            self.bin();
        }
    }

    /// The hash of the cluster that a document belongs to.
    pub fn cluster(&self, document: u64, period: Option<Period>) -> u64 {
        if self.binned {
            let step = period.map_or(u64::MAX, |period| u64::from(period.index().unsigned_abs()));
            mix(document % BINS) ^ mix(step)
        } else {
            document
        }
    }

    /// The place of a cluster among [`Self::list`], if it is there.
    pub fn find(&self, document: u64, period: Option<Period>) -> Option<usize> {
        self.places
            .get(&(self.cluster(document, period), period))
            .copied()
    }

    fn place(&mut self, document: u64, period: Option<Period>) -> usize {
        let next = self.list.len();
        let place = *self.places.entry((document, period)).or_insert(next);
        if place == next {
            self.list.push(ClusterCounts {
                document,
                period,
                counts: Vec::new(),
            });
        }
        place
    }

    fn bin(&mut self) {
        self.binned = true;
        self.places.clear();
        for cluster in std::mem::take(&mut self.list) {
            let bin = self.cluster(cluster.document, cluster.period);
            let place = self.place(bin, cluster.period);
            for (column, count) in cluster.counts.into_iter().enumerate() {
                self.list[place].add(column, count);
            }
        }
    }

    /// The clusters, in the order in which they were first met.
    pub fn list(&self) -> &[ClusterCounts] {
        &self.list
    }

    /// How many documents there are.
    pub fn document_count(&self) -> usize {
        self.documents.len()
    }

    /// The sum of a column.
    pub fn sum(&self, column: Column) -> u64 {
        self.list
            .iter()
            .map(|cluster| u64::from(cluster.get(column)))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_documents_share_bins_and_sums_stay() {
        let mut clusters = Clusters::default();
        for document in 0..40_000_u64 {
            clusters.add(mix(document), None, &[(0, 2), (3, 1)]);
        }
        assert_eq!(clusters.document_count(), 40_000);
        assert!(clusters.list().len() <= 4096);
        assert_eq!(clusters.sum(Column::Statements), 80_000);
        assert_eq!(clusters.sum(Column::ThemeWords(0)), 40_000);
    }
}
