// The Inside tab's frame: which digit of which drawing is looked at, and who has to be told.
//
// A section calls `follow(name, look)`; `look(digit, drawing)` is awaited for each newer digit while the
// tab is on the screen, one at a time and the newest next, so that a fast pen piles nothing up.
// `digit` is one of the answer's (label, probabilities, verdict, box, image: the model image in base64), or null
// for a blank pad; `drawing` is {sheet, digits, strokes, final}, `strokes` being those of each digit.

const find = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];
const { say, drawGrey } = window.sketchpad;

let drawing = null; // the newest answer of the pad
let picked = null; // index of the digit picked by hand
let version = 0; // grows with everything that changes what is looked at
let visible = false;
const followers = [];

const indexOf = (digits) => (picked !== null && picked < digits.length ? picked : digits.length - 1);

/** The digit that the tab is about, or null. */
const looked = () => drawing?.digits[indexOf(drawing.digits)] ?? null;

function follow(name, look) {
  const section = find(`[data-section="${name}"]`);
  followers.push({ name, section, look, seen: -1, busy: false, problem: "" });
}

/** Let a section look again: its visitor has chosen something else there. */
function again(name) {
  followers.find((follower) => follower.name === name).seen = -1;
  refresh();
}

/** Bring every section up to what is on the pad, if anybody looks. */
function refresh() {
  if (visible) followers.forEach(bringUp);
}

async function bringUp(follower) {
  if (follower.busy || follower.seen === version) return;
  follower.busy = true;
  follower.seen = version;
  follower.section.classList.add("waiting");
  try {
    await follower.look(looked(), drawing);
    follower.problem = "";
  } catch (error) {
    follower.problem = error instanceof Refused ? error.message : say("inside.silent");
    if (!(error instanceof Refused)) reportError(error); // a mistake of the page's own
  }
  problem(followers.find((each) => each.problem)?.problem ?? "");
  follower.busy = false;
  follower.section.classList.remove("waiting");
  if (follower.seen !== version) refresh();
}

class Refused extends Error {}

/** Ask one of the server's functions; its sentence is thrown where it refuses, and one where it is silent. */
async function inquire(name, payload) {
  const given = await server[name](payload).catch(() => null);
  if (!given) throw new Refused(say("inside.silent"));
  if (given.error) throw new Refused(given.error);
  return given;
}

function problem(sentence) {
  const line = find(".problem");
  line.textContent = sentence;
  line.hidden = !sentence;
}

/** 255 colours for a sprite's bytes from 1 on, 128 being zero, of the page's own for either theme. */
function ramp() {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(`--sk-${name}`).trim();
  const strip = document.createElement("canvas");
  strip.width = 255;
  strip.height = 1;
  const view = strip.getContext("2d", { willReadFrequently: true });
  const gradient = view.createLinearGradient(0.5, 0, 254.5, 0);
  ["wrong", "surface", "accent"].forEach((name, i) => gradient.addColorStop(i / 2, colour(name)));
  view.fillStyle = gradient;
  view.fillRect(0, 0, 255, 1);
  return view.getImageData(0, 0, 255, 1);
}

/** A sprite's picture on a canvas. */
async function unpacked(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(picture, 0, 0);
  return canvas;
}

/** A copy of an unpacked sprite in the page's colours. */
function coloured(sheet) {
  const canvas = sheet.cloneNode();
  const pixels = sheet.getContext("2d").getImageData(0, 0, sheet.width, sheet.height);
  const colours = ramp();
  for (let i = 0; i < pixels.data.length; i += 4) {
    const at = 4 * Math.max(0, pixels.data[i] - 1); // bytes begin at 1
    pixels.data.set(colours.data.subarray(at, at + 4), i);
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

/** Copy one picture out of a sprite onto a canvas of its size. */
function cut(canvas, sheet, [left, top, width, height]) {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").drawImage(sheet, left, top, width, height, 0, 0, width, height);
}

function showDrawing() {
  const digits = drawing?.digits ?? [];
  const digit = looked();
  find(".none").hidden = digit !== null;
  find(".drawing").hidden = digit === null;
  for (const section of all("[data-section]")) section.hidden = digit === null && !section.dataset.always;
  if (digit) drawGrey(find(".model-image"), digit.image);
  const buttons = digits.map(({ label, verdict }, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = verdict === "not a digit" ? "?" : label;
    button.setAttribute("aria-pressed", i === indexOf(digits));
    button.addEventListener("click", () => {
      picked = i;
      version++;
      showDrawing();
      refresh();
      find(".digits").children[i].focus();
    });
    return button;
  });
  find(".digits").replaceChildren(...buttons);
}

function take(next) {
  drawing = next;
  if (!drawing || drawing.digits.length < 2) picked = null;
  for (const follower of followers) follower.problem = ""; // it was with what was drawn before
  problem("");
  version++;
  showDrawing();
  refresh();
}

/** Everything is to be shown anew: in other words, or in other colours. */
function renew() {
  version++;
  refresh();
}

document.addEventListener("sketchpad:answer", (event) => take(event.detail));
document.addEventListener("sketchpad:language", renew);
new MutationObserver(renew).observe(document.body, { attributeFilter: ["class"] }); // light and dark
new IntersectionObserver((entries) => {
  visible = entries.at(-1).isIntersecting;
  refresh();
}).observe(element);
take(window.sketchpad.drawing ?? null); // drawn before the tab was opened
