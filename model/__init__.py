"""The classifier: everything a checkpoint means. Imports no Gradio and no torchvision."""

from .errors import CheckpointError, DataError, InputError
from .inference.checkpoint import load_checkpoint, save_checkpoint
from .inference.reader import Digit, DigitReader, Reading
from .networks.registry import create_model, list_models

__all__ = [
    "CheckpointError",
    "DataError",
    "Digit",
    "DigitReader",
    "InputError",
    "Reading",
    "create_model",
    "list_models",
    "load_checkpoint",
    "save_checkpoint",
]
