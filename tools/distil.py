#!/usr/bin/env python3
"""A big encoder teaches the small one that Plenary ships: knowledge distillation, the first half of models/README.md's recipe.

    distil.py teacher SHARED TEACHER.pt
    distil.py student SHARED TEACHER.pt RECORDS.jsonl BASE OUTPUT

`make model` runs both. `teacher` fine-tunes all-mpnet-base-v2 (110 M parameters) on the labelled statements, and prints
micro-F1 of themes and of (theme, stance) pairs on dev: 70 minutes on 2 cores with AVX512-BF16. `student` lets a model
folder of Plenary (BASE) learn what the teacher says of these statements and of 40,000 more, which are drawn from the
records of `plenary tag`: the probabilities of labels (Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural
Network"), which tokens are of a target, and the teacher's last hidden states through a linear map (Jiao et al. 2020,
"TinyBERT"). What BASE says of reported speech is held on to (Li and Hoiem 2016, "Learning without Forgetting"). An hour,
and 5 GB of memory. `plenary train` with OUTPUT as `--base` then trains all heads together. Documents of dev, and those that
`plenary train` holds back, teach nothing.
"""
import copy
import hashlib
import json
import pathlib
import random
import shutil
import sys
import tempfile
import time

import numpy
import torch
from safetensors.torch import save_file
from stored import tensors
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel, MPNetModel

ENCODER = ".teacher"
THEMES, STANCES = ("security", "development", "anti-hegemony"), ("support", "oppose", "neutral")
PAIRS = [(theme, stance) for theme in THEMES for stance in STANCES]
LABEL_HEADS, OTHER_HEADS = ("label_logits", "label_attention", "target_logits"), ("attribution_logits", "stance_logits")
# Half precision where the processor knows it; others take it apart number by number.
KNOWN = torch.cpu.get_capabilities()
PRECISION = torch.bfloat16 if KNOWN.get("avx512_bf16") or KNOWN.get("bf16") else torch.float32
# How teacher and student learn.
PASSES, BATCH, RATE, LAYER_DECAY, HIDDEN_TOKENS = 1.3, 32, 6e-5, 0.9, 0.08
STUDENT_PASSES, STUDENT_BATCH, STUDENT_RATE, MAP_RATE = 2.2, 64, 2.5e-4, 1e-3
# How much a label of people counts against the teacher's probability.
TRUST = 0.35
# From which probability on a pair's target is learned, and what other tokens count there.
WITH_TARGET, OTHER_TOKENS = 0.15, 0.2
# What is drawn from the records, how much of it from what may carry a theme, and from which probability on it may.
DRAWN, SHARE, MAY_CARRY = 40_000, 0.85, 0.08
# Documents whose hash begins with a lower byte are left to `plenary train`, which holds back those of the lowest hashes.
FIRST_HASH = 20


class Heads(nn.Module):
    """The heads of Plenary's own models (models/README.md) on an encoder."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.heads = small(nn.Linear(encoder.config.hidden_size, 27))
        with torch.no_grad():
            self.heads.bias[:9] = self.heads.bias[18:] = -2

    def forward(self, ids, mask, own):
        """Hidden states, log-probabilities `[rows, 3, 4]` of absent and the stances, logits `[rows, tokens, 9]` of targets."""
        hidden = self.encoder(ids, attention_mask=mask)[0]
        dropped = functional.dropout(hidden, 0.1, self.training)
        labels, attention, targets = self.heads(dropped).float().split(9, -1)
        attention = attention.masked_fill(~own[..., None], -1e9).softmax(1)
        labels = (labels * attention).sum(1).view(-1, 3, 3)
        absent = torch.zeros(len(labels), 3, 1)
        return hidden, torch.cat([absent, labels], -1).log_softmax(-1), targets


def autocast():
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=PRECISION == torch.bfloat16)


def small(linear):
    """Weights that a training begins from."""
    nn.init.normal_(linear.weight, std=0.02)
    nn.init.zeros_(linear.bias)
    return linear


def teacher_network():
    return Heads(MPNetModel.from_pretrained(ENCODER, add_pooling_layer=False, attn_implementation="eager"))


class Texts:
    """Statements in the word pieces of BERT; those of the teacher are the same under other numbers."""

    def __init__(self, folder):
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(160)
        self.hidden = self.tokenizer.token_to_id("[MASK]")
        others = Tokenizer.from_file(f"{ENCODER}/tokenizer.json").get_vocab()
        special = {"[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<mask>"}
        own = sorted(self.tokenizer.get_vocab().items(), key=lambda entry: entry[1])
        self.of_teacher = torch.tensor([others[special.get(piece, piece)] for piece, _ in own])

    def unit(self, text, labels):
        tokens = self.tokenizer.encode(text)
        carried = {(label["theme"], label["stance"]) for label in labels or ()}
        wanted = []
        for theme in THEMES:
            has = [(theme, stance) in carried for stance in STANCES]
            wanted.append([float(not any(has))] + [float(one) / max(sum(has), 1) for one in has])
        targets = torch.zeros(len(tokens.ids), 9)
        for label in labels or ():
            start = text.find(label.get("target") or "\0")
            for place, (first, end) in enumerate(tokens.offsets):
                if start >= 0 and first < end and end > start and first < start + len(label["target"]):
                    targets[place, PAIRS.index((label["theme"], label["stance"]))] = 1
        trust = 0.0 if labels is None else TRUST
        return {"ids": tokens.ids, "wanted": wanted, "targets": targets, "gold": carried, "trust": trust}

    def batch(self, units):
        shape = len(units), max(len(unit["ids"]) for unit in units)
        ids, mask = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
        own, targets = torch.zeros(shape, dtype=torch.bool), torch.zeros(*shape, 9)
        for row, unit in enumerate(units):
            length = len(unit["ids"])
            ids[row, :length], mask[row, :length] = torch.tensor(unit["ids"]), 1
            own[row, 1 : length - 1], targets[row, :length] = True, unit["targets"]
        return (ids, mask, own), targets, torch.tensor([unit["wanted"] for unit in units])

    def hide(self, ids, own):
        return torch.where((torch.rand(ids.shape) < HIDDEN_TOKENS) & own, self.hidden, ids)


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def documents(shared):
    """The texts that labels which stand off point into, by document."""
    found = {path.name: path.read_bytes().decode().lstrip("\ufeff") for path in (shared / "archive/ungd").glob("*.txt")}
    for path in [*(shared / "archive/news").glob("*.jsonl"), shared / "gold/polnear/train.jsonl", shared / "gold/labels/train-unlabelled.jsonl"]:
        found |= {row["id"]: row["text"] for row in lines(path)}
    return found


def kept(rows):
    """Text and labels of what may teach."""
    first_byte = lambda row: hashlib.sha256((row.get("document") or row["id"]).encode()).digest()[0]
    return [(row["text"], row["labels"]) for row in rows if first_byte(row) >= FIRST_HASH]


def gold_statements(shared):
    return kept(lines(shared / "gold/labels/train.jsonl"))


def other_statements(shared):
    """data/labels.jsonl and data/written.jsonl."""
    texts, found = documents(shared), []
    for row in lines("data/labels.jsonl"):
        words = lambda span, text=texts[row["document"]]: text[span[0] : span[1]]
        labels = [label | {"target": words(label["target_span"])} for label in row["labels"] if "target_span" in label]
        found.append({"id": row["id"], "document": row["document"], "text": words(row["span"]), "labels": labels})
    return kept([*found, *lines("data/written.jsonl")])


def drawn(shared, path):
    """Statements of the records that nobody labelled, most of them such as may carry a theme."""
    known = {row["text"] for part in ("train", "dev") for row in lines(shared / f"gold/labels/{part}.jsonl")}
    known |= {text for text, _ in other_statements(shared)}
    dev = {row["document"].removesuffix(".txt") for row in lines(shared / "gold/labels/dev.jsonl")}
    may_carry, others = [], []
    for record in lines(path):
        text, document = record["text"], record["document"]["id"]
        if record["scores"] and 25 <= len(text) <= 700 and text not in known and document.removesuffix(".txt") not in dev:
            known.add(text)
            (may_carry if max(record["scores"].values()) >= MAY_CARRY else others).append(record)
    random.shuffle(may_carry), random.shuffle(others)
    records = may_carry[: int(DRAWN * SHARE)] + others[: int(DRAWN * (1 - SHARE))]
    return kept({"text": record["text"], "labels": None, "document": record["document"]["id"]} for record in records)


def predict(network, units, inputs):
    """For each unit the probabilities `[3, 4]` of absent and the stances."""
    network.eval()
    found = [None] * len(units)
    order = sorted(range(len(units)), key=lambda place: len(units[place]["ids"]))
    with torch.no_grad(), autocast():
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            likely = network(*inputs([units[place] for place in places]))[1]
            for place, row in zip(places, likely.exp()):
                found[place] = row.tolist()
    network.train()
    return found


def micro_f1(wanted, found):
    right = sum(len(one & other) for one, other in zip(wanted, found))
    return 2 * right / max(sum(map(len, wanted)) + sum(map(len, found)), 1)


def print_score(units, predictions, threshold=0.4):
    pairs = []
    for likely in predictions:
        carried = [row for row in enumerate(likely) if 1 - row[1][0] >= threshold]
        pairs.append({(THEMES[theme], STANCES[row.index(max(row[1:]), 1) - 1]) for theme, row in carried})
    themes = lambda sets: [{theme for theme, _ in one} for one in sets]
    gold = [unit["gold"] for unit in units]
    print(f"dev: themes {micro_f1(themes(gold), themes(pairs)):.3f}, pairs {micro_f1(gold, pairs):.3f}", flush=True)


def batches(units, size):
    """Without end, in random order, places of units of like length together."""
    places = list(range(len(units)))
    while True:
        random.shuffle(places)
        for start in range(0, len(places), size * 32):
            near = sorted(places[start : start + size * 32], key=lambda place: len(units[place]["ids"]))
            near = [near[first : first + size] for first in range(0, len(near), size)]
            random.shuffle(near)
            yield from near


def loss_of(likely, targets, wanted, belongs, own):
    """Cross-entropy of labels, and binary cross-entropy of the tokens of targets."""
    labels = -(wanted * likely).sum() / (wanted.shape[0] * 3)
    carried = (wanted[:, :, 1:].reshape(-1, 1, 9) > WITH_TARGET).float()
    weight = (carried + (1 - carried) * OTHER_TOKENS) * own[..., None]
    tokens = functional.binary_cross_entropy_with_logits(targets, belongs, weight=weight, reduction="sum")
    return labels + 0.5 * tokens / (carried * own[..., None]).sum().clamp(min=1)


def steps(network, groups, units, size, passes, warmup, clip):
    """Batches of a training; after each the loss that was put into the list beside it has been learned from."""
    count, start = int(len(units) // size * passes), time.time()
    optimiser = torch.optim.AdamW(list(groups), lr=RATE, betas=(0.9, 0.98), fused=True)
    network.train()
    for step, places in zip(range(count), batches(units, size)):
        for group in optimiser.param_groups:
            group["lr"] = group["rate"] * min(1, (step + 1) / (warmup * count)) * (1 - step / count)
        said = []
        yield places, said
        optimiser.zero_grad()
        said[0].backward()
        nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimiser.step()
        if step % 20 == 0:
            pace = (time.time() - start) / (step + 1)
            print(f"step {step} of {count}, loss {said[0].item():.3f}, {pace:.1f} s a step", flush=True)


def group(name, parameter, rate):
    return {"params": [parameter], "rate": rate, "weight_decay": 0.01 if parameter.ndim > 1 else 0.0}


def teach(shared, path):
    network, texts = teacher_network(), Texts("models/default")
    dev = [texts.unit(row["text"], row["labels"]) for row in lines(shared / "gold/labels/dev.jsonl")]
    gold = gold_statements(shared)
    units = [texts.unit(*row) for row in [*gold, *gold, *other_statements(shared)]]

    def groups():
        """Each layer of the encoder learns more slowly than the one above; the heads faster than all."""
        for name, parameter in network.named_parameters():
            layer = int(name.split(".layer.")[1].split(".")[0]) if ".layer." in name else -1
            yield group(name, parameter, RATE * (10 if name.startswith("heads") else LAYER_DECAY ** (11 - layer)))

    def inputs(some):
        (ids, mask, own), _, _ = texts.batch(some)
        return texts.of_teacher[ids], mask, own

    for places, said in steps(network, groups(), units, BATCH, PASSES, 0.06, 1.0):
        (ids, mask, own), belongs, wanted = texts.batch([units[place] for place in places])
        with autocast():
            _, likely, targets = network(texts.of_teacher[texts.hide(ids, own)], mask, own)
        said.append(loss_of(likely, targets, wanted, belongs, own))
    torch.save(network.state_dict(), path)
    print_score(dev, predict(network, dev, inputs))


class Lessons:
    """What the teacher says of each unit; its hidden states wait on disk."""

    def __init__(self, network, texts, units, folder):
        lengths = [len(unit["ids"]) for unit in units]
        self.starts = numpy.cumsum([0, *lengths])
        tokens = int(self.starts[-1])
        self.hidden = numpy.memmap(folder / "hidden", numpy.float16, "w+", shape=(tokens, network.heads.in_features))
        self.targets, self.labels = numpy.zeros((tokens, 9), numpy.float16), torch.zeros(len(units), 3, 4)
        network.eval().to(PRECISION)
        order = sorted(range(len(units)), key=lengths.__getitem__)
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            (ids, mask, own), _, _ = texts.batch([units[place] for place in places])
            with torch.no_grad():
                hidden, likely, targets = network(texts.of_teacher[ids], mask, own)
            self.labels[places] = likely.exp()
            for place, states, of_targets in zip(places, hidden.float().numpy(), targets.sigmoid().numpy()):
                at = slice(self.starts[place], self.starts[place + 1])
                self.hidden[at], self.targets[at] = states[: lengths[place]], of_targets[: lengths[place]]

    def batch(self, places, columns):
        shape = len(places), columns
        hidden, targets = torch.zeros(*shape, self.hidden.shape[1]), torch.zeros(*shape, 9)
        for row, place in enumerate(places):
            at = slice(self.starts[place], self.starts[place + 1])
            length = at.stop - at.start
            hidden[row, :length] = torch.from_numpy(self.hidden[at].astype(numpy.float32))
            targets[row, :length] = torch.from_numpy(self.targets[at].astype(numpy.float32))
        return hidden, targets, self.labels[places]


def joined(weights, heads):
    """Several heads as one linear map."""
    weight, bias = (torch.cat([weights[f"{head}.{part}"] for head in heads]) for part in ("weight", "bias"))
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    linear.load_state_dict({"weight": weight, "bias": bias})
    return linear


def learn(shared, path, records, base, output):
    texts, weights = Texts(base), tensors(base)
    config = BertConfig.from_pretrained(base, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="eager")
    network = Heads(BertModel(config, add_pooling_layer=False))
    network.encoder.load_state_dict({name: weights[name] for name in weights if name.startswith(("embeddings", "encoder"))}, strict=False)
    network.heads = joined(weights, LABEL_HEADS)
    before, attribution = copy.deepcopy(network.encoder).eval().requires_grad_(False), joined(weights, OTHER_HEADS[:1]).requires_grad_(False)
    dev = [texts.unit(row["text"], row["labels"]) for row in lines(shared / "gold/labels/dev.jsonl")]
    rows = gold_statements(shared) + other_statements(shared) + drawn(shared, records)
    units = [texts.unit(*row) for row in rows]
    teacher = teacher_network()
    teacher.load_state_dict(torch.load(path))
    network.up = small(nn.Linear(config.hidden_size, teacher.heads.in_features))
    with tempfile.TemporaryDirectory(dir=pathlib.Path(path).parent) as folder:
        lessons = Lessons(teacher, texts, units, pathlib.Path(folder))
        rates = lambda name: MAP_RATE if name.startswith("up") else STUDENT_RATE * (2 if name.startswith("heads") else 1)
        groups = [group(name, parameter, rates(name)) for name, parameter in network.named_parameters()]
        for places, said in steps(network, groups, units, STUDENT_BATCH, STUDENT_PASSES, 0.03, 2.0):
            some = [units[place] for place in places]
            (ids, mask, own), belongs, wanted = texts.batch(some)
            states, of_targets, likely = lessons.batch(places, ids.shape[1])
            trust = torch.tensor([unit["trust"] for unit in some])[:, None, None]
            with autocast():
                with torch.no_grad():
                    kept = attribution(before(ids, attention_mask=mask)[0])
                hidden, found, targets = network(texts.hide(ids, own), mask, own)
                up, spoken = network.up(hidden), attribution(hidden)
            loss = loss_of(found, targets, likely * (1 - trust) + wanted * trust, of_targets * (1 - trust) + belongs * trust, own)
            real = mask.bool()
            loss = loss + 0.5 * functional.mse_loss(up[real].float(), states[real]) / states[real].pow(2).mean()
            kept, spoken = (logits[real].float().log_softmax(-1) for logits in (kept, spoken))
            said.append(loss + 0.5 * functional.kl_div(spoken, kept, log_target=True, reduction="batchmean"))
    print_score(dev, predict(network, dev, lambda some: texts.batch(some)[0]))
    write(network, weights, base, pathlib.Path(output))


def write(network, weights, base, output):
    """The folder of BASE with other weights."""
    output.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "plenary.toml"):
        shutil.copy(pathlib.Path(base) / name, output)
    found = {name: value for name, value in network.encoder.state_dict().items() if name in weights}
    for head, rows in zip(LABEL_HEADS, range(0, 27, 9)):
        found[f"{head}.weight"], found[f"{head}.bias"] = network.heads.weight[rows : rows + 9], network.heads.bias[rows : rows + 9]
    found |= {name: value for name, value in weights.items() if name.startswith(OTHER_HEADS)}
    save_file({name: value.detach().contiguous().clone() for name, value in found.items()}, output / "model.safetensors")


if __name__ == "__main__":
    random.seed(7), torch.manual_seed(7)
    match sys.argv[1:]:
        case ["teacher", shared, path]:
            teach(pathlib.Path(shared), path)
        case ["student", shared, path, records, base, output]:
            learn(pathlib.Path(shared), path, records, base, output)
        case _:
            sys.exit(__doc__)
