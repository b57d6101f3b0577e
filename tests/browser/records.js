// Records for the browser test: three countries, six years, sentences of our own. Always the same.
const SENTENCES = {
  security: {
    support: ["We support {t} along every border.", "Our country will contribute to {t}."],
    oppose: ["We condemn {t} without reservation.", "Nothing can excuse {t}."],
    neutral: ["The council discussed {t} on Monday."],
  },
  development: {
    support: ["We call for {t} in every province.", "Partners should fund {t}."],
    oppose: ["Cuts to {t} are a mistake.", "We reject {t} at the expense of the poor."],
    neutral: ["The report has a chapter on {t}."],
  },
};
const TARGETS = { security: ["the peace mission", "armed raids", "peace missions"], development: ["rural schools", "trade barriers", "clean water"] };
const PLAIN = ["I thank the assembly for its welcome.", "Our delegation has come a long way.", "Winter came early this year."];

// A small linear congruential generator: the test must not depend on chance.
function generator(seed) {
  let state = seed;
  return () => (state = (state * 1664525 + 1013904223) % 4294967296) / 4294967296;
}

// Thirty countries, a speech each in five years: more than stand side by side in a row of buttons.
export function recordsOfMany() {
  return records(Array.from({ length: 30 }, (_, i) => `Land ${String(i + 1).padStart(2, "0")}`));
}

// Speeches enough that a year can be corrected.
export const recordsToCheck = () => records(["Arland", "Borduria", "Cordonia"], 8);

// What a person found in half of those records: some labels of the classifier are wrong.
export function checked() {
  const random = generator(11);
  const lines = recordsToCheck().trim().split("\n").map(JSON.parse).filter(() => random() < 0.5);
  return lines.map(({ document, statement, text, labels }) => JSON.stringify({
    document, statement, text, labels: labels.filter(() => random() < 0.9).map(({ theme, stance, target }) => ({ theme, target, stance: random() < 0.9 ? stance : "neutral" })),
  })).join("\n") + "\n";
}

export function records(countries = ["Arland", "Borduria", "Cordonia"], speeches = 4) {
  const random = generator(7);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const lines = [];
  for (const [g, country] of countries.entries()) {
    for (let year = 2018; year <= 2023; year++) {
      if (country === "Cordonia" && year === 2020) continue; // a gap
      for (let speech = 0; speech < speeches; speech++) {
        const id = `${country}-${year}-${speech}.txt`;
        const shares = { security: 0.15 + 0.1 * (g % 3) + (country === "Arland" && year >= 2021 ? 0.3 : 0), development: 0.4 - 0.1 * (g % 3) };
        for (let statement = 0; statement < 15; statement++) {
          const labels = [];
          let text = pick(PLAIN);
          for (const theme of ["security", "development"]) {
            if (random() >= shares[theme]) continue;
            const stance = random() < 0.2 ? "neutral" : random() < (g === 1 ? 0.2 : 0.8) ? "support" : "oppose";
            const target = pick(TARGETS[theme]);
            text = (labels.length ? text + " " : "") + pick(SENTENCES[theme][stance]).replace("{t}", target);
            labels.push({ theme, stance, target, probability: Math.round((0.5 + random() / 2) * 1e4) / 1e4 });
          }
          lines.push(JSON.stringify({
            schema: 1, document: { id, date: String(year), fields: { country } }, statement, span: [0, text.length], text,
            speaker: { name: `President of ${country}` }, speech: "direct", labels, scores: { security: 0.2, development: 0.3 }, model: "by-hand",
          }));
        }
      }
    }
  }
  return lines.join("\n") + "\n";
}
