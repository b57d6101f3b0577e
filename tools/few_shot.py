#!/usr/bin/env python3
"""How good `plenary train --head-only` is on themes that the encoder never saw, by the number of examples.

    python3 tools/few_shot.py target/release/plenary ../shared

Half of the documents of data/new-themes.jsonl (labels that stand off; the texts are in ../shared) are kept to
measure on. From the other half K statements with the theme and 2 K without are drawn, three times, and taught to
the encoder of models/default and to the one that it was made of (.base-model), whose embeddings nobody fine-tuned.
Prints F1 of the theme, mean and range.
"""
import hashlib
import json
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile

THEMES = {
    "climate": "Climate change, its effects, and what is done about it.",
    "human rights": "Rights and freedoms of persons, their defence and violation.",
}
SIZES, DRAWS = (8, 16, 32, 64), 3


def main(program, shared):
    rows = [json.loads(line) for line in open("data/new-themes.jsonl", encoding="utf-8")]
    kept = lambda row: hashlib.sha256(row["document"].encode()).digest()[0] % 2 == 0
    dev, pool = [row for row in rows if kept(row)], [row for row in rows if not kept(row)]
    texts = ["archive/news", "archive/ungd", "gold/polnear/train.jsonl"]
    texts = [part for text in texts for part in ("--texts", f"{shared}/{text}")]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        bases = ["models/default", ".base-model"]
        for theme, definition in THEMES.items():
            (scratch / "taxonomy.toml").write_text(f'[[theme]]\nname = "{theme}"\ndefinition = "{definition}"\n')
            has = lambda row: any(label["theme"] == theme for label in row["labels"])
            only = lambda row: dict(row, labels=[label for label in row["labels"] if label["theme"] == theme])
            write = lambda name, some: (scratch / name).write_text("\n".join(json.dumps(only(row)) for row in some))
            write("dev.jsonl", dev)
            for size in SIZES:
                found = {base: [] for base in bases}
                for draw in range(DRAWS):
                    order = random.Random(draw).sample(pool, len(pool))
                    with_it, without = [row for row in order if has(row)], [row for row in order if not has(row)]
                    if len(with_it) < size:
                        continue
                    write("few.jsonl", with_it[:size] + without[: 2 * size])
                    for base in bases:
                        command = [program, "train", "--head-only", "--labels", scratch / "few.jsonl", "--dev",
                                   scratch / "dev.jsonl", "--taxonomy", scratch / "taxonomy.toml", "--base", base,
                                   "--output", scratch / "out", *texts]
                        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
                        found[base].append(float(re.search(r"themes F1 ([\d.]+)", said)[1]))
                for name, scores in found.items():
                    if scores:
                        print(f"{theme:14s} {size:3d} with, {2 * size:3d} without  {name:15s} "
                              f"{statistics.mean(scores):.3f} ({min(scores):.3f} to {max(scores):.3f})", flush=True)


main(*sys.argv[1:])
