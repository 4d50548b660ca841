// Pixels, outlines and labels of the Inside tab.
import assert from "node:assert/strict";
import { test } from "node:test";
import { contour } from "../../sketchpad/inside/attribution/contour.js";
import { decodePlaces, dotInDirection, medians, nearestDot } from "../../sketchpad/inside/digit_map/dots.js";
import { indexAfterKey, receptiveBox, strongestPixel } from "../../sketchpad/inside/feature_maps/pixels.js";
import { placeLabels, prefixAt } from "../../sketchpad/inside/prefix_predictions/plot.js";
import { hiddenSides } from "../../sketchpad/ui/dom.js";

test("the contour goes once around a pixel of ink, halfway to its neighbours", () => {
  const pixels = new Uint8Array(784);
  pixels[28 * 3 + 5] = 255;
  const points = contour(pixels)
    .match(/[\d.]+ [\d.]+/g)
    .map((point) => point.split(" ").map(Number));
  assert.equal(points.length, 8); // four segments
  for (const [x, y] of points) assert.equal(Math.abs(x - 5.5) + Math.abs(y - 3.5), 0.5);
});

test("ink at the edge of the image is closed, and paper has no contour", () => {
  assert.equal(contour(new Uint8Array(784)), "");
  const segments = contour(new Uint8Array(784).fill(255)).match(/M/g);
  assert.equal(segments.length, 4 * 28);
});

test("a row says at which sides it goes on", () => {
  const sides = [0, 40, 100].map((scrolled) => hiddenSides(scrolled, 200, 300));
  assert.deepEqual(sides, ["right", "both", "left"]);
  assert.equal(hiddenSides(0, 300, 300), "");
});

test("a pixel sees its receptive field as far as the drawing goes", () => {
  assert.deepEqual(receptiveBox([3, 1, -1], 0, 5), { left: 4, top: 0, width: 3, height: 2 });
  assert.deepEqual(receptiveBox([15, 4, -7], 6, 0), { left: 0, top: 17, width: 8, height: 11 });
  assert.deepEqual(receptiveBox(null, 0, 0), { left: 0, top: 0, width: 28, height: 28 });
});

test("the strongest pixel has the largest absolute value", () => {
  const values = [
    [1, 2, 3],
    [0, -4, 1],
  ];
  assert.deepEqual(strongestPixel(values), [1, 1]);
});

test("keys move among buttons in rows, and stay at the ends", () => {
  const after = (key, index) => indexAfterKey(key, index, 10, 4);
  assert.equal(after("ArrowRight", 3), 4);
  assert.equal(after("ArrowDown", 3), 7);
  assert.equal(after("ArrowDown", 7), 7);
  assert.equal(after("ArrowLeft", 0), 0);
  assert.equal(after("ArrowUp", 9), 5);
  assert.equal(after("Home", 5), 0);
  assert.equal(after("End", 5), 9);
  assert.equal(after("Enter", 5), undefined);
});

test("a place of the plot belongs to the nearest prefix", () => {
  const width = 58 + 310 + 26;
  assert.deepEqual(
    [0, 58, 58 + 14, 58 + 16, 58 + 310, 999].map((left) => prefixAt(left, width, 32)),
    [0, 0, 1, 2, 31, 31],
  );
});

test("a label is written where no other is, and not for a line that stays low", () => {
  const row = (...shares) => [...shares, ...Array(10 - shares.length).fill(0)];
  const probabilities = [row(0.5, 0.3, 0.1), row(0.2, 0.7, 0.1), row(0.1, 0.1, 0.8)];
  const labels = placeLabels(probabilities, 2, (n) => 100 * n, 200);
  assert.deepEqual(
    labels.map(({ label, left }) => [label, left]),
    [
      [2, 212],
      [1, 100],
      [0, 6],
    ],
  );
  const crowded = placeLabels([row(0.5, 0.5), row(0, 0, 1)], 2, (n) => 100 * n, 200);
  assert.deepEqual(
    crowded.map(({ label }) => label),
    [2, 0],
  );
});

test("places of the map are decoded from little-endian numbers", () => {
  const bytes = Buffer.from(Uint16Array.from([0, 65535, 13107, 0]).buffer);
  assert.deepEqual(decodePlaces(bytes.toString("base64")), [
    [0, 1],
    [0.2, 0],
  ]);
});

const PLACES = [
  [0, 0],
  [10, 1],
  [4, 6],
  [-3, -1],
  [3, 0.5],
];

test("the nearest dot is within reach or none", () => {
  assert.equal(nearestDot(PLACES, [4, 1]), 4);
  assert.equal(nearestDot(PLACES, [7, 6], 2.9), -1);
  assert.equal(nearestDot(PLACES, [7, 6], 3), 2);
  assert.equal(nearestDot([], [0, 0]), -1);
});

test("an arrow leads to the nearest dot in its direction, and stays where there is none", () => {
  assert.equal(dotInDirection(PLACES, 0, [1, 0]), 4);
  assert.equal(dotInDirection(PLACES, 4, [1, 0]), 1);
  assert.equal(dotInDirection(PLACES, 0, [0, 1]), 2);
  assert.equal(dotInDirection(PLACES, 0, [-1, 0]), 3);
  assert.equal(dotInDirection(PLACES, 1, [1, 0]), 1);
});

test("a digit is written at the median of its dots", () => {
  const places = [
    [0, 0],
    [9, 1],
    [2, 5],
    [7, 7],
  ];
  assert.deepEqual(
    [...medians(places, [1, 1, 1, 4])],
    [
      [1, [2, 1]],
      [4, [7, 7]],
    ],
  );
});
