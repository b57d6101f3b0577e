# What Plenary can use but does not carry; see tools/fetch.py.
LIBTORCH ?= $(CURDIR)/.libtorch
# With libtorch: make libtorch && $(WITH_LIBTORCH) cargo build --release --features libtorch
WITH_LIBTORCH = LIBTORCH=$(LIBTORCH) LIBTORCH_CXX11_ABI=$(or $(LIBTORCH_CXX11_ABI),0)

.PHONY: libtorch onnxruntime base-model teacher peers

# libtorch 2.4, for training and the reference engine (800 MB of download, 0.5 GB on disk).
libtorch:
	@test -e $(LIBTORCH)/lib/libtorch.so || python3 tools/fetch.py libtorch $(LIBTORCH)

# ONNX Runtime, the fastest engine on CPUs (28 MB of download).
onnxruntime:
	@python3 tools/fetch.py onnxruntime

# MiniLM-L6, which `plenary train` starts from (84 MB of download).
base-model:
	@python3 tools/fetch.py base-model

# all-mpnet-base-v2, which tools/distil.py fine-tunes with the PyTorch of the peers (400 MB and 2 GB of download).
teacher: peers
	@python3 tools/fetch.py teacher

# Other engines, in a Python environment of their own (2 GB of download).
PEERS ?= $(CURDIR)/.peers
peers:
	@test -e $(PEERS)/bin/python || python3 -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet --require-hashes --requirement tools/peers.txt

# --- the shipped model ---------------------------------------------------------------------------------

# From labels to int8, as models/README.md tells, into models/mine: two and a half hours on 2 cores with AVX512-BF16. Begins
# from the model before, which the history holds. What a step has made is in .student: broken off, it goes on from there.
.PHONY: model
SHARED ?= ../shared
ARCHIVES = $(SHARED)/archive/news $(SHARED)/archive/ungd
STANCES = $(SHARED)/gold/stance
BEFORE = 67ba6e2
TRAINER = LD_LIBRARY_PATH=$(LIBTORCH)/lib $(or $(CARGO_TARGET_DIR),target)/release/plenary
DISTIL = $(PEERS)/bin/python tools/distil.py

model: .student/model.safetensors | trainer
	awk 'NR % 2 == 1' data/labels.jsonl > .student/half.jsonl
	awk 'NR % 4 == 1' data/written.jsonl > .student/quarter.jsonl
	$(TRAINER) train --recipe data/finishing.toml --base .student --output models/mine \
	    $(foreach archive,$(ARCHIVES),--texts $(archive)) --texts $(SHARED)/gold/polnear/train.jsonl \
	    --texts $(SHARED)/gold/labels/train-unlabelled.jsonl --attributions $(SHARED)/gold/polnear/train.jsonl \
	    $(foreach set,newsmtsc newsmtsc vast vast vast ibm,--stances $(STANCES)/$(set)-train.jsonl) \
	    --labels $(SHARED)/gold/labels/train.jsonl --labels .student/half.jsonl --labels .student/quarter.jsonl \
	    --dev $(SHARED)/gold/labels/dev.jsonl --name plenary-mine

.student/model.safetensors: .student/teacher.pt .student/records.jsonl .student/before | teacher
	$(DISTIL) student $(SHARED) $^ .student

.student/teacher.pt: | teacher
	mkdir -p .student
	$(DISTIL) teacher $(SHARED) $@

.PHONY: trainer
trainer: libtorch
	$(WITH_LIBTORCH) cargo build --release --locked --features libtorch

.student/records.jsonl: | trainer
	$(TRAINER) tag $(ARCHIVES) -o $@

.student/before:
	mkdir -p $@.part
	for file in config.json tokenizer.json plenary.toml model.safetensors; do \
	    git show $(BEFORE):models/default/$$file > $@.part/$$file || exit 1; done
	mv $@.part $@

# --- figures -----------------------------------------------------------------------------------------

# Megabytes a second of reading and segmenting; with TEXT (a file, one statement a line) also statements a second
# of every engine, beside those of other engines on the same weights (2 GB of download), and of the whole program.
.PHONY: bench bench-peers
bench: $(if $(TEXT),bench-peers bench-rates)
	cargo bench --locked --bench reading

# Statements a second of the whole program beside its bare engine, against cores and archive size, and peak memory.
.PHONY: bench-rates
RATES_ENGINE ?= embedded
bench-rates:
	cargo build --release --locked
	python3 tools/rates.py $(PLENARY) "cargo bench --quiet --locked --bench engines --" models/default "$(TEXT)" $(RATES_ENGINE)

# With libtorch beside, rust-bert takes part.
BENCH_FEATURES = $(if $(wildcard $(LIBTORCH)/lib/libtorch.so),--features libtorch)
bench-peers: onnxruntime peers
	$(WITH_LIBTORCH) LD_LIBRARY_PATH=$(LIBTORCH)/lib $(PEERS)/bin/python tools/peers.py \
	    "cargo bench --quiet --locked --bench engines $(BENCH_FEATURES) --" models/default "$(TEXT)"

.PHONY: readme-figures

# The program and flags of its model, such as PLENARY="plenary" TAG_FLAGS="--model models/mine"
PLENARY ?= $(or $(CARGO_TARGET_DIR),target)/release/plenary
TAG_FLAGS ?=
# General debate speeches with a metadata.csv; not part of this repository.
UNGD ?= ../shared/archive/ungd
FIGURES ?= $(or $(CARGO_TARGET_DIR),target)/figures
FIVE = BRA CHN IND RUS USA

# The README's section "Five countries, ten years": prints its table, renews its picture, and leaves records,
# report and all pictures in $(FIGURES). Only the five countries' speeches are tagged: a record does not depend
# on the other documents of an archive.
readme-figures:
	@test -e "$(PLENARY)" || cargo build --release --locked
	@mkdir -p $(FIGURES) && rm -f $(FIGURES)/ungd.jsonl*
	$(PLENARY) tag $(TAG_FLAGS) --metadata $(UNGD)/metadata.csv -o $(FIGURES)/ungd.jsonl \
	    $(foreach country,$(FIVE),$(wildcard $(UNGD)/$(country)_*.txt))
	$(PLENARY) compare $(FIGURES)/ungd.jsonl --by iso --over year --report $(FIGURES)/ungd.html \
	    --plots $(FIGURES) > $(FIGURES)/ungd.txt
	cp $(FIGURES)/emphasis.svg data/figures/ungd-emphasis.svg
	@cat $(FIGURES)/ungd.txt

# --- tests ------------------------------------------------------------------------------------------

.PHONY: test check test-default test-libtorch browser-test deny

# Everything that CI runs; installs what it needs.
test: check test-default browser-test test-libtorch deny

# Format, lints and documentation, warnings denied.
check:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

# The default build needs nothing but Rust; with ONNX Runtime beside it that engine is tested, too.
test-default: onnxruntime
	cargo test --locked

# The reference engine and training: only what differs from the default build is run again.
test-libtorch: libtorch
	$(WITH_LIBTORCH) cargo clippy --locked --all-targets --features libtorch -- -D warnings
	$(WITH_LIBTORCH) cargo test --locked --features libtorch --lib -- training engine
	$(WITH_LIBTORCH) cargo test --locked --features libtorch --test integration -- training engines foreign bad_input

# The report of `plenary compare` in headless Chromium; screenshots go to tests/browser/output.
browser-test:
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium)
	@command -v npm >/dev/null || apt-get install -y -qq nodejs npm
	cargo test --locked --no-run
	npm ci --prefix tests/browser --no-audit --no-fund --silent
	node tests/browser/report.test.js $(or $(CARGO_TARGET_DIR),target)/debug/plenary

# Searches for bytes that a reader, the segmenter or the attributor cannot stand, FUZZ_SECONDS each. Needs cargo-fuzz (`cargo
# install cargo-fuzz`); RUSTC_BOOTSTRAP lets a stable compiler count what was reached. A finding lies in fuzz/artifacts: bring
# it to tests/fixtures/hostile, where the tests replay it. No sanitizer: nothing of ours is unsafe.
.PHONY: fuzz
FUZZ_SECONDS ?= 60
FUZZ_READERS ?= text records.jsonl records.csv a.txt b.txt a.md a.html a.json a.jsonl a.csv a.mbox a.warc a.parquet \
    a.feather a.arrows a.jsonl.gz a.jsonl.zst a.jsonl.bz2 a.warc.gz a.tar a.zip b.zip
FUZZ_LIMITS = -rss_limit_mb=1024 -timeout=20 -max_len=20000 -print_final_stats=1

fuzz:
	@cp Cargo.lock fuzz/Cargo.lock
	RUSTC_BOOTSTRAP=1 cargo fuzz build --sanitizer none any
	@for reader in $(FUZZ_READERS); do \
	    mkdir -p fuzz/corpus/$$reader && echo "$$reader" && \
	    FUZZ_READER=$$reader RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none any fuzz/corpus/$$reader -- \
	        -max_total_time=$(FUZZ_SECONDS) $(FUZZ_LIMITS) 2>&1 | grep -E 'number_of_executed_units|SUMMARY|panicked' || exit 1; \
	done

# Licences, sources and duplicates of the dependencies, where cargo-deny is installed.
deny:
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --offline check licenses bans sources; \
	else echo "skipped: cargo-deny is not installed (cargo install cargo-deny)"; fi
