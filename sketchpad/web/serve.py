"""An exported folder as part of the served page, which reads with it while the server is silent."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from model import DigitReader
from model.inference.checkpoint import weights_hash

PATH = "browser"


class BrowserReader:
    """The files that reading needs, from memory. ValueError for a folder of another checkpoint, or none."""

    def __init__(self, folder: Path, reader: DigitReader) -> None:
        try:
            weights = json.loads((folder / "card.json").read_text("utf-8"))["weights_sha256"]
            (listed,) = folder.glob("*/reader.json")
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"{folder} is not a folder from `python -m model export web`.") from error
        if weights != weights_hash(reader.net):
            raise ValueError(
                f"{folder} has another network: run `python -m model export web {folder}` again."
            )
        files = listed.parent.rglob("*")
        self._files = {
            file.relative_to(folder).as_posix(): file.read_bytes() for file in files if file.is_file()
        }
        self.address = f"{PATH}/{listed.parent.name}/"  # relative to the page

    def route(self) -> Route:
        return Route(f"/{PATH}/{{name:path}}", self._serve)

    async def _serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        content = self._files.get(name)
        if content is None:
            raise HTTPException(404)
        kind = "text/javascript" if name.endswith(".js") else "application/octet-stream"
        # The path contains the hash of the content.
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        return Response(content, media_type=kind, headers=headers)
