"""The errors a caller is meant to read. Each message is one clear sentence for a person."""


class UserError(Exception):
    """A message for a person. It may quote what somebody sent: half a character, as JSON may have it, is
    replaced, since it can be neither sent nor printed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence.encode(errors="replace").decode())


class InputError(UserError, ValueError):
    """A drawing, an image or a batch that cannot be read: the caller can mend it.

    ``code`` names the mistake for a program, which may say it in another language; ``values`` are what its
    sentence is filled with. Codes are stable, sentences are not.
    """

    def __init__(self, sentence: str, code: str = "input", **values: str | int) -> None:
        super().__init__(sentence)
        self.code = code
        self.values = values


class DataError(UserError, RuntimeError):
    """A dataset file that is missing, truncated or not the published one."""


class CheckpointError(UserError, RuntimeError):
    """A checkpoint file that cannot be trusted or does not fit the network asked for."""


class TrainingError(RuntimeError):
    """Training cannot begin or go on; the sentence says why and what is kept."""


class ExportError(RuntimeError):
    """A network that cannot be written for another runtime; the sentence says why."""
