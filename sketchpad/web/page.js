// The page without a server: the Draw tab, read in this browser.
import { mount } from "../draw/tab.js";
import { start } from "../ui/i18n.js";
import { LocalReader } from "./local_reader.js";

start();
const dark = matchMedia("(prefers-color-scheme: dark)");
const showTheme = () => document.body.classList.toggle("dark", dark.matches);
dark.addEventListener("change", showTheme);
showTheme();

const reader = new LocalReader(
  () => new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "reader" }),
);
reader.start();
const element = /** @type {HTMLElement} */ (document.querySelector("#draw"));
mount({
  element,
  server: {
    live: (request) => reader.read(/** @type {{ strokes: number[][][] }} */ (request).strokes),
    look: async () => ({ text: "", digits: [], error: "picture.server", code: "picture.server" }),
  },
  props: { side: Number(element.dataset.side), device: "WebAssembly" },
});
element.dataset.mounted = "";

// What was fetched is kept for a visit without a network, where the browser allows it.
addEventListener("load", async () => {
  try {
    await navigator.serviceWorker.register("service_worker.js", { updateViaCache: "none" });
  } catch {
    // An insecure page, a private window, or storage that is refused: the page works while there is a network.
  }
});
