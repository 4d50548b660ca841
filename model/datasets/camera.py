"""How a phone takes a picture of a sheet: table, perspective, light, lens, noise and JPEG."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .papers import clouds

LEAST_QUALITY, MOST_QUALITY = 50, 95  # of JPEG
TABLES = ((0.35, 0.24, 0.16), (0.55, 0.4, 0.27), (0.72, 0.6, 0.45), (0.2, 0.2, 0.22), (0.45, 0.46, 0.48),
          (0.12, 0.1, 0.1), (0.62, 0.6, 0.56), (0.25, 0.3, 0.38))  # fmt: skip


@dataclass(frozen=True, eq=False)
class View:
    """Where each point of a sheet is in the picture."""

    homography: np.ndarray  # float64 [3, 3], from px of the sheet to px of the picture
    barrel: float  # distortion at the corner of the picture, relative to its distance from the centre
    shape: tuple[int, int]  # of the picture, height and width

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points float [N, 2] of the sheet in the picture."""
        flat = cv2.perspectiveTransform(points[None].astype(np.float64), self.homography)[0]
        centre, radius = self._centre()
        ideal = (flat - centre) / radius
        seen = ideal
        for _ in range(6):
            seen = ideal / (1 + self.barrel * (seen**2).sum(1, keepdims=True))
        projected: np.ndarray = seen * radius + centre
        return projected

    def maps(self) -> tuple[np.ndarray, np.ndarray]:
        """For each px of the picture, x and y on the sheet: two float32 [H, W]."""
        (height, width), (centre, radius) = self.shape, self._centre()
        x = ((np.arange(width) - centre[0]) / radius).astype(np.float32)[None, :]
        y = ((np.arange(height) - centre[1]) / radius).astype(np.float32)[:, None]
        stretch = 1 + np.float32(self.barrel) * (x * x + y * y)
        x, y = x * stretch, y * stretch
        normal = np.array([[radius, 0, centre[0]], [0, radius, centre[1]], [0, 0, 1]])
        back = (np.linalg.inv(self.homography) @ normal).astype(np.float32)
        depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
        return (
            (back[0, 0] * x + back[0, 1] * y + back[0, 2]) / depth,
            (back[1, 0] * x + back[1, 1] * y + back[1, 2]) / depth,
        )

    def _centre(self) -> tuple[np.ndarray, float]:
        height, width = self.shape
        return np.array([width - 1, height - 1]) / 2, float(np.hypot(width, height)) / 2


def choose_view(
    rng: np.random.Generator, sheet: tuple[int, int], shape: tuple[int, int], on_table: bool
) -> View:
    """A view of a sheet of a height and width (px), which fills the picture or lies on a table.

    On a table one px of the sheet is about one of the picture.
    """
    height, width = shape
    corners = np.array([[0, 0], [sheet[1], 0], [sheet[1], sheet[0]], [0, sheet[0]]], float)
    middle = corners.mean(0)
    target = corners - middle
    angle = np.radians(np.clip(rng.normal(0, 2.5 if on_table else 1.2), -6, 6))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    scale = 1.0 if on_table else 1.14 * max(width / sheet[1], height / sheet[0])
    jitter = 0.04 if on_table else 0.025
    target = target @ turn * scale
    target += rng.uniform(-jitter, jitter, (4, 2)) * np.ptp(target, 0)
    if on_table:  # anywhere, a little over the picture's edge too
        room = (np.array([width, height]) - np.ptp(target, 0)) / 2
        target += rng.uniform(-1, 1, 2) * (0.8 * np.clip(room, 0, None) + 0.03 * np.array([width, height]))
    target += np.array([width, height]) / 2
    homography = cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32))
    return View(homography, float(rng.uniform(-0.01, 0.02)), shape)


def lay_on_table(rng: np.random.Generator, sheet: np.ndarray, view: View) -> np.ndarray:
    """The sheet float32 [H, W, 3] as the view shows it, on a table where the picture is larger."""
    x, y = view.maps()
    seen = cv2.remap(sheet, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    height, width = sheet.shape[:2]
    edge = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    if float(edge.min()) >= 0:
        return seen
    table = make_table(rng, *view.shape)
    inside = (edge > 0).astype(np.uint8) * 255
    blur = max(view.shape) / float(rng.uniform(60, 200))
    shift = np.array([[1, 0, blur * rng.uniform(-0.6, 0.6)], [0, 1, blur * rng.uniform(0.1, 0.8)]])
    fallen = cv2.warpAffine(inside, shift, view.shape[::-1])
    shadow = _soft(fallen.astype(np.float32) / 255, blur)
    table *= (1 - float(rng.uniform(0.3, 0.7)) * shadow)[..., None]
    cover = np.clip(edge + 0.5, 0, 1)[..., None]
    table += cover * (seen - table)
    return table


def make_table(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A desk of wood, cloth or plastic, float32 [H, W, 3]."""
    colour = np.array(TABLES[int(rng.integers(len(TABLES)))]) * rng.uniform(0.85, 1.15)
    kind = rng.choice(["wood", "cloth", "plain"])
    if kind == "wood":
        grain = clouds(rng, max(8, height // 4), 24, 1.0)
        grain = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC) * 0.07
        grain += 0.05 * clouds(rng, height, width, width / 6)
        if rng.random() < 0.5:
            grain = np.ascontiguousarray(cv2.resize(grain.T, (width, height)))
    elif kind == "cloth":
        grain = 0.06 * clouds(rng, height, width, 3) + 0.05 * clouds(rng, height, width, width / 5)
    else:
        grain = 0.015 * clouds(rng, height, width, 5) + 0.03 * clouds(rng, height, width, width / 3)
    table: np.ndarray = np.float32(1) * (1 + grain[..., None]) * colour.astype(np.float32)
    np.clip(table, 0.01, 1, out=table)
    return table


def light_up(rng: np.random.Generator, picture: np.ndarray) -> list[str]:
    """Light the picture float32 [H, W, 3] in place: gradients, shadows, glare, tint. Returns their names."""
    height, width = picture.shape[:2]
    across = 128
    small = (max(16, round(across * height / width)), across)
    y, x = np.mgrid[-1 : 1 : small[0] * 1j, -1 : 1 : small[1] * 1j].astype(np.float32)
    names: list[str] = []
    field = np.ones(small, np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    strength = float(rng.choice([0.04, 0.12, 0.3], p=[0.4, 0.35, 0.25]))
    field *= 1 + strength * (np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y)
    if strength > 0.2:
        names.append("uneven-light")
    vignette = float(rng.uniform(0, 0.12) if rng.random() < 0.7 else rng.uniform(0.2, 0.5))
    field *= 1 - vignette * (x * x + y * y) / 2
    if vignette > 0.2:
        names.append("vignette")
    if rng.random() < 0.3:
        field *= 1 - float(rng.uniform(0.2, 0.5)) * _shadow(rng, *small)
        names.append("shadow")
    whole = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    tint = np.ones(3)
    kind = rng.random()
    if kind < 0.2:
        tint = np.array([1.0, rng.uniform(0.88, 0.95), rng.uniform(0.65, 0.85)])
        names.append("yellow-light")
    elif kind < 0.35:
        tint = np.array([rng.uniform(0.78, 0.9), rng.uniform(0.9, 0.97), 1.0])
        names.append("blue-light")
    level, kind = float(rng.uniform(0.75, 1.05)), rng.random()
    if kind < 0.14:
        level = float(rng.uniform(0.4, 0.6))
        names.append("weak-light")
    elif kind < 0.22:
        level = float(rng.uniform(1.1, 1.3))
        names.append("over-exposed")
    for channel in range(3):
        picture[..., channel] *= whole * np.float32(level * tint[channel])
    if rng.random() < 0.1:
        centre, size = rng.uniform(-1, 1, 2), rng.uniform(0.15, 0.5)
        blob = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / size**2).astype(np.float32)
        glare = cv2.resize(blob, (width, height)) * np.float32(rng.uniform(0.1, 0.35) * level)
        picture += glare[..., None]
        names.append("glare")
    return names


def _shadow(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """The shadow of a phone or straight edge, or of a hand, float32 [H, W], 1 in the dark."""
    shape = np.zeros((height, width), np.uint8)
    side = float(np.hypot(height, width))
    corner = np.array([rng.choice([0, width]), rng.choice([0, height])]) * 1.0
    inward = np.array([width, height]) / 2 - corner
    inward /= np.hypot(*inward)
    normal = np.array([-inward[1], inward[0]])
    if rng.random() < 0.6:
        depth, half, skew = rng.uniform(0.2, 0.55) * side, rng.uniform(0.2, 0.9) * side, rng.normal(0, 0.4)
        tip = corner + inward * depth
        along = normal + skew * inward
        outline = np.array([tip - half * along, tip + half * along, corner + half * normal - inward * side,
                            corner - half * normal - inward * side])  # fmt: skip
        cv2.fillPoly(shape, [np.round(outline).astype(np.int32)], 255)
        blur = side * rng.uniform(0.005, 0.06)
    else:
        reach = rng.uniform(0.2, 0.45) * side
        palm = corner + inward * reach * 0.5
        cv2.circle(shape, tuple(np.round(palm).astype(int).tolist()), round(reach * 0.5), 255, -1)
        for finger in range(4):
            aside = normal * (finger - 1.5) * reach * 0.24
            tip = palm + aside + inward * reach * rng.uniform(0.6, 0.9)
            ends = [tuple(np.round(point).astype(int).tolist()) for point in (palm + aside, tip)]
            cv2.line(shape, ends[0], ends[1], 255, max(2, round(reach * 0.17)))
        blur = side * rng.uniform(0.01, 0.05)
    return _soft(shape.astype(np.float32) / 255, float(blur))


def _soft(values: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian blur of float32 [H, W], computed on a small copy where ``sigma`` is large."""
    height, width = values.shape
    coarse = max(1, int(sigma / 4))
    small = cv2.resize(
        values, (max(2, width // coarse), max(2, height // coarse)), interpolation=cv2.INTER_AREA
    )
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / coarse), (width, height))


def take(
    rng: np.random.Generator, picture: np.ndarray, detail: float, weak_light: bool = False
) -> np.ndarray:
    """Focus blur, sensor noise and JPEG: uint8 [H, W, 3] of float32 [H, W, 3].

    ``detail`` is the size in px of what has to stay visible: the width of a pen.
    """
    height, width = picture.shape[:2]
    blur = float(np.clip(rng.gamma(2, 0.25) * max(detail, 1.0) * 0.3, 0.4, max(0.5, 0.45 * detail)))
    seen: np.ndarray = cv2.GaussianBlur(picture, (0, 0), min(blur, 6.0))
    noise = float(rng.uniform(0.015, 0.03) if weak_light else rng.gamma(2, 0.0035))
    grain = rng.standard_normal((height, width), dtype=np.float32)
    if rng.random() < 0.6:  # the phone's own noise reduction leaves it coarser
        grain = cv2.GaussianBlur(grain, (0, 0), 0.8) * 1.8
    seen += (noise * grain)[..., None]
    coarse = (height // 4 + 1, width // 4 + 1, 3)
    chroma = rng.standard_normal(coarse, dtype=np.float32) * np.float32(noise * 0.4)
    seen += cv2.resize(chroma, (width, height))
    levels = np.clip(seen * 255 + 0.5, 0, 255).astype(np.uint8)
    quality = int(rng.integers(LEAST_QUALITY, MOST_QUALITY + 1))
    return decode(encode(levels, quality))


def encode(image: np.ndarray, quality: int) -> bytes:
    """RGB uint8 [H, W, 3] as a JPEG file."""
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def decode(data: bytes) -> np.ndarray:
    """RGB uint8 [H, W, 3] of a JPEG file."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert image is not None
    return image
