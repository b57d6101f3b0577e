// The statements behind a number, in a dialog.
const dialog = $("evidence");
$("evidence-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

function highlighted(text, words) {
  const found = words.filter(Boolean).map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!found.length) return escapeHtml(text);
  return text.split(new RegExp(`(${found.join("|")})`, "iu")).map((part, i) => (i % 2 ? `<mark>${escapeHtml(part)}</mark>` : escapeHtml(part))).join("");
}

function tag(label) {
  const probability = label.probability === undefined || label.probability === null ? "" : ` · ${label.probability.toFixed(2)}`;
  const target = label.target ? ` · ${escapeHtml(label.target)}` : "";
  return `<span class="tag" style="--side: var(--${label.stance})">${escapeHtml(label.theme)} · ${label.stance}${target}${probability}</span>`;
}

function openEvidence(title, lede, places, words = []) {
  $("evidence-title").textContent = title;
  $("evidence-lede").textContent = lede;
  const items = places.map((place) => {
    const s = C.statements[place];
    const marked = words.length ? words : s.labels.map((l) => l.target);
    const where = [s.speaker, s.speaker === s.group ? null : s.group, s.date, s.title, s.document + (s.statement === null ? "" : `, statement ${s.statement}`)];
    return `<li><blockquote>${highlighted(s.text, marked)}</blockquote><p class="source">${where.filter(Boolean).map(escapeHtml).join(" · ")}</p><div class="tags">${s.labels.map(tag).join("")}</div></li>`;
  });
  $("evidence-list").innerHTML = items.join("") || `<li class="weak">No statement behind this number is among the examples kept in this report. It counts all statements; examples are a sample.</li>`;
  dialog.showModal();
  dialog.scrollTop = 0;
  $("evidence-close").focus();
}

function openCell(group, theme) {
  const c = cell(group, theme);
  const note = c.note ? ` · ${c.note}` : "";
  openEvidence(`${group} · ${theme}`, `${percent(c.share)} % ${range(c.interval)} ${measureName()} · ${count(c.count)} of ${count(c.of)}${note} · the likeliest statements`, [...new Set(c.evidence)].slice(0, 12));
}

// The statements of a point in time; in a report that keeps none of single periods, others of its cell.
function statementsOf(point) {
  if (point.evidence.length) return point.evidence;
  const fits = (s) => s.group === point.group && s.period === point.period && s.labels.some((l) => l.theme === point.theme);
  return [...C.statements.keys()].filter((place) => fits(C.statements[place])).slice(0, 8);
}

// A button in a table that opens statements.
function opener(text, open, data = {}) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  Object.assign(button.dataset, data);
  button.addEventListener("click", open);
  return button;
}

// A table of rows of strings, nodes or {text, weak}.
function table(place, head, rows) {
  const t = document.createElement("table");
  const tr = t.createTHead().insertRow();
  for (const name of head) { const th = document.createElement("th"); th.scope = "col"; th.textContent = name; tr.append(th); }
  const body = t.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const value of row) {
      const td = line.insertCell();
      if (value instanceof Node) td.append(value); else td.textContent = value;
    }
  }
  $(place).replaceChildren(t);
}

// A table that can be very long is made when its fold is opened.
function tableWhenOpened(place, head, rows) {
  const fold = $(place).closest("details");
  fold.ontoggle = () => { if (fold.open) table(place, head, rows()); else $(place).replaceChildren(); };
  fold.ontoggle();
}
