// A value's computation in words.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = {
  sketchpadTexts: {
    en: {
      "arithmetic.step.sum": "channel {channel} {own}, all {count} {value}",
      "arithmetic.step.sum.one": "sum {value}",
      "arithmetic.step.sum.bias": "channel {channel} {own}, all {count} + {bias} = {value}",
      "arithmetic.step.mean": "mean of {count} {value}",
      "arithmetic.step.norm": "normalised {value}",
      "arithmetic.step.relu": "ReLU {value}",
    },
  },
};
globalThis.navigator ??= { languages: [] };
const { chain, normFormula, number } = await import("../../sketchpad/inside/feature_maps/chain.js");

const norm = { mean: -1.2861, variance: 1.4341, eps: 1e-5, weight: 1.3638, bias: -0.2 };
const steps = [
  { kind: "sum", value: -0.4118, numbers: { bias: 0 } },
  { kind: "norm", value: 0.8731, numbers: norm },
  { kind: "relu", value: 0.8731, numbers: {} },
];
const window = {
  input: 3,
  sums: [
    [0, -0.625],
    [3, 0.2132],
  ],
  patch: [
    [1, 2],
    [3, 4],
  ],
};

test("the chain goes from the sum over the normalisation to the ReLU", () => {
  assert.equal(
    chain({ steps, window, pixel: [0, 0] }),
    "channel 3 0.213, all 2 −0.412 → normalised 0.873 → ReLU 0.873",
  );
});

test("one channel is a sum, a bias is named, and a pooling counts its values", () => {
  const one = { ...window, input: 3, sums: [[3, -0.4118]] };
  assert.equal(chain({ steps: steps.slice(0, 1), window: one, pixel: [0, 0] }), "sum −0.412");
  const biased = [{ kind: "sum", value: -0.5118, numbers: { bias: -0.1 } }];
  assert.equal(chain({ steps: biased, window, pixel: [0, 0] }), "channel 3 0.213, all 2 + (−0.100) = −0.512");
  const mean = [{ kind: "mean", value: 2.5, numbers: {} }];
  assert.equal(chain({ steps: mean, window, pixel: [0, 0] }), "mean of 4 2.500");
});

test("the formula of BatchNorm has negative numbers in brackets", () => {
  assert.equal(normFormula(steps), "((−0.412) − (−1.286)) / √(1.434 + 0.00001) × 1.364 + (−0.200) = 0.873");
  assert.equal(normFormula(steps.slice(0, 1)), "");
});

test("a small negative number is not minus zero", () => {
  assert.equal(number(-0.0001), "0.000");
  assert.equal(number(-0.0006), "−0.001");
});
