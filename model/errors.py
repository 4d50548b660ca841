"""Errors whose message is shown to the user: one clear sentence each."""


class UserError(Exception):
    """An error with a message for the user.

    The message may quote client input. Lone surrogates, which JSON allows and UTF-8 cannot encode, are
    replaced.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence.encode(errors="replace").decode())


class InputError(UserError, ValueError):
    """An input or an argument that cannot be used; the caller can correct it.

    ``code`` identifies the error for programs, for example to show the sentence in another language;
    ``values`` are the values in the sentence. Codes are stable, sentences are not.
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
    """A network cannot be exported for another runtime."""
