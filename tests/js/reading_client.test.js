// In which order requests are sent and answers shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadingClient } from "../../sketchpad/pad/reading_client.js";

const TIMES = { gap: 1, slow: 200, timeout: 1000, retry: 4, picture: { slow: 400, timeout: 2000 } };
const sheet = (name) => ({ name, strokes: [], picture: null });
const picture = (name) => ({ name, strokes: [], picture: {} });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A client whose server answers when the test says so. */
function setUp(times = {}) {
  const sent = [];
  const shown = [];
  const notices = [];
  const client = new ReadingClient(
    {
      send: (request, timeout) =>
        new Promise((resolve) => {
          sent.push({ ...request, timeout, answer: (response) => resolve(response) });
        }),
      onAnswer: (answer, state, number) => shown.push([answer.sheet.name, state, number]),
      onNotice: (key) => notices.push(key),
    },
    { ...TIMES, ...times },
  );
  return { client, sent, shown, notices };
}

test("a late answer to an older request is not shown", async () => {
  const { client, sent, shown } = setUp();
  client.request(sheet("a"), true);
  client.request(sheet("b"), true);
  sent[1].answer({ digits: [] });
  await pause(0);
  sent[0].answer({ digits: [] });
  await pause(0);
  assert.deepEqual(shown, [["b", "final", 2]]);
});

test("a final request is sent at once, a provisional one waits for the gap and gives way to a newer one", async () => {
  const { client, sent } = setUp();
  client.request(sheet("a"), false);
  client.request(sheet("b"), false);
  client.request(sheet("c"), false);
  assert.deepEqual(
    sent.map((each) => each.sheet.name),
    ["a"],
  );
  while (sent.length < 2) await pause(1);
  assert.deepEqual(
    sent.map((each) => each.sheet.name),
    ["a", "c"],
  );
  client.request(sheet("d"), true);
  assert.equal(sent.length, 3);
});

test("an answer is provisional while a newer sheet waits", async () => {
  const { client, sent, shown } = setUp();
  client.request(sheet("a"), true);
  client.request(sheet("b"), false);
  sent[0].answer({ digits: [] });
  await pause(0);
  assert.deepEqual(shown, [["a", "provisional", 1]]);
});

test("a busy server gets one provisional request at a time, after the pause that it asked for", async () => {
  const { client, sent } = setUp();
  client.request(sheet("a"), false);
  sent[0].answer({ digits: [], pause: 200 });
  await pause(0);
  const asked = performance.now();
  client.request(sheet("b"), false);
  while (sent.length < 2) await pause(5);
  assert.ok(performance.now() - asked > 150);
  client.request(sheet("c"), false);
  await pause(300);
  assert.equal(sent.length, 2);
});

test("a final request without a response is sent again until it is answered", async () => {
  const { client, sent, shown, notices } = setUp();
  client.request(sheet("a"), true);
  sent[0].answer(undefined);
  while (sent.length < 2) await pause(1);
  sent[1].answer({ busy: true });
  while (sent.length < 3) await pause(1);
  sent[2].answer({ digits: [] });
  await pause(0);
  assert.deepEqual(shown, [["a", "final", 3]]);
  assert.deepEqual(notices, ["status.stalled", "status.busy", ""]);
});

test("a slow response is announced", async () => {
  const { client, notices } = setUp({ slow: 5 });
  client.request(sheet("a"), true);
  while (!notices.length) await pause(1);
  assert.deepEqual(notices, ["status.slow"]);
});

test("a blank pad makes every open request outdated", async () => {
  const { client, sent, shown } = setUp();
  client.request(sheet("a"), true);
  assert.equal(client.forget(), 2);
  sent[0].answer({ digits: [] });
  await pause(0);
  assert.deepEqual(shown, []);
});

test("a blank pad is not said to wait for the server", async () => {
  const { client, notices } = setUp({ slow: 5 });
  client.request(sheet("a"), true);
  client.forget();
  await pause(20);
  assert.deepEqual(notices, [""]);
});

test("two pictures are read at a time, then the newest; the answers to older ones are not shown", async () => {
  const { client, sent, shown } = setUp();
  for (const name of "abcd") client.request(picture(name), true);
  assert.deepEqual(
    sent.map((each) => [each.sheet.name, each.timeout]),
    [
      ["a", 2000],
      ["b", 2000],
    ],
  );
  client.request(sheet("stroke"), true); // is not kept waiting
  client.request(picture("e"), true);
  assert.equal(sent.length, 3);
  sent[1].answer({ digits: [] });
  await pause(0);
  assert.equal(sent[3].sheet.name, "e");
  sent[0].answer({ digits: [] });
  sent[3].answer({ digits: [] });
  await pause(0);
  assert.deepEqual(shown, [["e", "final", 4]]);
});
