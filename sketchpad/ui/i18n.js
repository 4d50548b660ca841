// The page's sentences in the visitor's language. An element names its sentence by data-text (or data-text-label,
// data-text-title, data-text-group) and its values by data-values; it is filled in when it appears and when the
// language changes.
import { Store } from "./store.js";

const texts = window.sketchpadTexts;
const attributes = { text: null, textLabel: "aria-label", textTitle: "title", textGroup: "label" };
const selector = "[data-text], [data-text-label], [data-text-title], [data-text-group]";
const STORAGE_KEY = "sketchpad-language";

/** The language on the page, a key of the texts. */
export const language = new Store(preferredLanguage());

function preferredLanguage() {
  for (const candidate of [stored(), ...navigator.languages]) {
    if (candidate && candidate in texts) return candidate;
    if (/^zh\b.*(hant|tw|hk|mo)/i.test(candidate ?? "")) return "zh-Hant";
    if (/^zh\b/i.test(candidate ?? "")) return "zh-Hans";
    if (/^en\b/i.test(candidate ?? "")) return "en";
  }
  return "en";
}

/** The stored choice. Without storage, as in another site's frame, a choice lasts until the page is closed. */
function stored() {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

/**
 * The sentence of a key with its {placeholders} filled in; the key itself if there is no sentence.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function say(key, values = {}) {
  const sentence = texts[language.value]?.[key] ?? texts.en?.[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {HTMLElement} node */
function fill(node) {
  const values = node.dataset.values ? JSON.parse(node.dataset.values) : {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const key = node.dataset[name];
    if (key === undefined) continue;
    const sentence = say(key, values);
    if (attribute) node.setAttribute(attribute, sentence);
    else if (node.textContent !== sentence) node.textContent = sentence;
  }
}

/** @param {HTMLElement | Document} root */
function fillAll(root) {
  if (root instanceof HTMLElement && root.matches(selector)) fill(root);
  for (const node of root.querySelectorAll(selector)) fill(/** @type {HTMLElement} */ (node));
  for (const tab of document.querySelectorAll('[role="tab"][id^="tab-"]')) {
    const name = tab.id.slice("tab-".length, -"-button".length);
    /** @type {HTMLElement} */ (tab).dataset.tab = name;
    if (tab.textContent?.trim() !== say(`tab.${name}`)) tab.textContent = say(`tab.${name}`);
  }
  const choice = /** @type {HTMLSelectElement | null} */ (document.querySelector("#language"));
  if (choice) choice.value = language.value;
}

/** @param {string} next */
function choose(next) {
  try {
    localStorage.setItem(STORAGE_KEY, next);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
  document.documentElement.lang = next;
  language.set(next);
  document.title = say("page.title");
  fillAll(document);
}

/** Fill in what is on the page now and whatever appears later. */
export function start() {
  document.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLSelectElement && target.id === "language") choose(target.value);
  });
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node instanceof HTMLElement) fillAll(node);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  // Gradio sets the document's language to its own choice once it has loaded.
  new MutationObserver(() => {
    if (document.documentElement.lang !== language.value) document.documentElement.lang = language.value;
  }).observe(document.documentElement, { attributeFilter: ["lang"] });
  document.documentElement.lang = language.value;
  fillAll(document);
}
