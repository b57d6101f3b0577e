# What Plenary can use but does not carry; see tools/fetch.py.
LIBTORCH ?= $(CURDIR)/.libtorch
# With libtorch: make libtorch && $(WITH_LIBTORCH) cargo build --release --features libtorch
WITH_LIBTORCH = LIBTORCH=$(LIBTORCH) LIBTORCH_CXX11_ABI=$(or $(LIBTORCH_CXX11_ABI),0)

.PHONY: libtorch onnxruntime base-model

# libtorch 2.4, for training and the reference engine (800 MB of download, 0.5 GB on disk).
libtorch:
	@test -e $(LIBTORCH)/lib/libtorch.so || python3 tools/fetch.py libtorch $(LIBTORCH)

# ONNX Runtime, the fastest engine on CPUs (28 MB of download).
onnxruntime:
	@python3 tools/fetch.py onnxruntime

# MiniLM-L6, which `plenary train` starts from (84 MB of download).
base-model:
	@python3 tools/fetch.py base-model
