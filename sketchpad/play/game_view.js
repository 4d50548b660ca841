// The game on the page: the sum, the pad, the keys, the clock.
import { create, onClick, onVisibilityChange, setText, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { mountAnswerPad } from "./answer_pad.js";
import { Game } from "./game.js";
import { duration, markOf } from "./score.js";

const TICK = 50; // ms
const MOST_TYPED = 3; // digits

export class GameView {
  /** @type {Game | null} */
  game = null;
  seen = ""; // what was read or typed so far
  isFinal = true;
  notice = ""; // the key of a sentence about the server
  timer = 0;

  /**
   * @param {HTMLElement} section
   * @param {import("../ui/types").Server} server
   * @param {number} side of the pad
   * @param {(results: import("./game.js").Result[]) => void} onOver called after the last sum
   */
  constructor(section, server, side, onOver) {
    this.section = section;
    this.find = within(section).find;
    this.all = within(section).all;
    this.onOver = onOver;
    this.pad = mountAnswerPad({
      element: section,
      server,
      side,
      onWrite: () => {
        if (this.game?.phase === "wrong" || this.game?.entry?.typed) this.wipe();
        this.game?.write(performance.now());
      },
      onLift: () => this.game?.lift(performance.now()),
      onReading: (text, sure, final) => this.read(text, sure, final),
      onNotice: (key) => {
        this.notice = key;
        this.render();
      },
    });
    this.listen();
  }

  listen() {
    /** @type {Record<string, () => void>} */
    const actions = {
      clear: () => this.clear(),
      skip: () => this.game?.skip(performance.now()),
      pause: () => this.pause(),
      resume: () => this.resume(),
      type: () => this.showKeypad(this.find(".keypad").hidden),
    };
    onClick(this.section, "[data-play]", ({ dataset }) => {
      actions[dataset.play]?.();
      if (["clear", "skip"].includes(dataset.play)) this.pad.focus();
      this.render();
    });
    onClick(this.section, "[data-key]", ({ dataset }) => this.type(dataset.key));
    this.section.addEventListener("keydown", (event) => this.keyDown(event));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.pause();
    });
    onVisibilityChange(this.section, (visible) => {
      if (!visible) this.pause();
    });
  }

  /** @param {import("./sums.js").Sum[]} sums */
  start(sums) {
    this.game = new Game(sums, performance.now());
    this.notice = "";
    this.find(".dots").replaceChildren(...sums.map(() => create("i", { className: "mark" })));
    this.showKeypad(false);
    this.wipe();
    this.resume();
    this.section.scrollIntoView({ block: "nearest" });
    this.announce("");
  }

  stop() {
    this.game = null;
    clearInterval(this.timer);
  }

  resume() {
    this.game?.pause(false, performance.now());
    clearInterval(this.timer);
    this.timer = setInterval(() => this.tick(), TICK);
    this.render();
    this.pad.focus();
  }

  pause() {
    if (!this.game || this.game.paused) return;
    this.game.pause(true, performance.now());
    clearInterval(this.timer);
    this.render();
    this.find("[data-play=resume]").focus({ preventScroll: true });
  }

  tick() {
    const { game } = this;
    if (!game) return;
    const { phase } = game;
    game.tick(performance.now());
    const last = game.results.at(-1);
    if (game.phase === "over") {
      this.stop();
      this.onOver(game.results);
      return;
    }
    if (phase === "done" && game.isOpen && last) {
      if (!last.typed) this.showKeypad(false);
      this.wipe();
      const { answer } = last.sum;
      this.announce(
        say(last.outcome === "skipped" ? "play.spoken.skipped" : "play.spoken.right", { answer }),
      );
    }
    this.render();
  }

  /** @param {string} text @param {boolean} sure @param {boolean} final */
  read(text, sure, final) {
    if (!this.game?.isOpen) return;
    [this.seen, this.isFinal] = [text, final];
    if (final) this.game.read(text, sure, performance.now());
    this.render();
  }

  /** Make the pad blank. */
  wipe() {
    this.seen = "";
    this.pad.wipe();
  }

  clear() {
    this.game?.clear(performance.now());
    this.wipe();
    this.render();
  }

  /** @param {string} key a digit or Backspace */
  type(key) {
    const { game } = this;
    if (!game?.isOpen || game.paused) return;
    const typed = game.phase === "asking" && game.entry?.typed ? game.entry.text : "";
    const text = key === "Backspace" ? typed.slice(0, -1) : `${typed}${key}`.slice(0, MOST_TYPED);
    game.type(text, performance.now());
    this.wipe();
    [this.seen, this.isFinal] = [text, true];
    this.render();
  }

  /** @param {KeyboardEvent} event */
  keyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^\d$/.test(event.key) || (event.key === "Backspace" && this.game?.entry?.typed))
      this.type(event.key);
    else if (["Delete", "Backspace"].includes(event.key)) this.clear();
    else return;
    event.preventDefault();
  }

  /** @param {boolean} shown */
  showKeypad(shown) {
    const keypad = this.find(".keypad");
    const hadFocus = keypad.contains(document.activeElement);
    keypad.hidden = !shown;
    this.find("[data-play=type]").ariaPressed = `${shown}`;
    if (shown) this.find(".keypad button").focus();
    else if (hadFocus) this.pad.focus();
  }

  /** Tell a screen reader the sum, after what became of the one before. @param {string} before */
  announce(before) {
    if (!this.game) return;
    const { a, b, sign } = this.game.sum;
    const sum = say(sign === "+" ? "play.spoken.plus" : "play.spoken.times", { a, b });
    this.find(".news").textContent = `${before} ${this.place}: ${sum}`.trim();
  }

  get place() {
    if (!this.game) return "";
    const { results, isOpen, sums } = this.game;
    return say("play.count", { n: results.length + Number(isOpen), count: sums.length });
  }

  get remark() {
    if (!this.game) return "";
    const { phase, entry, isUnclear, results } = this.game;
    if (this.notice) return say(this.notice);
    if (phase === "wrong")
      return say(entry?.typed ? "play.wrong.typed" : "play.wrong", { text: entry?.text });
    if (isUnclear) return say("play.unclear");
    return phase === "done" ? say(`play.done.${results.at(-1)?.outcome}`) : "";
  }

  render() {
    const { game, find, section } = this;
    if (!game) return;
    const { sum, phase, results, paused, isOpen, entry } = game;
    section.dataset.phase = phase;
    section.dataset.outcome = isOpen ? "" : results.at(-1)?.outcome;
    for (const part of /** @type {Iterable<HTMLElement>} */ (section.children)) {
      if (!part.matches(".spoken, .progress")) part.hidden = part.matches(".paused") !== paused;
    }
    setText(find(".paused p"), paused ? say("play.paused") : "");
    setText(find(".count"), this.place);
    setText(find(".clock"), duration(game.elapsed, 0));
    setText(find(".asked"), `${sum.a} ${sum.sign} ${sum.b} =`);
    setText(find(".given"), isOpen ? this.seen || (entry ? "?" : "") : sum.answer);
    find(".given").ariaBusy = `${!this.isFinal}`;
    setText(find(".remark"), this.remark);
    for (const [i, dot] of this.all(".dots i").entries()) {
      const result = results[i];
      const mark = result ? markOf(result) : i === results.length ? "now" : "";
      if (dot.dataset.mark !== mark) dot.dataset.mark = mark;
    }
  }
}
