#!/usr/bin/env python3
"""Statements a second of the whole pipeline against archive size and cores, beside the bare engine, and peak memory.

  rates.py PLENARY ENGINES MODEL TEXT [ENGINE]

PLENARY is the program, ENGINES the command of the `engines` benchmark, MODEL a model folder, TEXT real statements, one a
line; ENGINE is `embedded` (default) or `onnxruntime`. Each statement is a document of its own (`--split none`), so that
program and bare engine read the same rows. What TEXT has not enough of is repeated; how much of a run was a
repetition, which the program answers from memory, is printed beside its rate.
"""
import json, os, pathlib, re, shlex, subprocess, sys, tempfile, time

SIZES = [1_000, 10_000, 100_000, 1_000_000]
# What is repeated up to the largest size: few enough for the memory of windows.
REPEATED = 5_000


def tag(plenary, model, engine, source, output, *flags):
    """Wall seconds and peak megabytes of one run."""
    start = time.monotonic()
    process = subprocess.Popen([plenary, "tag", source, "--split", "none", "--model", model, "--engine", engine,
                                "--duplicates", "keep", "--quiet", "--restart", "-o", output, *flags])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"plenary ended with {process.returncode}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main():
    plenary, engines, model, text, *rest = sys.argv[1:]
    engine = rest[0] if rest else "embedded"
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
        print(f"{engine}, {some} statements, with {cores} cores (bare engine and program in turns, best of 3)")
        best = {"bare": 0.0, "program": 0.0}
        for _ in range(3):
            found = subprocess.run([*shlex.split(engines), model, bare, "--seconds", "8", f"{engine}:int8:{cores}"],
                                   capture_output=True, text=True, check=True).stdout
            rate = float(re.search(r"([\d.]+) statements a second", found).group(1))
            best["bare"] = max(best["bare"], rate)
            best["program"] = max(best["program"], some / tag(plenary, model, engine, source, output)[0])
        share = 100 * best["program"] / best["bare"]
        print(f"  bare engine {best['bare']:.0f} statements/s, plenary tag {best['program']:.0f}: {share:.0f} %")
        for threads in sorted({1, cores}):
            seconds, _ = tag(plenary, model, engine, source, output, "--threads", str(threads))
            print(f"  {threads} thread(s): {some / seconds:.0f} statements/s")
        print("statements   statements/s   from memory   peak MB")
        for size in SIZES:
            of = len(lines) if size < SIZES[-1] else REPEATED
            of = min(of, len(lines))
            seconds, peak = tag(plenary, model, engine, made("s.jsonl", size, of), output)
            print(f"{size:>10,}   {size / seconds:>12.0f}   {100 * max(0, 1 - of / size):>9.0f} %   {peak:>7.0f}", flush=True)


main()
