// The score of a game: its figures, and a strip plot of the times.
import { create, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { duration, MARKS, markOf, score } from "./score.js";

/** @param {import("./score.js").Best} best */
export const bestInWords = ({ right, ms }) => say("play.best", { right, time: duration(ms) });

/**
 * @param {HTMLElement} section
 * @param {object} game
 * @param {import("./game.js").Result[]} game.results
 * @param {string} game.level
 * @param {number} game.number
 * @param {import("./score.js").Best | undefined} game.before the best one so far of the same kind
 * @param {boolean} game.isBest
 */
export function showScore(section, { results, level, number, before, isBest }) {
  const { find, all } = within(section);
  const { right, errors, misread, answers, typed, ms, median } = score(results);
  const count = results.length;
  const name = say(`play.level.${level}`);
  find("h2").textContent = say("play.score", { right, count, level: name });
  const record = isBest
    ? before
      ? "play.record.before"
      : "play.record.first"
    : before && "play.record.best";
  find(".record").textContent = record ? say(record, { best: before && bestInWords(before) }) : "";
  find(".record").classList.toggle("new", isBest);
  /** @type {Record<string, string>} */
  const figures = {
    time: duration(ms),
    median: median === null ? "–" : duration(median),
    errors: `${errors}`,
    misread: say("play.of", { n: misread, count: answers }),
    typed: `${typed}`,
  };
  for (const figure of all("[data-figure]")) {
    figure.textContent = figures[figure.dataset.figure];
    figure.parentElement.hidden = figure.dataset.figure === "typed" && !typed;
  }
  find(".number").textContent = say("play.number", { number });

  const most = Math.max(1000, ...results.map((result) => result.ms));
  find(".strip").style.setProperty("--median", `${(median ?? 0) / most}`);
  find(".strip .median").hidden = median === null;
  find(".strip .most").textContent = duration(most);
  find(".strip ol").replaceChildren(
    ...results.map((result) => {
      const { a, b, sign, answer } = result.sum;
      const mark = markOf(result);
      const item = create(
        "li",
        { title: `${a} ${sign} ${b} = ${answer} · ${duration(result.ms)} · ${say(`play.mark.${mark}`)}` },
        create("i", { className: "mark" }),
        create("span", { textContent: `${a} ${sign} ${b}`, ariaHidden: "true" }),
      );
      item.append(create("span", { className: "spoken", textContent: item.title }));
      item.dataset.mark = mark;
      item.style.setProperty("--t", (result.ms / most).toFixed(4));
      return item;
    }),
  );
  const marks = results.map(markOf);
  find(".legend").replaceChildren(
    ...MARKS.filter((mark) => marks.includes(mark)).map((mark) => {
      const n = marks.filter((each) => each === mark).length;
      const item = create("li", {}, create("i", { className: "mark" }), `${n} ${say(`play.mark.${mark}`)}`);
      item.dataset.mark = mark;
      return item;
    }),
  );
}
