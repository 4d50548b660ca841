"""Checkpoints on the Hugging Face Hub: download ``hf://user/name``, upload with a README from the card.

    python app.py --checkpoint hf://user/name                 # its model.safetensors
    python app.py --checkpoint hf://user/name/other.safetensors
    python train_mnist.py --push-to-hub user/name

huggingface_hub is imported inside functions, because local files do not need it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..errors import CheckpointError, TrainingError

SCHEME = "hf://"
FILE = "model.safetensors"  # the Hub's usual name for a repository's weights
NAME = r"[\w-][\w.-]*"
REPOSITORY = re.compile(rf"{NAME}/{NAME}")
REFERENCE = re.compile(rf"hf://({NAME}/{NAME})(?:/(.+\.safetensors))?")
TIMEOUT = 10  # seconds to wait for the newest revision


def is_remote(path: str | Path) -> bool:
    """Whether ``path`` is a reference to the Hub. pathlib turns "hf://" into "hf:/"."""
    return Path(path).as_posix().startswith("hf:/")


def local_path(path: str | Path) -> Path:
    """The local path of a checkpoint; ``hf://`` references are downloaded into the Hub's cache if needed.

    Raises CheckpointError if that fails and the file is not in the cache.
    """
    if not is_remote(path):
        return Path(path)
    path = re.sub(r"^hf:/+", SCHEME, Path(path).as_posix())
    parts = REFERENCE.fullmatch(path)
    if parts is None:
        raise CheckpointError(
            f"{path} is not a checkpoint: use {SCHEME}USER/NAME or {SCHEME}USER/NAME/FILE.safetensors."
        )
    repository, file = parts[1], parts[2] or FILE
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError

    try:
        # Unlike a download, which is tried five times without a network, this request is sent once.
        newest = HfApi().model_info(repository, timeout=TIMEOUT).sha
    except HfHubHTTPError as error:
        raise CheckpointError(f"The Hub refuses {path}: {_first_line(error)}") from error
    except Exception:  # the type depends on the HTTP client; the cache may have the file
        newest = None
    try:
        return Path(hf_hub_download(repository, file, revision=newest, local_files_only=newest is None))
    except LocalEntryNotFoundError as error:
        raise CheckpointError(
            f"The Hugging Face Hub cannot be reached from here, and {path} was never downloaded: "
            f"copy its {file} to this machine and set --checkpoint to that file."
        ) from error
    except EntryNotFoundError as error:
        raise CheckpointError(f"There is no {file} in {SCHEME}{repository}.") from error
    except Exception as error:  # from the HTTP client, or a full disk
        raise CheckpointError(f"{path} could not be downloaded: {_first_line(error)}") from error


def check_push(repository: str) -> None:
    """Create the repository before training, if it does not exist; TrainingError if that fails."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    api = HfApi()
    try:
        api.whoami()
        api.create_repo(repository, exist_ok=True)
    except LocalTokenNotFoundError as error:
        raise TrainingError(
            "--push-to-hub needs an account on the Hub; log in with: hf auth login"
        ) from error
    except HfHubHTTPError as error:
        raise TrainingError(f"The Hub refuses {repository}: {_first_line(error)}") from error
    except Exception as error:  # the type depends on the HTTP client
        raise TrainingError(
            f"The Hugging Face Hub cannot be reached from here ({_first_line(error)}): train without "
            f"--push-to-hub."
        ) from error


def push(checkpoint: Path, card: dict[str, Any], repository: str) -> str:
    """Upload a checkpoint and a README from its card in one commit; returns the reference to it.

    Raises TrainingError with the command that repeats the upload.
    """
    from huggingface_hub import CommitOperationAdd, HfApi

    operations = [
        CommitOperationAdd(FILE, checkpoint),
        CommitOperationAdd("README.md", describe_card(card, repository).encode()),
    ]
    message = f"{card['arch']['name']}, seed {card['seed']}, commit {card['commit']}"
    try:
        HfApi().create_commit(repository, operations, commit_message=message)
    except Exception as error:  # of any type: the message says where the trained checkpoint is
        raise TrainingError(
            f"The checkpoint is in {checkpoint}; only its upload failed ({_first_line(error)}). "
            f"To try again: hf upload {repository} {checkpoint} {FILE}"
        ) from error
    return f"{SCHEME}{repository}"


def describe_card(card: dict[str, Any], repository: str) -> str:
    """The README of a model's repository: the Hub's metadata, and the card in Markdown."""
    from huggingface_hub import EvalResult, ModelCard, ModelCardData

    config, figures = card["config"], card["figures"]
    dataset = {"mnist": "ylecun/mnist", "fashion": "zalando-datasets/fashion_mnist"}.get(config["dataset"])
    result = EvalResult(
        task_type="image-classification",
        dataset_type=dataset or config["dataset"],
        dataset_name=config["dataset"],
        dataset_split="test",
        metric_type="accuracy",
        metric_value=figures["test"]["accuracy"],
    )
    metadata = ModelCardData(
        model_name=card["arch"]["name"],
        license="mit",
        tags=[config["dataset"], "resnet", "image-classification", "pytorch"],
        datasets=[dataset] if dataset else None,
        metrics=["accuracy"],
        pipeline_tag="image-classification",
        eval_results=[result],
    )
    measured = {
        "test images, used once, after training": figures["test"],
        "validation images": figures["validation"],
        **{f"drawings, `{stem}`": scores for stem, scores in figures.get("drawn", {}).items()},
    }
    minutes = sum(row["seconds"] for row in card["history"]) / 60
    about = {"card": card, "measured": measured, "minutes": minutes, "file": FILE, "repository": repository}
    template = Path(__file__).with_name("model_card.md").read_text(encoding="utf-8")
    return str(ModelCard.from_template(metadata, template_str=template, **about))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
