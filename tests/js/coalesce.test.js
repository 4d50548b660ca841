// Runs that come faster than they can be done.
import assert from "node:assert/strict";
import { test } from "node:test";
import { coalesced } from "../../sketchpad/ui/coalesce.js";

test("calls during a run become one more run after it", async () => {
  const finish = [];
  const run = coalesced(() => new Promise((resolve) => finish.push(resolve)));
  const done = run();
  run();
  run();
  assert.equal(finish.length, 1);
  finish[0]();
  await new Promise(setImmediate);
  assert.equal(finish.length, 2);
  finish[1]();
  await done;
  assert.equal(finish.length, 2);
  run();
  assert.equal(finish.length, 3);
});
