// The page's address names a tab and a place in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { format, parse } from "../../sketchpad/ui/address.js";

test("an address is read as it is written", () => {
  for (const [tab, place] of [
    ["Inside", "branches"],
    ["Architectures", "resnet50/densenet121"],
    ["Training", ""],
  ]) {
    assert.deepEqual(parse(format(tab, place)), { tab, place });
  }
  assert.equal(format("Draw", ""), "#Draw");
});

test("a fragment that names no tab is none of ours", () => {
  for (const fragment of ["", "#", "#drawing=abc", "#inside", "#%E0%A4%A", "#Draw2/x"]) {
    assert.equal(parse(fragment), null, fragment);
  }
});
