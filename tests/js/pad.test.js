// The drawing's history and gestures, the eraser, boxes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BLANK, Drawing } from "../../sketchpad/pad/drawing.js";
import { distance, eraseAlong } from "../../sketchpad/pad/eraser.js";
import { strokesInside, toPad, tracePath } from "../../sketchpad/pad/geometry.js";

const stroke = (points, pen = 12) => Object.assign(points, { pen });
const sheet = (...strokes) => ({ strokes, picture: null });

function setUp() {
  const frames = [];
  const settled = [];
  const drawing = new Drawing((callback) => frames.push(callback));
  drawing.onSettle((each) => settled.push(each));
  return { drawing, frames, settled };
}

test("undo and redo move through the history, and a new edit ends redo", () => {
  const { drawing, settled } = setUp();
  const [one, two] = [sheet(stroke([[1, 1]])), sheet(stroke([[2, 2]]))];
  drawing.edit(one);
  drawing.edit(two);
  drawing.undo();
  assert.equal(drawing.sheet, one);
  drawing.redo();
  assert.equal(drawing.sheet, two);
  drawing.undo();
  drawing.clear();
  drawing.redo();
  assert.equal(drawing.sheet, BLANK);
  drawing.undo();
  assert.equal(drawing.sheet, one);
  assert.equal(settled.length, 7); // all but the redo, which had nowhere to go
});

test("clearing a blank pad is no step of the history", () => {
  const { drawing } = setUp();
  drawing.clear();
  assert.equal(drawing.past.length, 0);
});

test("the history forgets the oldest pictures", () => {
  const { drawing } = setUp();
  const pictures = Array.from({ length: 12 }, (_, n) => ({ strokes: [], picture: { data: `${n}` } }));
  for (const each of pictures) drawing.edit(each);
  assert.equal(drawing.past.length, 8);
  for (let n = 0; n < 8; n++) drawing.undo();
  assert.equal(drawing.sheet, pictures[3]);
});

test("a gesture is one step; one that drew nothing is none", () => {
  const { drawing } = setUp();
  drawing.begin({ kind: "mouse", base: [], strokes: [stroke([[1, 1]])], picture: null });
  assert.equal(drawing.current.strokes.length, 1);
  assert.equal(drawing.sheet.strokes.length, 0);
  drawing.conclude();
  assert.equal(drawing.sheet.strokes.length, 1);
  drawing.begin({ kind: "mouse", erasing: true, base: drawing.sheet.strokes, strokes: [], picture: null });
  drawing.conclude();
  assert.equal(drawing.past.length, 1);
});

test("several changes make one frame", () => {
  const { drawing, frames } = setUp();
  let painted = 0;
  drawing.onFrame(() => painted++);
  drawing.changed();
  drawing.changed();
  assert.equal(frames.length, 1);
  frames[0]();
  assert.equal(painted, 1);
  drawing.changed();
  assert.equal(frames.length, 2);
});

test("the eraser takes whole strokes within its radius and half the pen's width", () => {
  const line = stroke([
    [0, 50],
    [100, 50],
  ]);
  const dot = stroke([[200, 200]], 22);
  assert.deepEqual(eraseAlong([line, dot], [50, 63], [60, 63]), [line, dot]); // 13 > 12 / 2 + 6
  assert.deepEqual(eraseAlong([line, dot], [50, 61.9], [50, 61.9]), [dot]);
  assert.deepEqual(eraseAlong([line, dot], [200, 216.9], [200, 216.9]), [line]);
  assert.deepEqual(eraseAlong([line, dot], [50, 0], [50, 100]), [dot]); // crosses between two reports
});

test("a distance is to the nearest point of the nearest segment", () => {
  assert.equal(
    distance(
      [5, 3],
      [
        [0, 0],
        [10, 0],
      ],
    ),
    3,
  );
  assert.equal(
    distance(
      [14, 3],
      [
        [0, 0],
        [10, 0],
      ],
    ),
    5,
  );
  assert.equal(distance([3, 4], [[0, 0]]), 5);
});

test("strokes belong to a box only whole", () => {
  const [inside, across] = [
    stroke([
      [1, 1],
      [9, 9],
    ]),
    stroke([
      [5, 5],
      [11, 5],
    ]),
  ];
  assert.deepEqual(strokesInside([inside, across], [0, 0, 10, 10]), [inside]);
});

test("a picture's box is scaled to the pad and centred", () => {
  const picture = { image: { width: 200, height: 100 } };
  assert.deepEqual(toPad([0, 0, 200, 100], picture, 280), [0, 70, 280, 210]);
  assert.deepEqual(toPad([1, 2, 3, 4], null, 280), [1, 2, 3, 4]);
});

test("a dot has a path that is painted", () => {
  assert.equal(tracePath([[3, 4]]), "M3,4L3,4h.01");
  assert.equal(
    tracePath([
      [0, 0],
      [2, 2],
      [4, 0],
    ]),
    "M0,0Q2 2 3 1L4,0h.01",
  );
});
