"""The server process: health and metrics routes, log, graceful stop.

The log has one JSON object per line on standard error. It contains no drawings, only counts, times and, for
an error, its type and stack frames.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
import numpy as np
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from model import DigitReader
from model.image import SIZE
from model.inference.checkpoint import weights_hash

from .metrics import METRICS, metrics_response

LOG_INTERVAL = 60  # seconds between two lines of metrics, while there are requests
HEALTH_TIMEOUT = 4  # seconds; Docker's check waits for 5
FRAMES = 8  # innermost stack frames logged for an error

log = logging.getLogger("sketchpad")


class JsonLines(JsonFormatter):
    """One JSON object per line. An exception has type and frames only: its message may quote a drawing."""

    def __init__(self) -> None:
        super().__init__(
            ["message"],
            rename_fields={"message": "event"},
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],  # uvicorn's, for terminals
            timestamp="time",
            json_ensure_ascii=False,
        )

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        log_data["level"] = record.levelname.lower()
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])[-FRAMES:]
            at = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
            message_dict = {"event": "error", "error": record.exc_info[0].__name__, "at": at}
        super().add_fields(log_data, record, message_dict)


def log_event(event: str, **fields: object) -> None:
    log.info({"event": event, **fields})


def start_log() -> None:
    """Log to standard error, as JSON: our events, the web server's, and what any library says or prints."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("", "sketchpad", "uvicorn"):  # "": every other logger
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
    log.setLevel(logging.INFO)
    logging.captureWarnings(True)
    # Gradio prints the traceback of an exception that it caught; threads print the one that ended them.
    setattr(traceback, "print_exc", log_exception)  # noqa: B010 - mypy allows no assignment
    threading.excepthook = lambda ended: log.error("error", exc_info=ended.exc_value)


def log_exception(*_: object, **__: object) -> None:
    """Instead of `traceback.print_exc`."""
    log.exception("error")


def app_options(reader: DigitReader, metrics: bool) -> dict[str, Any]:
    """For `launch(app_kwargs=...)`: routes and lifespan of the web application around Gradio's."""
    description = {
        "checkpoint": reader.path.name if reader.path else "",
        "weights": weights_hash(reader.net)[:12],
        "device": str(reader.device),
    }
    start = time.monotonic()

    async def health(_: Request) -> Response:
        """200 if an image can be read within ``HEALTH_TIMEOUT``, else 503."""
        read = partial(reader.read_batch, np.zeros((1, SIZE, SIZE), np.uint8))
        ok = True
        try:
            await asyncio.wait_for(anyio.to_thread.run_sync(read, abandon_on_cancel=True), HEALTH_TIMEOUT)
        except Exception:
            log.exception("health")
            ok = False
        state = {"ok": ok, **description, "uptime_seconds": round(time.monotonic() - start)}
        return JSONResponse(state, 200 if ok else 503)

    @contextlib.asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        start_log()
        log_event("start", **description, process=os.getpid())
        figures = asyncio.create_task(log_figures_periodically())
        yield
        figures.cancel()
        log_figures()
        log_event("stop", uptime_seconds=round(time.monotonic() - start))

    routes = [Route("/health", health)]
    if metrics:
        routes.append(Route("/metrics", metrics_response))
    return {"routes": routes, "lifespan": lifespan}


async def log_figures_periodically() -> None:
    while True:
        await asyncio.sleep(LOG_INTERVAL)
        log_figures()


def log_figures() -> None:
    if figures := METRICS.take_figures():
        log_event("figures", **figures)


def wait_for_stop(running: Callable[[], bool]) -> None:
    """Wait for SIGTERM, Ctrl-C, or the end of ``running``. A second signal ends the process at once."""
    stop = threading.Event()

    def on_signal(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, on_signal)
    while running() and not stop.wait(0.5):
        pass
