"""The page as a service: whether it is well, what it counts, what it logs, and how it stops.

The log is one JSON object a line on standard error, and nothing in it was drawn by anybody: counts, times
and, of an error, its kind and the lines of code it went through.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timezone
from functools import partial
from typing import Any

import anyio.to_thread
import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from model import DigitReader
from model.image import SIZE
from model.inference.checkpoint import weights_hash

from .metrics import METRICS

EVERY = 60  # seconds between two lines of figures, where there is anything to tell
PATIENCE = 4  # seconds for the reader to prove that it is alive; Docker's check waits for 5
GRACE = 5  # seconds that Gradio gives to what is under way when it stops

log = logging.getLogger("sketchpad")


class Lines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if record.exc_info is None else "error",
            **getattr(record, "about", {}),
        }
        if record.exc_info and record.exc_info[0]:
            # Not its message: that may quote what somebody sent.
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at"] = [f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in frames[-8:]]  # noqa: PTH119
        return json.dumps(line, ensure_ascii=False)


def tell(event: str, **about: object) -> None:
    """A line of the log."""
    log.info(event, extra={"about": about})


def start_log() -> None:
    """Our lines and the web server's on standard error, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name in ("sketchpad", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
    log.setLevel(logging.INFO)


def app_options(reader: DigitReader, metrics: bool) -> dict[str, Any]:
    """For `launch(app_kwargs=...)`: the routes and the life of the web application around Gradio's."""
    about = {
        "checkpoint": reader.path.name if reader.path else "",
        "weights": weights_hash(reader.net)[:12],
        "device": str(reader.device),
    }
    born = time.monotonic()

    async def health(_: Request) -> Response:
        """200 where a picture can be read within ``PATIENCE``, else 503."""
        blank = np.zeros((1, SIZE, SIZE), np.uint8)
        read = partial(reader.read_batch, blank)
        try:
            await asyncio.wait_for(anyio.to_thread.run_sync(read, abandon_on_cancel=True), PATIENCE)
            well = True
        except Exception:
            log.exception("health")
            well = False
        state = {"ok": well, **about, "uptime_seconds": round(time.monotonic() - born)}
        return JSONResponse(state, 200 if well else 503)

    async def exposed(_: Request) -> Response:
        return PlainTextResponse(METRICS.exposed(), media_type="text/plain; version=0.0.4")

    @contextlib.asynccontextmanager
    async def life(_: object) -> AsyncIterator[None]:
        start_log()
        tell("start", **about, process=os.getpid())
        figures = asyncio.create_task(report())
        yield
        figures.cancel()
        report_once()
        tell("stop", uptime_seconds=round(time.monotonic() - born))

    routes = [Route("/health", health)]
    if metrics:
        routes.append(Route("/metrics", exposed))
    return {"routes": routes, "lifespan": life}


async def report() -> None:
    while True:
        await asyncio.sleep(EVERY)
        report_once()


def report_once() -> None:
    if news := METRICS.news():
        tell("figures", **news)


def wait_for_stop(running: Callable[[], bool]) -> None:
    """Until SIGTERM, Ctrl-C, or ``running`` no more; a second signal ends the process as it always would."""
    stop = threading.Event()

    def heed(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, heed)
    while running() and not stop.wait(0.5):
        pass
