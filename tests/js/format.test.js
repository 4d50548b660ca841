import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decimal,
  finePercent,
  percent,
  runnerUp,
  significant,
  verdictValues,
} from "../../sketchpad/ui/format.js";

test("no probability is called certain or impossible", () => {
  assert.deepEqual([0, 0.004, 0.005, 0.126, 0.995, 0.9951, 1].map(percent), [
    "< 1 %",
    "< 1 %",
    "1 %",
    "13 %",
    "100 %",
    "> 99 %",
    "> 99 %",
  ]);
  assert.deepEqual([0, 0.5, 1].map(finePercent), ["<\u00a00.1\u00a0%", "50.0\u00a0%", ">\u00a099.9\u00a0%"]);
});

test("minus signs are real ones, and three digits count", () => {
  assert.equal(decimal(-0.456), "−0.46");
  assert.deepEqual([0.46, 9.999, -1230, 0, 0.00012].map(significant), [
    "0.460",
    "10.0",
    "−1230",
    "0",
    "0.0001",
  ]);
});

test("the runner-up is the likeliest other digit", () => {
  const probabilities = [0.1, 0.6, 0.3, 0, 0, 0, 0, 0, 0, 0];
  assert.equal(runnerUp(probabilities, 1), 2);
  assert.equal(runnerUp(probabilities, 2), 1);
  assert.equal(runnerUp([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0), 1);
});

test("a share below half a percent is said so", () => {
  const probabilities = [0.998, 0.002, 0, 0, 0, 0, 0, 0, 0, 0];
  assert.deepEqual(verdictValues({ label: 0, probabilities }), {
    label: 0,
    second: 1,
    first_share: "> 99 %",
    second_share: "< 1 %",
  });
});
