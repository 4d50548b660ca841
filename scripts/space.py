#!/usr/bin/env python
"""Upload the committed files to a Hugging Face Space.

    make space SPACE=user/name                                    # creates the Space if there is none
    make space SPACE=user/name ARGS=--dry-run                     # lists what it would send; no network
    make space SPACE=user/name ARGS="--hardware cpu-basic"        # other hardware than README.md suggests

Everything is checked before anything is sent; if something is wrong, one sentence says what. The files go
through the Hub's API, because the Hub refuses binary files in plain git pushes. They replace the files of the
Space in one commit.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import huggingface_hub
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, SpaceCard, SpaceHardware
from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent

# What ZeroGPU offers, according to the Hub's documentation of September 2026 (docs/hub/spaces-zerogpu).
PYTHONS = ("3.12.12", "3.10.13")
TORCHES = ("2.8.0", "2.11.0", "2.12.1", "2.13.0")
HARDWARE = [hardware.value for hardware in SpaceHardware]
COLORS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
NAME = r"[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?"  # the Hub's rules, with MAX_NAME and no ".." or "--"
SPACE = re.compile(rf"{NAME}/{NAME}", re.ASCII)
MAX_NAME = 96
MAX_DESCRIPTION = 60  # characters that the Hub accepts
MAX_FILE = 50_000_000  # bytes; the checkpoint has 4 million
NEVER = ("data/", ".venv/", "node_modules/", ".git/")
HUB_OWN = (".gitattributes",)  # the Hub writes it
OURS = "sketchpad/page.py"  # a Space with files but without this one holds another app


class SpaceError(Exception):
    """One sentence that says why nothing was sent."""


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description="Upload the committed files to a Hugging Face Space.")
    parser.add_argument("space", nargs="?", default="", help="its name: user/name")
    parser.add_argument(
        "--hardware", choices=HARDWARE, help="of a new Space (default: as README.md suggests)"
    )
    parser.add_argument("--dry-run", action="store_true", help="only list what would be sent; needs no login")
    options = parser.parse_args(arguments)
    try:
        check_name(options.space)
        front = check_front_matter(root)
        files = committed_files(root)
        hardware = options.hardware or front["suggested_hardware"]
        if options.dry_run:
            print_plan(files, options.space, hardware)
        else:
            print(upload(root, files, options.space, hardware))
    except SpaceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def check_name(name: str) -> None:
    if not SPACE.fullmatch(name) or "--" in name or ".." in name or len(name) > MAX_NAME:
        raise SpaceError("Give the Space's name as user/name, for example: make space SPACE=ada/sketchpad")


def check_front_matter(root: Path) -> dict[str, Any]:
    """README.md's front matter; SpaceError if the Hub, ZeroGPU or requirements.txt disagrees with it."""
    text = (root / "README.md").read_text(encoding="utf-8")
    try:
        front: dict[str, Any] = dict(vars(SpaceCard(text, ignore_metadata_errors=False).data))
    except Exception as error:  # the YAML reader's own types
        raise SpaceError("README.md does not begin with front matter in valid YAML.") from error
    needed = requirements(root)
    pinned = str(needed["gradio"].specifier)
    app_file, description = str(front.get("app_file")), front.get("short_description") or ""
    colors = {front.get("colorFrom"), front.get("colorTo")}
    for right, rule in (
        (front.get("sdk") == "gradio", "sdk must be gradio"),
        (
            pinned == f"=={front.get('sdk_version')}",
            f"sdk_version must be requirements.txt's, gradio{pinned}",
        ),
        (front.get("python_version") in PYTHONS, f'python_version must be "{PYTHONS[0]}" or "{PYTHONS[1]}"'),
        ((root / app_file).is_file(), f"the app_file {app_file} does not exist"),
        (front.get("suggested_hardware") in HARDWARE, f"suggested_hardware must be of {', '.join(HARDWARE)}"),
        (front.get("title") and front.get("emoji"), "title and emoji must not be empty"),
        (colors <= set(COLORS), f"colorFrom and colorTo must be of {', '.join(COLORS)}"),
        (
            0 < len(description) <= MAX_DESCRIPTION,
            f"short_description must have 1 to {MAX_DESCRIPTION} characters",
        ),
    ):
        if not right:
            raise SpaceError(f"README.md, front matter: {rule}.")
    if not any(needed["torch"].specifier.contains(version) for version in TORCHES):
        raise SpaceError(
            f"requirements.txt: torch{needed['torch'].specifier} admits none of ZeroGPU's versions "
            f"({', '.join(TORCHES)})."
        )
    return front


def requirements(root: Path) -> dict[str, Requirement]:
    """The lines of requirements.txt by package."""
    lines = (root / "requirements.txt").read_text(encoding="utf-8").splitlines()
    parsed = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {requirement.name: requirement for requirement in parsed}


def committed_files(root: Path) -> dict[str, int]:
    """Every committed file with its size in bytes; SpaceError for changes or a file not to be sent."""

    def git(*arguments: str) -> list[str]:
        done = subprocess.run(["git", *arguments, "-z"], cwd=root, capture_output=True, text=True)
        if done.returncode:
            raise SpaceError(
                "Only a git checkout can be uploaded: its commit says which files the Space gets."
            )
        return [name for name in done.stdout.split("\0") if name]

    if changed := git("status", "--porcelain"):
        raise SpaceError(
            f"Commit or remove your changes first: {changed[0][3:]}"
            + (f" and {len(changed) - 1} more differ" if len(changed) > 1 else " differs")
            + " from the last commit."
        )
    if ignored := git("ls-files", "-c", "-i", "--exclude-standard"):
        raise SpaceError(f"{ignored[0]} is committed although .gitignore names it; remove one of the two.")
    files = {name: (root / name).stat().st_size for name in git("ls-files")}
    for name, size in files.items():
        if name.startswith(NEVER):
            raise SpaceError(f"{name} must not be in a Space: remove it from the commit.")
        if size > MAX_FILE:
            raise SpaceError(
                f"{name} has {size / 1e6:.0f} MB; the limit for a Space is {MAX_FILE / 1e6:.0f} MB."
            )
    return files


def print_plan(files: dict[str, int], space: str, hardware: str) -> None:
    for name, size in files.items():
        print(f"{size:>10,}  {name}")
    print(f"{sum(files.values()):>10,}  bytes in {len(files)} files for {url(space)}")
    print(f"Nothing was sent. If there is no such Space, it would be created on {hardware}.")


def upload(root: Path, files: dict[str, int], space: str, hardware: str) -> str:
    """Create the Space if there is none and replace its files in one commit; returns its address."""
    api = huggingface_hub.HfApi()
    created = False
    try:
        check_login(api.whoami(), space)
        there: list[str] = []
        if api.repo_exists(space, repo_type="space"):
            there = [name for name in api.list_repo_files(space, repo_type="space") if name not in HUB_OWN]
            if set(there) - {"README.md"} and OURS not in there:
                raise SpaceError(f"{url(space)} holds another app; choose a new name or empty it first.")
        else:
            # Without hardware the Hub would create it on CPU Basic, which a free account may not have.
            api.create_repo(
                space, repo_type="space", space_sdk="gradio", space_hardware=SpaceHardware(hardware)
            )
            created = True
        api.create_commit(
            space,
            [
                *(CommitOperationAdd(name, root / name) for name in files),
                *(CommitOperationDelete(name) for name in there if name not in files),
            ],
            commit_message=f"Upload {revision(root)}",
            repo_type="space",
        )
    except SpaceError:
        raise
    except LocalTokenNotFoundError as error:
        raise SpaceError("Log in first, with a token that may write: .venv/bin/hf auth login") from error
    except Exception as error:  # the types of a lost connection depend on the HTTP client
        raise SpaceError(sentence(error, space, created)) from error
    return url(space)


def check_login(me: dict[str, Any], space: str) -> None:
    """SpaceError if this login may not write to the Space's owner."""
    owner = space.partition("/")[0]
    owners = [me["name"], *(organisation["name"] for organisation in me.get("orgs", []))]
    if owner not in owners:
        raise SpaceError(f"You are logged in as {me['name']}, who may not upload to {owner}.")
    if me.get("auth", {}).get("accessToken", {}).get("role") == "read":
        raise SpaceError("Your token may only read; log in with one that may write: .venv/bin/hf auth login")


def sentence(error: Exception, space: str, created: bool) -> str:
    """What the Hub says, or that it cannot be reached."""
    if isinstance(error, HfHubHTTPError):
        lines = (error.server_message or str(error)).strip().splitlines()
        reason = f"The Hub refuses {space}: {lines[0]}"
    else:
        first = re.split(r"\n", str(error).strip() or type(error).__name__)[0]
        reason = f"The Hugging Face Hub cannot be reached from here ({first})"
    return f"{reason}. The Space is there without files; run the same again." if created else reason


def revision(root: Path) -> str:
    """The commit's short hash, for the message of the Space's commit."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True).stdout.strip()


def url(space: str) -> str:
    return f"https://huggingface.co/spaces/{space}"


if __name__ == "__main__":
    sys.exit(main())
