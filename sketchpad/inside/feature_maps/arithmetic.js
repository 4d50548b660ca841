// The numbers behind the selected pixel: patch, kernel and products of one input channel, and the steps to the value.
import { coalesced } from "../../ui/coalesce.js";
import { create, setText, showNotice, within } from "../../ui/dom.js";
import { say } from "../../ui/i18n.js";
import { chain, normFormula, number } from "./chain.js";

/** @import { ArithmeticResponse, ArithmeticStep, ArithmeticWindow, ClassContributions } from "../types" */

/**
 * @param {HTMLElement} element
 * @param {(payload: unknown) => Promise<ArithmeticResponse>} request
 * @param {(error: unknown) => void} report
 */
export function mountArithmetic(element, request, report) {
  const { find } = within(element);
  /** @type {HTMLSelectElement} */
  const select = find("select");
  /** @type {{ image: string, node: string, channel: number } | null} */
  let map = null;
  /** @type {[row: number, column: number]} */
  let pixel = [0, 0];
  /** @type {number | null} */
  let choice = null; // an input channel, or another class; null for the default
  let isOpen = false; // once the visitor has pointed at a pixel

  const update = coalesced(async () => {
    if (!map) return;
    try {
      show(await request({ ...map, count: 0, pixel, input: choice, other: choice }));
      report(null);
    } catch (error) {
      report(error);
    }
  });

  /** @param {ArithmeticResponse} response */
  function show(response) {
    const { steps, window, classes } = response;
    find(".hint").hidden = true;
    find(".result").hidden = false;
    const summands = steps[0]?.kind === "add" ? steps[0] : null;
    find(".equation").replaceChildren(
      ...(window ? products(window, steps) : classes ? [contributions(classes)] : []),
      ...(summands ? addition(summands) : []),
    );
    showChoice(response);
    setText(find(".chain"), classes ? "" : chain(response));
    const formula = normFormula(steps);
    showNotice(find(".norm"), formula && `BatchNorm: ${formula}`);
  }

  /** The input channels by the size of their sums, or the other classes. @param {ArithmeticResponse} response */
  function showChoice({ window, classes }) {
    const label = find(".choice");
    label.hidden = !classes && (window?.sums.length ?? 0) < 2;
    if (label.hidden) return;
    setText(label.querySelector("span"), say(classes ? "arithmetic.other" : "arithmetic.input"));
    const options = classes
      ? digitsBut(classes.labels[0])
      : window?.sums.map(([channel, sum]) => ({
          value: channel,
          text: say("arithmetic.channel", { channel, sum: number(sum) }),
        }));
    select.replaceChildren(
      ...(options ?? []).map(({ value, text }) => create("option", { value: `${value}`, text })),
    );
    select.value = `${classes ? classes.labels[1] : window?.input}`;
  }

  select.addEventListener("change", () => {
    choice = Number(select.value);
    update();
  });

  return {
    /** The map on view. @param {{ image: string, node: string, channel: number }} next */
    setMap(next) {
      if (next.node !== map?.node) choice = null;
      map = next;
    },
    /** @param {number} row @param {number} column @param {boolean} isPointed */
    showPixel(row, column, isPointed) {
      isOpen ||= isPointed;
      pixel = [row, column];
      if (isOpen) update();
    },
  };
}

/** @param {number} label */
const digitsBut = (label) =>
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    .filter((digit) => digit !== label)
    .map((digit) => ({ value: digit, text: `${digit}` }));

/** @param {ArithmeticWindow} window @param {ArithmeticStep[]} steps */
function products({ patch, kernel, products, inside }, steps) {
  const input = grid("arithmetic.patch", patch, inside);
  if (steps[0]?.kind !== "sum") return [input]; // a pooling
  const parts = [input, grid("arithmetic.kernel", kernel), grid("arithmetic.products", products, inside)];
  return withSigns(parts, ["×", "="]);
}

/** @param {ArithmeticStep} step */
function addition({ value, numbers: { branch = 0, shortcut = 0 } }) {
  const parts = /** @type {const} */ ([
    ["arithmetic.branch", branch],
    ["arithmetic.shortcut", shortcut],
    ["arithmetic.total", value],
  ]);
  return withSigns(
    parts.map(([name, each]) => grid(name, [[each]])),
    ["+", "="],
  );
}

/** Each part after its sign, which stays with it in a line. @param {HTMLElement[]} parts @param {string[]} signs */
const withSigns = (parts, signs) =>
  parts.map((part, i) =>
    create("div", {}, ...(i ? [create("span", { textContent: signs[i - 1] })] : []), part),
  );

/**
 * A small table of numbers, coloured by sign and size.
 * @param {string} name key of its caption @param {number[][]} values
 * @param {boolean[][]} [inside] false for padding
 */
function grid(name, values, inside) {
  const largest = Math.max(...values.flat().map(Math.abs)) || 1;
  const rows = values.map((row, y) =>
    create("tr", {}, ...row.map((value, x) => cell(value, value / largest, inside?.[y]?.[x] ?? true))),
  );
  return create(
    "table",
    { className: "grid" },
    create("caption", { textContent: say(name) }),
    create("tbody", {}, ...rows),
  );
}

/** @param {number} value @param {number} share of the largest @param {boolean} [isInside] */
function cell(value, share, isInside = true) {
  const node = create("td", { textContent: number(value), className: isInside ? "" : "padding" });
  node.style.setProperty("--share", `${Math.round(40 * Math.abs(share))}%`);
  node.classList.toggle("against", value < 0);
  return node;
}

/** @param {ClassContributions} classes */
function contributions({ labels, features, rest, bias, logits }) {
  const largest = Math.max(...features.flatMap(({ contributions }) => contributions.map(Math.abs))) || 1;
  /** @param {string} name @param {number[]} values */
  const sumRow = (name, values) =>
    create(
      "tr",
      {},
      create("th", { scope: "row", colSpan: 2, textContent: name }),
      ...values.map((value) => create("td", { colSpan: 2, textContent: number(value) })),
    );
  const heads = ["feature", "value"].map((name) =>
    create("th", { scope: "col", textContent: say(`arithmetic.${name}`) }),
  );
  const classHeads = labels.map((label) =>
    create("th", {
      scope: "colgroup",
      colSpan: 2,
      textContent: say("arithmetic.class", { label: name(label) }),
    }),
  );
  const rows = features.map(({ feature, value, weights, contributions }) =>
    create(
      "tr",
      {},
      create("th", { scope: "row", textContent: `${feature}` }),
      create("td", { textContent: number(value) }),
      ...weights.flatMap((weight, i) => [
        create("td", { className: "weight", textContent: `× ${number(weight)}` }),
        cell(contributions[i] ?? 0, (contributions[i] ?? 0) / largest),
      ]),
    ),
  );
  return create(
    "table",
    { className: "classes" },
    create("thead", {}, create("tr", {}, ...heads, ...classHeads)),
    create("tbody", {}, ...rows),
    create(
      "tfoot",
      {},
      sumRow(say("arithmetic.rest", { count: rest.count }), rest.contributions),
      sumRow(say("arithmetic.bias"), bias),
      sumRow(say("arithmetic.logit"), logits),
    ),
  );
}

/** @param {number} label */
const name = (label) => (label > 9 ? say("feature_maps.class.none") : `${label}`);
