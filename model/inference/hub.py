"""Checkpoints on the Hugging Face Hub: fetched by ``hf://user/name``, pushed with a README from the card.

    python app.py --checkpoint hf://user/name                 # its model.safetensors
    python app.py --checkpoint hf://user/name/other.safetensors
    python train_mnist.py --push-to-hub user/name

huggingface_hub came with Gradio. It is imported where it is needed: a local file needs nothing of it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ..errors import CheckpointError, TrainingError

SCHEME = "hf://"
FILE = "model.safetensors"  # the Hub's own name for a repository's weights
NAME = r"[\w-][\w.-]*"
REPOSITORY = re.compile(rf"{NAME}/{NAME}")
REFERENCE = re.compile(rf"hf://({NAME}/{NAME})(?:/(.+\.safetensors))?")
TIMEOUT = 10  # seconds that the Hub may take to say what it has


def is_remote(path: str | Path) -> bool:
    """Whether a checkpoint is named by a reference to the Hub, as it was written or as a Path reads it."""
    return Path(path).as_posix().startswith("hf:/")


def local(path: str | Path) -> Path:
    """A checkpoint's path; one that begins with ``hf://`` is fetched into the Hub's cache, or found there.

    Raises CheckpointError with one sentence where it is in neither.
    """
    if not is_remote(path):
        return Path(path)
    path = re.sub(r"^hf:/+", SCHEME, Path(path).as_posix())
    parts = REFERENCE.fullmatch(path)
    if parts is None:
        raise CheckpointError(
            f"{path} names no checkpoint: it is {SCHEME}USER/NAME or {SCHEME}USER/NAME/FILE.safetensors."
        )
    repository, file = parts[1], parts[2] or FILE
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError

    try:
        # Asked first, because a download tries five times before it says that there is no network.
        newest = HfApi().model_info(repository, timeout=TIMEOUT).sha
    except HfHubHTTPError as error:
        raise CheckpointError(f"The Hub does not give {path}: {_first_line(error)}") from error
    except Exception:  # whatever the HTTP client of that version raises: what was fetched once will do
        newest = None
    try:
        return Path(hf_hub_download(repository, file, revision=newest, local_files_only=newest is None))
    except LocalEntryNotFoundError as error:
        raise CheckpointError(
            f"The Hugging Face Hub cannot be reached from here, and {path} was never fetched before: "
            f"copy its {file} here and give that as --checkpoint."
        ) from error
    except EntryNotFoundError as error:
        raise CheckpointError(f"There is no {file} in {SCHEME}{repository}.") from error
    except Exception as error:  # as above, and a full disk
        raise CheckpointError(f"{path} could not be fetched: {_first_line(error)}") from error


def check_push(repository: str) -> None:
    """Before an hour of training: make the repository, if it is not there; TrainingError if that fails."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    api = HfApi()
    try:
        api.whoami()
        api.create_repo(repository, exist_ok=True)
    except LocalTokenNotFoundError as error:
        raise TrainingError("--push-to-hub needs somebody who is known there: hf auth login.") from error
    except HfHubHTTPError as error:
        raise TrainingError(f"The Hub does not take {repository}: {_first_line(error)}") from error
    except Exception as error:  # whatever the HTTP client of that version raises
        raise TrainingError(
            f"The Hugging Face Hub cannot be reached from here ({_first_line(error)}): train without "
            f"--push-to-hub."
        ) from error


def push(checkpoint: Path, card: dict[str, Any], repository: str) -> str:
    """Upload a finished checkpoint and a README made from its card, as one commit; the page's address.

    Raises TrainingError that says how to try again: the checkpoint stays where it is.
    """
    from huggingface_hub import CommitOperationAdd, HfApi

    files = {FILE: checkpoint, "README.md": describe(card, repository).encode()}
    operations = [CommitOperationAdd(name, content) for name, content in files.items()]
    message = f"{card['arch']['name']}, seed {card['seed']}, commit {card['commit']}"
    try:
        HfApi().create_commit(repository, operations, commit_message=message)
    except Exception as error:  # the run is over: whatever it was, the checkpoint is safe
        raise TrainingError(
            f"The checkpoint is in {checkpoint}; only its upload failed ({_first_line(error)}). "
            f"To try again: hf upload {repository} {checkpoint} {FILE}"
        ) from error
    return f"{SCHEME}{repository}"


def describe(card: dict[str, Any], repository: str) -> str:
    """The README of a model's repository: the Hub's front matter, and what the card says, in Markdown."""
    name, config, test = card["arch"]["name"], card["config"], card["figures"]["test"]
    calibration, layout = card["calibration"], card["preprocessing"]
    dataset = {"mnist": "ylecun/mnist", "fashion": "zalando-datasets/fashion_mnist"}.get(config["dataset"])
    result = {
        "task": {"type": "image-classification"},
        "dataset": {"type": dataset or config["dataset"], "name": config["dataset"], "split": "test"},
        "metrics": [{"type": "accuracy", "value": test["accuracy"]}],
    }
    # JSON is YAML.
    front = {
        "license": "mit",
        "tags": [config["dataset"], "resnet", "image-classification", "pytorch"],
        "datasets": [dataset] * bool(dataset),
        "metrics": ["accuracy"],
        "pipeline_tag": "image-classification",
        "model-index": [{"name": name, "results": [result]}],
    }
    measured = {
        "test images, read once, when training was over": test,
        "validation images": card["figures"]["validation"],
        **{f"drawings, `{stem}`": scores for stem, scores in card["figures"].get("drawn", {}).items()},
    }
    rows = "".join(
        f"| {what} | {s['n']:,} | {s['accuracy']:.2%} | {s['ece']:.4f} |\n" for what, s in measured.items()
    )
    side = layout["size"]
    values = "\n".join(f"| {key} | {value} |" for key, value in config.items())
    yaml = "\n".join(f"{key}: {json.dumps(value)}" for key, value in front.items())
    return f"""---
{yaml}
---

# {name} on {config["dataset"]}

It tells {len(card["labels"])} classes apart: {", ".join(card["labels"])}. Trained by ResNet Sketchpad's
`train_mnist.py`, whose page reads drawings with it:

```
python app.py --checkpoint {SCHEME}{repository}
```

```python
from model import DigitReader

reader = DigitReader.load("{SCHEME}{repository}")
```

| measured on | n | right | ECE |
| --- | --- | --- | --- |
{rows}
An image is {side}×{side} bytes, ink 255 and paper 0, its ink fitted to {layout["box"]} px with the centre of
mass in the middle, shown at {card["size"]} px as (x / 255 − {layout["mean"]}) / {layout["std"]}. Logits are
divided by the temperature {calibration["temperature"]:.3f}; below {calibration["unsure"]:.3f} is "unsure".

## How it was trained

One run with seed {card["seed"]}: {len(card["history"])} epochs,
{sum(row["seconds"] for row in card["history"]) / 60:.1f} minutes on {card["hardware"]}, PyTorch
{card["versions"]["torch"]}, commit `{card["commit"]}`. The weights are those after the last epoch.

| | |
| --- | --- |
{values}

`{FILE}` holds the weights and, as JSON in its metadata, this card with the history of every epoch.
"""


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
