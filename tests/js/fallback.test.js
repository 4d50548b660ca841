// When the page reads by itself, and when it goes back to the server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withFallback } from "../../sketchpad/draw/fallback.js";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const SERVER = { digits: [], text: "server" };
const HERE = { digits: [], text: "here" };

/** A server that answers after `delay` ms; with null never. */
function setUp(readHere = async () => HERE) {
  const state = { delay: 0, answer: SERVER, changes: [], read: 0 };
  const ask = () =>
    state.delay === null ? new Promise(() => {}) : pause(state.delay).then(() => state.answer);
  const read = (payload) => {
    state.read++;
    return readHere(payload);
  };
  state.send = withFallback(ask, read, (here) => state.changes.push(here), 30);
  return state;
}

test("a server that answers in time is the only one asked", async () => {
  const state = setUp();
  assert.equal(await state.send({}, 1000), SERVER);
  assert.deepEqual([state.read, state.changes], [0, []]);
});

test("a silent server is waited for once, then the page reads at once until the server is back", async () => {
  const state = setUp();
  state.delay = null;
  assert.equal(await state.send({}, 1000), HERE);
  const started = performance.now();
  assert.equal(await state.send({}, 1000), HERE);
  assert.ok(performance.now() - started < 20);
  assert.deepEqual(state.changes, [true]);
  state.delay = 5;
  assert.equal(await state.send({}, 1000), HERE);
  await pause(10);
  assert.deepEqual(state.changes, [true, false]);
  assert.equal(await state.send({}, 1000), SERVER);
});

test("a server that cannot be reached or is busy is not waited for", async () => {
  for (const answer of [undefined, { busy: true }]) {
    const state = setUp();
    state.answer = answer;
    assert.equal(await state.send({}, 1000), HERE);
    assert.deepEqual(state.changes, [true]);
  }
});

test("where the page cannot read either, the server's answer counts", async () => {
  const state = setUp(async () => undefined);
  state.delay = 50;
  assert.equal(await state.send({}, 1000), SERVER);
  assert.deepEqual(state.changes, []);
});
