// Modules are imported from bundles.
import assert from "node:assert/strict";
import { test } from "node:test";
import { moduleLoader } from "../../sketchpad/ui/module_loader.js";

const dataUrl = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
const BUNDLES = {
  "page.json": [
    ["ui/count.js", ["globalThis.count = (globalThis.count ?? 0) + 1; export const { count } = globalThis;"]],
    ["page.js", ["import { count } from ", "ui/count.js", ";\nexport const page = 'page ' + count;"]],
  ],
  "play/tab.json": [
    ["play/tab.js", ["export { count } from ", "ui/count.js", ";\nexport { page } from ", "page.js", ";"]],
  ],
};

/** Serve the bundles; each item of `failures` is thrown, or is the status of a response, first. */
function serve(...failures) {
  const requests = [];
  globalThis.fetch = async (address) => {
    requests.push(address);
    const failure = failures.shift();
    if (failure instanceof Error) throw failure;
    const bundle = BUNDLES[address.replace("modules/1/", "")];
    return failure ? new Response("", { status: failure }) : Response.json(bundle);
  };
  return requests;
}

test("modules of a later bundle share those of an earlier one, and each bundle is fetched once", async () => {
  const requests = serve();
  const importModule = moduleLoader("modules/1", dataUrl);
  assert.equal((await importModule("page.js")).page, "page 1");
  const tab = await importModule("play/tab.js");
  assert.deepEqual([tab.count, tab.page], [1, "page 1"]);
  assert.equal(await importModule("play/tab.js"), tab);
  assert.deepEqual(requests, ["modules/1/page.json", "modules/1/play/tab.json"]);
});

test("a bundle that could not be fetched is a TypeError, and is fetched again", async () => {
  const requests = serve(new TypeError("Failed to fetch"), 502);
  const importModule = moduleLoader("modules/1", dataUrl);
  await assert.rejects(importModule("page.js"), TypeError);
  await assert.rejects(importModule("page.js"), TypeError);
  assert.match((await importModule("page.js")).page, /^page/);
  assert.equal(requests.length, 3);
});
