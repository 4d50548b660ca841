import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, parseProgress, stepOf } from "../../sketchpad/lesson/progress.js";

const FIRST = { open: false, step: 1, chosen: {} };

test("stored progress comes back", () => {
  const progress = { open: true, step: 4, chosen: { 1: 2, 3: 0 } };
  assert.deepEqual(parseProgress(JSON.stringify(progress)), progress);
});

test("what is not progress is a first visit", () => {
  for (const text of ["", "{", "null", "3", "[]", '{"open":1}', '{"open":true,"step":0,"chosen":{}}']) {
    assert.deepEqual(parseProgress(text), FIRST, text);
  }
  assert.deepEqual(parseProgress('{"open":true,"step":2,"chosen":null}'), FIRST);
  const kept = parseProgress('{"open":true,"step":2,"chosen":{"1":"<b>","x":1,"2":1}}');
  assert.deepEqual(kept.chosen, { 2: 1 });
});

test("a first visit is not shared between visits", () => {
  parseProgress("").chosen[1] = 1;
  assert.deepEqual(parseProgress(""), FIRST);
});

test("an address names a step", () => {
  assert.equal(stepOf(addressOf(7)), 7);
  assert.equal(stepOf("#Lesson"), 1);
  for (const other of ["", "#Draw", "#Lesson/", "#Lesson/x", "#Lesson/1/2", "#Lessons"]) {
    assert.equal(stepOf(other), 0, other);
  }
});
