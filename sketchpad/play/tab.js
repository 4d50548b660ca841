// The Play tab: twenty sums against the clock, answered by hand.
import { onPlace, placeOf, setPlace } from "../ui/address.js";
import { create, onClick, onVisibilityChange, setText, within } from "../ui/dom.js";
import { language, say } from "../ui/i18n.js";
import { mountAnswerPad } from "./answer_pad.js";
import { Game } from "./game.js";
import { duration, keepBest, kindOf, markOf, readBests, score } from "./score.js";
import { bestInWords, showScore } from "./score_view.js";
import { COUNT, drawSums, LEVELS } from "./sums.js";

const TICK = 50; // ms
const NUMBERS = 10_000; // different games of a level
const MOST_TYPED = 3; // digits

/** @param {import("../ui/types").Mount} component */
export function mount({ element, server, props }) {
  const { find, all } = within(element);
  /** @type {Game | null} */
  let game = null;
  let level = "";
  let number = 0;
  let seen = ""; // what was read or typed so far
  let isFinal = false;
  let notice = ""; // the key of a sentence about the server
  let timer = 0;
  /** @type {Parameters<typeof showScore>[1] | null} */
  let over = null;

  const pad = mountAnswerPad({
    element: find(".game"),
    server,
    side: props.side,
    onWrite() {
      if (game?.phase === "wrong" || game?.entry?.typed) wipe();
      game?.write(performance.now());
    },
    onLift: () => game?.lift(performance.now()),
    onReading(text, sure, final) {
      if (!game?.isOpen) return;
      [seen, isFinal] = [text, final];
      if (final) game.read(text, sure, performance.now());
      render();
    },
    onNotice(key) {
      notice = key;
      render();
    },
  });

  /** Make the pad blank. */
  function wipe() {
    seen = "";
    pad.wipe();
  }

  /** @param {"start" | "game" | "score"} name */
  function show(name) {
    for (const section of all("section")) section.hidden = !section.classList.contains(name);
  }

  /** @param {string} chosen */
  function start(chosen) {
    const sums = LEVELS[chosen];
    if (!sums) return;
    level = chosen;
    number = numberIn(placeOf("Play")) ?? Math.floor(Math.random() * NUMBERS);
    setPlace("Play", `${number}`);
    game = new Game(drawSums(sums, number), performance.now());
    over = null;
    notice = "";
    showKeypad(false);
    wipe();
    show("game");
    find(".dots").replaceChildren(...Array.from({ length: COUNT }, () => create("i", { className: "mark" })));
    resume();
    find(".game").scrollIntoView({ block: "nearest" });
    announce("");
  }

  function resume() {
    game?.pause(false, performance.now());
    clearInterval(timer);
    timer = setInterval(tick, TICK);
    render();
    pad.focus();
  }

  function pause() {
    if (!game || game.paused || game.phase === "over") return;
    game.pause(true, performance.now());
    clearInterval(timer);
    render();
    find("[data-play=resume]").focus({ preventScroll: true });
  }

  function tick() {
    if (!game) return;
    const before = game.results.length;
    const { phase } = game;
    game.tick(performance.now());
    if (game.phase !== phase && game.phase === "asking") {
      wipe();
      const last = game.results.at(-1);
      const { answer = "" } = last?.sum ?? {};
      announce(say(last?.outcome === "skipped" ? "play.spoken.skipped" : "play.spoken.right", { answer }));
    }
    if (game.results.length !== before) showKeypad(!find(".keypad").hidden && game.results.at(-1)?.typed);
    if (game.phase === "over") finish();
    else render();
  }

  /** Tell a screen reader the sum, after what became of the one before. @param {string} before */
  function announce(before) {
    if (!game) return;
    const { a, b, sign } = game.sum;
    const sum = say(sign === "+" ? "play.spoken.plus" : "play.spoken.times", { a, b });
    const place = say("play.count", { n: game.results.length + 1, count: COUNT });
    find(".news").textContent = `${before} ${place}: ${sum}`.trim();
  }

  function finish() {
    if (!game) return;
    clearInterval(timer);
    const { results } = game;
    const { right, ms, typed } = score(results);
    const kind = kindOf(level, typed);
    const before = readBests()[kind];
    over = { results, level, number, before, isBest: keepBest(kind, { right, ms }) };
    game = null;
    setPlace("Play", "");
    showScore(find(".score"), over);
    show("score");
    find(".score h2").focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  function showStart() {
    game = null;
    clearInterval(timer);
    const bests = readBests();
    for (const button of all("[data-level]")) {
      const lines = [0, 1].map((typed) => {
        const best = bests[kindOf(button.dataset.level, typed)];
        return best ? say(typed ? "play.record.typed" : "play.record.best", { best: bestInWords(best) }) : "";
      });
      button.querySelector(".best").textContent = lines.filter(Boolean).join("\n");
    }
    show("start");
  }

  /** @param {boolean | undefined} shown */
  function showKeypad(shown) {
    if (!shown && find(".keypad").contains(document.activeElement)) pad.focus();
    find(".keypad").hidden = !shown;
    find("[data-play=type]").ariaPressed = `${Boolean(shown)}`;
  }

  /** @param {string} key a digit or Backspace */
  function type(key) {
    if (!game?.isOpen || game.paused) return;
    const typed = game.phase === "asking" && game.entry?.typed ? game.entry.text : "";
    const text = key === "Backspace" ? typed.slice(0, -1) : `${typed}${key}`.slice(0, MOST_TYPED);
    game.type(text, performance.now());
    pad.wipe();
    [seen, isFinal] = [text, true];
    render();
  }

  function clear() {
    game?.clear(performance.now());
    wipe();
    render();
  }

  function remark() {
    if (!game) return "";
    if (notice) return say(notice);
    if (game.phase === "wrong") {
      return say(game.entry?.typed ? "play.wrong.typed" : "play.wrong", { text: game.entry?.text });
    }
    if (game.isUnclear) return say("play.unclear");
    if (game.phase === "done") return say(`play.done.${game.results.at(-1)?.outcome}`);
    return "";
  }

  function render() {
    if (!game) return;
    const { sum, phase, results, paused, isOpen } = game;
    const section = find(".game");
    section.dataset.phase = phase;
    section.dataset.outcome = phase === "done" ? results.at(-1)?.outcome : "";
    for (const part of section.children) {
      if (!part.matches(".spoken, .progress")) part.hidden = part.matches(".paused") !== paused;
    }
    setText(find(".paused p"), paused ? say("play.paused") : "");
    setText(
      find(".count"),
      say("play.count", { n: Math.min(results.length + Number(isOpen), COUNT), count: COUNT }),
    );
    setText(find(".clock"), duration(game.elapsed, 0));
    setText(find(".asked"), `${sum.a} ${sum.sign} ${sum.b} =`);
    setText(find(".given"), isOpen ? seen || (game.entry ? "?" : "") : sum.answer);
    find(".given").ariaBusy = `${!isFinal}`;
    setText(find(".remark"), remark());
    for (const [i, dot] of all(".dots i").entries()) {
      const result = results[i];
      const mark = result ? markOf(result) : i === results.length ? "now" : "";
      if (dot.dataset.mark !== mark) dot.dataset.mark = mark;
    }
  }

  onClick(element, "[data-level]", (button) => start(button.dataset.level));
  onClick(element, "[data-key]", (button) => type(button.dataset.key));
  /** @type {Record<string, () => void>} */
  const actions = {
    clear() {
      clear();
      pad.focus();
    },
    skip() {
      game?.skip(performance.now());
      pad.focus();
      render();
    },
    type() {
      showKeypad(find(".keypad").hidden);
      if (find(".keypad").hidden) pad.focus();
      else find(".keypad button").focus();
    },
    pause,
    resume,
    end() {
      showStart();
      find(".start button").focus();
    },
    again: () => start(level),
    other: () => actions.end?.(),
  };
  onClick(element, "[data-play]", (button) => actions[button.dataset.play]?.());
  find(".game").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^\d$/.test(event.key)) type(event.key);
    else if (event.key === "Delete" || (event.key === "Backspace" && !game?.entry?.typed)) clear();
    else if (event.key === "Backspace") type(event.key);
    else return;
    event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) pause();
  });
  onVisibilityChange(find(".game"), (visible) => {
    if (!visible) pause();
  });
  onPlace("Play", () => showStart());
  language.subscribe(() => {
    render();
    if (over) showScore(find(".score"), over);
    else if (!game) showStart();
  });
  showStart();
}

/** @param {string} place in the address */
function numberIn(place) {
  return /^\d{1,4}$/.test(place) ? Number(place) : null;
}
