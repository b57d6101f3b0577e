// Emphasis as dots with intervals, as a heat map, and as numbers.
function drawEmphasis() {
  const groups = shownGroups(), themes = shownThemes();
  const period = wholePeriod() ? "" : ` from ${state.from} to ${state.to}`;
  $("emphasis-reading").textContent = `Share ${measureName()} on each theme${period}, with 95 % intervals. A statement can carry several themes, or none.`;
  const cells = themes.map((theme) => groups.map((group) => cell(group, theme)));
  const scale = shareAxis(Math.max(0.02, ...cells.flat().map((c) => (c.interval ? c.interval[1] : c.share) || 0)));
  const holders = panels("emphasis-charts", themes, themes.map(themeColor));
  themes.forEach((theme, t) => {
    const color = themeColor(theme);
    const order = groups.map((group, g) => ({ group, c: cells[t][g] })).sort((a, b) => (b.c.share ?? -1) - (a.c.share ?? -1));
    const names = order.map((o) => o.group);
    const rows = order.map((o, row) => ({ value: [o.c.share, row, ...(o.c.interval || [NaN, NaN])], group: o.group, c: o.c })).filter((r) => r.c.share !== null);
    const gaps = order.map((o, row) => ({ value: [0, row], group: o.group, c: o.c })).filter((r) => r.c.share === null);
    const tip = (p) => `<b>${escapeHtml(p.data.group)}</b> · ${escapeHtml(theme)}<br><b>${percent(p.data.c.share)} %</b> ${range(p.data.c.interval)}<br>${count(p.data.c.count)} of ${count(p.data.c.of)}${p.data.c.note ? `<br><i>${escapeHtml(p.data.c.note)}</i>` : ""}`;
    draw(holders[t], {
      label: `Share on ${theme} by ${C.options.by}; the numbers follow as a table`,
      grid: { left: nameRoom(names), right: 18, top: names.length > MANY ? 30 : 8, bottom: names.length > MANY ? 8 : 30 },
      xAxis: { type: "value", position: axisPlace(names.length), ...scale, ...axisLook(), axisLabel: { ...axisLook().axisLabel, formatter: (v) => Math.round(100 * v) + " %" } },
      yAxis: nameAxis(names),
      tooltip: { confine: true, backgroundColor: css("--card"), borderColor: css("--line"), textStyle: { color: css("--ink"), fontSize: 13 }, formatter: tip },
      series: [
        { type: "custom", renderItem: dotWithInterval(color), encode: { x: [0, 2, 3], y: 1 }, data: rows },
        { type: "scatter", symbolSize: 1, encode: { x: 0, y: 1 }, itemStyle: { opacity: 0 }, label: { show: true, position: "right", formatter: "no share", color: css("--soft"), fontStyle: "italic", fontSize: 11 }, data: gaps },
      ],
    }, 50 + 27 * Math.max(1, names.length), (p) => openCell(p.data.group, theme));
  });
  table("emphasis-table", [C.options.by, ...themes.flatMap((t) => [t, "95 % interval", "count"])], groups.map((group, g) => [group, ...themes.flatMap((theme, t) => {
    const c = cells[t][g];
    return [opener(percent(c.share) + " %", () => openCell(group, theme), { group, theme }), range(c.interval), `${count(c.count)} of ${count(c.of)}`];
  })]));
}

// The statements behind a difference: the likeliest of both sides.
function openDifference(d) {
  const others = d.second ? [d.second] : C.groups.map((g) => g.name).filter((name) => name !== d.first);
  const of = (group) => emphasisOf.get(group + "\n" + d.theme)?.evidence ?? [];
  const second = others.map(of);
  const places = [...of(d.first).slice(0, 6), ...second.flatMap((evidence) => evidence.slice(0, d.second ? 6 : 1)).slice(0, 6)];
  openEvidence(`${d.first} − ${d.second ?? "all others"} · ${d.theme}`, `${signed(d.difference)} points ${range(d.interval)}, p ${pValue(d.p)}, q ${pValue(d.q)} · the likeliest statements of both sides`, places);
}

function drawHeat() {
  const groups = shownGroups(), themes = shownThemes();
  const rows = groups.flatMap((group, g) => themes.map((theme, t) => ({ value: [t, g, cell(group, theme).share ?? "-"], group, theme })));
  const shares = rows.map((r) => r.value[2]).filter((v) => v !== "-");
  const most = Math.max(0.01, ...shares);
  const light = !document.documentElement.hasAttribute("data-dark");
  draw($("heat-chart"), {
    label: "Heat map of shares by group and theme; the numbers stand in the table above",
    grid: { left: nameRoom(groups), right: 14, top: 34, bottom: 10 },
    xAxis: { type: "category", data: themes, position: "top", ...axisLook(), splitLine: { show: false }, axisLabel: { color: css("--ink"), fontSize: 13, interval: 0, formatter: (n) => short(n, narrow() ? 12 : 24) } },
    yAxis: nameAxis(groups),
    visualMap: { show: false, min: 0, max: most, inRange: { color: [css("--heat-low"), css("--heat-mid"), css("--heat-high")] } },
    tooltip: { confine: true, backgroundColor: css("--card"), borderColor: css("--line"), textStyle: { color: css("--ink") }, formatter: (p) => { const c = cell(p.data.group, p.data.theme); return `<b>${escapeHtml(p.data.group)}</b> · ${escapeHtml(p.data.theme)}<br><b>${percent(c.share)} %</b> ${range(c.interval)}<br>${count(c.count)} of ${count(c.of)}`; } },
    series: [{
      type: "heatmap", itemStyle: { borderColor: css("--card"), borderWidth: 2, borderRadius: 4 },
      data: rows.map((r) => ({ ...r, label: { color: r.value[2] / most > 0.55 ? (light ? "#fff" : "#10161d") : css("--ink") } })),
      label: { show: true, fontSize: 12.5, formatter: (p) => (p.value[2] === "-" ? DASH : percent(p.value[2])) },
    }],
  }, 52 + 30 * Math.max(1, groups.length), (p) => openCell(p.data.group, p.data.theme));

  const kept = C.differences.filter((d) => state.themes.has(d.theme) && state.groups.has(d.first) && (d.second === null || state.groups.has(d.second)));
  kept.sort((a, b) => (a.second === null ? 0 : 1) - (b.second === null ? 0 : 1) || (a.p ?? 2) - (b.p ?? 2));
  const corrected = kept.some((d) => d.corrected);
  table("difference-table", ["pair", "theme", "difference", "95 % interval", "p", "q", ...(corrected ? ["corrected", "95 % interval", "q"] : [])],
    kept.slice(0, 400).map((d) => [`${d.first} − ${d.second ?? "all others"}`, d.theme, opener(signed(d.difference), () => openDifference(d)), range(d.interval), pValue(d.p), pValue(d.q), ...(corrected ? (d.corrected ? [signed(d.corrected.difference), range(d.corrected.interval), pValue(d.corrected.q)] : [DASH, DASH, DASH]) : [])]));
}
