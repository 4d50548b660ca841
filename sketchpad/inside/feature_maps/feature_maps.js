// Feature maps: the chosen node of the network, its maps for this drawing, and one of them enlarged.
import { create, markOverflow, onClick, within } from "../../ui/dom.js";
import { decimal, significant } from "../../ui/format.js";
import { language, say } from "../../ui/i18n.js";
import { coloured, copyMap, loadSprite, showLegend } from "../sprites.js";
import { mountArithmetic } from "./arithmetic.js";
import { indexAfterKey } from "./pixels.js";
import { mountZoom, pixelUnder } from "./zoom.js";

/** @import { FeatureMapsResponse, MountSection, NodeFacts } from "../types" */

/** @type {MountSection} */
export function mount(element, { request, refresh, report }) {
  const { find, all } = within(element);
  const nodes = all("[data-node]");
  /** @type {HTMLElement} */
  const track = find(".track");
  /** @type {HTMLElement} */
  const tiles = find(".tiles");
  const arithmetic = mountArithmetic(find(".arithmetic"), request, report);
  const zoom = mountZoom(find(".zoom"), arithmetic.showPixel);
  let node = nodes[1]; // the stem
  let count = 16; // of maps; 0 for all
  /** @type {number | null} */
  let channel = null; // of the selected map; null for the strongest

  /** @returns {NodeFacts} */
  const nodeFacts = () => JSON.parse(node.dataset.about);

  /** Show the node's facts, which need no request. */
  function showNode() {
    for (const other of nodes) {
      other.ariaPressed = `${other === node}`;
      other.tabIndex = other === node ? 0 : -1;
    }
    const { role, ops, shape, params, field } = nodeFacts();
    const block = node.closest(".module");
    const label = sentenceOf(node.querySelector("span"));
    const endsInRelu = role !== "add" && ops.endsWith("ReLU"); // an addition shows the sum before its ReLU
    const does = say(`feature_maps.does.${role}`) + (endsInRelu ? say("feature_maps.does.relu") : "");
    find(".name").textContent = block ? `${sentenceOf(block.querySelector(".caption"))}: ${label}` : label;
    find(".does").textContent = does;
    find(".ops").textContent = ops;
    find(".shape").textContent = shape;
    find(".params").textContent = params;
    find("dd.field").textContent = field ? say("feature_maps.field", { size: field[0] }) : say("layer.whole");
  }

  /** @param {HTMLElement} next */
  function chooseNode(next) {
    if (next === node) return;
    node = next;
    chooseMap(null);
    showNode();
  }

  /** @param {number | null} nextChannel */
  function chooseMap(nextChannel) {
    channel = nextChannel;
    zoom.resetPixel();
    refresh();
  }

  /** @param {{ channel: number, strength: number }} map */
  function caption({ channel, strength }) {
    const isClass = nodeFacts().role === "classifier";
    const value = isClass ? decimal(strength) : significant(strength); // the next section goes on with the logits
    return `${isClass && channel > 9 ? say("feature_maps.class.none") : channel}: ${value}`;
  }

  /** @param {FeatureMapsResponse} response @param {HTMLCanvasElement} sprite */
  function showTiles({ maps, channel }, sprite) {
    while (tiles.children.length > maps.length) tiles.lastChild?.remove();
    while (tiles.children.length < maps.length) {
      const tile = create("button", { type: "button", tabIndex: -1 }, create("canvas"), create("span"));
      tiles.append(tile);
    }
    const total = Number.parseInt(nodeFacts().shape, 10);
    find(".count").textContent = say("feature_maps.count", { n: maps.length, total });
    const buttons = all(".tiles button");
    for (const [i, map] of maps.entries()) {
      buttons[i].dataset.channel = map.channel;
      buttons[i].ariaPressed = `${map.channel === channel}`;
      copyMap(buttons[i].firstChild, sprite, map.box);
      buttons[i].lastChild.textContent = caption(map);
    }
    if (!buttons.some((tile) => tile.tabIndex === 0 || tile === document.activeElement))
      buttons[0].tabIndex = 0;
  }

  /**
   * The node that a key moves to: up and down between skip connection and branch, else left and right.
   * @param {KeyboardEvent} event
   */
  function nodeAfterKey(event) {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    const block = button?.closest(".module");
    if (event.key === "ArrowUp") return block?.querySelector("[data-skip]") ?? button;
    if (event.key === "ArrowDown") return block?.querySelector("[data-node]") ?? button;
    return buttonAfterKey(event, nodes);
  }

  markOverflow(find(".strip"));
  onClick(track, "[data-node]", chooseNode);
  track.addEventListener("keydown", (event) => {
    const next = /** @type {HTMLElement | null | undefined} */ (nodeAfterKey(event));
    if (!next) return;
    event.preventDefault();
    chooseNode(next);
    next.focus();
  });
  onClick(find(".counts"), "button", (button) => {
    count = Number(button.dataset.count);
    for (const other of all(".counts button")) other.ariaPressed = `${other === button}`;
    refresh();
  });
  onClick(tiles, "button", (tile) => chooseMap(Number(tile.dataset.channel)));
  tiles.addEventListener("keydown", (event) => {
    const buttons = all(".tiles button");
    const next = buttonAfterKey(event, buttons);
    if (!next) return;
    event.preventDefault();
    for (const tile of buttons) tile.tabIndex = tile === next ? 0 : -1;
    next.focus();
  });
  tiles.addEventListener("pointermove", (event) => {
    if (event.target instanceof HTMLCanvasElement)
      zoom.showReceptiveField(...pixelUnder(event, event.target));
  });
  tiles.addEventListener("pointerleave", zoom.showPixel);
  language.subscribe(showNode);
  showNode();

  return async (digit) => {
    if (!digit) return;
    const asked = node.dataset.node ?? "";
    /** @type {FeatureMapsResponse} */
    const response = await request({ image: digit.image, node: asked, count, channel });
    const sprite = coloured(await loadSprite(response.sprite));
    for (const [i, thumb] of response.thumbs.entries())
      copyMap(nodes[i].querySelector("canvas"), sprite, thumb);
    showLegend(find(".legend"), `−${response.limit}`, `+${response.limit}`);
    showTiles(response, sprite);
    arithmetic.setMap({ image: digit.image, node: asked, channel: response.channel });
    zoom.show(response, nodeFacts(), digit.image);
  };
}

/**
 * An element's sentence in the current language, which the page may not have filled in yet.
 * @param {HTMLElement} element
 */
const sentenceOf = ({ dataset }) => say(dataset.text ?? "", JSON.parse(dataset.values ?? "{}"));

/**
 * The button that a key moves to among buttons in rows; undefined for other keys.
 * @param {KeyboardEvent} event @param {HTMLElement[]} buttons
 */
function buttonAfterKey({ key, target }, buttons) {
  const index = buttons.indexOf(/** @type {any} */ (target).closest("button"));
  const perRow = buttons.filter((button) => button.offsetTop === buttons[0]?.offsetTop).length;
  return index < 0 ? undefined : buttons[indexAfterKey(key, index, buttons.length, perRow) ?? -1];
}
