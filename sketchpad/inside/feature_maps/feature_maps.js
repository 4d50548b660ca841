// The walk: which place is looked at, its maps out of the sprite, and what one pixel of a map sees.

const part = (selector) => find(`[data-section="feature_maps"] ${selector}`);
const nodes = all('[data-section="feature_maps"] [data-node]');
const drawn = part(".drawn canvas");
const zoom = part(".map canvas");
const SIDE = 28; // pixels of the drawing

let node = nodes[1]; // the stem
let count = 16;
let channel = null; // the map picked by hand, null for the strongest
let answer = null;
let sheet = null; // the sprite in the page's colours
let cursor = null; // [row, column] of the map's pixel that is pointed at, null for its largest value
let image = ""; // the drawing that is shown

const about = () => JSON.parse(node.dataset.about);

async function look(digit) {
  if (!digit) return;
  image = digit.image;
  const given = await inquire("feature_maps", { image, node: node.dataset.node, count, channel });
  answer = given;
  sheet = coloured(await unpacked(given.sprite));
  part(".legend canvas").getContext("2d").putImageData(ramp(), 0, 0);
  drawGrey(drawn, image);
  show();
}

function show() {
  nodes.forEach((each, i) => cut(each.querySelector("canvas"), sheet, answer.thumbs[i]));
  showTiles();
  showZoom();
  const limit = `${answer.limit}`;
  part(".legend .low").textContent = `−${limit}`;
  part(".legend .high").textContent = `+${limit}`;
}

/** An element's own sentence; the page may not have filled it in yet. */
const said = ({ dataset }) => say(dataset.text, JSON.parse(dataset.values));

/** What stands on the page before the server has said anything: the place itself. */
function showPlace() {
  for (const each of nodes) {
    each.setAttribute("aria-pressed", each === node);
    each.tabIndex = each === node ? 0 : -1;
  }
  const { role, ops, shape, params, field } = about();
  const block = node.closest(".module");
  const label = said(node.querySelector("span"));
  part(".name").textContent = block ? `${said(block.querySelector(".caption"))}: ${label}` : label;
  const cuts = role !== "add" && ops.endsWith("ReLU"); // of an addition the sum is shown, before its ReLU
  part(".does").textContent = say(`feature_maps.does.${role}`) + (cuts ? say("feature_maps.does.relu") : "");
  part(".ops").textContent = ops;
  part(".shape").textContent = shape;
  part(".params").textContent = params;
  part("dd.field").textContent = field ? say("feature_maps.field", { size: field[0] }) : say("layer.whole");
}

function choose(next) {
  if (next === node) return;
  node = next;
  channel = cursor = null;
  showPlace();
  again("feature_maps");
}

function caption({ channel: number, strength }) {
  if (about().role !== "classifier") return `${number}: ${decimal(strength)}`;
  return `${number < 10 ? number : say("feature_maps.class.none")}: ${decimal(strength)}`;
}

/** Three digits that count, as in "0.460", "12.0" and "1230". */
function decimal(value) {
  const digits = value ? Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))) : 0;
  return value.toFixed(Math.min(4, digits)).replace("-", "−");
}

function showTiles() {
  const tiles = part(".tiles");
  const { maps } = answer;
  while (tiles.children.length > maps.length) tiles.lastChild.remove();
  while (tiles.children.length < maps.length) {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.tabIndex = -1;
    tile.append(document.createElement("canvas"), document.createElement("span"));
    tiles.append(tile);
  }
  const total = Number.parseInt(about().shape, 10);
  part(".count").textContent = say("feature_maps.count", { n: maps.length, total });
  maps.forEach((map, i) => {
    const tile = tiles.children[i];
    tile.dataset.channel = map.channel;
    tile.setAttribute("aria-pressed", map.channel === answer.channel);
    cut(tile.firstChild, sheet, map.box);
    tile.lastChild.textContent = caption(map);
  });
  const stop = [...tiles.children].find((tile) => tile.tabIndex === 0 || tile === document.activeElement);
  if (!stop) tiles.firstChild.tabIndex = 0;
}

function showZoom() {
  const { values, limit } = answer;
  const colours = ramp();
  const picture = new ImageData(values[0].length, values.length);
  values.flat().forEach((value, i) => {
    const level = Math.round(Math.max(-1, Math.min(1, value / limit)) * 127) + 127;
    picture.data.set(colours.data.subarray(4 * level, 4 * level + 4), 4 * i);
  });
  zoom.width = picture.width;
  zoom.height = picture.height;
  zoom.getContext("2d").putImageData(picture, 0, 0);
  showPixel();
}

/** Where the map shown is largest, or where somebody points. */
function pixel() {
  const { values } = answer;
  if (cursor) return [Math.min(cursor[0], values.length - 1), Math.min(cursor[1], values[0].length - 1)];
  const flat = values.flat().map(Math.abs);
  const largest = flat.indexOf(Math.max(...flat));
  return [Math.floor(largest / values[0].length), largest % values[0].length];
}

function showPixel() {
  const { values } = answer;
  const [row, column] = pixel();
  outline(part(".map i"), column, row, 1, 1, values[0].length, values.length);
  const seen = showField(row, column);
  const where = { row: row + 1, column: column + 1, value: decimal(values[row][column]), map: answer.channel };
  const sentence = about().vector ? say("feature_maps.pixel.vector", where) : say("feature_maps.pixel", { ...where, ...seen });
  if (part(".pixel").textContent !== sentence) part(".pixel").textContent = sentence;
}

/** Outline on the drawing what one pixel of a map sees; what of it lies inside the drawing, in pixels. */
function showField(row, column) {
  const { field } = about();
  const [size, jump, start] = field ?? [SIDE, 0, 0];
  const [left, top] = [start + column * jump, start + row * jump];
  const clip = (at) => Math.max(0, Math.min(SIDE, at));
  const [x, y, right, bottom] = [clip(left), clip(top), clip(left + size), clip(top + size)];
  outline(part(".drawn i"), x, y, right - x, bottom - y, SIDE, SIDE);
  return { width: right - x, height: bottom - y };
}

/** A frame over some pixels of a picture of `across` × `down`. */
function outline(frame, x, y, width, height, across, down) {
  const style = { left: x / across, top: y / down, width: width / across, height: height / down };
  for (const [key, share] of Object.entries(style)) frame.style[key] = `${100 * share}%`;
  frame.dataset.box = [x, y, width, height];
}

/** The pixel of a map under the pointer. */
function under(event, canvas) {
  const box = canvas.getBoundingClientRect();
  const at = (share, pixels) => Math.max(0, Math.min(pixels - 1, Math.floor(share * pixels)));
  return [
    at((event.clientY - box.top) / box.height, canvas.height),
    at((event.clientX - box.left) / box.width, canvas.width),
  ];
}

/** Move among buttons by arrow keys; the new one, or undefined for another key. */
function stepped(event, buttons) {
  const here = buttons.indexOf(event.target.closest("button"));
  if (here < 0) return undefined;
  const row = buttons.filter((each) => each.offsetTop === buttons[0].offsetTop).length;
  const to = {
    ArrowLeft: here - 1,
    ArrowRight: here + 1,
    ArrowUp: here - row,
    ArrowDown: here + row,
    Home: 0,
    End: buttons.length - 1,
  }[event.key];
  return to === undefined ? undefined : (buttons[to] ?? buttons[here]);
}

/** From a skip to its branch and back; everything else from left to right. */
function neighbour(event) {
  const block = event.target.closest(".module");
  const skip = block?.querySelector('[data-skip]');
  if (event.key === "ArrowUp") return skip ?? event.target;
  if (event.key === "ArrowDown") return block?.querySelector("[data-node]") ?? event.target;
  return stepped(event, nodes);
}

part(".track").addEventListener("click", (event) => {
  const target = event.target.closest("[data-node]");
  if (target) choose(target);
});
part(".track").addEventListener("keydown", (event) => {
  const next = neighbour(event);
  if (!next) return;
  event.preventDefault();
  choose(next);
  next.focus();
});
part(".counts").addEventListener("click", (event) => {
  const target = event.target.closest("button");
  if (!target) return;
  count = Number(target.dataset.count);
  for (const each of part(".counts").children) each.setAttribute("aria-pressed", each === target);
  again("feature_maps");
});

const tiles = part(".tiles");
tiles.addEventListener("click", (event) => {
  const tile = event.target.closest("button");
  if (!tile) return;
  channel = Number(tile.dataset.channel);
  cursor = null;
  again("feature_maps");
});
tiles.addEventListener("keydown", (event) => {
  const next = stepped(event, [...tiles.children]);
  if (!next) return;
  event.preventDefault();
  for (const tile of tiles.children) tile.tabIndex = tile === next ? 0 : -1;
  next.focus();
});
tiles.addEventListener("pointermove", (event) => {
  if (event.target instanceof HTMLCanvasElement) showField(...under(event, event.target));
});
tiles.addEventListener("pointerleave", () => answer && showPixel());

for (const kind of ["pointermove", "pointerdown"]) {
  zoom.addEventListener(kind, (event) => {
    cursor = under(event, zoom);
    showPixel();
  });
}
zoom.addEventListener("keydown", (event) => {
  const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!move || !answer) return;
  event.preventDefault();
  const [row, column] = pixel();
  cursor = [
    Math.max(0, Math.min(answer.values.length - 1, row + move[0])),
    Math.max(0, Math.min(answer.values[0].length - 1, column + move[1])),
  ];
  showPixel();
});
document.addEventListener("sketchpad:language", showPlace);

showPlace();
follow("feature_maps", look);
