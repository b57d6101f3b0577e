// What sets each group apart: bars of z-scores.
const KINDS = [["word phrase", "words and phrases"], ["target", "targets"], ["pair", "themes with stance"], ["theme", "themes"]];

function fillKindPick() {
  $("kind-pick").replaceChildren(...KINDS.filter(([kinds]) => C.distinctive.some((d) => kinds.split(" ").includes(d.kind))).map(([kinds, name]) => new Option(name, kinds)));
}

function drawWords() {
  $("words").hidden = !C.distinctive.length;
  if ($("words").hidden) return;
  const kinds = $("kind-pick").value.split(" ");
  const all = C.distinctive.filter((d) => kinds.includes(d.kind) && state.groups.has(d.group));
  const groups = shownGroups();
  const shown = groups.slice(0, 9);
  $("word-more").textContent = groups.length > shown.length ? ` Pictured: the ${shown.length} groups with the most statements of ${groups.length}; choose groups above, or see the numbers.` : "";
  const tops = shown.map((group) => all.filter((d) => d.group === group).sort((a, b) => b.z - a.z).slice(0, 12));
  const zs = tops.flat().map((d) => d.z);
  const most = Math.max(1, ...zs), least = Math.min(0, ...zs);
  const holders = panels("word-charts", shown, shown.map(groupColor));
  shown.forEach((group, g) => {
    const holder = holders[g];
    const top = tops[g];
    if (!top.length) {
      const empty = document.createElement("p");
      empty.className = "empty";
      empty.textContent = "Nothing sets this group apart.";
      holder.append(empty);
      return;
    }
    const names = top.map((d) => d.feature);
    const width = narrow() ? 18 : 22;
    draw(holder, {
      label: `Distinctive features of ${group}; the numbers follow as a table`,
      grid: { left: nameRoom(names, width), right: 34, top: 4, bottom: 10 },
      xAxis: { type: "value", min: least, max: most, show: false },
      yAxis: nameAxis(names, width),
      tooltip: { trigger: "item", confine: true, backgroundColor: css("--card"), borderColor: css("--line"), textStyle: { color: css("--ink"), fontSize: 13 }, formatter: (p) => { const d = top[p.dataIndex]; return `<b>${escapeHtml(d.feature)}</b> · z ${d.z.toFixed(1)}, q ${pValue(d.q)}<br>${count(d.count)} of ${count(d.of)} here${d.documents === null ? "" : ` (${d.documents} documents)`}, ${count(d.others_count)} of ${count(d.others_of)} elsewhere`; } },
      series: [{ type: "bar", barWidth: 11, cursor: "pointer", itemStyle: { color: groupColor(group), borderRadius: 3 }, data: top.map((d) => ({ value: d.z, label: { show: true, position: "right", color: css("--soft"), fontSize: 11.5, formatter: d.z.toFixed(1) } })) }],
    }, 24 + 23 * top.length, (p) => openFeature(top[p.dataIndex]));
  });
  table("word-table", [C.options.by, "kind", "feature", "z", "log-odds", "q", "here", "elsewhere", "documents"],
    all.map((d) => [d.group, d.kind, opener(d.feature, () => openFeature(d)), d.z.toFixed(2), d.log_odds.toFixed(2), pValue(d.q), count(d.count), count(d.others_count), d.documents ?? DASH]));
}

function openFeature(d) {
  const words = d.kind === "pair" || d.kind === "theme" ? [] : [d.feature];
  openEvidence(`${d.group} · ${d.feature}`, `z ${d.z.toFixed(1)} · ${count(d.count)} of ${count(d.of)} here, ${count(d.others_count)} of ${count(d.others_of)} elsewhere`, d.evidence, words);
}
