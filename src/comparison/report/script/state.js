// What is shown: the comparison, the reader's choices, and the numbers that follow from both.
async function comparisonOfPage() {
  const { textContent, dataset } = document.getElementById("comparison");
  if (dataset.encoding !== "gzip") return JSON.parse(textContent);
  if (!("DecompressionStream" in window)) {
    document.getElementById("headline").textContent = "This report is packed; open it in a browser of 2023 or later.";
  }
  const bytes = Uint8Array.from(atob(textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}
const C = await comparisonOfPage();
const $ = (id) => document.getElementById(id);
const DASH = "–";

const periods = [...new Set(C.trends.map((t) => t.period))].sort();
const state = {
  themes: new Set(C.themes),
  groups: new Set(C.groups.map((g) => g.name)),
  from: periods[0],
  to: periods[periods.length - 1],
  measure: C.emphasis.some((e) => e.corrected) ? "corrected" : "statements",
};
const wholePeriod = () => !periods.length || (state.from === periods[0] && state.to === periods[periods.length - 1]);
const shownThemes = () => C.themes.filter((t) => state.themes.has(t));
const shownGroups = () => C.groups.map((g) => g.name).filter((g) => state.groups.has(g));

const index = (rows, key) => new Map(rows.map((row) => [key(row), row]));
const emphasisOf = index(C.emphasis, (e) => e.group + "\n" + e.theme);
const trendOf = new Map();
for (const point of C.trends) {
  const key = point.group + "\n" + point.theme;
  if (!trendOf.has(key)) trendOf.set(key, []);
  trendOf.get(key).push(point);
}

const percent = (x, digits = 1) => (x === null || x === undefined ? DASH : (100 * x).toFixed(digits));
const signed = (x, scale = 100, digits = 1) => (x === null || x === undefined ? DASH : (x > 0 ? "+" : "") + (scale * x).toFixed(digits).replace("-", "−"));
const range = (i, scale = 100, digits = 1) => (i ? `[${(scale * i[0]).toFixed(digits)}, ${(scale * i[1]).toFixed(digits)}]`.replaceAll("-", "−") : DASH);
const pValue = (p) => (p === null || p === undefined ? DASH : p < 0.001 ? "<.001" : p.toFixed(3).replace(/^0/, ""));
const count = (n) => n.toLocaleString("en-US");
const escapeHtml = (s) => String(s).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

// The quantile of Student's t at 0.975: Hill (1970), Algorithm 396, CACM 13.
function t975(freedom) {
  const p = 0.05, n = freedom;
  if (n < 1) return null;
  if (n === 1) return Math.tan((1 - p) * Math.PI / 2);
  if (n === 2) return Math.sqrt(2 / (p * (2 - p)) - 2);
  const a = 1 / (n - 0.5), b = 48 / (a * a);
  let c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt(a * Math.PI / 2) * n;
  let x = d * p, y = Math.pow(x, 2 / n);
  if (y > 0.05 + a) {
    x = -1.959963984540054;
    y = x * x;
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = a * y * y;
    y = y > 0.002 ? Math.exp(y) - 1 : 0.5 * y * y + y;
  } else {
    y = ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) * (n + 1) / (n + 2) + 1 / y;
  }
  return Math.sqrt(n * y);
}

// The share over the chosen periods: sums over documents add, the interval is linearised with them as clusters.
function shareOverPeriods(group, theme) {
  const chosen = (trendOf.get(group + "\n" + theme) || []).filter((t) => t.period >= state.from && t.period <= state.to);
  const s = { documents: 0, count: 0, total: 0, count_squared: 0, cross: 0, total_squared: 0 };
  for (const point of chosen) for (const key in s) s[key] += point.sums[key];
  const evidence = chosen.flatMap((t) => t.evidence);
  if (s.total < C.options.min_statements) {
    return { share: null, interval: null, count: s.count, of: s.total, evidence, note: `${s.total} statements: a share needs ${C.options.min_statements}` };
  }
  const share = s.count / s.total;
  const squares = s.count_squared - 2 * share * s.cross + share * share * s.total_squared;
  const enough = s.documents >= 5 && squares > 0;
  const half = enough ? t975(s.documents - 1) * Math.sqrt(squares * s.documents / (s.documents - 1)) / s.total : null;
  return {
    share, count: s.count, of: s.total, evidence,
    interval: enough ? [Math.max(0, share - half), Math.min(1, share + half)] : null,
    note: enough ? "linearised interval of the chosen periods" : `${s.documents} documents: an interval needs 5`,
  };
}

// A cell of the emphasis section under the reader's choices.
function cell(group, theme) {
  const e = emphasisOf.get(group + "\n" + theme);
  if (!wholePeriod()) return shareOverPeriods(group, theme);
  if (state.measure === "words") return { ...e.words, evidence: e.evidence };
  if (state.measure === "corrected") {
    return e.corrected
      ? { share: e.corrected.share, interval: e.corrected.interval, count: e.statements.count, of: e.statements.of, evidence: e.evidence, note: `corrected with ${e.corrected.checked} checked statements; ${percent(e.statements.share)} % as counted` }
      : { ...e.statements, share: null, interval: null, evidence: e.evidence, note: "too few checked statements to correct" };
  }
  return { ...e.statements, evidence: e.evidence };
}

// What stands beside numbers that the checked sample does not correct, where there is one.
const uncorrected = () => (C.correction.matched ? " Counted from predictions, not corrected for the classifier’s errors." : "");

const measureName = () => (!wholePeriod() ? (C.correction.matched ? "of statements, as predicted and not corrected," : "of statements") : { statements: "of statements", words: C.correction.matched ? "of words, as predicted and not corrected," : "of words", corrected: "of statements, corrected for the classifier’s errors" }[state.measure]);
