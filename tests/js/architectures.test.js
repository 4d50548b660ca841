// The order of a sorted column.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareCells } from "../../sketchpad/architectures/sorting.js";

const sorted = (cells, ascending) => [...cells].sort((a, b) => compareCells(a, b, ascending));

test("numbers are sorted by value, names by their numbers, and what is missing comes last", () => {
  assert.deepEqual(sorted(["9", "", "10.5", "1e3"], true), ["9", "10.5", "1e3", ""]);
  assert.deepEqual(sorted(["9", "", "10.5", "1e3"], false), ["1e3", "10.5", "9", ""]);
  assert.deepEqual(sorted(["resnet101", "resnet18", "densenet121"], true), [
    "densenet121",
    "resnet18",
    "resnet101",
  ]);
});
