// A drawing beyond the open page: stored in this browser, copied as a link, saved as a file, and brought back.

import { decodeStrokes, encodeStrokes } from "../pad/codec.js";
import { isBlank } from "../pad/drawing.js";
import { strokesToJson, strokesToSvg } from "../pad/formats.js";
import { tracePath } from "../pad/geometry.js";
import { paintStrokes } from "../pad/painter.js";
import { context2d, create, download, svg, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { recall, remember } from "../ui/storage.js";

const LINK = "draw"; // the parameter of the address's fragment: #draw=1…
const STORED = "sketchpad-drawing";
const RECENT = "sketchpad-recent";
const MOST_RECENT = 6;
const PNG_SCALE = 4; // pixels for each pad unit

/**
 * @param {HTMLElement} element
 * @param {import("../pad/drawing.js").Drawing} drawing
 * @param {number} side
 * @param {(sentence: string) => void} notice
 * @param {(text: string) => void} offer copies a text
 */
export function mountTravel(element, drawing, side, notice, offer) {
  const { find, all } = within(element);
  let last = ""; // the strokes on the pad

  /** @param {string} text */
  function open(text) {
    const strokes = decodeStrokes(text, side);
    if (strokes) drawing.edit({ strokes, picture: null });
    return Boolean(strokes);
  }

  function openLink() {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const text = fragment.get(LINK);
    if (text === null) return false;
    // Reloading must bring back what is drawn now, not the link.
    fragment.delete(LINK);
    history.replaceState(history.state, "", `#${fragment}`);
    if (!open(text)) requestAnimationFrame(() => notice(say("travel.broken")));
    return true;
  }

  const readRecent = () => recall(RECENT).split(" ").filter(Boolean);

  function showRecent() {
    const recent = readRecent();
    find(".recent").hidden = !recent.length;
    find(".recent div").replaceChildren(
      ...recent.flatMap((text) => {
        const strokes = decodeStrokes(text, side);
        if (!strokes) return [];
        const button = create("button", { type: "button" }, thumbnail(strokes));
        button.setAttribute("aria-label", say("travel.recent.open"));
        button.addEventListener("click", () => open(text));
        return [button];
      }),
    );
  }

  /** @param {import("../ui/types").Stroke[]} strokes */
  function thumbnail(strokes) {
    const image = svg("svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" });
    for (const stroke of strokes)
      image.append(svg("path", { d: tracePath(stroke), "stroke-width": stroke.pen }));
    return image;
  }

  /** @param {string} text */
  function keepRecent(text) {
    const others = readRecent().filter((each) => each !== text);
    remember(RECENT, [text, ...others].slice(0, MOST_RECENT).join(" "));
    showRecent();
  }

  const saves = {
    svg: () => download("drawing.svg", strokesToSvg(drawing.sheet.strokes, side), "image/svg+xml"),
    json: () => download("drawing.json", strokesToJson(drawing.sheet.strokes), "application/json"),
    png() {
      const canvas = create("canvas", { width: side * PNG_SCALE, height: side * PNG_SCALE });
      const ink = context2d(canvas);
      ink.fillStyle = "white";
      ink.fillRect(0, 0, canvas.width, canvas.height);
      ink.scale(PNG_SCALE, PNG_SCALE);
      paintStrokes(ink, drawing.sheet.strokes);
      canvas.toBlob((blob) => blob && download("drawing.png", blob, "image/png"));
    },
  };
  for (const button of all("[data-save]")) {
    button.addEventListener("click", () => saves[/** @type {keyof typeof saves} */ (button.dataset.save)]());
  }
  find("[data-tool=share]").addEventListener("click", () => {
    if (last) offer(`${location.origin}${location.pathname}${location.search}#${LINK}=${last}`);
    else notice(say("travel.nothing"));
  });
  find("[data-recent=forget]").addEventListener("click", () => {
    remember(RECENT, "");
    showRecent();
  });

  drawing.onSettle((sheet) => {
    const { strokes } = sheet;
    if (last && !strokes.length) keepRecent(last);
    last = strokes.length ? encodeStrokes(strokes) : "";
    remember(STORED, last);
    find("[data-tool=share]").setAttribute("aria-disabled", String(!last));
    for (const button of all("[data-save]")) button.hidden = !last;
  });
  addEventListener("hashchange", openLink);
  showRecent();
  if (!openLink() && isBlank(drawing.sheet)) open(recall(STORED));
}
