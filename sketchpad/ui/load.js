// Loads a component's module, and asks for it until it comes.
import { create } from "./dom.js";
import { say } from "./i18n.js";
import { pause, RETRY } from "./server.js";

/**
 * @param {string} path of the module, from the root of the modules
 * @param {import("./types").Mount} component
 */
export async function load(path, component) {
  const { element } = component;
  const notice = create("p", { role: "alert", textContent: say("page.no_response") });
  notice.dataset.text = "page.no_response"; // for a change of language
  const module = await untilLoaded(() => window.importModule(path), {
    onSilence: () => element.prepend(notice),
  });
  notice.remove();
  module.mount(component);
  element.dataset.mounted = "";
}

/**
 * What `attempt` resolves to, the first time that it succeeds.
 * @param {() => Promise<any>} attempt
 * @param {{ onSilence: () => void, retry?: number }} options
 */
export async function untilLoaded(attempt, { onSilence, retry = RETRY }) {
  while (true) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a bug in the module
      onSilence();
      await pause(retry);
    }
  }
}
