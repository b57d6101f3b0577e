// Filters, appearance, and drawing everything.
function chip(text, set, dot) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.textContent = text;
  button.dataset.name = text;
  button.setAttribute("aria-pressed", set.has(text));
  if (dot) button.style.setProperty("--dot", dot);
  button.addEventListener("click", () => {
    // of many groups the first choice is the one to see; of few, the one to leave out
    if (set === state.groups && manyGroups && set.size === C.groups.length) { set.clear(); set.add(text); }
    else if (set.has(text)) set.delete(text);
    else set.add(text);
    // nothing chosen means everything
    if (!set.size) for (const name of set === state.themes ? C.themes : C.groups.map((g) => g.name)) set.add(name);
    drawAll();
  });
  return button;
}

function syncFilters() {
  for (const [place, set] of [["theme-filter", state.themes], ["group-filter", state.groups]]) {
    for (const button of $(place).children) button.setAttribute("aria-pressed", set.has(button.dataset.name));
  }
  const chosen = shownGroups();
  $("group-fold").querySelector("summary").textContent = chosen.length === C.groups.length
    ? `All ${count(chosen.length)}; choose` : `${count(chosen.length)} of ${count(C.groups.length)}: ${short(chosen.join(", "), 40)}`;
  $("period-from").value = state.from || "";
  $("period-to").value = state.to || "";
  $("measure").value = state.measure;
  $("measure").disabled = !wholePeriod();
}

function drawAll() {
  syncFilters();
  drawEmphasis();
  drawHeat();
  drawTrends();
  drawStance();
  drawDisagreements();
  drawWords();
}

function fillHead() {
  const all = C.groups.reduce((sum, g) => sum + g.statements, 0), documents = C.groups.reduce((sum, g) => sum + g.documents, 0);
  const names = C.groups.map((g) => g.name);
  const listed = names.length <= 6 ? names.slice(0, -1).join(", ") + (names.length > 1 ? " and " : "") + names[names.length - 1] : `${names.length} groups`;
  const byName = { speaker: "speakers", country: "countries", source: "sources", role: "roles" }[C.options.by] || `groups by ${C.options.by}`;
  $("by").textContent = C.options.by;
  $("headline").textContent = names.length <= 6 ? `What ${listed} stress` : `What ${names.length} ${byName} stress`;
  $("lede").textContent = `${count(all)} statements from ${count(documents)} documents${periods.length ? `, ${periods[0]} to ${periods[periods.length - 1]}` : ""}: how much is about ${C.themes.join(", ").replace(/, ([^,]*)$/, " and $1")}, which side each takes, and how sure one can be.`;
  $("notes").replaceChildren(...C.notes.map((note) => { const li = document.createElement("li"); li.textContent = note; return li; }));
  $("provenance").textContent = `${C.program} · ${C.input.files.join(", ")} · ${count(C.input.statements)} statements read · seed ${C.options.seed} · ${C.options.replicates} bootstrap samples · at least ${C.options.min_statements} statements a group`;
}

function fillFilters() {
  $("theme-filter").replaceChildren(...C.themes.map((t, i) => chip(t, state.themes, `var(--c${i % 8})`)));
  $("group-filter").replaceChildren(...C.groups.map((g, i) => chip(g.name, state.groups, manyGroups ? undefined : `var(--c${i % 8})`)));
  document.documentElement.toggleAttribute("data-many", manyGroups);
  $("group-fold").classList.toggle("many", manyGroups);
  $("group-fold").open = !manyGroups;
  $("period-filter").hidden = periods.length < 2;
  for (const id of ["period-from", "period-to"]) {
    $(id).replaceChildren(...periods.map((p) => new Option(p, p)));
    $(id).addEventListener("change", () => {
      state[id === "period-from" ? "from" : "to"] = $(id).value;
      if (state.from > state.to) state[id === "period-from" ? "to" : "from"] = $(id).value;
      drawAll();
    });
  }
  const measures = [["statements", "share of statements"], ["words", "share of words"]];
  if (C.emphasis.some((e) => e.corrected)) measures.unshift(["corrected", "corrected share of statements"]);
  $("measure").replaceChildren(...measures.map(([value, name]) => new Option(name, value)));
  $("measure").addEventListener("change", () => { state.measure = $("measure").value; drawAll(); });
  $("reset").addEventListener("click", () => {
    state.themes = new Set(C.themes);
    state.groups = new Set(C.groups.map((g) => g.name));
    state.from = periods[0];
    state.to = periods[periods.length - 1];
    state.measure = measures[0][0];
    $("theme-filter").replaceChildren(...C.themes.map((t, i) => chip(t, state.themes, `var(--c${i % 8})`)));
    $("group-filter").replaceChildren(...C.groups.map((g, i) => chip(g.name, state.groups, manyGroups ? undefined : `var(--c${i % 8})`)));
    drawAll();
  });
}

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
let appearance = "auto";
function applyAppearance(printing = false) {
  const dark = !printing && (appearance === "dark" || (appearance === "auto" && prefersDark.matches));
  document.documentElement.toggleAttribute("data-dark", dark);
  // Charts are drawn as wide as the paper, before it is there.
  document.documentElement.toggleAttribute("data-printing", printing);
  for (const button of document.querySelectorAll("[data-appearance]")) button.setAttribute("aria-pressed", button.dataset.appearance === appearance);
  drawAll();
}
for (const button of document.querySelectorAll("[data-appearance]")) {
  button.addEventListener("click", () => { appearance = button.dataset.appearance; applyAppearance(); });
}
prefersDark.addEventListener("change", () => applyAppearance());
addEventListener("beforeprint", () => applyAppearance(true));
addEventListener("afterprint", () => applyAppearance());
let waiting;
addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 120); });

fillHead();
fillFilters();
fillStancePick();
fillKindPick();
$("stance-pick").addEventListener("change", drawStance);
$("kind-pick").addEventListener("change", drawWords);
applyAppearance();
document.documentElement.dataset.ready = "yes";
