"""The errors with a message for the user: one clear sentence each."""


class UserError(Exception):
    """An error with a message for the user.

    The message may quote what a client sent. Lone surrogates, which JSON allows, are replaced, since they can
    be neither sent nor printed.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence.encode(errors="replace").decode())


class InputError(UserError, ValueError):
    """An input or an argument that cannot be used; the caller can correct it.

    ``code`` identifies the error for a program, which may have the sentence in another language; ``values``
    are the values in it. Codes are stable, sentences are not.
    """

    def __init__(self, sentence: str, code: str = "input", **values: str | int) -> None:
        super().__init__(sentence)
        self.code = code
        self.values = values


class DataError(UserError, RuntimeError):
    """A data file that is missing, truncated or not the published one."""


class CheckpointError(UserError, RuntimeError):
    """A checkpoint file that is damaged or does not fit the network it names."""


class TrainingError(UserError, RuntimeError):
    """Training cannot start or continue; the sentence gives the reason and what was saved."""


class ExportError(UserError, RuntimeError):
    """A network that cannot be written for another runtime."""
