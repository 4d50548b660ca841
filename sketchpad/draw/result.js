// The answer's side: the reading, its verdict in words, boxes, bars and figures.

let chosen = null; // index of the digit picked by hand

function setState(state) {
  reading.dataset.state = state;
  // Screen readers wait for the last word instead of reading out every guess on the way.
  for (const region of [reading, verdict]) region.setAttribute("aria-busy", state === "provisional");
  find(".boxes").classList.toggle("settled", state === "final");
}

/** The digit whose bars are shown: the picked one, else the least certain, else the last. */
function focus(digits) {
  if (chosen !== null && chosen < digits.length) return chosen;
  const doubt = { digit: 0, unsure: 1, "not a digit": 2 };
  return digits.reduce((most, d, i) => (doubt[d.verdict] >= doubt[digits[most].verdict] ? i : most), 0);
}

/** The digit in focus, undefined where nothing was read. */
function focused() {
  const digits = answer?.digits ?? [];
  return digits[focus(digits)];
}

function show(state) {
  const digits = answer?.digits ?? [];
  if (digits.length < 2) chosen = null;
  const index = focus(digits);
  const digit = digits[index];
  showReading(digits);
  verdict.textContent = sentence(state, digits, index);
  find(".why").textContent = reason(state, digits, index);
  setState(state);
  showChips(digits, index);
  showBoxes(digits, index);
  showBars(digit);
  drawGrey(find(".seen"), digit?.image);
  showFacts();
  showCorrections();
  if (state !== "provisional") showSteps();
  const given = { sheet: answer?.sheet, digits, strokes: digits.map(strokesOf), final: state === "final" };
  const detail = state === "blank" ? null : given;
  window.sketchpad.drawing = detail; // for a tab that is opened later: its script runs only then
  document.dispatchEvent(new CustomEvent("sketchpad:answer", { detail })); // other tabs follow the pad
}

/** The text of the page's reading is the API's; what is no digit is shown as a question mark (CSS). */
function showReading(digits) {
  const figures = digits.map((digit) => {
    const figure = document.createElement("span");
    figure.textContent = digit.label;
    figure.dataset.verdict = digit.verdict;
    return figure;
  });
  reading.replaceChildren(...figures);
  reading.dataset.seq = shown;
  reading.style.setProperty("--digits", Math.max(1, digits.length));
}

/** Label, runner-up and their probabilities, for the sentences. */
function inWords({ label, probabilities: p }) {
  const second = p.reduce((best, v, i) => (i !== label && (best < 0 || v > p[best]) ? i : best), -1);
  return { label, second, first_share: percent(p[label]), second_share: p[second] < 0.005 ? "< 1 %" : percent(p[second]) };
}

function sentence(state, digits, index) {
  if (state === "blank") return say("verdict.blank");
  if (answer.error) return complaint(answer);
  if (!digits.length) return say("verdict.nothing");
  if (allClear(digits)) return say("verdict.digit", { label: answer.text });
  return about(digits, index);
}

/** What was wrong with a drawing, in the visitor's language where the page knows the mistake. */
function complaint({ error, code, values }) {
  const key = `error.${code}`;
  const said = say(key, values);
  return said === key ? error : said;
}

/** The verdict on one digit. */
function about(digits, index) {
  const digit = digits[index];
  const said = say(`verdict.${digit.verdict}`, inWords(digit));
  return digits.length < 2 ? said : say("verdict.of", { index: index + 1, count: digits.length, said });
}

/** Why the verdict is what it is. */
function reason(state, digits, index) {
  if (state === "blank") return say("why.blank");
  if (state === "provisional") return say("answer.provisional");
  if (allClear(digits)) return say("why.all", { index: index + 1, count: digits.length });
  return digits.length ? say(`why.${digits[index].reason}`, inWords(digits[index])) : "";
}

/** Several digits, none picked and none in doubt: one sentence says it all. */
const allClear = (digits) =>
  digits.length > 1 && chosen === null && digits.every(({ verdict }) => verdict === "digit");

/** One button for each digit where there are several: the text, with a mark where it is in doubt. */
function showChips(digits, index) {
  const chips = digits.length < 2 ? [] : digits.map((digit, i) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = mark(digit);
    chip.dataset.verdict = digit.verdict;
    chip.setAttribute("aria-label", about(digits, i));
    chip.setAttribute("aria-pressed", i === index);
    chip.addEventListener("click", () => {
      chosen = i;
      show(reading.dataset.state);
      find(".chips").children[i].focus();
    });
    return chip;
  });
  const row = find(".chips");
  const before = row.scrollLeft;
  row.replaceChildren(...chips);
  if (!chips.length) return;
  // A long row scrolls: the chip whose bars are shown comes into sight, and the page stays where it is.
  const { offsetLeft, offsetWidth } = chips[index];
  const left = offsetLeft - row.offsetLeft;
  row.scrollLeft = Math.min(left, Math.max(before, left + offsetWidth - row.clientWidth));
}

const mark = ({ label, verdict }) => ({ digit: `${label}`, unsure: `${label}?`, "not a digit": "?" })[verdict];

/** Where the digits were found: on the pad, lightly, where there are several or there is a picture. */
function showBoxes(digits, index) {
  const picture = answer?.sheet.picture;
  const make = (name, attributes, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.textContent = text;
    return node;
  };
  const boxes = digits.length < 2 && !picture ? [] : digits.map((digit, i) => {
    const [left, top, right, bottom] = onPad(digit.box, picture);
    const [x, y] = [Math.max(1.5, left - 7), Math.max(1.5, top - 7)];
    const [width, height] = [Math.min(SIDE - 1.5, right + 7) - x, Math.min(SIDE - 1.5, bottom + 7) - y];
    const kinds = ["box", i === index && digits.length > 1 && "picked", picture && "on-picture"];
    const box = make("g", { class: kinds.filter(Boolean).join(" "), "data-verdict": digit.verdict });
    const below = y + height < SIDE - 14; // the tag hangs under the box, inside where there is no room
    box.append(
      make("rect", { x, y, width, height, rx: 7 }),
      make("text", { x: x + width / 2, y: y + height + (below ? 12 : -4) }, mark(digit)),
    );
    return box;
  });
  find(".boxes").replaceChildren(...boxes);
}

const bars = Array.from({ length: 10 }, (_, label) => {
  const bar = document.createElement("li");
  bar.innerHTML = '<button type="button" class="name"></button><span class="track"><span class="fill"></span></span><span class="value"></span>';
  bar.querySelector(".name").textContent = label;
  bar.querySelector(".name").addEventListener("click", () => correct(String(label)));
  return bar;
});
find(".bars").replaceChildren(...bars);

function percent(p) {
  if (p > 0.995) return "> 99 %"; // nothing read off ink is certain
  return `${Math.round(100 * p)} %`;
}

function showBars(digit) {
  const title = find(".bars-title h2");
  title.textContent = say(digit?.verdict === "not a digit" ? "answer.bars.odd" : "answer.bars");
  find(".bars").classList.toggle("odd", digit?.verdict === "not a digit");
  bars.forEach((bar, label) => {
    const p = digit?.probabilities[label] ?? 0;
    bar.classList.toggle("best", label === digit?.label);
    bar.style.setProperty("--p", p.toFixed(4));
    bar.querySelector(".value").textContent = digit ? percent(p) : "";
  });
}

function showFacts() {
  const took = answer?.milliseconds ? { ...answer.milliseconds, roundTrip: answer.roundTrip } : {};
  for (const name of ["preprocess", "network", "roundTrip"]) {
    find(`[data-fact=${name}]`).textContent = name in took ? `${took[name].toFixed(1)} ms` : "–";
  }
}

find("[data-fact=device]").textContent = props.device;
