// The answer's side: asks the server what a drawing reads, newest first, and shows what it says.

const PIPELINE = 3; // provisional questions under way at once: keeps the answers coming on slow networks
const GAP = 50; // ms between provisional questions while one is under way
const SLOW = 1000; // ms without an answer until the page says that it is waiting
const PATIENCE = 8000; // ms until a question is given up and asked again
const RETRY = 1000; // ms before asking again after a failure

const say = window.sketchpad.say;
const find = (selector) => element.querySelector(selector);
const reading = find("#reading");
const verdict = find("#verdict");

let wanted = null; // the newest drawing that nobody has asked about yet
let asked = 0; // number of the newest question; answers carry their question's number
let shown = 0; // number of the question whose answer is on the page
let answer = null; // that answer, null for a blank pad
let chosen = null; // index of the digit picked by hand
let lastSent = 0;
const underWay = new Set();

/** Ask about a drawing. Final: the pen is up, so this one is asked at once and must be answered. */
function ask(strokes, final) {
  wanted = { strokes, final };
  if (reading.dataset.state === "final") setState("provisional");
  if (reading.dataset.state === "blank") verdict.textContent = ""; // it said that nothing is drawn
  pump();
}

/** A blank pad needs no server, and makes every answer still under way a stale one. */
function forget() {
  wanted = null;
  shown = ++asked;
  answer = null;
  notice("");
  show("blank");
}

function pump() {
  if (!wanted) return;
  const soon = performance.now() - lastSent < GAP;
  if (!wanted.final && underWay.size && (soon || underWay.size >= PIPELINE)) return;
  const question = { ...wanted, number: ++asked };
  wanted = null;
  send(question);
}

async function send(question) {
  const started = (lastSent = performance.now());
  underWay.add(question.number);
  const slow = setTimeout(() => notice(say("status.slow")), SLOW);
  const given = await Promise.race([
    server.live(question.strokes), // undefined where the server could not be reached
    new Promise((resolve) => setTimeout(resolve, PATIENCE)),
  ]);
  clearTimeout(slow);
  underWay.delete(question.number);
  if (question.number > shown) {
    if (given) {
      shown = question.number;
      answer = { ...given, roundTrip: performance.now() - started };
      notice("");
      show(question.final && question.number === asked && !wanted ? "final" : "provisional");
    } else if (question.number === asked) {
      notice(say("status.stalled"));
      setTimeout(() => {
        if (question.number === asked) wanted ??= question;
        pump();
      }, RETRY);
    }
  }
  pump();
}

function notice(sentence) {
  const line = find(".notice");
  line.textContent = sentence;
  line.hidden = !sentence;
}

function setState(state) {
  reading.dataset.state = state;
  // Screen readers wait for the last word instead of reading out every guess on the way.
  for (const region of [reading, verdict]) region.setAttribute("aria-busy", state === "provisional");
  find(".why").textContent = state === "provisional" ? say("answer.provisional") : "";
}

/** The digit whose bars are shown: the picked one, else the least certain, else the last. */
function focus(digits) {
  if (chosen !== null && chosen < digits.length) return chosen;
  const doubt = { digit: 0, unsure: 1, "not a digit": 2 };
  return digits.reduce((most, d, i) => (doubt[d.verdict] >= doubt[digits[most].verdict] ? i : most), 0);
}

function show(state) {
  const digits = answer?.digits ?? [];
  if (digits.length < 2) chosen = null;
  const index = focus(digits);
  const digit = digits[index];
  reading.textContent = answer?.text ?? "";
  reading.dataset.seq = shown;
  reading.dataset.verdict = digit?.verdict ?? "";
  reading.style.setProperty("--digits", Math.max(1, digits.length));
  verdict.textContent = sentence(state, digits, index);
  setState(state);
  showChips(digits, index);
  showBars(digit?.probabilities);
  showSeen(digit?.image);
  showFacts();
}

function sentence(state, digits, index) {
  if (state === "blank") return say("verdict.blank");
  if (answer.error) return answer.error;
  const digit = digits[index];
  if (!digit) return say("verdict.nothing");
  const p = digit.probabilities;
  const second = p.reduce((best, v, i) => (i !== digit.label && (best < 0 || v > p[best]) ? i : best), -1);
  const said = say(`verdict.${digit.verdict}`, { label: digit.label, second });
  return digits.length < 2 ? said : say("verdict.of", { index: index + 1, count: digits.length, said });
}

function showChips(digits, index) {
  const chips = digits.length < 2 ? [] : digits.map((digit, i) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = digit.label;
    chip.dataset.verdict = digit.verdict;
    chip.setAttribute("aria-pressed", i === index);
    chip.addEventListener("click", () => {
      chosen = i;
      show(reading.dataset.state);
      find(".chips").children[i].focus();
    });
    return chip;
  });
  find(".chips").replaceChildren(...chips);
}

const bars = Array.from({ length: 10 }, (_, label) => {
  const bar = document.createElement("li");
  bar.innerHTML = '<span class="name"></span><span class="track"><span class="fill"></span></span><span class="value"></span>';
  bar.querySelector(".name").textContent = label;
  return bar;
});
find(".bars").replaceChildren(...bars);

function percent(p) {
  if (p > 0.995) return "> 99 %"; // nothing read off ink is certain
  return `${Math.round(100 * p)} %`;
}

function showBars(probabilities) {
  const best = probabilities ? Math.max(...probabilities) : null;
  bars.forEach((bar, label) => {
    const p = probabilities?.[label] ?? 0;
    bar.classList.toggle("best", p === best);
    bar.style.setProperty("--p", p.toFixed(4));
    bar.querySelector(".value").textContent = probabilities ? percent(p) : "";
  });
}

function showSeen(image) {
  const canvas = find(".seen");
  const picture = new ImageData(28, 28);
  const bytes = image ? atob(image) : "";
  for (let i = 0; i < 784; i++) {
    picture.data.fill(image ? bytes.charCodeAt(i) : 0, 4 * i, 4 * i + 3);
    picture.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

function showFacts() {
  const took = answer?.milliseconds ? { ...answer.milliseconds, roundTrip: answer.roundTrip } : {};
  for (const name of ["preprocess", "network", "roundTrip"]) {
    find(`[data-fact=${name}]`).textContent = name in took ? `${took[name].toFixed(1)} ms` : "–";
  }
}

find("[data-fact=device]").textContent = props.device;
