// Reading in a worker: one drawing at a time, then the newest.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalReader } from "../../sketchpad/web/local_reader.js";

/** A reader whose workers answer when the test says so. */
function setUp() {
  const workers = [];
  const reader = new LocalReader(() => {
    const worker = { messages: [], postMessage: (message) => worker.messages.push(message), terminate() {} };
    workers.push(worker);
    return worker;
  });
  const answer = (worker, number, text) => worker.onmessage({ data: { number, response: { text } } });
  return { reader, workers, answer };
}

test("the drawings between the one that is read and the newest are outdated", async () => {
  const { reader, workers, answer } = setUp();
  const [a, b, c] = ["a", "b", "c"].map((name) => reader.read([name]));
  const [worker] = workers;
  assert.deepEqual(await b, { outdated: true });
  answer(worker, 1, "first");
  assert.deepEqual(await a, { text: "first" });
  answer(worker, 2, "third");
  assert.deepEqual(await c, { text: "third" });
  assert.deepEqual(
    worker.messages.map(({ number, strokes }) => [number, strokes]),
    [
      [1, ["a"]],
      [2, ["c"]],
    ],
  );
});

test("a worker that fails is replaced with the next drawing", async () => {
  const { reader, workers, answer } = setUp();
  const lost = reader.read(["a"]);
  const next = reader.read(["b"]);
  workers[0].onerror();
  assert.equal(await lost, undefined);
  assert.equal(workers.length, 2);
  answer(workers[1], 2, "read");
  assert.deepEqual(await next, { text: "read" });
});
