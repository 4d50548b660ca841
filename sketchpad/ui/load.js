// Loads a component's module, and says so while the server does not send it.
import { create } from "./dom.js";
import { say } from "./i18n.js";

/**
 * @param {string} path of the module, from the root of the modules
 * @param {import("./types").Mount} component
 */
export async function load(path, component) {
  const { element } = component;
  const notice = create("p", { role: "alert", textContent: say("page.no_response") });
  notice.dataset.text = "page.no_response"; // for a change of language
  const module = await window.importModule(path, () => element.prepend(notice));
  notice.remove();
  module.mount(component);
  element.dataset.mounted = "";
}
