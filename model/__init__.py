"""The classifier: everything a checkpoint means. Imports no Gradio and no torchvision."""

from .errors import CheckpointError, DataError, InputError
from .inference.checkpoint import load_checkpoint, save_checkpoint
from .inference.reader import Digit, DigitReader, Reading
from .networks.registry import create_model, list_models

__version__ = "0.2.0"

__all__ = [
    "CheckpointError",
    "DataError",
    "Digit",
    "DigitReader",
    "InputError",
    "Reading",
    "__version__",
    "create_model",
    "list_models",
    "load_checkpoint",
    "save_checkpoint",
]
