"""Mutations for fuzzing that leave a file's outer form whole, so that more than its first check is tried."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable

Json = dict | list | str | int | float | bool | None
Mutate = Callable[[bytes, int], bytes]  # libFuzzer's own, on bytes: a case and its greatest length

ODD: list[Json] = [None, True, False, 0, -1, 1, 0.5, 28, 784, 2**31, 2**63, 10**30, 1e-320, 1e9, 1e308]
ODD += [
    float("nan"),
    float("inf"),
    -float("inf"),
    "",
    "x",
    "7",
    "\0",
    "\ud800",
    "‮",
    "<b>",
    "../../etc/passwd",
]
ODD += [[], {}, [[]], [[[]]], [0, 0], [[0, 0]], [1e9, -1e9], {"": None}, {"strokes": [[[0, 0], [1, 1]]]}]


def of_json(data: bytes, most: int, seed: int, bytewise: Mutate) -> bytes:
    """Another JSON text near this one; one in five is changed byte by byte, and so is what is no JSON."""
    rng = random.Random(seed)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return bytewise(data, most)
    if rng.random() < 0.2:
        return bytewise(data, most)
    for _ in range(rng.choice((1, 1, 2, 4))):
        value = changed(value, rng)
    try:
        other = json.dumps(value).encode()
    except (ValueError, RecursionError):
        return bytewise(data, most)
    return other if len(other) <= most else bytewise(data, most)


def changed(value: Json, rng: random.Random) -> Json:
    """A copy with one place changed: most often a deep one, as there are most of them."""
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        how = rng.random()
        if how < 0.6:
            return [*value[:at], changed(value[at], rng), *value[at + 1 :]]
        if how < 0.75:
            return [*value[: at + 1], *value[at:]]  # once more
        if how < 0.9:
            return [*value[:at], *value[at + 1 :]]
        return rng.sample(value, len(value))
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice([*value])
        how = rng.random()
        if how < 0.8:
            return {**value, key: changed(value[key], rng)}
        if how < 0.9:
            return {name: each for name, each in value.items() if name != key}
        return {**value, key: value[rng.choice([*value])]}
    if isinstance(value, (int, float)) and rng.random() < 0.7:
        return near(value, rng)
    if isinstance(value, str) and value and rng.random() < 0.5:
        at = rng.randrange(len(value))
        return (
            value[:at]
            + rng.choice(("", "\0", "é", value[at] * 2, chr(rng.randrange(0x20, 0xD7FF))))
            + value[at + 1 :]
        )
    return rng.choice([*ODD, [value], [value, value]])


def near(value: float, rng: random.Random) -> float:
    """A number beside this one, or of its kind."""
    return rng.choice(
        (
            value + rng.choice((-1, 1)),
            -value,
            value * rng.choice((2, 10, 0.1)) if abs(value) < 1e300 else 0,
            rng.randrange(300),
            round(rng.uniform(0, 280), 1),
        )
    )


def of_json_lines(data: bytes, most: int, seed: int, bytewise: Mutate) -> bytes:
    """The same in one line of a file of them."""
    rng = random.Random(seed)
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    if rng.random() < 0.1:
        lines.insert(at, lines[at])
    lines[at] = of_json(lines[at], max(most - len(data) + len(lines[at]), 1), seed, bytewise)
    return b"\n".join(lines)[:most]


def of_picture(data: bytes, most: int, seed: int, bytewise: Mutate) -> bytes:
    """Changed byte by byte; a PNG's checksums are then set right, mostly, or nothing behind them is read."""
    data = bytewise(data, most)
    return mended_png(data) if data[:4] == b"\x89PNG" and seed % 5 else data


def mended_png(data: bytes) -> bytes:
    """The same chunks with their right checksums; what is behind a chunk of a wrong length stays."""
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            break
        parts += [data[at:end], struct.pack(">I", zlib.crc32(data[at + 4 : end]))]
        at = end + 4
    return b"".join([*parts, data[at:]])
