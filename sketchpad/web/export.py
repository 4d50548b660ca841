"""Write the Draw tab as a folder of static files, which reads in the visitor's browser, without a server.

    python -m model export web OUT

OUT then has the page with the same modules, templates and sentences as the served one, the network as ONNX,
ONNX Runtime Web from its npm package, a service worker that keeps all of it for visits without a network, and
card.json: which checkpoint and version it is. OUT is replaced as a whole, or stays as it was.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import tempfile
from pathlib import Path

from model import DigitReader, __version__
from model.errors import ExportError
from model.inference.checkpoint import add_checkpoint_argument, weights_hash
from model.inference.web_network import web_network

from ..icons import app_icons
from ..ui.assets import PACKAGE, PAD_SIDE, read_asset
from ..ui.html import render
from ..ui.i18n import LANGUAGES, load

ROOT = PACKAGE.parent
RUNTIME = "onnxruntime-web"
RUNTIME_MODULE = "runtime/ort.js"  # where web/network.js imports it from
STYLES = ("page.css", "draw/tab.css", "draw/result.css", "draw/picture/picture.css", "web/page.css")
FOLDERS = ("ui", "draw", "web")  # whose sentences the page has; web's replace those about a server
WORKER = "service_worker.js"
SPACE_KEYS = ("title", "emoji", "colorFrom", "colorTo", "license", "short_description")

Files = dict[str, bytes]  # by path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="OUT", help="a new folder, or one of an earlier export")
    add_checkpoint_argument(parser)


def run(flags: argparse.Namespace) -> int:
    check_folder(flags.folder)
    files = page_files(DigitReader.load(flags.checkpoint, "cpu"))
    write_folder(flags.folder, files)
    size = sum(map(len, files.values()))
    print(f"{flags.folder}: {len(files)} files, {size / 1e6:.1f} MB. Serve it with any web server, such as")
    print(f"python -m http.server --directory {flags.folder}")
    return 0


def check_folder(folder: Path) -> None:
    """ExportError for a folder that has other files than an earlier export's."""
    if folder.exists() and not (
        folder.is_dir() and (not any(folder.iterdir()) or (folder / WORKER).exists())
    ):
        raise ExportError(f"{folder} has other files. Name a new folder.")


def write_folder(folder: Path, files: Files) -> None:
    """Write all files beside the folder first, then replace it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        new = Path(temporary) / "new"
        for name, content in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if folder.exists():
            folder.rename(Path(temporary) / "old")
        new.rename(folder)


def page_files(reader: DigitReader) -> Files:
    """Every file of the page. All but the outer ones lie under a path that contains their hash."""
    page, worker = modules("web/page.js"), modules("web/worker.js")
    inner: Files = {name: (PACKAGE / name).read_bytes() for name in sorted(page | worker)}
    inner["web/page.css"] = "\n".join(map(read_asset, STYLES)).encode()
    module, runtime = runtime_files()
    inner[RUNTIME_MODULE] = module
    packed = {"runtime": pack(runtime), "network": pack(web_network(reader.net, reader.card))}
    inner |= {f"{name}.bin": content for name, content in packed.items()}
    calibration = reader.card["calibration"]
    listed = {
        **{name: {"file": f"{name}.bin", "sha256": sha256(content)} for name, content in packed.items()},
        "thresholds": {name: calibration[name] for name in ("not_digit", "unsure")},
    }
    inner["reader.json"] = json.dumps(listed).encode()

    texts = {language: load(language, FOLDERS) for language in LANGUAGES}
    version = sha256(b"\0".join(sha256(content).encode() for content in inner.values()))[:12]
    index = render(
        "web/index.html",
        texts=texts,
        version=version,
        modules=sorted(page - worker),
        languages=LANGUAGES,
        lesson=False,
        side=PAD_SIDE,
        software=__version__,
        icons=app_icons.links(),
    )
    outer: Files = {
        **{f"{version}/{name}": content for name, content in inner.items()},
        "index.html": index.encode(),
        "card.json": json.dumps(card(reader), indent=2).encode(),
        **app_icons.files(),
    }
    return {**with_service_worker(outer), "README.md": space_card().encode()}


def with_service_worker(files: Files) -> Files:
    """The files and a service worker that keeps them."""
    names = {"./" if name == "index.html" else name: sha256(content) for name, content in files.items()}
    listing = json.dumps({"version": sha256(json.dumps(names).encode())[:12], "files": names})
    return {
        **files,
        WORKER: read_asset(f"web/{WORKER}").encode(),
        "service_worker_files.js": f"self.sketchpad = {listing};\n".encode(),
    }


def modules(entry: str) -> set[str]:
    """The JavaScript files that one names, directly or indirectly."""
    found, left = set(), [entry]
    while left:
        name = left.pop()
        if name in found or name == RUNTIME_MODULE:
            continue
        found.add(name)
        folder = (PACKAGE / name).parent
        for target in re.findall(r'"(\.\.?/[\w./]+\.js)"', read_asset(name)):
            left.append((folder / target).resolve().relative_to(PACKAGE).as_posix())
    return found


def runtime_files() -> tuple[bytes, bytes]:
    """ONNX Runtime Web's module and its WebAssembly, from the package that npm has installed and verified."""
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"][RUNTIME]
    package = ROOT / "node_modules" / RUNTIME
    try:
        version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    except OSError:
        version = None
    if version != wanted:
        raise ExportError(
            f"The export needs {RUNTIME} {wanted} from npm: install Node, then run `npm ci` in {ROOT}."
        )
    dist = package / "dist"
    return (dist / "ort.wasm-core.min.js").read_bytes(), (dist / "ort-wasm-simd.wasm").read_bytes()


def card(reader: DigitReader) -> dict[str, object]:
    """What the folder is: software, checkpoint and calibration."""
    return {
        "version": __version__,
        "checkpoint": reader.path.name if reader.path else None,
        "weights_sha256": weights_hash(reader.net),
        **{name: reader.card[name] for name in ("arch", "preprocessing", "calibration")},
    }


def space_card() -> str:
    """The front matter of a static Space; what it shares with README.md's is from there."""
    front = (ROOT / "README.md").read_text("utf-8").split("---\n")[1]
    kept = re.findall(rf"^(?:{'|'.join(SPACE_KEYS)}): .*$", front, re.MULTILINE)
    return "\n".join(["---", *kept, "sdk: static", "app_file: index.html", "---", ""])


def pack(content: bytes) -> bytes:
    """Compressed by us, since many web servers compress no such files; the same bytes each time."""
    return gzip.compress(content, 9, mtime=0)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
