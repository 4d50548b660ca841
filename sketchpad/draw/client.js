// The server's side: asks what a sheet reads, the newest first, and lets no old answer overwrite a new one.

const PIPELINE = 4; // provisional questions under way at once: keeps the answers coming on slow networks
const GAP = 40; // ms between provisional questions while one is under way
const SLOW = 1000; // ms without an answer until the page says that it is waiting
const PATIENCE = 8000; // ms until a question is given up and asked again
const RETRY = 1000; // ms before asking again after a failure
const visitor = Math.random().toString(36).slice(2); // this page's name while it is open

const { say, drawGrey } = window.sketchpad;
const find = (selector) => element.querySelector(selector);
const reading = find("#reading");
const verdict = find("#verdict");

let wanted = null; // the newest sheet that nobody has asked about yet
let asked = 0; // number of the newest question; answers carry their question's number
let shown = 0; // number of the question whose answer is on the page
let answer = null; // that answer with its sheet, null for a blank pad
let lastSent = 0;
let pause = 0; // ms that a busy server wishes between provisional questions
let later = 0; // timer that asks once the pause is over
const underWay = new Set();

/** Ask about a sheet. Final: the pen is up, so this one is asked at once and must be answered. */
function ask(sheet, final) {
  wanted = { sheet, final };
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
  if (!wanted.final && underWay.size >= (pause ? 1 : PIPELINE)) return; // a busy server has only to throw the older away
  const rest = lastSent + Math.max(pause, underWay.size ? GAP : 0) - performance.now();
  clearTimeout(later);
  if (!wanted.final && rest > 0) {
    later = setTimeout(pump, rest);
    return;
  }
  const question = { ...wanted, number: ++asked };
  wanted = null;
  send(question);
}

async function send(question) {
  const started = (lastSent = performance.now());
  const { strokes, picture } = question.sheet;
  underWay.add(question.number);
  const slow = setTimeout(() => notice(say("status.slow")), SLOW);
  const given = await Promise.race([
    // undefined where the server could not be reached
    picture ? server.look(picture.data) : server.live({ strokes, final: question.final, visitor, number: question.number }),
    new Promise((resolve) => setTimeout(resolve, PATIENCE)),
  ]);
  clearTimeout(slow);
  underWay.delete(question.number);
  pause = given?.pause ?? 0;
  if (question.number > shown) {
    if (given?.digits) {
      shown = question.number;
      answer = { ...given, sheet: question.sheet, roundTrip: performance.now() - started };
      notice("");
      show(question.final && question.number === asked && !wanted ? "final" : "provisional");
    } else if (question.number === asked) {
      if (question.final || !given) notice(say(given ? "status.busy" : "status.stalled"));
      setTimeout(() => {
        if (question.number === asked) wanted ??= question;
        pump();
      }, (pause || RETRY) * (0.5 + Math.random())); // not all at the same moment
    }
  }
  pump();
}

/** A sentence over the pad, until the next one. */
function notice(sentence) {
  const line = find(".notice");
  line.textContent = sentence;
  line.hidden = !sentence;
}
