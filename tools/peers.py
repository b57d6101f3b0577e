#!/usr/bin/env python3
"""Statements a second of other engines on Plenary's weights and the same statements, beside Plenary's own.

  peers.py PLENARY MODEL TEXT [ROUNDS]

PLENARY is the command of the `engines` benchmark, MODEL a model folder, TEXT one statement a line. All
systems take turns, ROUNDS times (3), so that a busy machine is busy for all; medians are printed. Needs the packages in
tools/peers.txt; `make bench-peers` makes an environment with them and runs this.

Every peer gets the encoder of MODEL with a head of as many labels, as its documentation shows it, and then, where
that differs, at its best: sorted by length, in its fastest precision, with the batches that were fastest here. Only the
pipeline is timed with its tokenizer, as whoever calls it is; the others and Plenary's engines get tokens.
"""
import os, pathlib, re, shlex, statistics, subprocess, sys, tempfile, threading, time

os.environ["TRANSFORMERS_OFFLINE"] = os.environ["HF_HUB_OFFLINE"] = "1"

CORES = os.cpu_count()


def hugging_face_folder(model, folder):
    """The encoder of a Plenary model as a BertForSequenceClassification."""
    import transformers
    from stored import tensors

    config = transformers.BertConfig.from_pretrained(model, num_labels=9)
    network = transformers.BertForSequenceClassification(config).eval()
    weights = {f"bert.{name}": tensor for name, tensor in tensors(model).items()}
    network.load_state_dict(weights, strict=False)
    network.save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(
        tokenizer_file=f"{model}/tokenizer.json", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        unk_token="[UNK]", mask_token="[MASK]", model_max_length=512).save_pretrained(folder)
    return network


def export_onnx(network, path):
    import torch

    example = {name: torch.ones(2, 16, dtype=torch.long) for name in ("input_ids", "attention_mask", "token_type_ids")}
    dynamic = {name: {0: torch.export.Dim("rows"), 1: torch.export.Dim("tokens")} for name in example}
    torch.onnx.export(network, kwargs=example, f=path, dynamo=True, dynamic_shapes=dynamic, external_data=False,
                      input_names=list(example), output_names=["logits"], verbose=False)


def sorted_batches(tokenizer, texts, rows):
    """Padded batches of like length."""
    import numpy

    encoded = sorted((tokenizer(text, truncation=True, max_length=192)["input_ids"] for text in texts), key=len)
    batches = []
    for start in range(0, len(encoded), rows):
        some = encoded[start:start + rows]
        ids = numpy.zeros((len(some), len(some[-1])), dtype=numpy.int64)
        mask = numpy.zeros_like(ids)
        for row, tokens in enumerate(some):
            ids[row, :len(tokens)], mask[row, :len(tokens)] = tokens, 1
        batches.append({"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)})
    return batches


def shared_among(workers, batches):
    """Runs every batch once, on as many threads as there are workers."""
    queue = iter(batches)
    lock = threading.Lock()

    def work(run):
        while True:
            with lock:
                batch = next(queue, None)
            if batch is None:
                return
            run(batch)

    threads = [threading.Thread(target=work, args=(run,)) for run in workers]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


def transformers_systems(network, folder, texts):
    import torch, transformers

    torch.set_num_threads(CORES)
    pipe = transformers.pipeline("text-classification", model=str(folder), tokenizer=str(folder), top_k=None)
    batches = sorted_batches(pipe.tokenizer, texts, 32)

    def run_all(network):
        for batch in batches:
            with torch.inference_mode():
                network(**{name: torch.from_numpy(values) for name, values in batch.items()})

    half = transformers.BertForSequenceClassification.from_pretrained(folder, dtype=torch.bfloat16).eval()
    yield "transformers pipeline, batches of 32", lambda: pipe(texts, batch_size=32, truncation=True, max_length=192)
    yield "transformers, sorted, f32", lambda: run_all(network)
    yield "transformers, sorted, bf16", lambda: run_all(half)


def onnxruntime_systems(network, folder, texts):
    import onnxruntime, transformers
    from onnxruntime.quantization import QuantType, quantize_dynamic

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    exact, int8 = folder / "model.onnx", folder / "int8.onnx"
    by_32, by_8 = (sorted_batches(tokenizer, texts, rows) for rows in (32, 8))
    export_onnx(network, exact)
    quantize_dynamic(exact, int8, weight_type=QuantType.QInt8)

    def session(path, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        wanted = {one.name for one in session.get_inputs()}
        return lambda batch: session.run(None, {name: values for name, values in batch.items() if name in wanted})

    for name, path in (("f32", exact), ("int8", int8)):
        wide, narrow = [session(path, CORES)], [session(path, 1) for _ in range(CORES)]
        yield f"ONNX Runtime by hand, {name}, 1 session, sorted batches of 32", \
            lambda wide=wide: shared_among(wide, by_32)
        yield f"ONNX Runtime by hand, {name}, {CORES} sessions, sorted batches of 8", \
            lambda narrow=narrow: shared_among(narrow, by_8)


def ctranslate2_systems(folder, texts):
    import ctranslate2, transformers
    from ctranslate2.converters import TransformersConverter

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    encoded = sorted((tokenizer(text, truncation=True, max_length=192)["input_ids"] for text in texts), key=len)
    batches = [encoded[at:at + 16] for at in range(0, len(encoded), 16)]
    converted = folder / "ctranslate2"
    TransformersConverter(str(folder)).convert(str(converted), quantization="int8")
    for precision in ("float32", "int8"):
        encoder = ctranslate2.Encoder(str(converted), compute_type=precision, inter_threads=CORES, intra_threads=1)

        yield f"CTranslate2, sorted, {precision}", \
            lambda encoder=encoder: shared_among([encoder.forward_batch] * CORES, batches)


def openvino_systems(folder, texts):
    import openvino, transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    core = openvino.Core()
    batches = sorted_batches(tokenizer, texts, 16)
    for path, name, precision in (("model.onnx", "f32", "f32"), ("model.onnx", "bf16", "bf16"),
                                  ("int8.onnx", "int8 (dynamic)", "f32")):
        try:
            compiled = core.compile_model(str(folder / path), "CPU", {
                "PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": CORES, "INFERENCE_PRECISION_HINT": precision})
        except RuntimeError as refused:
            print(f"skipped: OpenVINO {name}: {str(refused).splitlines()[0]}", file=sys.stderr)
            continue
        names = {one.any_name for one in compiled.inputs}
        queue = openvino.AsyncInferQueue(compiled, CORES)

        def run_all(queue=queue, names=names):
            for batch in batches:
                queue.start_async({name: values for name, values in batch.items() if name in names})
            queue.wait_all()

        yield f"OpenVINO, sorted, {name}", run_all


def plenary_rates(benchmark, model, text, seconds):
    """Statements a second of the bare engines, by wall clock and by processor time, from the benchmark's own words."""
    command = [*shlex.split(benchmark), model, text, "--seconds", str(seconds)]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    rates = {}
    for line in run.stdout.splitlines():
        found = re.match(r"(\S+): (?:opened .* s, )?(\d+) statements a second(?:, (\d+) a second of processor)?", line)
        if found:
            rates[found[1] if found[1].startswith("rust-bert") else f"Plenary {found[1]}"] = (float(found[2]), float(found[3] or 0))
    if not rates:
        sys.exit(f"{benchmark} printed no rates:\n{run.stdout}")
    return rates


def main(arguments):
    if len(arguments) not in (3, 4):
        sys.exit(__doc__)
    benchmark, model, text = arguments[:3]
    rounds = int(arguments[3]) if len(arguments) == 4 else 3
    texts = pathlib.Path(text).read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        network = hugging_face_folder(model, folder)
        systems = [*transformers_systems(network, folder, texts), *onnxruntime_systems(network, folder, texts),
                   *ctranslate2_systems(folder, texts), *openvino_systems(folder, texts)]
        found = {}
        for turn in range(rounds):
            for name, run_all in systems:
                run_all() if turn == 0 else None  # warm
                wall, processor = time.perf_counter(), time.process_time()
                run_all()
                found.setdefault(name, []).append(
                    (len(texts) / (time.perf_counter() - wall), len(texts) / (time.process_time() - processor)))
            for name, rates in plenary_rates(benchmark, model, text, 6).items():
                found.setdefault(name, []).append(rates)
            print(f"round {turn + 1} of {rounds} done", file=sys.stderr)
    print("statements/s, and a processor second; medians of", rounds, "rounds")
    for name, rates in found.items():
        wall, processor = (statistics.median(column) for column in zip(*rates))
        print(f"{name:62} {wall:8.0f} {processor:8.0f}")


main(sys.argv[1:])
