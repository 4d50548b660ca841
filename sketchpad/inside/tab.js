// The Inside tab: selects a digit of the latest drawing. Sections are updated only while the tab is visible.
import { onPlace, placeOf, setPlace } from "../ui/address.js";
import { coalesced } from "../ui/coalesce.js";
import { create, drawGrey, onThemeChange, onVisibilityChange, showNotice, within } from "../ui/dom.js";
import { language, say } from "../ui/i18n.js";
import { makePager } from "../ui/pager.js";
import { NoResponse, RETRY, request, ServerError } from "../ui/server.js";
import { latestAnswer } from "../ui/store.js";
import { mount as added_block } from "./added_block/added_block.js";
import { mount as attack } from "./attack/attack.js";
import { mount as attribution } from "./attribution/attribution.js";
import { mount as branches } from "./branches/branches.js";
import { mount as damage } from "./damage/damage.js";
import { mount as digit_map } from "./digit_map/digit_map.js";
import { mount as feature_maps } from "./feature_maps/feature_maps.js";
import { mount as linear_probes } from "./linear_probes/linear_probes.js";
import { mount as logits } from "./logits/logits.js";
import { mount as prefix_predictions } from "./prefix_predictions/prefix_predictions.js";

/** @import { Mount } from "../ui/types" */
/** @import { MountSection } from "./types" */

const MANY = 24; // digits: more are stepped through instead of a button for each

/** @type {Record<string, MountSection>} by the name of their element and server function */
const SECTIONS = {
  feature_maps,
  logits,
  attribution,
  digit_map,
  branches,
  added_block,
  linear_probes,
  prefix_predictions,
  attack,
  damage,
};
const LIVE = ["digit_map"]; // updated while the pen moves; the others once it is up

/** @param {Mount} component */
export function mount({ element, server }) {
  const { find, all } = within(element);
  /** @type {number | null} */
  let pickedIndex = null; // of the digit that the visitor selected
  let version = 0; // increases with each change that the sections must show
  let visible = false;

  const digits = () => latestAnswer.value?.digits ?? [];
  const shownIndex = () =>
    pickedIndex !== null && pickedIndex < digits().length ? pickedIndex : (latestAnswer.value?.index ?? -1);
  const pager = makePager(pick);
  const shownDigit = () => digits()[shownIndex()] ?? null;

  const sections = Object.entries(SECTIONS).map(([name, mountSection]) => {
    const root = find(`[data-section="${name}"]`);
    const details = root.querySelector("details");
    const section = { name, shownVersion: -1, problem: "", update: coalesced(update) };
    const refresh = () => {
      section.shownVersion = -1;
      section.update();
    };
    let retry = 0;
    /** @param {unknown} error */
    const report = (error) => {
      clearTimeout(retry);
      section.problem = error ? problemOf(error) : "";
      if (error instanceof NoResponse) retry = setTimeout(refresh, RETRY);
      showProblem();
    };
    const updateSection = mountSection(root, {
      request: (payload) => request(server, name, payload),
      refresh,
      report,
    });

    details.addEventListener("toggle", section.update);

    async function update() {
      if (!visible || !details.open || section.shownVersion === version) return;
      section.shownVersion = version;
      clearTimeout(retry);
      root.classList.add("waiting");
      try {
        await updateSection(shownDigit(), latestAnswer.value);
        report(null);
      } catch (error) {
        report(error);
      }
      root.classList.remove("waiting");
    }

    return section;
  });

  function showProblem() {
    showNotice(find(".problem"), sections.find(({ problem }) => problem)?.problem ?? "");
  }

  /** @param {unknown} error */
  function problemOf(error) {
    if (error instanceof ServerError) return error.message;
    if (error instanceof NoResponse) return say("page.no_response");
    reportError(error); // a bug in the page
    return say("page.broken");
  }

  function updateSections(final = true) {
    for (const section of sections) if (final || LIVE.includes(section.name)) section.update();
  }

  /** Update the sections after a change of digit, theme or language: all, unless the pen is still moving. */
  function renew(final = true) {
    version++;
    updateSections(final);
  }

  /** @param {number} index */
  function pick(index) {
    pickedIndex = index;
    showDigits();
    renew();
  }

  function showDigits() {
    const digit = shownDigit();
    find(".none").hidden = digit !== null;
    find(".drawing").hidden = digit === null;
    for (const section of all("[data-section]")) section.hidden = !digit && !("always" in section.dataset);
    for (const link of all("nav a")) {
      link.parentElement.hidden = sectionOf(link.hash.split("/")[1])?.hidden;
    }
    if (digit) drawGrey(find(".model-image"), digit.image);
    if (digits().length > MANY) {
      if (!pager.element.isConnected) find(".digits").replaceChildren(pager.element);
      pager.show(shownIndex(), digits().length);
      return;
    }
    const buttons = digits().map(({ label, verdict }, index) => {
      const textContent = verdict === "not a digit" ? "?" : String(label);
      const button = create("button", {
        type: "button",
        textContent,
        ariaPressed: `${index === shownIndex()}`,
      });
      button.addEventListener("click", () => {
        pick(index);
        find(".digits").children[index].focus();
      });
      return button;
    });
    find(".digits").replaceChildren(...buttons);
  }

  latestAnswer.subscribe((answer) => {
    if (digits().length < 2) pickedIndex = null;
    else pickedIndex = answer?.chosen ?? pickedIndex;
    for (const section of sections) section.problem = ""; // it belongs to the previous drawing
    showProblem();
    showDigits();
    renew(answer?.final);
  });
  /**
   * Unfold a section and bring it into sight.
   * @param {string} name
   */
  function openSection(name) {
    const root = sectionOf(name);
    if (!root) return;
    root.querySelector("details").open = true;
    root.scrollIntoView();
  }

  /** @param {string} name of a section, or anything that an address may contain */
  const sectionOf = (name) => all("[data-section]").find(({ dataset }) => dataset.section === name);

  for (const root of all("[data-section]")) {
    root.querySelector("summary").addEventListener("click", () => {
      if (!root.querySelector("details").open) setPlace("Inside", root.dataset.section);
    });
  }
  onPlace("Inside", openSection);
  language.subscribe(() => renew());
  onThemeChange(() => renew());
  onVisibilityChange(element, (isVisible) => {
    visible = isVisible;
    updateSections();
  });
  showDigits(); // there may be a drawing from before the mount
  openSection(placeOf("Inside"));
}
