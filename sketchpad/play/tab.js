// The Play tab: twenty sums against the clock, answered by hand.
import { onPlace, placeOf, setPlace } from "../ui/address.js";
import { onClick, within } from "../ui/dom.js";
import { language, say } from "../ui/i18n.js";
import { GameView } from "./game_view.js";
import { keepBest, kindOf, readBests, score } from "./score.js";
import { bestInWords, showScore } from "./score_view.js";
import { drawSums, LEVELS } from "./sums.js";

const NUMBERS = 10_000; // different games of a level

/** @param {import("../ui/types").Mount} component */
export function mount({ element, server, props }) {
  const { find, all } = within(element);
  const view = new GameView(find(".game"), server, props.side, finish);
  let level = "";
  let number = 0;
  /** @type {Parameters<typeof showScore>[1] | null} the game whose score is shown */
  let over = null;

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
    over = null;
    show("game");
    view.start(drawSums(sums, number));
  }

  /** @param {import("./game.js").Result[]} results */
  function finish(results) {
    const { right, ms, typed } = score(results);
    const kind = kindOf(level, typed);
    const before = readBests()[kind];
    over = { results, level, number, before, isBest: keepBest(kind, { right, ms }) };
    setPlace("Play", ""); // the next game has other sums
    showScore(find(".score"), over);
    show("score");
    find(".score h2").focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  function showBests() {
    const bests = readBests();
    for (const button of all("[data-level]")) {
      const lines = [0, 1].map((typed) => {
        const best = bests[kindOf(button.dataset.level, typed)];
        return best ? say(typed ? "play.record.typed" : "play.record.best", { best: bestInWords(best) }) : "";
      });
      button.querySelector(".best").textContent = lines.filter(Boolean).join("\n");
    }
  }

  function showStart() {
    view.stop();
    over = null;
    showBests();
    show("start");
  }

  /** @type {Record<string, () => void>} */
  const actions = { again: () => start(level), end: showStart, other: showStart };
  onClick(element, "[data-level]", ({ dataset }) => start(dataset.level));
  onClick(element, "[data-play]", ({ dataset }) => {
    actions[dataset.play]?.();
    if (actions[dataset.play] === showStart) find(`[data-level="${level}"]`).focus();
  });
  onPlace("Play", showStart);
  language.subscribe(() => {
    view.render();
    showBests();
    if (over) showScore(find(".score"), over);
  });
  showStart();
}

/** @param {string} place in the address */
const numberIn = (place) => (/^\d{1,4}$/.test(place) ? Number(place) : null);
