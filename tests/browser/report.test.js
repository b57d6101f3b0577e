// Opens the report of `plenary compare` in headless Chromium and uses it as a reader would.
//
//   node report.test.js [PROGRAM [RECORDS [FIELD]]]
//
// PROGRAM is the built plenary, RECORDS any records (by default a few of our own), FIELD what --by names.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { checked, records, recordsOfMany, recordsToCheck } from "./records.js";

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, "output");
mkdirSync(output, { recursive: true });
const [program = join(here, "../../target/debug/plenary"), given, by = "country"] = process.argv.slice(2);
const input = given ?? join(output, "records.jsonl");
if (!given) writeFileSync(input, records());

// A report, and the JSON of the same comparison.
function compared(name, records, field, ...flags) {
  const file = join(output, name + ".html");
  const args = ["compare", records, "--by", field, "--over", "year", "--format", "json", "--report", file, ...flags];
  return { file, json: JSON.parse(execFileSync(program, args, { maxBuffer: 1 << 30 })) };
}
const { file, json } = compared("report", input, by);
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
assert(executablePath, "no Chromium: apt-get install chromium");

const profile = mkdtempSync(join(tmpdir(), "plenary-chromium-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath, headless: true, viewport: { width: 1280, height: 900 },
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const complaints = [], requests = [];
const page = context.pages()[0] ?? (await context.newPage());
page.on("console", (message) => { if (["error", "warning"].includes(message.type())) complaints.push(message.text()); });
page.on("pageerror", (error) => complaints.push(error.message));
page.on("request", (request) => { if (!/^(file|data|blob):/.test(request.url())) requests.push(request.url()); });

const open = async (file) => {
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("[data-ready]", { state: "attached" });
};
const rows = (table) => page.$$eval(`#${table} tbody tr`, (lines) => lines.map((line) => [...line.cells].map((cell) => cell.textContent)));
const percent = (share) => (share === null ? "–" : (100 * share).toFixed(1)) + " %";
const cells = () => page.$$eval("#emphasis-table button", (buttons) => buttons.map((b) => ({ ...b.dataset, text: b.textContent })));
const shot = (name, fullPage = true) => page.screenshot({ path: join(output, name + ".png"), fullPage });
let passed = 0;
async function check(what, run) {
  await run();
  passed += 1;
  console.log(`ok ${passed} ${what}`);
}

try {
  const started = Date.now();
  await open(file);
  const drawn = Date.now() - started;

  await check(`the report is below 10 MB and quick (${(statSync(file).size / 1e6).toFixed(1)} MB, drawn in ${drawn} ms)`, () => {
    assert(statSync(file).size < 10e6);
    assert(drawn < 15_000);
  });
  await check("the numbers shown are those of the JSON", async () => {
    const shown = await cells();
    assert.equal(shown.length, json.emphasis.length);
    for (const { group, theme, text } of shown) {
      const cell = json.emphasis.find((e) => e.group === group && e.theme === theme);
      assert.equal(text, percent(cell.corrected ? cell.corrected.share : cell.statements.share), `${group}, ${theme}`);
    }
  });
  await check("charts are drawn for emphasis, heat map, stance, trend and words", async () => {
    for (const place of ["emphasis-charts", "heat-chart", "stance-chart", "trend-charts", "word-charts"]) {
      assert((await page.$$(`#${place} svg path`)).length > 0, place);
    }
  });
  await shot("desktop-light");
  await check("a theme filter takes the theme away, and brings it back", async () => {
    const theme = json.themes[0];
    await page.click(`#theme-filter [data-name="${theme}"]`);
    assert((await cells()).every((cell) => cell.theme !== theme));
    assert.equal(await page.getAttribute(`#theme-filter [data-name="${theme}"]`, "aria-pressed"), "false");
    await page.click(`#theme-filter [data-name="${theme}"]`);
    assert.equal((await cells()).length, json.emphasis.length);
  });
  await check("a group filter works from the keyboard", async () => {
    const group = json.groups[0].name;
    await page.focus(`#group-filter .chip >> nth=0`);
    await page.keyboard.press("Space");
    assert((await cells()).every((cell) => cell.group !== group));
    await page.click("#reset");
    assert.equal((await cells()).length, json.emphasis.length);
  });
  await check("a period shows the shares of that period", async () => {
    const periods = [...new Set(json.trends.map((t) => t.period))].sort();
    await page.selectOption("#period-from", periods[periods.length - 2]);
    const chosen = json.trends.filter((t) => t.period >= periods[periods.length - 2]);
    for (const { group, theme, text } of await cells()) {
      const own = chosen.filter((t) => t.group === group && t.theme === theme);
      const sum = (key) => own.reduce((total, t) => total + t.sums[key], 0);
      assert.equal(text, percent(sum("total") < json.options.min_statements ? null : sum("count") / sum("total")));
    }
    await page.click("#reset");
  });
  await check("a cell opens its statements, with speaker, date, document and probability", async () => {
    const cell = json.emphasis.find((e) => e.evidence.length > 0);
    await page.click("#emphasis details.numbers summary");
    await page.focus(`#emphasis-table button[data-group="${cell.group}"][data-theme="${cell.theme}"]`);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#evidence[open]");
    const exhibit = json.statements[cell.evidence[0]];
    const shown = (await page.textContent("#evidence-list li:first-child")).replace(/\s+/g, " ");
    for (const part of [exhibit.text, exhibit.speaker, exhibit.date, exhibit.document, exhibit.labels[0].theme]) {
      if (part) assert(shown.includes(part.replace(/\s+/g, " ")), `${part} in ${shown}`);
    }
    const probability = exhibit.labels.find((l) => l.probability !== undefined)?.probability;
    if (probability !== undefined) assert(shown.includes(probability.toFixed(2)));
    await shot("statements", false);
    await page.keyboard.press("Escape");
    assert.equal(await page.$("#evidence[open]"), null);
  });
  await check("a click on the heat map opens its statements", async () => {
    const heat = page.locator("#heat-chart .canvas");
    const { width } = await heat.boundingBox();
    await heat.click({ position: { x: width / 2, y: 34 + 15 } });
    await page.waitForSelector("#evidence[open]");
    await page.click("#evidence-close");
  });
  await check("a difference opens the statements of both sides", async () => {
    const found = json.differences.find((d) => d.second !== null);
    await page.click("#heat details.numbers summary");
    const row = page.locator("#difference-table tbody tr", { hasText: `${found.first} − ${found.second}` }).filter({ hasText: found.theme });
    await row.first().locator("button").click();
    const listed = await page.textContent("#evidence-list");
    for (const group of [found.first, found.second]) {
      const cell = json.emphasis.find((e) => e.group === group && e.theme === found.theme);
      assert(listed.includes(json.statements[cell.evidence[0]].document), group);
    }
    await page.click("#evidence-close");
  });
  await check("hovering a dot shows its interval and count", async () => {
    const first = page.locator("#emphasis-charts .panel:first-child .canvas");
    await first.scrollIntoViewIfNeeded();
    const canvas = await first.boundingBox();
    let text = "";
    // the first row's dot is somewhere along the line; a tooltip takes a frame to appear
    for (let x = 0.25; x < 1 && !text.includes(" of "); x += 0.012) {
      await page.mouse.move(canvas.x + canvas.width * x, canvas.y + 23);
      await page.waitForTimeout(20);
      text = await first.innerText();
    }
    assert.match(text, /\d % *\[\d.*\d of \d/s);
  });
  await check("dark, and as narrow as a phone, nothing runs out of the page", async () => {
    await page.click('[data-appearance="dark"]');
    await shot("desktop-dark");
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForTimeout(400);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert(over <= 0, `${over} pixels too wide`);
    await shot("phone-dark");
    await page.click('[data-appearance="light"]');
    await shot("phone-light");
  });
  await check("it prints", async () => {
    await page.setViewportSize({ width: 1000, height: 900 });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMedia({ media: "print" });
    const paper = (182 / 25.4) * 96;
    const wide = await page.evaluate((paper) => [...document.querySelectorAll("main table, main canvas, main svg")]
      .filter((part) => part.getBoundingClientRect().right > paper + 1).map((part) => part.outerHTML.slice(0, 80)), paper);
    assert.deepEqual(wide, [], "wider than the paper");
    const pdf = await page.pdf({ path: join(output, "print.pdf"), format: "A4", preferCSSPageSize: true });
    await page.emulateMedia({ media: null });
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert(pdf.length > 20_000);
  });
  await page.setViewportSize({ width: 1280, height: 900 });
  const saved = (name, text) => { writeFileSync(join(output, name), text); return join(output, name); };
  await check("with a checked sample stances and trends are the corrected ones, and a star or a gap says where", async () => {
    const { file, json } = compared("checked", saved("to-check.jsonl", recordsToCheck()), "country", "--checked", saved("checked.jsonl", checked()));
    await open(file);
    const theme = json.themes[0];
    const stances = json.stances.filter((s) => s.theme === theme);
    assert(stances.some((s) => s.corrected) && json.trends.some((t) => t.corrected), "nothing to see");
    await page.selectOption("#stance-pick", `theme\n${theme}`);
    const all = stances.every((s) => s.corrected);
    for (const line of await rows("stance-table")) {
      const found = stances.find((s) => s.group === line[0].replace(" *", ""));
      assert.equal(line[2], percent((found.corrected ?? found).support.share));
      assert.equal(line[0].endsWith("*"), !all && found.corrected !== null);
    }
    await page.click("#trend details.numbers summary");
    await page.waitForSelector("#trend-table tbody tr");
    const steps = [...new Set(json.trends.map((t) => t.period))].sort();
    for (const line of await rows("trend-table")) {
      const points = json.trends.filter((t) => t.group === line[0] && t.theme === line[1]);
      const corrected = json.trends.some((t) => t.theme === line[1] && t.corrected);
      for (const [i, step] of steps.entries()) {
        const point = points.find((t) => t.period === step);
        const share = corrected ? point?.corrected?.share : point?.share.share;
        assert.equal(line[2 + i], share === undefined || share === null ? "–" : percent(share).replace(" %", ""), `${line[0]} ${step}`);
      }
    }
    await shot("checked");
  });
  await check("a target lists all its wordings, with their mentions and what joined them", async () => {
    const wars = records().replaceAll("the peace mission", "the war in Sund").replaceAll("peace missions", "the conflict in Sund");
    const { file, json } = compared("meaning", saved("wars.jsonl", wars), "country", "--target-encoder", join(here, "../../models/default"));
    await open(file);
    const target = json.targets.find((t) => t.wordings.some((w) => w.cosine !== undefined) && json.stances.some((s) => s.target === t.label));
    assert(target, "nothing was joined by meaning");
    await page.selectOption("#stance-pick", `target\n${target.label}`);
    assert.match(await page.textContent("#wordings summary"), new RegExp(`^${target.wordings.length} wordings`));
    await page.click("#wordings summary");
    await page.waitForSelector("#wording-table tbody tr");
    assert.deepEqual(await rows("wording-table"), target.wordings.map((w) => [w.text, String(w.mentions), w.cosine === undefined ? "words" : `meaning, ${w.cosine.toFixed(2)}`]));
    await page.click("#wording-table button");
    assert((await page.textContent("#evidence-list")).includes(target.wordings[0].text));
    await page.click("#evidence-close");
    await page.locator("#stance").screenshot({ path: join(output, "wordings.png") });
    await page.selectOption("#stance-pick", `theme\n${json.themes[0]}`);
    assert(await page.isHidden("#wordings"));
  });
  await check("many groups are folded, leave room for the charts, and the first choice is the one to see", async () => {
    const { file, json } = compared("many", saved("many.jsonl", recordsOfMany()), "country", "--max-groups", "100");
    assert.equal(json.groups.length, 30);
    await open(file);
    assert(await page.isHidden("#group-filter"));
    assert((await page.locator(".filters").boundingBox()).height < 200);
    await page.click("#group-fold summary");
    await page.click(`#group-filter [data-name="${json.groups[3].name}"]`);
    await page.click(`#group-filter [data-name="${json.groups[8].name}"]`);
    assert.deepEqual([...new Set((await cells()).map((cell) => cell.group))], [json.groups[3].name, json.groups[8].name]);
    await shot("many-two");
    await page.click("#reset");
    assert.equal((await cells()).length, json.emphasis.length);
    const pictured = await page.$$eval("#word-charts h3", (names) => names.length);
    assert((await page.textContent("#words")).includes(`Pictured: the ${pictured} groups`));
  });
  await check("no complaint on the console, no request to any network", () => {
    assert.deepEqual(complaints, []);
    assert.deepEqual(requests, []);
  });
  console.log(`${passed} checks passed; screenshots in ${output}`);
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
