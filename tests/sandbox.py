"""The page in a sandbox: no network, nothing writable but /tmp, an unprivileged user.

    unshare --net --mount python -m tests.sandbox      # as root; prints the response of /read_strokes

It runs in its own namespaces, so the machine is not changed, and everything ends with the process.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.helpers.paths import ROOT

PORT = 7861
NOBODY = 65534
SEVEN = [[[60, 60], [200, 62], [130, 240]]]


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def isolate() -> None:
    """Everything read-only but an empty /tmp; the loopback interface and no other."""
    mount("--make-rprivate", "/")
    mount("--bind", str(ROOT), "/mnt")  # the project may itself lie in /tmp
    mount("-t", "tmpfs", "tmpfs", "/tmp")
    if ROOT.is_relative_to("/tmp"):
        ROOT.mkdir(parents=True)
        mount("--bind", "/mnt", str(ROOT))
    home = Path("/root")
    python = Path(sys.base_prefix).resolve()
    if python.is_relative_to(home):  # not readable by other users: expose only the interpreter
        copy = Path("/tmp/python")
        copy.mkdir()
        mount("--bind", str(python), str(copy))
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(home))
        python.mkdir(parents=True)
        mount("--bind", str(copy), str(python))
    mount("-o", "remount,bind,ro", "/")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        get, put, up = 0x8913, 0x8914, 1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
        flags = fcntl.ioctl(any_socket, get, struct.pack("16sh", b"lo", 0))
        fcntl.ioctl(any_socket, put, struct.pack("16sh", b"lo", struct.unpack("16sh", flags[:18])[1] | up))


def get(path: str, body: object = None) -> str:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", data, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read().decode()


def main() -> int:
    isolate()
    # As on a Space: a port, and a home directory that does not exist.
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "SPACE_ID": "a/b", "PORT": str(PORT)}
    with subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        stdout=subprocess.DEVNULL,
    ) as page:
        try:
            for _ in range(600):
                try:
                    get("/")
                    break
                except OSError:
                    if page.poll() is not None:
                        return 1
                    time.sleep(0.1)
            event = json.loads(get("/gradio_api/call/read_strokes", {"data": [SEVEN]}))["event_id"]
            print(get(f"/gradio_api/call/read_strokes/{event}"))
        finally:
            page.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
