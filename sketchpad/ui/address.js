// The page's address: "#Inside/branches" is a tab and the place that is open in it. A reload or a link brings both
// back. Other fragments are left alone.

export const TABS = ["Draw", "Inside", "Architectures", "Training", "Play"];

/** @type {Map<string, string>} the open place of each tab */
const places = new Map();
/** @type {Map<string, (place: string) => void>} by tab */
const listeners = new Map();

/**
 * The tab and the place that a fragment names; null if it names no tab.
 * @param {string} fragment with its "#"
 */
export function parse(fragment) {
  const [tab = "", ...place] = fragment.slice(1).split("/");
  return TABS.includes(tab) ? { tab, place: place.join("/") } : null;
}

/** @param {string} tab @param {string} place */
export const format = (tab, place) => `#${tab}${place && `/${place}`}`;

/** @param {string} tab */
export const placeOf = (tab) => places.get(tab) ?? "";

/**
 * What is open in a tab has changed.
 * @param {string} tab @param {string} place
 */
export function setPlace(tab, place) {
  places.set(tab, place);
  if (openTab()?.dataset.tab === tab) write(tab);
}

/**
 * Call `listener` when a link leads to a place of a tab.
 * @param {string} tab @param {(place: string) => void} listener
 */
export function onPlace(tab, listener) {
  listeners.set(tab, listener);
}

/** @returns {HTMLElement | null} */
const openTab = () => document.querySelector('[role="tab"][aria-selected="true"][data-tab]');

let held = ""; // the fragment that stands in the address instead of the tab's

/**
 * Keep a fragment in the address while tabs are opened; with "" the open tab's is written again.
 * @param {string} fragment
 */
export function hold(fragment) {
  held = fragment;
  const tab = openTab()?.dataset.tab;
  if (tab) write(tab);
}

/** @param {string} tab */
function write(tab) {
  const fragment = held || format(tab, placeOf(tab));
  if (fragment !== location.hash) history.replaceState(history.state, "", fragment);
}

/** Follow the fragment to its tab and place. */
function follow() {
  const target = parse(location.hash);
  if (target) open(target);
}

/**
 * Open a tab, and a place in it.
 * @param {{ tab: string, place: string }} target
 */
export function open({ tab, place }) {
  if (place) places.set(tab, place);
  /** @type {HTMLElement | null} */
  const button = document.querySelector(`[role="tab"][data-tab="${tab}"]`);
  if (button?.ariaSelected !== "true") button?.click();
  if (place) listeners.get(tab)?.(place);
}

/** Follow the address of the page, once its tabs are there, and from then on write the open tab into it. */
export function start() {
  const first = parse(location.hash);
  if (first?.place) places.set(first.tab, first.place);
  const whenReady = new MutationObserver(() => {
    const selected = openTab();
    if (!selected) return;
    whenReady.disconnect();
    follow();
    const list = /** @type {HTMLElement} */ (selected.closest('[role="tablist"]'));
    new MutationObserver(() => {
      const tab = openTab()?.dataset.tab;
      if (tab) write(tab);
    }).observe(list, { attributeFilter: ["aria-selected"], subtree: true });
  });
  whenReady.observe(document.body, { attributes: true, childList: true, subtree: true });
  addEventListener("hashchange", follow);
}
