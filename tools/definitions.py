#!/usr/bin/env python3
"""How well `plenary tag --taxonomy` tells themes by their definitions, and the numbers of data/similarity.toml.

    python3 tools/definitions.py target/release/plenary ../shared [FLAG …]

Tags the gold train statements by the definitions of data/taxonomy.toml (under names with a capital letter, so that no head
tells them), and the statements of data/new-themes.jsonl by the definitions below; no label of either taught the encoder
anything. For each of the five themes the logistic function is fitted on the others of the first three, and F1 at the
threshold, average precision and calibration error are printed; last, the function fitted on all three.
"""
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import tomllib

NEW = {
    "climate": "Climate change, its effects, and what is done about it.",
    "human rights": "Rights and freedoms of persons, their defence and violation.",
}
SETTINGS = tomllib.loads(pathlib.Path("data/similarity.toml").read_text(encoding="utf-8"))


def documents(shared, wanted):
    """The texts that stand-off labels point into."""
    found = {}
    for name in wanted:
        path = shared / "archive/ungd" / name
        if path.is_file():
            found[name] = path.read_text(encoding="utf-8-sig")
    files = [shared / "gold/polnear/train.jsonl", *sorted((shared / "archive/news").rglob("*.jsonl"))]
    for file in files:
        for line in file.open(encoding="utf-8"):
            row = json.loads(line)
            if row["id"] in wanted:
                found.setdefault(row["id"], row["text"])
    return found


def tagged(command, taxonomy, statements, scratch):
    """For each statement its record."""
    (scratch / "mine.toml").write_text(
        "".join(f"[[theme]]\nname = {json.dumps(name)}\ndefinition = {json.dumps(text)}\n" for name, text in taxonomy.items()),
        encoding="utf-8")
    with (scratch / "statements.jsonl").open("w", encoding="utf-8") as out:
        for number, (text, _) in enumerate(statements):
            out.write(json.dumps({"id": str(number), "text": text}) + "\n")
    done = subprocess.run([*command, "--taxonomy", scratch / "mine.toml", scratch / "statements.jsonl"],
                          capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in done.splitlines()]


def fit(points):
    """The logistic function of likeness with the least cross-entropy, by Newton's method."""
    scale, offset = 1.0, 0.0
    for _ in range(60):
        gradient, hessian = [0.0, 0.0], [1e-9, 0.0, 1e-9]
        for x, y in points:
            p = 1 / (1 + math.exp(-scale * x - offset))
            gradient[0] += (p - y) * x
            gradient[1] += p - y
            w = p * (1 - p)
            hessian[0] += w * x * x
            hessian[1] += w * x
            hessian[2] += w
        determinant = hessian[0] * hessian[2] - hessian[1] ** 2
        scale -= (hessian[2] * gradient[0] - hessian[1] * gradient[1]) / determinant
        offset -= (hessian[0] * gradient[1] - hessian[1] * gradient[0]) / determinant
    return scale, offset


def measure(points, scale, offset):
    """F1 at the threshold, average precision, expected calibration error in ten bins."""
    judged = sorted(((1 / (1 + math.exp(-scale * x - offset)), y) for x, y in points), reverse=True)
    found = [y for p, y in judged if p >= SETTINGS["threshold"]]
    carried = sum(y for _, y in judged)
    right, precision = 0, 0.0
    for rank, (_, y) in enumerate(judged, 1):
        right += y
        precision += y * right / rank
    error = 0.0
    for low in range(10):
        inside = [(p, y) for p, y in judged if min(int(p * 10), 9) == low]
        error += abs(sum(p - y for p, y in inside)) / len(judged)
    return 2 * sum(found) / max(1, len(found) + carried), precision / carried, error


def main(program, shared, *flags):
    shared = pathlib.Path(shared)
    command = [program, "tag", "--split", "none", "--any-language", "--quiet", "-o", "-", *flags]
    old = {theme["name"].capitalize(): theme["definition"]
           for theme in tomllib.loads(pathlib.Path("data/taxonomy.toml").read_text(encoding="utf-8"))["theme"]}
    train = [json.loads(line) for line in (shared / "gold/labels/train.jsonl").open(encoding="utf-8")]
    new = [json.loads(line) for line in open("data/new-themes.jsonl", encoding="utf-8")]
    texts = documents(shared, {row["document"] for row in new})
    labels = lambda row: [(label["theme"], label["stance"]) for label in row["labels"]]
    statements = {
        "train": [(row["text"], [(theme.capitalize(), stance) for theme, stance in labels(row)]) for row in train],
        "new": [("".join(list(texts[row["document"]])[slice(*row["span"])]), labels(row)) for row in new],
    }
    likeness, stances = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, taxonomy in (("train", old), ("new", NEW)):
            records = tagged(command, taxonomy, statements[name], pathlib.Path(scratch))
            for theme in taxonomy:
                points = []
                hits = []
                for record, (_, gold) in zip(records, statements[name], strict=True):
                    if not record["scores"]:
                        continue
                    p = min(max(record["scores"][theme], 5e-5), 1 - 5e-5)
                    x = (math.log(p / (1 - p)) - SETTINGS["offset"]) / SETTINGS["scale"]
                    mine = [stance for of, stance in gold if of == theme]
                    points.append((x, int(bool(mine))))
                    found = [label["stance"] for label in record["labels"] if label["theme"] == theme]
                    if mine and found:
                        hits.append(found[0] in mine)
                likeness[theme], stances[theme] = points, sum(hits) / len(hits)
    for theme, points in likeness.items():
        others = [point for other in old if other != theme for point in likeness[other]]
        f1, precision, error = measure(points, *fit(others))
        # The stances of the first three were learned from these very statements.
        stance = f"  stance right {stances[theme]:.3f}" if theme in NEW else ""
        print(f"{theme:14s} F1 {f1:.3f}  average precision {precision:.3f}  calibration error {error:.3f}{stance}")
    scale, offset = fit([point for theme in old for point in likeness[theme]])
    print(f"scale = {scale:.2f}\noffset = {offset:.2f}")


main(*sys.argv[1:])
