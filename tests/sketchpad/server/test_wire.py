"""Responses to the page's scripts: off the event loop, errors as sentences."""

from __future__ import annotations

import asyncio
import threading

import pytest

from model import CheckpointError, InputError
from sketchpad.server.wire import respond


def test_work_runs_off_the_event_loop() -> None:
    def work(*arguments: object) -> dict[str, object]:
        return {"arguments": arguments, "thread": threading.current_thread()}

    response = asyncio.run(respond(work, 1, "a"))
    assert response["arguments"] == (1, "a")
    assert response["thread"] is not threading.current_thread()


def test_an_expected_error_is_a_sentence_and_any_other_is_raised() -> None:
    def fail(error: Exception) -> dict[str, object]:
        raise error

    bad_input = InputError("Too large.", "size", most=3)
    response = {"error": "Too large.", "code": "size", "values": {"most": 3}}
    assert asyncio.run(respond(fail, bad_input)) == response
    with pytest.raises(CheckpointError):
        asyncio.run(respond(fail, CheckpointError("Damaged.")))
    response = asyncio.run(respond(fail, CheckpointError("Damaged."), errors=(CheckpointError,)))
    assert response == {"error": "Damaged."}
