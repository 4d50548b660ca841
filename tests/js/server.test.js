// A server that does not respond is asked again.
import assert from "node:assert/strict";
import { test } from "node:test";

// What the sentences need of a browser.
globalThis.window = { sketchpadTexts: { en: {} } };
globalThis.navigator ??= { languages: [] };
const { call, callUntilAnswered, NoResponse, request, ServerError } = await import(
  "../../sketchpad/ui/server.js"
);

/** A server whose function fails, hangs or returns, one item after the other. */
const serverOf = (...items) => ({
  show: async (payload) => {
    const item = items.shift();
    if (item === "refuse") throw new Error("Failed to fetch");
    return item === "hang" ? new Promise(() => {}) : { item, payload };
  },
});

test("a call that hangs or fails is undefined", async () => {
  assert.equal(await call(serverOf("refuse"), "show", 1), undefined);
  assert.equal(await call(serverOf("hang"), "show", 1, 5), undefined);
  assert.equal(await call({}, "show", 1), undefined);
  assert.deepEqual(await call(serverOf("answer"), "show", 1), { item: "answer", payload: 1 });
});

test("a server that is away is asked with the newest payload until it responds, and each silence is said", async () => {
  let [silences, payload] = [0, 0];
  const response = await callUntilAnswered(serverOf("refuse", "hang", "answer"), "show", () => ++payload, {
    onSilence: () => silences++,
    retry: 1,
    timeout: 5,
  });
  assert.deepEqual([response, silences], [{ item: "answer", payload: 3 }, 2]);
});

test("nobody asks for what is no longer wanted", async () => {
  let wanted = true;
  const options = { onSilence: () => (wanted = false), isWanted: () => wanted, retry: 1 };
  assert.equal(await callUntilAnswered(serverOf("refuse", "answer"), "show", () => 1, options), undefined);
});

test("no response is another error than a sentence of the server", async () => {
  await assert.rejects(request(serverOf("refuse"), "show", 1), NoResponse);
  const refusing = { show: async () => ({ error: "A sentence." }) };
  await assert.rejects(request(refusing, "show", 1), (error) => error instanceof ServerError);
});
