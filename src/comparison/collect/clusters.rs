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
        if let Some(missing) = (column + 1).checked_sub(self.counts.len()) {
            // hundreds of thousands of documents: no room for columns that never come
            self.counts.reserve_exact(missing);
            self.counts.resize(column + 1, 0);
        }
        self.counts[column] += count;
    }
}

/// From so many documents on, the documents of a group share bins, so that memory stays bounded. Sums of
/// independent documents vary as the documents do, so intervals stay what they were; of 4,096 bins the
/// standard error is known to about one part in a hundred.
const MOST_CLUSTERS: usize = 16_384;

/// The bins of a period at first; half as many each time that they are still too many.
const BINS: u64 = 4096;

/// No fewer bins than this in a period: their t quantile is 2.13 where that of many is 1.96.
const LEAST_BINS: u64 = 16;

/// The counts of one group by document.
#[derive(Clone, Debug, Default)]
pub struct Clusters {
    places: FxHashMap<(u64, Option<Period>), u32>,
    list: Vec<ClusterCounts>,
    documents: FxHashSet<u64>,
    /// The bins that documents share in every period, a power of 2; `None` while each has its own place.
    bins: Option<u64>,
}

impl Clusters {
    /// Adds `counts` (column, count) of one statement of the document with this hash.
    pub fn add(&mut self, document: u64, period: Option<Period>, counts: &[(usize, u32)]) {
        self.documents.insert(document);
        let place = self.place(self.key(document), period);
        for &(column, count) in counts {
            self.list[place].add(column, count);
        }
        if self.list.len() > MOST_CLUSTERS {
            self.bin();
        }
    }

    /// What tells the clusters of a period apart: the document, or the number of its bin.
    fn key(&self, document: u64) -> u64 {
        self.bins.map_or(document, |bins| document % bins)
    }

    /// The hash of the cluster that a document belongs to.
    pub fn cluster(&self, document: u64, period: Option<Period>) -> u64 {
        self.hash(self.key(document), period)
    }

    fn hash(&self, key: u64, period: Option<Period>) -> u64 {
        if self.bins.is_none() {
            return key;
        }
        let step = period.map_or(u64::MAX, |period| u64::from(period.index().unsigned_abs()));
        mix(key) ^ mix(step)
    }

    /// The place of a cluster among [`Self::list`], if it is there.
    pub fn find(&self, document: u64, period: Option<Period>) -> Option<usize> {
        let place = self.places.get(&(self.key(document), period))?;
        Some(*place as usize)
    }

    fn place(&mut self, key: u64, period: Option<Period>) -> usize {
        let next = self.list.len();
        let place = *self
            .places
            .entry((key, period))
            .or_insert(u32::try_from(next).unwrap_or(u32::MAX)) as usize;
        if place == next {
            self.list.push(ClusterCounts {
                document: self.hash(key, period),
                period,
                counts: Vec::new(),
            });
        }
        place
    }

    /// Lets documents share bins, so few that there are at most half as many clusters as before where that leaves
    /// enough of them.
    pub fn bin(&mut self) {
        let before = self.list.len();
        let mut bins = self.bins.map_or(BINS, |bins| bins / 2);
        while bins >= LEAST_BINS {
            self.share(bins);
            if self.list.len() <= before / 2 {
                break;
            }
            bins /= 2;
        }
    }

    /// Puts the clusters together that have the same one of `bins`.
    fn share(&mut self, bins: u64) {
        let mut keys = vec![0; self.list.len()];
        // the keys go to their places, so the order of the map has no effect
        #[expect(
            clippy::iter_over_hash_type,
            reason = "each entry has a place of its own"
        )]
        for (&(key, _), &place) in &self.places {
            keys[place as usize] = key;
        }
        self.places = FxHashMap::default();
        self.bins = Some(bins);
        for (cluster, key) in std::mem::take(&mut self.list).into_iter().zip(keys) {
            let place = self.place(self.key(key), cluster.period);
            for (column, count) in cluster.counts.into_iter().enumerate() {
                self.list[place].add(column, count);
            }
        }
        self.list.shrink_to_fit();
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
    use crate::comparison::collect::period::{Dating, Granularity, parse};

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

    #[test]
    fn documents_of_many_months_share_fewer_bins_and_every_month_keeps_its_own() {
        let month = |document: u64| {
            let date = format!("{}-{:02}", 2000 + document / 12 % 20, document % 12 + 1);
            match parse(&date, Granularity::Month) {
                Dating::In(period) => Some(period),
                other => panic!("{date}: {other:?}"),
            }
        };
        let mut clusters = Clusters::default();
        for document in 0..60_000_u64 {
            clusters.add(mix(document), month(document), &[(0, 1)]);
        }
        assert!(clusters.list().len() <= MOST_CLUSTERS);
        let of_month = |month| {
            let own = clusters.list().iter().filter(|c| c.period == month);
            own.fold((0, 0), |(bins, sum), c| {
                (bins + 1, sum + c.get(Column::Statements))
            })
        };
        for document in 0..240 {
            let (bins, statements) = of_month(month(document));
            assert_eq!(statements, 250);
            assert!(bins >= LEAST_BINS, "{bins}");
            let place = clusters.find(mix(document), month(document));
            assert_eq!(clusters.list()[place.unwrap()].period, month(document));
        }
    }
}
