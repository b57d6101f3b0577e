"""The weights of a model folder of Plenary for PyTorch."""
from safetensors.torch import load_file


def tensors(folder):
    """All tensors in single precision by name; matrices may be stored as bytes with scales (models/README.md)."""
    stored = load_file(f"{folder}/model.safetensors")

    def numbers(name):
        tensor = stored[name].float()
        if f"{name}.scale" in stored:
            tensor *= stored[f"{name}.scale"][:, None]
        if f"{name}.halvings" in stored:
            tensor *= 0.5 ** stored[f"{name}.halvings"].float()
        return tensor.contiguous()

    return {name: numbers(name) for name in stored if not name.endswith((".scale", ".halvings"))}
