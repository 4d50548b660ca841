// Axes and lines of the training curves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AXES, marks, ticks, zoomRange } from "../../sketchpad/training/axes.js";
import { linesOf, nearest, placesOf, pointAt } from "../../sketchpad/training/lines.js";

const rounded = (values) => values.map((value) => Number(value.toPrecision(6)));

test("ticks are round, inside the range, and no closer than allowed", () => {
  assert.deepEqual(rounded(ticks(0, 1, 5)), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(rounded(ticks(1, 20, 6)), [5, 10, 15, 20]);
  assert.deepEqual(rounded(ticks(3, 5, 10, 1)), [3, 4, 5]);
  assert.deepEqual(rounded(ticks(7, 7, 5, 1)), [7]);
});

test("loss is marked at 1, 2 and 5 of each decade, as far apart as asked", () => {
  const y = (value) => -100 * Math.log10(value);
  assert.deepEqual(rounded(marks(AXES.loss, [0.01, 1], y, 22)), [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]);
  assert.deepEqual(rounded(marks(AXES.loss, [0.01, 1], y, 60)), [0.01, 0.05, 0.2, 1]);
  assert.deepEqual(rounded(marks(AXES.loss, [0.3, 0.31], y, 0.1)), [0.3, 0.305, 0.31]);
});

test("accuracy is drawn by its distance from 100 %", () => {
  const { place, format, formatMark } = AXES.accuracy;
  assert.ok(Math.abs(place(0.999) - place(0.99) - (place(0.99) - place(0.9))) < 1e-9);
  assert.ok(Number.isFinite(place(1)));
  assert.equal(format(0.99676), "99.68 %");
  assert.equal(formatMark(1 - 0.002), "99.8 %");
  assert.equal(AXES.loss.format(0.0123456), "0.0123");
});

test("zooming stays inside the domain, and the whole domain is no zoom", () => {
  assert.deepEqual(zoomRange([1, 21], [5, 10]), [5, 10]);
  assert.deepEqual(zoomRange([1, 21], [7, 7]), [6, 8]);
  assert.deepEqual(zoomRange([1, 21], [-4, 6]), [1, 11]);
  assert.deepEqual(zoomRange([1, 21], [16, 26]), [11, 21]);
  assert.equal(zoomRange([1, 21], [-10, 40]), null);
});

test("a history without a value has a line without points", () => {
  const rows = [
    { epoch: 1, loss: 0.5, val_accuracy: 0.9 },
    { epoch: 2, loss: 0.25 },
  ];
  const lines = linesOf(rows, "epoch", "training.series.held", "other");
  assert.deepEqual(lines.loss[0].points, [
    [1, 0.5],
    [2, 0.25],
  ]);
  assert.deepEqual(lines.accuracy[1].points, [[1, 0.9]]);
  assert.deepEqual(lines.lr[0].points, []);
  assert.deepEqual(placesOf(Object.values(lines).flat()), [1, 2]);
});

test("a line's value is the one at or before the cursor", () => {
  const line = {
    points: [
      [1, 0.5],
      [3, 0.2],
    ],
  };
  assert.deepEqual(pointAt(line, null), [3, 0.2]);
  assert.deepEqual(pointAt(line, 2), [1, 0.5]);
  assert.equal(pointAt(line, 0), undefined);
  assert.equal(nearest([1, 4, 9], 6), 4);
  assert.equal(nearest([], 6), null);
});
