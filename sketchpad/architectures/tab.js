// The Architectures tab: a report on the networks and the input that the form selects, and a comparison of all
// networks. Nothing is requested before the visitor opens the tab.
import { onPlace, placeOf, setPlace } from "../ui/address.js";
import { download, onClick, onVisibilityChange, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { callUntilAnswered } from "../ui/server.js";
import { compareCells } from "./sorting.js";

/** @import { Mount } from "../ui/types" */

const TYPING_PAUSE = 250; // ms after the last key until typed numbers are used
const NUMBERS = ["size", "channels", "classes"];

/** @param {Mount} component */
export function mount({ element, server }) {
  const { find, all } = within(element);
  /** @type {HTMLFormElement} */
  const form = find("form");
  /** @type {Record<string, any>} */
  const fields = form.elements;
  const result = find(".result");

  let typed = false; // typed numbers stay when another network is chosen
  /** @type {Record<string, string>} */
  let tables = {}; // the layers as CSV, by network
  let newest = 0; // number of the newest request
  let timer = 0;
  let compared = false;

  /** @returns {Record<string, number>} the numbers that the chosen network was published with */
  const published = () => JSON.parse(fields.network.selectedOptions[0].dataset.published);

  /** Request what the form selects; only the newest response is shown. */
  async function show() {
    clearTimeout(timer);
    const number = ++newest;
    const network = fields.network.value;
    setPlace("Architectures", [network, fields.beside.value].filter(Boolean).join("/"));
    /** @type {Record<string, string | number | null>} */
    const payload = { network, beside: fields.beside.value };
    for (const name of NUMBERS) payload[name] = fields[name].value === "" ? null : Number(fields[name].value);
    find("[data-reset]").hidden = NUMBERS.every((name) => Number(fields[name].value) === published()[name]);
    result.ariaBusy = "true";
    const response = await callUntilAnswered(server, "show", () => payload, {
      onSilence: sayNoResponse,
      isWanted: () => number === newest,
    });
    if (!response) return;
    result.ariaBusy = "false";
    result.inert = Boolean(response.error);
    find(".problem").innerHTML = response.error ?? "";
    if (!result.inert) {
      const sameNetwork = result.dataset.network === network;
      const stage = sameNetwork && find('.picks [aria-pressed="true"]')?.dataset.stage;
      tables = response.csv;
      result.innerHTML = response.html;
      result.dataset.network = network;
      if (stage) showStage(stage); // a change of size keeps the stage
    }
    if (!compared) compare();
  }

  /** Request the comparison, once. */
  async function compare() {
    compared = true;
    find(".comparison-place").innerHTML = await callUntilAnswered(server, "compare", () => null, {});
  }

  /** What is shown no longer belongs to the form. */
  function sayNoResponse() {
    find(".problem").innerHTML = '<p data-text="page.no_response"></p>';
    result.inert = true;
  }

  function usePublished() {
    for (const [name, value] of Object.entries(published())) fields[name].value = value;
    typed = false;
  }

  /** @param {string} network */
  function choose(network) {
    fields.network.value = network;
    if (!typed) usePublished();
    show();
    form.scrollIntoView({ block: "nearest" });
    fields.network.focus({ preventScroll: true });
  }

  /** @param {string} stage */
  function showStage(stage) {
    for (const blocks of all(".blocks")) {
      if (!blocks.querySelector(`.gallery[data-stage="${stage}"]`)) continue; // a network with fewer stages
      for (const button of blocks.querySelectorAll(".picks [data-stage]")) {
        button.ariaPressed = `${button.dataset.stage === stage}`;
      }
      for (const gallery of blocks.querySelectorAll(".gallery"))
        gallery.hidden = gallery.dataset.stage !== stage;
    }
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    const field = /** @type {HTMLInputElement | HTMLSelectElement} */ (target);
    if (field.name === "network" && !typed) usePublished();
    if (NUMBERS.includes(field.name)) typed = true;
    clearTimeout(timer);
    timer = setTimeout(show, field.tagName === "INPUT" ? TYPING_PAUSE : 0);
  });

  onClick(element, "[data-reset]", () => {
    usePublished();
    show();
  });
  onClick(element, "button[data-size]", ({ dataset }) => {
    fields.size.value = dataset.size;
    typed = true;
    show();
  });
  onClick(element, "[data-choose]", ({ dataset }) => choose(dataset.choose));
  onClick(element, "button[data-stage]", ({ dataset }) => showStage(dataset.stage));
  onClick(element, "[data-unfold]", toggleAll);
  onClick(element, "[aria-sort] button", (button) => sortBy(button.closest("[aria-sort]")));
  onClick(element, "[data-csv]", ({ dataset }) => {
    const { size, channels } = fields;
    const name = `${dataset.csv}-${channels.value}x${size.value}x${size.value}.csv`;
    download(name, tables[dataset.csv] ?? "", "text/csv");
  });
  /**
   * Select the networks that an address names, if there are such.
   * @param {string} place
   */
  function select(place) {
    const [network = "", beside = ""] = place.split("/");
    const names = [...fields.network.options].map(({ value }) => value);
    if (!names.includes(network)) return false;
    if (network !== fields.network.value) {
      fields.network.value = network;
      if (!typed) usePublished();
    }
    fields.beside.value = names.includes(beside) ? beside : "";
    return true;
  }

  select(placeOf("Architectures"));
  onPlace("Architectures", (place) => {
    if (select(place) && newest) show();
  });
  onVisibilityChange(form, (visible) => {
    if (visible && !newest) show();
  });
}

/**
 * Open every part of the table after a button, or close them if all are open.
 * @param {HTMLElement} button
 */
function toggleAll(button) {
  const table = /** @type {HTMLElement} */ (button.parentElement?.nextElementSibling);
  const parts = [...table.querySelectorAll("details")];
  const open = parts.some((part) => !part.open);
  for (const part of parts) part.open = open;
  button.dataset.text = open ? "arch.layers.close" : "arch.layers.open";
  button.textContent = say(button.dataset.text);
}

/**
 * Sort a table's rows by the column of a header cell.
 * @param {HTMLTableCellElement} header
 */
function sortBy(header) {
  const table = /** @type {HTMLTableElement} */ (header.closest("table"));
  const body = /** @type {HTMLTableSectionElement} */ (table.tBodies[0]);
  const ascending = header.ariaSort !== "ascending";
  /** @param {HTMLTableRowElement} row */
  const value = (row) => row.cells[header.cellIndex]?.dataset.value ?? "";
  for (const other of table.querySelectorAll("[aria-sort]")) other.ariaSort = "none";
  header.ariaSort = ascending ? "ascending" : "descending";
  body.append(...[...body.rows].sort((a, b) => compareCells(value(a), value(b), ascending)));
}
