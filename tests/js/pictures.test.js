// Pictures of many digits: lines, text and CSV, zoom and pan, boxes and labels, files, camera errors.
import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../../sketchpad/draw/picture/camera.js";
import { fitted, formatFor } from "../../sketchpad/draw/picture/encode.js";
import { toCsv } from "../../sketchpad/draw/picture/export_text.js";
import { placed } from "../../sketchpad/draw/picture/labels.js";
import { isHeic } from "../../sketchpad/draw/picture/open_file.js";
import { digitAt, digitByKey } from "../../sketchpad/draw/picture/view.js";
import { turnedBox } from "../../sketchpad/pad/geometry.js";
import { confined, placeAt, revealed, zoomedAt } from "../../sketchpad/pad/view.js";
import { isPage, linesOf, nextInDoubt, toText } from "../../sketchpad/ui/reading_lines.js";

const digit = (label, line, verdict = "digit", box = [0, 0, 10, 20]) => ({
  label,
  line,
  verdict,
  box,
  probabilities: Array.from({ length: 10 }, (_, i) => (i === label ? 0.91 : 0.01)),
});
const PAGE = [digit(2, 0), digit(0, 0, "unsure"), digit(7, 1), digit(1, 1, "not a digit"), digit(8, 2)];

test("digits are grouped by their lines", () => {
  assert.deepEqual(linesOf(PAGE), [[0, 1], [2, 3], [4]]);
  assert.deepEqual(linesOf([]), []);
  assert.equal(isPage(PAGE), true);
  assert.equal(isPage(PAGE.slice(0, 2)), false);
  assert.equal(isPage(Array(13).fill(PAGE[0])), true);
});

test("the next digit in doubt comes after the selected one, and around again", () => {
  assert.equal(nextInDoubt(PAGE, 0), 1);
  assert.equal(nextInDoubt(PAGE, 1), 3);
  assert.equal(nextInDoubt(PAGE, 3), 1);
  assert.equal(nextInDoubt([digit(1, 0)], 0), -1);
});

test("the text has a row for each line and leaves out what is not a digit", () => {
  assert.equal(toText(PAGE), "20\n7\n8");
  assert.equal(toText([digit(3, 0), digit(4, 1, "not a digit"), digit(5, 2)]), "3\n5");
});

test("CSV has one row for each digit, numbers with a point, and CRLF", () => {
  const lines = toCsv([digit(2, 0, "digit", [1.26, 2, 3.5, 4]), digit(0, 3, "not a digit")]).split("\r\n");
  assert.equal(lines[0], "line,position,digit,verdict,probability,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9,x0,y0,x1,y1");
  const low = "0.010000";
  assert.equal(lines[1], `1,1,2,digit,0.910000,${low},${low},0.910000,${Array(7).fill(low)},1.3,2,3.5,4`);
  assert.ok(lines[2].startsWith("2,1,,not a digit,0.910000,"));
  assert.deepEqual(lines.slice(3), [""]);
  assert.ok(lines.slice(0, 3).every((line) => line.split(",").length === 19));
});

test("zooming keeps the place under the pointer, and the picture never leaves a gap", () => {
  const view = zoomedAt({ zoom: 1, x: 0, y: 0 }, 4, [100, 50]);
  assert.deepEqual(placeAt(view, [100, 50]), [100, 50]);
  const content = [40, 0, 240, 280]; // a tall picture on a pad of 280
  assert.deepEqual(confined({ zoom: 1, x: 30, y: -9 }, content, 280), { zoom: 1, x: 0, y: 0 });
  assert.deepEqual(confined({ zoom: 2, x: 50, y: 50 }, content, 280), { zoom: 2, x: -80, y: -0 });
  assert.deepEqual(confined({ zoom: 2, x: -900, y: -900 }, content, 280), { zoom: 2, x: -200, y: -280 });
});

test("a selected digit is brought into sight by the shortest way", () => {
  assert.deepEqual(revealed({ zoom: 2, x: -100, y: 0 }, [40, 20, 50, 30], 280), { zoom: 2, x: -68, y: 0 });
  assert.deepEqual(revealed({ zoom: 2, x: 0, y: 0 }, [10, 200, 20, 210], 280), { zoom: 2, x: 0, y: -152 });
  assert.deepEqual(revealed({ zoom: 2, x: 0, y: 0 }, [50, 50, 60, 60], 280), { zoom: 2, x: 0, y: 0 });
});

test("a press selects the nearest box within reach", () => {
  const boxes = [
    [0, 0, 10, 10],
    [14, 0, 24, 10],
    [2, 2, 40, 40],
  ];
  assert.equal(digitAt(boxes, [5, 5], 3), 0); // inside of two: the nearer middle
  assert.equal(digitAt(boxes, [11, -1], 3), 0);
  assert.equal(digitAt(boxes, [13.5, -1], 3), 1);
  assert.equal(digitAt(boxes, [60, 60], 3), -1);
});

test("keys move in reading order, and up and down to the nearest digit of the next line", () => {
  const boxes = [
    [0, 0, 10, 10],
    [20, 0, 30, 10],
    [40, 0, 50, 10],
    [18, 20, 28, 30],
    [60, 20, 70, 30],
  ];
  const lines = [
    [0, 1, 2],
    [3, 4],
  ];
  const go = (key, from) => digitByKey(key, from, lines, boxes);
  assert.equal(go("ArrowRight", 2), 3);
  assert.equal(go("ArrowLeft", 0), 0);
  assert.equal(go("ArrowRight", 4), 4);
  assert.equal(go("ArrowDown", 1), 3);
  assert.equal(go("ArrowUp", 4), 2);
  assert.equal(go("ArrowUp", 0), 0);
  assert.equal(go("Home", 3), 0);
  assert.equal(go("End", 0), 4);
});

test("a box turns with the pad", () => {
  assert.deepEqual(turnedBox([10, 20, 30, 60], 0, 280), [10, 20, 30, 60]);
  assert.deepEqual(turnedBox([10, 20, 30, 60], 90, 280), [220, 10, 260, 30]);
  assert.deepEqual(turnedBox([10, 20, 30, 60], 180, 280), [250, 220, 270, 260]);
  assert.deepEqual(turnedBox([10, 20, 30, 60], 270, 280), [20, 250, 60, 270]);
});

test("labels cover no digit; on a crowded page only what is in doubt has one", () => {
  const grid = (side, step) =>
    Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [4 + (i % side) * step, 4 + Math.floor(i / side) * step];
      return [x, y, x + 0.6 * step, y + 0.6 * step];
    });
  const labels = (count) => Array.from({ length: count }, (_, i) => ({ text: "5", clear: i % 5 !== 0 }));
  const wide = placed(grid(5, 54), labels(25), 2, 280);
  assert.ok(wide.places.every(({ label }) => label));
  const crowded = placed(grid(20, 13.5), labels(400), 1.3, 280);
  assert.ok(crowded.places.every(({ label }, i) => !label || i % 5 === 0));
  for (const { size, places } of [wide, crowded]) {
    for (const { label } of places.filter(({ label }) => label)) {
      const [x, y] = [label.x, label.y - size / 3]; // the middle of the label
      assert.ok(
        places.every(({ frame: [l, t, r, b] }) => x < l || x > r || y < t || y > b || b - t > 6 * size),
      );
    }
  }
  assert.deepEqual(placed([], [], 2, 280).places, []);
});

test("a picture keeps its aspect within 2,048 px and never loses a side", () => {
  assert.deepEqual(fitted(8000, 6000), [2048, 1536]);
  assert.deepEqual(fitted(1, 20000), [1, 2048]);
  assert.deepEqual(fitted(300, 200), [300, 200]);
  assert.deepEqual(fitted(1920, 1080, 960), [960, 540]);
});

test("flat pictures are sent as PNG, photos as JPEG, photos with transparent parts as WebP", () => {
  const pixels = (at) => Uint8ClampedArray.from({ length: 4 * 64 * 32 }, (_, i) => at(i >> 2, i % 4));
  assert.equal(
    formatFor(
      pixels((i) => (i % 64 > 30 ? 255 : 0)),
      64,
    ),
    "image/png",
  );
  const noise = (i, channel) => (channel === 3 ? 255 : (i * 7919) % 251);
  assert.equal(formatFor(pixels(noise), 64), "image/jpeg");
  assert.equal(
    formatFor(
      pixels((i, channel) => (channel === 3 && i % 9 === 0 ? 0 : noise(i, channel))),
      64,
    ),
    "image/webp",
  );
});

test("HEIC is known by its name or its first bytes", () => {
  const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  assert.equal(isHeic("IMG_0001.HEIC", bytes("")), true);
  assert.equal(isHeic("photo", bytes("\0\0\0\x18ftypheic")), true);
  assert.equal(isHeic("photo.jpg", bytes("\0\0\0\x18ftypavif")), false);
  assert.equal(isHeic("photo.jpg", bytes("\xff\xd8\xff")), false);
});

test("a camera that cannot be used is explained by the nearest cause", () => {
  const page = { secure: true, allowed: true };
  assert.equal(problemOf("NotAllowedError", page), "camera.refused");
  assert.equal(problemOf("NotFoundError", page), "camera.none");
  assert.equal(problemOf("NotReadableError", page), "camera.failed");
  assert.equal(problemOf("NotAllowedError", { secure: true, allowed: false }), "camera.frame");
  assert.equal(problemOf("NotAllowedError", { secure: false, allowed: true }), "camera.insecure");
});
