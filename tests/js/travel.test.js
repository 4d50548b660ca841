// Drawings as links and files.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeStrokes, encodeStrokes } from "../../sketchpad/pad/codec.js";
import { distance } from "../../sketchpad/pad/eraser.js";
import { strokesToJson, strokesToSvg } from "../../sketchpad/pad/formats.js";

const SIDE = 280;
const stroke = (points, pen = 12) => Object.assign(points, { pen });
const bar = stroke([...Array(200)].map((_, i) => [100 + i / 50, 20 + i]));
const ring = stroke(
  [...Array(120)].map((_, i) => [140 + 90 * Math.sin(i / 19), 140 - 110 * Math.cos(i / 19)]),
  22,
);

test("a drawing comes back from its link, to a quarter of a unit", () => {
  const drawing = [bar, ring, stroke([[280, 0]], 6)];
  const text = encodeStrokes(drawing);
  const back = decodeStrokes(text, SIDE);
  assert.match(text, /^1[\w-]+$/);
  assert.deepEqual(
    back.map(({ pen }) => pen),
    [12, 22, 6],
  );
  assert.deepEqual(back[2], stroke([[280, 0]], 6));
  drawing.forEach((before, n) => {
    for (const point of before) assert.ok(distance(point, back[n]) < 0.6);
    assert.ok(Math.abs(back[n][0][0] - before[0][0]) <= 0.125);
    assert.ok(Math.abs(back[n].at(-1)[1] - before.at(-1)[1]) <= 0.125);
  });
  assert.equal(encodeStrokes(back), text); // and does not change again
});

test("a link is short", () => {
  assert.ok(encodeStrokes([bar]).length < 150);
  assert.ok(encodeStrokes([ring]).length < 400);
});

test("anything else is refused", () => {
  const text = encodeStrokes([bar, ring]);
  const bytes = (...values) => `1${btoa(String.fromCharCode(...values))}`;
  const refused = [
    "",
    `2${text.slice(1)}`,
    text.slice(0, -3), // cut off
    "1***",
    bytes(12, 1, 255, 255, 255, 255, 127, 0), // far outside
    bytes(12, 1, 1, 1), // negative
    bytes(0, 1, 4, 4), // no pen
    bytes(12, 0), // no point
    bytes(12, 255, 255, 127), // more points than there may be
    `1${"A".repeat(300_000)}`,
  ];
  for (const each of refused) assert.equal(decodeStrokes(each, SIDE), null, each.slice(0, 20));
  assert.deepEqual(decodeStrokes("1", SIDE), []);
});

test("a drawing as SVG and as JSON", () => {
  const svg = strokesToSvg(
    [
      stroke(
        [
          [1, 2],
          [3, 4],
        ],
        6,
      ),
    ],
    SIDE,
  );
  assert.match(svg, /viewBox="0 0 280 280"/);
  assert.match(svg, /<path stroke-width="6" d="M1,2L3,4h.01"\/>/);
  assert.deepEqual(JSON.parse(strokesToJson([stroke([[1.23456, 2]])])), [[[1.23, 2]]]);
});
