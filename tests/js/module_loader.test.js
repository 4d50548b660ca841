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
  "broken.json": [["broken.js", ["export const = 1;"]]],
  "play/tab.json": [
    ["play/tab.js", ["export { count } from ", "ui/count.js", ";\nexport { page } from ", "page.js", ";"]],
  ],
};

/** Serve the bundles; first each item of `failures` is thrown, or sent instead. */
function serve(...failures) {
  const requests = [];
  globalThis.fetch = async (address) => {
    requests.push(address);
    const failure = failures.shift();
    if (failure instanceof Error) throw failure;
    return failure ? new Response(failure) : Response.json(BUNDLES[address.replace("modules/1/", "")]);
  };
  return requests;
}

test("modules of a later bundle share those of an earlier one, and each bundle is fetched once", async () => {
  const requests = serve();
  const importModule = moduleLoader("modules/1", { urlOf: dataUrl });
  assert.equal((await importModule("page.js")).page, "page 1");
  const tab = await importModule("play/tab.js");
  assert.deepEqual([tab.count, tab.page], [1, "page 1"]);
  assert.equal(await importModule("play/tab.js"), tab);
  assert.deepEqual(requests, ["modules/1/page.json", "modules/1/play/tab.json"]);
});

test("a bundle that does not come is asked for again, and each silence is told; a broken module is not", async () => {
  const requests = serve(new TypeError("Failed to fetch"), "<html>Bad gateway</html>", "[]");
  const importModule = moduleLoader("modules/1", { urlOf: dataUrl, retry: 1 });
  let silences = 0;
  const { page } = await importModule("page.js", () => silences++);
  assert.match(page, /^page/);
  assert.deepEqual([requests.length, silences], [4, 3]);
  await assert.rejects(importModule("broken.js"), SyntaxError);
  assert.equal(requests.length, 5);
});
