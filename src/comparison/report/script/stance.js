// Stance as diverging bars, and where two groups disagree most.
const SIDES = ["oppose", "neutral", "support"];

function fillStancePick() {
  const options = [];
  const themes = document.createElement("optgroup");
  themes.label = "Themes";
  for (const theme of C.themes) themes.append(new Option(theme, "theme\n" + theme));
  options.push(themes);
  const mentions = new Map(C.targets.map((t) => [t.label, t.mentions]));
  const names = [...new Set(C.stances.filter((s) => s.target).map((s) => s.target))].sort((a, b) => (mentions.get(b) || 0) - (mentions.get(a) || 0));
  if (names.length) {
    const targets = document.createElement("optgroup");
    targets.label = "Targets, most mentioned first";
    for (const name of names) targets.append(new Option(`${short(name, 60)} (${mentions.get(name)})`, "target\n" + name));
    options.push(targets);
  }
  $("stance-pick").replaceChildren(...options);
}

// A group's stance as it is shown: corrected where the reader wants it and the checked sample allows it.
function sidesShown(s) {
  if (state.measure !== "corrected" || !s.corrected) return { ...s, note: C.correction.matched ? " · counted from predictions, not corrected" : "" };
  const side = (name) => ({ ...s[name], share: s.corrected[name].share, interval: s.corrected[name].interval });
  return {
    ...s, support: side("support"), oppose: side("oppose"), neutral: side("neutral"), net: s.corrected.net.share, net_interval: s.corrected.net.interval,
    isCorrected: true, note: ` · corrected with ${s.corrected.net.checked} checked statements`,
  };
}

function correctedOf(rows) {
  const corrected = rows.filter((s) => s.isCorrected).length;
  if (!corrected) return uncorrected();
  return corrected === rows.length ? " Corrected for the classifier’s errors." : ` Corrected for the classifier’s errors where the name has a star (${corrected} of ${rows.length}); the others have too few checked statements.`;
}

// What counts as the chosen target, so that a wrong join can be seen.
function drawWordings(kind, name) {
  const target = kind === "target" ? C.targets.find((t) => t.label === name) : undefined;
  const fold = $("wordings");
  fold.hidden = !target || target.wordings.length < 2;
  if (fold.hidden) return;
  const listed = target.wordings.reduce((sum, w) => sum + w.mentions, 0);
  const joined = target.wordings.filter((w) => w.cosine !== undefined).length;
  fold.querySelector("summary").textContent = `${count(target.wordings.length)}${listed < target.mentions ? " most frequent" : ""} wordings counted as this target`;
  fold.querySelector("p").textContent = (C.options.target_encoder ? `Those that share nearly all words${joined ? `, and ${count(joined)} that ${C.options.target_encoder} finds near in meaning (with their cosine)` : ""}.` : "Those that share nearly all words.")
    + (listed < target.mentions ? ` ${count(target.mentions - listed)} of ${count(target.mentions)} mentions have rarer wordings; --format json lists them.` : "");
  tableWhenOpened("wording-table", ["wording", "mentions", "counted by"],
    () => target.wordings.map((w) => [w.text, opener(count(w.mentions), () => openWording(w)), w.cosine === undefined ? "words" : `meaning, ${w.cosine.toFixed(2)}`]));
}

function openWording(w) {
  const has = (s) => s.labels.some((l) => l.target && l.target.trim() === w.text);
  openEvidence(`“${w.text}”`, `${count(w.mentions)} mentions in all groups`, [...C.statements.keys()].filter((place) => has(C.statements[place])).slice(0, 12), [w.text]);
}

function drawStance() {
  const [kind, name] = $("stance-pick").value.split("\n");
  const rows = C.stances.filter((s) => s[kind] === name && state.groups.has(s.group) && s.labels > 0).map(sidesShown).sort((a, b) => b.net - a.net);
  const some = rows.some((s) => s.isCorrected) && !rows.every((s) => s.isCorrected);
  const names = rows.map((s) => s.group + (some && s.isCorrected ? " *" : ""));
  $("stance-reading").textContent = "Of the labels on the chosen theme or target: how many oppose, how many take no side, how many support. All periods together." + correctedOf(rows);
  drawWordings(kind, name);
  const open = (s, side) => openEvidence(`${s.group} · ${side} · ${name}`, `${percent(s[side].share)} % ${range(s[side].interval)} · ${count(s[side].count)} of ${count(s.labels)} labels${s.note}`, s.evidence[["support", "oppose", "neutral"].indexOf(side)]);
  const tip = (p) => { const s = rows[p.dataIndex]; const side = p.seriesId.split("-")[0]; return `<b>${escapeHtml(s.group)}</b><br>${side}: <b>${percent(s[side].share)} %</b> ${range(s[side].interval)}<br>${count(s[side].count)} of ${count(s.labels)} labels<br>net ${signed(s.net)} ${range(s.net_interval)}${s.note && `<br><i>${escapeHtml(s.note.slice(3))}</i>`}`; };
  // neutral sits astride 0, oppose to its left, support to its right
  const bar = (id, side, sign, half) => ({
    id, name: side, type: "bar", stack: sign > 0 ? "right" : "left", barWidth: 17, barGap: "-100%", itemStyle: { color: css("--" + side) }, cursor: "pointer",
    // a corrected share of nearly nothing can fall below it
    data: rows.map((s) => (sign * Math.max(0, s[side].share)) / (half ? 2 : 1)),
    label: {
      show: !half || sign > 0, color: side === "neutral" ? css("--ink") : css("--bar-ink"), fontSize: 11.5,
      ...(half ? { position: [0, "50%"], align: "center", verticalAlign: "middle" } : { position: "inside" }),
      formatter: (p) => (rows[p.dataIndex][side].share >= (narrow() ? 0.14 : 0.06) ? percent(rows[p.dataIndex][side].share, 0) : ""),
    },
  });
  draw($("stance-chart"), {
    label: `Oppose, neutral and support toward ${name}; the numbers follow as a table`,
    grid: { left: nameRoom(names), right: 20, top: names.length > MANY ? 56 : 34, bottom: names.length > MANY ? 8 : 28 },
    legend: { top: 2, data: SIDES, selectedMode: false, icon: "roundRect", itemWidth: 12, itemHeight: 10, textStyle: { color: css("--soft"), fontSize: 12.5 } },
    xAxis: { type: "value", position: axisPlace(names.length), min: -1, max: 1, splitNumber: 4, ...axisLook(), axisLabel: { ...axisLook().axisLabel, formatter: (v) => Math.abs(Math.round(100 * v)) + " %" } },
    yAxis: nameAxis(names),
    tooltip: { trigger: "item", confine: true, backgroundColor: css("--card"), borderColor: css("--line"), textStyle: { color: css("--ink"), fontSize: 13 }, formatter: tip },
    series: [bar("neutral-left", "neutral", -1, true), bar("oppose-bar", "oppose", -1), bar("neutral-right", "neutral", 1, true), bar("support-bar", "support", 1)],
  }, 76 + 29 * Math.max(1, names.length), (p) => open(rows[p.dataIndex], p.seriesId.split("-")[0]));
  table("stance-table", [C.options.by, "labels", ...["support", "oppose", "neutral"].flatMap((s) => [s, "95 % interval"]), "net", "95 % interval"],
    rows.map((s, i) => [names[i], count(s.labels), ...["support", "oppose", "neutral"].flatMap((side) => [opener(percent(s[side].share) + " %", () => open(s, side)), range(s[side].interval)]), signed(s.net), range(s.net_interval)]));
}

function drawDisagreements() {
  const found = C.disagreements.filter((d) => state.groups.has(d.first) && state.groups.has(d.second));
  for (const id of ["disagree-title", "disagree-reading", "disagree-chart"]) $(id).hidden = !found.length;
  $("disagree-table").closest("details").hidden = !found.length;
  if (!found.length) return;
  const certain = found.filter((d) => d.q !== null && d.q <= 0.05);
  $("disagree-reading").textContent = "Net stance (support minus oppose) of the two groups, toward targets that both name often; of each target the pair whose difference is most certain (the numbers have more). "
    + (certain.length ? `${certain.length} of ${found.length} listed differences are significant after correction for their number; the others are pale.` : "No difference is significant after correction for their number, so all are pale: the speeches at hand do not tell these groups apart.") + uncorrected();
  // the pair that differs most certainly on each target; the table has more
  const seen = new Set();
  const shown = found.filter((d) => !seen.has(d.target) && seen.add(d.target)).slice(0, 12);
  const most = narrow() ? 16 : 34;
  const names = shown.map((d, i) => `${i}\n${d.target}`);
  const dots = (side, color) => shown.map((d, row) => ({ value: [d[side + "_net"], row], d, side, itemStyle: { color, opacity: certain.includes(d) ? 1 : 0.45 } }));
  const label = (side, position) => ({ show: !narrow(), position, color: css("--soft"), fontSize: 11.5, formatter: (p) => short(p.data.d[side], 18) });
  draw($("disagree-chart"), {
    label: "Net stance of the two groups that disagree most, by target; the numbers follow as a table",
    grid: { left: nameRoom(shown.map((d) => d.target), most), right: 20, top: 8, bottom: 40 },
    xAxis: { type: "value", min: narrow() ? -1 : -1.5, max: narrow() ? 1 : 1.5, interval: 0.5, ...axisLook(), name: "opposes  ←  net stance  →  supports", nameLocation: "middle", nameGap: 24, nameTextStyle: { color: css("--soft") }, axisLabel: { ...axisLook().axisLabel, formatter: (v) => (Math.abs(v) > 1 ? "" : signed(v, 1, 1)) } },
    yAxis: { ...nameAxis(names, most), axisLabel: { color: css("--ink"), fontSize: 12.5, interval: 0, formatter: (n) => short(n.split("\n")[1], most) } },
    tooltip: { confine: true, backgroundColor: css("--card"), borderColor: css("--line"), textStyle: { color: css("--ink"), fontSize: 13 }, formatter: (p) => (p.data.d ? `<b>${escapeHtml(p.data.d.target)}</b><br>${escapeHtml(p.data.d.first)}: ${signed(p.data.d.first_net, 1, 2)}<br>${escapeHtml(p.data.d.second)}: ${signed(p.data.d.second_net, 1, 2)}<br>difference ${p.data.d.difference.toFixed(2)} ${range(p.data.d.interval, 1, 2)}, q ${pValue(p.data.d.q)}` : "") },
    series: [
      { type: "custom", silent: true, z: 1, renderItem: (params, api) => { const a = api.coord([api.value(0), api.value(1)]), b = api.coord([api.value(2), api.value(1)]); return { type: "line", shape: { x1: a[0], y1: a[1], x2: b[0], y2: b[1] }, style: { stroke: css("--neutral"), lineWidth: 3 } }; }, encode: { x: [0, 2], y: 1 }, data: shown.map((d, row) => [d.second_net, row, d.first_net]) },
      { type: "scatter", symbolSize: 12, z: 3, data: dots("first", css("--support")), label: label("first", "right") },
      { type: "scatter", symbolSize: 12, z: 3, data: dots("second", css("--oppose")), label: label("second", "left") },
    ],
  }, 60 + 30 * shown.length, (p) => { if (p.data.d) openSide(p.data.d, p.data.side); });
  table("disagree-table", ["target", "supports more", "net", "supports less", "net", "difference", "95 % interval", "q"],
    found.map((d) => [d.target, opener(d.first, () => openSide(d, "first")), signed(d.first_net, 1, 2), opener(d.second, () => openSide(d, "second")), signed(d.second_net, 1, 2), d.difference.toFixed(2), range(d.interval, 1, 2), pValue(d.q)]));
}

function openSide(d, side) {
  const s = C.stances.find((s) => s.target === d.target && s.group === d[side]);
  openEvidence(`${d[side]} · ${d.target}`, `support ${percent(s.support.share)} %, oppose ${percent(s.oppose.share)} %, neutral ${percent(s.neutral.share)} % of ${count(s.labels)} labels`, [...new Set(s.evidence.flat())]);
}
