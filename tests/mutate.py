"""Mutations for fuzzing that keep a file's outer structure valid, to get past the first checks."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable

Json = dict | list | str | int | float | bool | None
Mutate = Callable[[bytes, int], bytes]  # libFuzzer's bytewise mutation of a case, up to a length

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


def of_json(data: bytes, max_length: int, seed: int, bytewise: Mutate) -> bytes:
    """A mutated JSON text. One in five, and anything that is not JSON, is mutated bytewise."""
    rng = random.Random(seed)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return bytewise(data, max_length)
    if rng.random() < 0.2:
        return bytewise(data, max_length)
    for _ in range(rng.choice((1, 1, 2, 4))):
        value = changed(value, rng)
    try:
        other = json.dumps(value).encode()
    except (ValueError, RecursionError):
        return bytewise(data, max_length)
    return other if len(other) <= max_length else bytewise(data, max_length)


def changed(value: Json, rng: random.Random) -> Json:
    """A copy with one change, most often deep inside."""
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        how = rng.random()
        if how < 0.6:
            return [*value[:at], changed(value[at], rng), *value[at + 1 :]]
        if how < 0.75:
            return [*value[: at + 1], *value[at:]]  # repeat an element
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
    """A similar number."""
    return rng.choice(
        (
            value + rng.choice((-1, 1)),
            -value,
            value * rng.choice((2, 10, 0.1)) if abs(value) < 1e300 else 0,
            rng.randrange(300),
            round(rng.uniform(0, 280), 1),
        )
    )


def of_json_lines(data: bytes, max_length: int, seed: int, bytewise: Mutate) -> bytes:
    """Like `of_json`, in one line of a JSON Lines file."""
    rng = random.Random(seed)
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    if rng.random() < 0.1:
        lines.insert(at, lines[at])
    lines[at] = of_json(lines[at], max(max_length - len(data) + len(lines[at]), 1), seed, bytewise)
    return b"\n".join(lines)[:max_length]


def of_picture(data: bytes, max_length: int, seed: int, bytewise: Mutate) -> bytes:
    """Mutate bytewise. Four in five PNGs get correct checksums; decoding stops at a wrong one."""
    data = bytewise(data, max_length)
    return fix_checksums(data) if data[:4] == b"\x89PNG" and seed % 5 else data


def fix_checksums(data: bytes) -> bytes:
    """The same PNG with correct checksums; bytes after a chunk of invalid length stay."""
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            break
        parts += [data[at:end], struct.pack(">I", zlib.crc32(data[at + 4 : end]))]
        at = end + 4
    return b"".join([*parts, data[at:]])
