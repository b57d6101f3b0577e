// Shares over time as lines with bands; a period without a share is a gap.
const MOST_BANDS = 4;

// A period's share as it is shown. Where the reader wants corrected shares, a theme that has any shows those alone:
// a line of both kinds would show changes that are none.
function pointShown(point, correctedTheme) {
  if (!point || !correctedTheme) return point;
  const c = point.corrected;
  const share = c
    ? { ...point.share, share: c.share, interval: c.interval, note: `corrected with ${c.checked} checked statements; ${percent(point.share.share)} % as counted` }
    : { ...point.share, share: null, interval: null, note: "too few checked statements of the period to correct" };
  return { ...point, share };
}
const themesWithCorrected = new Set(C.trends.filter((t) => t.corrected).map((t) => t.theme));
const hasCorrected = (theme) => state.measure === "corrected" && themesWithCorrected.has(theme);
function pointsOf(group, theme) {
  const corrected = hasCorrected(theme);
  return (trendOf.get(group + "\n" + theme) || []).map((p) => pointShown(p, corrected));
}

function trendsCorrected(themes) {
  const corrected = themes.filter(hasCorrected);
  if (!corrected.length) return uncorrected();
  return ` Corrected for the classifier’s errors: ${corrected.join(", ")}; a period with too few checked statements is a gap. Changes${corrected.length < themes.length ? " and other themes" : ""} are counted from predictions, not corrected.`;
}

function drawTrends() {
  const section = $("trend");
  const steps = allPeriods().filter((p) => p >= state.from && p <= state.to);
  section.hidden = periods.length < 2;
  if (section.hidden) return;
  const groups = shownGroups();
  const lead = groups.slice(0, 8);
  const rest = groups.length - lead.length;
  const banded = groups.length <= MOST_BANDS;
  $("trend-reading").textContent = `Share of statements by ${C.options.over || "year"}` + (banded ? ", with 95 % bands." : `; the bands of more than ${MOST_BANDS} groups would hide each other, so intervals show on hover and where fewer groups are chosen.`) + (rest > 0 ? ` The ${lead.length} groups with the most statements are coloured, ${rest} more are grey; choose groups above.` : "") + (C.options.over ? " A diamond marks a change of level that is significant after correction." : " With --over, changes are tested.") + trendsCorrected(shownThemes());
  const themes = shownThemes();
  // wide bands of single documents may leave the picture, shares may not
  const scale = shareAxis(1.15 * Math.max(0.02, ...themes.flatMap((t) => groups.flatMap((g) => pointsOf(g, t).map((p) => p.share.share || 0)))));
  const holders = panels("trend-charts", themes, []);
  for (const theme of themes) {
    const series = [];
    for (const group of [...groups].reverse()) {
      const at = new Map(pointsOf(group, theme).map((p) => [p.period, p]));
      const color = lead.includes(group) ? groupColor(group) : css("--neutral");
      const points = steps.map((period) => at.get(period));
      if (banded) series.push(...band(points, color));
      const marks = C.changes.filter((c) => c.significant && c.group === group && c.theme === theme && steps.includes(c.period));
      series.push({
        type: "line", name: group, data: points.map((p) => ({ value: p?.share.share ?? null, point: p })), connectNulls: false,
        symbol: "circle", symbolSize: 6, showSymbol: lead.includes(group), itemStyle: { color }, lineStyle: { width: lead.includes(group) ? 2.4 : 1, color }, z: lead.includes(group) ? 4 : 2,
        emphasis: { focus: "series" },
        markPoint: { symbol: "diamond", symbolSize: 15, silent: false, itemStyle: { color: css("--card"), borderColor: color, borderWidth: 2.5 }, label: { show: false }, data: marks.map((c) => ({ coord: [c.period, at.get(c.period)?.share.share ?? c.after], change: c })) },
      });
    }
    draw(holders[themes.indexOf(theme)], {
      label: `Share on ${theme} over time; the numbers follow as a table`,
      grid: { left: 46, right: 16, top: 12 + 22 * legendRows(lead), bottom: 28 },
      legend: { top: 0, left: 6, icon: "circle", itemWidth: 9, itemHeight: 9, itemGap: 12, textStyle: { color: css("--soft"), fontSize: 12 }, data: lead, selectedMode: false, formatter: (n) => short(n, 22) },
      xAxis: { type: "category", data: steps, boundaryGap: false, ...axisLook(), splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: css("--line") } } },
      yAxis: { type: "value", ...scale, ...axisLook(), axisLabel: { ...axisLook().axisLabel, formatter: (v) => Math.round(100 * v) + " %" } },
      tooltip: { trigger: "item", confine: true, backgroundColor: css("--card"), borderColor: css("--line"), textStyle: { color: css("--ink"), fontSize: 13 }, formatter: trendTip },
      series,
    }, 300 + 22 * legendRows(lead), (p) => {
      const point = p.data.point;
      if (point) openEvidence(`${point.group} · ${theme} · ${point.period}`, `${percent(point.share.share)} % ${range(point.share.interval)} · ${count(point.share.count)} of ${count(point.share.of)}`, statementsOf(point));
    });
  }
  trendTable(steps, groups, themes);
}

const legendRows = (names) => Math.max(1, Math.ceil(names.reduce((sum, n) => sum + 40 + 7 * Math.min(22, n.length), 0) / 320));

function allPeriods() {
  if (!periods.length) return [];
  const month = periods[0].includes("-");
  const number = (p) => (month ? 12 * +p.slice(0, 4) + +p.slice(5) - 1 : +p);
  const name = (n) => (month ? `${String(Math.floor(n / 12)).padStart(4, "0")}-${String((n % 12) + 1).padStart(2, "0")}` : String(n).padStart(4, "0"));
  const first = number(periods[0]), last = number(periods[periods.length - 1]);
  return Array.from({ length: last - first + 1 }, (_, i) => name(first + i));
}

// Two stacked invisible lines with the space between them filled.
function band(points, color) {
  const low = points.map((p) => (p?.share.interval ? p.share.interval[0] : null));
  const width = points.map((p) => (p?.share.interval ? p.share.interval[1] - p.share.interval[0] : null));
  const base = { type: "line", stack: Math.random().toString(36), stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, connectNulls: false, z: 1, tooltip: { show: false } };
  return [{ ...base, data: low }, { ...base, data: width, areaStyle: { color, opacity: 0.13 } }];
}

function trendTip(p) {
  if (p.data.change) {
    const c = p.data.change;
    return `<b>${escapeHtml(c.group)}</b>: a new level from ${c.period}<br>${percent(c.before)} → ${percent(c.after)} % (within ${c.within[0]} to ${c.within[1]})<br>p ${pValue(c.p)}, q ${pValue(c.q)} (permutation of documents)`;
  }
  const point = p.data.point;
  if (!point) return "";
  return `<b>${escapeHtml(point.group)}</b> · ${point.period}<br><b>${percent(point.share.share)} %</b> ${range(point.share.interval)}<br>${count(point.share.count)} of ${count(point.share.of)}, ${point.sums.documents} documents${point.share.note ? `<br><i>${escapeHtml(point.share.note)}</i>` : ""}`;
}

function trendTable(steps, groups, themes) {
  tableWhenOpened("trend-table", [C.options.by, "theme", ...steps, "changes"], () => trendRows(steps, groups, themes));
}

function trendRows(steps, groups, themes) {
  const rows = [];
  for (const theme of themes) for (const group of groups) {
    const at = new Map(pointsOf(group, theme).map((p) => [p.period, p]));
    const changes = C.changes.filter((c) => c.group === group && c.theme === theme && c.significant);
    rows.push([group, theme, ...steps.map((s) => {
      const p = at.get(s);
      return p && p.share.share !== null ? opener(percent(p.share.share), () => openEvidence(`${group} · ${theme} · ${s}`, `${percent(p.share.share)} % ${range(p.share.interval)} · ${count(p.share.count)} of ${count(p.share.of)}`, statementsOf(p))) : DASH;
    }), changes.map((c) => `${c.period}: ${percent(c.before)} → ${percent(c.after)} (q ${pValue(c.q)})`).join("; ") || DASH]);
  }
  return rows;
}
