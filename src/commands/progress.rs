//! What a person sees while a run goes on: a bar on a terminal, a line now and then elsewhere, nothing
//! under `--quiet`.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// The progress of a run over an archive, on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    show: Show,
    start: Instant,
    documents: u64,
    statements: u64,
}

#[derive(Debug)]
enum Show {
    Bar(ProgressBar),
    Lines { next: Instant },
    Nothing,
}

impl Progress {
    /// The progress through `total_bytes` of input, if that many are known.
    pub(crate) fn new(total_bytes: Option<u64>, quiet: bool) -> Self {
        let start = Instant::now();
        let show = if quiet {
            Show::Nothing
        } else if std::io::stderr().is_terminal() {
            Show::Bar(bar(total_bytes))
        } else {
            Show::Lines {
                next: start + LINE_EVERY,
            }
        };
        Self {
            show,
            start,
            documents: 0,
            statements: 0,
        }
    }

    /// Counts a finished document; `bytes_read` is how much of the input has been read by now.
    pub(crate) fn document(&mut self, statements: usize, bytes_read: u64) {
        self.documents += 1;
        self.statements += statements as u64;
        match &mut self.show {
            Show::Bar(bar) => {
                bar.set_position(bytes_read);
                bar.set_message(counted(
                    self.documents,
                    self.statements,
                    self.start.elapsed(),
                ));
            }
            Show::Lines { next } if Instant::now() >= *next => {
                *next = Instant::now() + LINE_EVERY;
                let line = counted(self.documents, self.statements, self.start.elapsed());
                // A closed stderr is no reason to stop.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            Show::Lines { .. } | Show::Nothing => {}
        }
    }

    /// Ends the display and gives the time that the run took.
    pub(crate) fn finish(self) -> Duration {
        if let Show::Bar(bar) = self.show {
            bar.finish_and_clear();
        }
        self.start.elapsed()
    }
}

fn bar(total_bytes: Option<u64>) -> ProgressBar {
    let (length, template) = match total_bytes {
        Some(total) => (
            Some(total),
            "{bar:30.cyan/dim} {percent:>3}%  {msg}, {eta} left",
        ),
        None => (None, "{spinner} {msg}"),
    };
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn counted(documents: u64, statements: u64, elapsed: Duration) -> String {
    let mut line = format!(
        "{} documents, {} statements",
        HumanCount(documents),
        HumanCount(statements)
    );
    if let Some(rate) = rate(statements, elapsed) {
        // Writing to a string cannot fail.
        let _ = write!(line, ", {rate:.0}/s");
    }
    line
}

/// Statements a second; `None` before the clock has moved.
pub(crate) fn rate(statements: u64, elapsed: Duration) -> Option<f64> {
    let seconds = elapsed.as_secs_f64();
    (seconds > 0.0).then(|| statements as f64 / seconds)
}

/// A duration for people: `3 minutes`, `0.4 s`.
pub(crate) fn duration(elapsed: Duration) -> String {
    if elapsed < Duration::from_mins(1) {
        format!("{:.1} s", elapsed.as_secs_f64())
    } else {
        HumanDuration(elapsed).to_string()
    }
}
