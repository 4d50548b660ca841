// Steps through many things one by one: previous, "37 / 120", next.
import { create } from "./dom.js";
import { say } from "./i18n.js";

/**
 * @param {(index: number) => void} go
 * @param {HTMLElement[]} others further elements at the end
 */
export function makePager(go, ...others) {
  let [index, count] = [0, 0];
  const place = create("span", { className: "place" });
  const step = (/** @type {string} */ key, /** @type {number} */ by) => {
    const button = create("button", { type: "button", textContent: by < 0 ? "‹" : "›" });
    button.dataset.textLabel = button.dataset.textTitle = key;
    button.addEventListener("click", () => go((index + by + count) % count));
    return button;
  };
  const element = create(
    "div",
    { className: "pager" },
    step("pager.previous", -1),
    place,
    step("pager.next", 1),
    ...others,
  );
  return {
    element,
    /** @param {number} at @param {number} of */
    show(at, of) {
      [index, count] = [at, of];
      place.textContent = say("pager.place", { index: at + 1, count: of });
    },
  };
}
