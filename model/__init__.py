"""The classifier: everything a checkpoint means. Imports no Gradio and no torchvision."""

from .checkpoint import load_checkpoint, save_checkpoint
from .errors import CheckpointError, DataError, InputError
from .reader import Digit, DigitReader, Reading
from .zoo import create_model, list_models

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
