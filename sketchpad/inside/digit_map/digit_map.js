// The map: the drawing is a dot that moves while the pen moves, here or on the Draw tab's pad.
import { isBlank, pageDrawing } from "../../pad/drawing.js";
import { Gestures } from "../../pad/gestures.js";
import { mountPainter } from "../../pad/painter.js";
import { Pen } from "../../pad/pen.js";
import { create, onClick, setText, within } from "../../ui/dom.js";
import { decimal, verdictValues } from "../../ui/format.js";
import { say } from "../../ui/i18n.js";
import { pause } from "../../ui/server.js";
import { copyMap, loadSprite } from "../sprites.js";
import { decodePlaces } from "./dots.js";
import { MapView, toUnits } from "./map_view.js";

/** @import { MountSection, PlaceResponse, Prediction, SpriteBox } from "../types" */

const GAP = 50; // ms between two requests while the pen moves: twenty a second
const SIZE = 28; // px of a picture

/** @type {MountSection} */
export function mount(element, { request }) {
  if (!element.querySelector(".digit-map")) return async () => {}; // the checkpoint has no map
  const { find } = within(element);
  const view = new MapView(find(".map"), showChosen);
  new Gestures(find(".map"), view, () => {});
  /** @type {number[]} */
  let labels = [];
  /** @type {HTMLCanvasElement} */
  let sprite;
  let columns = 1;

  /** @param {number} dot @returns {SpriteBox} */
  const boxOf = (dot) => [SIZE * (dot % columns), SIZE * Math.floor(dot / columns), SIZE, SIZE];

  /** Once, when the section is first open. */
  async function start() {
    const dots = await request({});
    sprite = await loadSprite(dots.sprite);
    columns = dots.columns;
    labels = Array.from(dots.labels, Number);
    const places = decodePlaces(dots.places).map(toUnits);
    view.show({
      places,
      labels,
      picture: (dot) => {
        const [left, top] = boxOf(dot);
        return [sprite, left, top];
      },
    });
  }

  function mountPad() {
    const canvas = find(".small-pad canvas");
    const side = Number(find(".small-pad").dataset.side);
    new Pen(canvas, pageDrawing, side);
    const paint = mountPainter(canvas, pageDrawing, side);
    const showHint = () => {
      find(".small-pad .hint").hidden = !isBlank(pageDrawing.current);
    };
    pageDrawing.onFrame(showHint);
    paint();
    showHint();
    find(".clear").addEventListener("click", () => pageDrawing.clear());
  }

  /** @param {PlaceResponse | null} response */
  function showPlace(response) {
    const nearest = response?.nearest ?? [];
    view.place(
      response && toUnits(response.place),
      nearest.map(({ dot }) => dot),
    );
    find(".map canvas").dataset.place = response?.place.map((share) => share.toFixed(4)) ?? "";
    find(".nearest .nothing").hidden = Boolean(response);
    const list = find(".nearest ol");
    while (list.children.length > nearest.length) list.lastChild.remove();
    nearest.forEach(({ dot, distance }, i) => {
      const item = list.children[i] ?? list.appendChild(tile());
      const button = item.firstChild;
      button.dataset.dot = `${dot}`;
      copyMap(button.querySelector("canvas"), sprite, boxOf(dot));
      setText(button.querySelector("b"), `${labels[dot]}`);
      setText(button.querySelector("span"), decimal(distance));
    });
  }

  const tile = () => {
    const picture = create("canvas", { ariaHidden: "true" });
    return create("li", {}, create("button", { type: "button" }, picture, create("b"), create("span")));
  };

  /** @param {number | null} dot */
  async function showChosen(dot) {
    const [canvas, text] = [find(".selected canvas"), find(".selected p")];
    canvas.hidden = dot === null;
    text.dataset.text = "digit_map.press"; // for a change of language
    text.textContent = say("digit_map.press");
    if (dot === null) return;
    copyMap(canvas, sprite, boxOf(dot));
    delete text.dataset.text;
    const label = labels[dot];
    text.textContent = say("digit_map.dot", { label });
    /** @type {Prediction | null} */
    const prediction = await request({ dot }).catch(() => null); // if the server is away, the label stays
    if (view.chosen !== dot || !prediction) return;
    const reading = say(`verdict.${prediction.verdict}`, verdictValues(prediction));
    text.textContent = say("digit_map.dot.reading", { label, reading });
  }

  onClick(find(".nearest"), "button", (button) => view.choose(Number(button.dataset.dot)));

  let [hasPad, hasDots] = [false, false];
  return async (digit) => {
    if (!hasPad) mountPad();
    hasPad = true;
    if (!hasDots) await start();
    hasDots = true;
    const asked = performance.now();
    showPlace(digit && (await request({ image: digit.image })));
    await pause(digit ? asked + GAP - performance.now() : 0);
  };
}
