// Train here: starts, follows and stops the server's only training run, and shows its curves.
import { onVisibilityChange, showNotice, within } from "../ui/dom.js";
import { language, say } from "../ui/i18n.js";
import { callUntilAnswered } from "../ui/server.js";
import { AXES } from "./axes.js";
import { Charts } from "./charts.js";
import { linesOf } from "./lines.js";
import { mountSmallPad } from "./small_pad.js";

/** @import { Server } from "../ui/types" */

const INTERVAL = 700; // ms between two requests of a run's state

/**
 * @typedef {object} Run the state of the run, with the rows since the last request
 * @property {number} run its number
 * @property {"none" | "running" | "over" | "failed"} state
 * @property {string} failure why it failed
 * @property {number} passed seconds
 * @property {number} limit seconds
 * @property {string} phase
 * @property {boolean} mnist whether it learns from MNIST too
 * @property {{ passed: number, images: number, val_accuracy: number }[]} rows
 * @property {string} [token] stops the run; only for the visitor who started it
 * @property {string} [error]
 */

/**
 * @param {HTMLElement} section @param {Server} server
 * @param {number} side of the pad, in its units
 * @param {() => void} onEnd called when a run has ended
 */
export function mountTrainHere(section, server, side, onEnd) {
  const { find } = within(section);
  const body = find(".here-body");
  const charts = new Charts(body, "seconds");
  const [start, stop] = [find('[data-here="start"]'), find('[data-here="stop"]')];
  /** @type {Run | null} */
  let run = null;
  /** @type {Run["rows"]} */
  let rows = [];
  let token = ""; // of the run that this visitor started
  let timer = 0;
  const pad = mountSmallPad(section, side, () => rows.length > 0, ask);

  /**
   * @param {string} name @param {() => unknown} payload
   * @returns {Promise<Run | undefined>} undefined once the section is hidden
   */
  async function ask(name, payload) {
    let silent = false;
    const response = await callUntilAnswered(server, name, payload, {
      onSilence() {
        silent = true;
        showNotice(find(".problem"), say("page.no_response"));
      },
      isWanted: () => Boolean(section.offsetParent),
    });
    if (silent) showNotice(find(".problem"), "");
    return response;
  }

  /** @param {Run | undefined} response */
  function show(response) {
    if (!response) return;
    showNotice(find(".problem"), response.error ?? "");
    if (response.error) return;
    if (response.run !== run?.run) rows = [];
    const wasRunning = run?.state === "running";
    const isRunning = response.state === "running";
    run = response;
    rows.push(...response.rows);
    token = isRunning ? (response.token ?? token) : "";
    showState(response);
    if (response.rows.length) {
      charts.show(linesOf(rows, "passed", "training.series.held"), [0, response.limit]);
    }
    const hasEnded = wasRunning && !isRunning;
    if (response.rows.length || hasEnded) pad.read();
    if (hasEnded) onEnd();
  }

  /** @param {Run} run */
  function showState(run) {
    const running = run.state === "running";
    const training = running && rows.length > 0;
    body.hidden = run.state === "none" || (body.hidden && !rows.length);
    body.classList.toggle("untrained", !rows.length); // between two runs, which keeps its place
    start.ariaDisabled = `${running}`;
    start.textContent = say(rows.length && !running ? "training.here.again" : "training.here.start");
    stop.hidden = !(running && token);
    const bar = find(".here-tools progress");
    bar.hidden = !running;
    bar.value = run.passed / run.limit;
    const learnsFrom = say(run.mnist ? "training.here.both" : "training.here.synthetic");
    // Screen readers announce a change of state, not every second of training.
    find(".here-status").ariaLive = training ? "off" : "polite";
    find(".here-status").textContent = `${sentence(run)} ${learnsFrom}`;
  }

  /** @param {Run} run */
  function sentence({ state, phase, passed, limit, failure }) {
    const left = Math.max(0, Math.round(limit - passed));
    const newest = rows.at(-1);
    const images = newest?.images.toLocaleString("en");
    if (state === "failed") return say("training.here.failed", { failure });
    if (state === "running" && !token) return say("training.here.busy", { left });
    if (state === "running" && newest) return say("training.here.learning", { images, left });
    if (state === "running") return say(`training.here.${phase}`);
    if (state === "none" || !newest) return "";
    const accuracy = AXES.accuracy?.format(newest.val_accuracy);
    return say("training.here.over", { images, passed: Math.round(newest.passed), accuracy });
  }

  /** Request the state now, and again while the run is under way and the section is visible. */
  async function follow() {
    clearTimeout(timer);
    const response = await ask("run_state", () => ({ run: run?.run ?? 0, after: rows.length }));
    show(response);
    clearTimeout(timer); // of a call that came in between
    if (response && run?.state === "running") timer = setTimeout(follow, INTERVAL);
  }

  start.addEventListener("click", async () => {
    if (start.ariaDisabled === "true") return;
    start.ariaDisabled = "true";
    show(await ask("train", () => null));
    if (run?.state === "running") {
      body.scrollIntoView({ block: "nearest", behavior: "smooth" });
      follow();
    } else start.ariaDisabled = "false";
  });
  stop.addEventListener("click", async () => {
    start.focus();
    show(await ask("stop", () => ({ token })));
    follow();
  });
  onVisibilityChange(section, (visible) => {
    if (visible) follow();
  });
  language.subscribe(() => {
    if (run) showState(run);
  });
}
