#!/usr/bin/env python3
"""Statements a second of the whole pipeline against archive size and cores, beside the bare engine, and peak memory.

  rates.py PLENARY ENGINES MODEL TEXT [ENGINE]

PLENARY is the program, ENGINES the command of the `engines` benchmark, MODEL a model folder; ENGINE is `embedded`
(default) or `onnxruntime`. TEXT is an archive, which is tagged as it is and held against the bare engine on the same
windows; or a `.txt` of real statements, one a line. There each statement is a document of its own (`--split none`), so
that program and bare engine read the same rows. What TEXT has not enough of is repeated; how much of a run was a
repetition, which the program answers from memory, is printed beside its rate.
"""
import collections, json, os, pathlib, re, shlex, subprocess, sys, tempfile, time

Run = collections.namedtuple("Run", "wall processor peak")  # seconds of both, megabytes

SIZES = [1_000, 10_000, 100_000, 1_000_000]
# What is repeated up to the largest size: few enough for the memory of windows.
REPEATED = 5_000


def tag(plenary, model, engine, source, output, *flags):
    """One run, from start to end."""
    start = time.monotonic()
    process = subprocess.Popen([plenary, "tag", source, "--model", model, "--engine", engine,
                                "--duplicates", "keep", "--quiet", "--restart", "-o", output, *flags])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: some input was quarantined
        sys.exit(f"plenary ended with {process.returncode}")
    return Run(time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def beside_bare(plenary, engines, model, engine, text, source, output, *flags):
    """The program on `source` beside the bare engine on the same rows of `text`, in turns, best of 3."""
    cores = os.cpu_count()
    best = {"bare": [0.0, 0.0], "program": [0.0, 0.0]}
    for _ in range(3):
        found = subprocess.run([*shlex.split(engines), model, text, "--seconds", "8", f"{engine}:int8:{cores}"],
                               capture_output=True, text=True, check=True).stdout
        rates = re.search(r"([\d.]+) statements a second, ([\d.]+) a second of processor", found).groups()
        run = tag(plenary, model, engine, source, output, *flags)
        manifest = json.loads(pathlib.Path(output + ".manifest.json").read_text("utf-8"))
        statements = manifest["counts"]["statements"]
        for name, rates in ("bare", rates), ("program", (statements / run.wall, statements / run.processor)):
            best[name] = [max(pair) for pair in zip(best[name], map(float, rates))]
    print(f"{engine}, {statements} statements, with {cores} cores (bare engine and program in turns, best of 3)")
    for index, measure in enumerate(["second", "second of processor time"]):
        bare, program = best["bare"][index], best["program"][index]
        print(f"  statements a {measure}: bare engine {bare:.0f}, plenary tag {program:.0f}: {100 * program / bare:.0f} %")


def main():
    plenary, engines, model, text, *rest = sys.argv[1:]
    engine = rest[0] if rest else "embedded"
    if not text.endswith(".txt"):
        with tempfile.TemporaryDirectory() as folder:
            output = os.path.join(folder, "records.jsonl")
            beside_bare(plenary, engines, model, engine, text, text, output)
        return
    lines = [line for line in pathlib.Path(text).read_text("utf-8").splitlines() if line.strip()]
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory() as folder:
        def made(name, count, of):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                for number in range(count):
                    file.write(json.dumps({"id": str(number), "text": lines[number % of]}) + "\n")
            return path

        output = os.path.join(folder, "records.jsonl")
        some = min(len(lines), 10_000)
        bare = os.path.join(folder, "bare.txt")
        pathlib.Path(bare).write_text("\n".join(lines[:some]) + "\n", "utf-8")
        source = made("same.jsonl", some, some)
        alone = ["--split", "none"]
        beside_bare(plenary, engines, model, engine, bare, source, output, *alone)
        for threads in sorted({1, cores}):
            run = tag(plenary, model, engine, source, output, *alone, "--threads", str(threads))
            print(f"  {threads} thread(s): {some / run.wall:.0f} statements/s")
        print("statements   statements/s   from memory   peak MB")
        for size in SIZES:
            of = len(lines) if size < SIZES[-1] else REPEATED
            of = min(of, len(lines))
            run = tag(plenary, model, engine, made("s.jsonl", size, of), output, *alone)
            from_memory = 100 * max(0, 1 - of / size)
            print(f"{size:>10,}   {size / run.wall:>12.0f}   {from_memory:>9.0f} %   {run.peak:>7.0f}", flush=True)


main()
