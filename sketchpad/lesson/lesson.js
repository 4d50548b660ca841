// The lesson beside the page: a step at a time, with the part of the page it is about opened and outlined.
import { pageDrawing } from "../pad/drawing.js";
import { hold, open, parse } from "../ui/address.js";
import { create, onClick, setText, showNotice, within } from "../ui/dom.js";
import { language, say } from "../ui/i18n.js";
import { pause, RETRY } from "../ui/server.js";
import { recall, remember } from "../ui/storage.js";
import { latestAnswer } from "../ui/store.js";
import { addressOf, parseProgress, stepOf } from "./progress.js";

const SETTLE = 400; // ms in which a section that has just been opened gets its height
const KEY = "sketchpad-lesson";
/** @type {import("../ui/types").Point[]} */
const SEVEN = [
  [78, 68],
  [204, 64],
  [160, 136],
  [124, 238],
]; // an example for who has not drawn

/** @param {import("../ui/types").Mount} component */
export function mount({ element }) {
  const { find } = within(element);
  const panel = find("aside");
  const body = find(".step");
  const opener = /** @type {HTMLElement} */ (document.querySelector("[data-lesson=open]"));
  const progress = parseProgress(recall(KEY));
  /** @type {HTMLElement[]} the steps in the visitor's language */
  let steps = [];
  let stepsLanguage = "";
  /** @type {Element | null} */
  let outlined = null;
  let ended = false;

  const currentStep = () => /** @type {HTMLElement} */ (steps[progress.step - 1]);
  const store = () => remember(KEY, JSON.stringify(progress));
  const pageAddress = (code = language.value) => new URL(`lesson?language=${code}`, document.baseURI).href;

  /** Fetch the words, once for each language. */
  async function load() {
    const wanted = language.value;
    if (stepsLanguage === wanted) return;
    const response = await fetch(pageAddress(wanted));
    if (!response.ok) throw new TypeError(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    steps = [...page.querySelectorAll("article")];
    stepsLanguage = wanted;
  }

  /** Show the step of the progress; `follows` opens its place on the page. */
  async function show(follows = true) {
    showPanel(true);
    try {
      await load();
    } catch {
      showNotice(find(".failure"), say("page.no_response"));
      setTimeout(() => progress.open && show(follows), RETRY);
      return;
    }
    showNotice(find(".failure"), "");
    progress.step = Math.min(progress.step, steps.length);
    store();
    showStep();
    if (follows) visit();
  }

  function showStep() {
    const { step } = progress;
    const article = /** @type {HTMLElement} */ (document.importNode(currentStep(), true));
    const { place = "", right } = article.dataset;
    const onPad = parse(`#${place}`)?.tab === "Draw";
    article.querySelector(".try")?.after(
      create("p", { className: "blank" }, say("lesson.blank"), makeButton("lesson.example", drawExample)),
      create(
        "p",
        { className: "places" },
        makeButton("lesson.show", () => visit()),
        ...(onPad ? [] : [makeButton("lesson.pad", () => visit("Draw", "#pad"))]),
      ),
    );
    const verdict = create("p", { className: "verdict" });
    verdict.setAttribute("role", "status");
    article.querySelector(".choices")?.after(verdict);
    const choices = [...article.querySelectorAll(".choices li")].map((item, index) => {
      const button = create("button", { type: "button", textContent: item.textContent ?? "" });
      button.addEventListener("click", () => {
        progress.chosen[step] = index;
        store();
        showChoice();
        showNavigation();
        body.scrollTop = verdict.offsetTop - body.offsetTop - body.clientHeight / 3; // the answer, in sight
      });
      item.classList.remove("right");
      item.replaceChildren(button);
      return button;
    });

    function showChoice() {
      const chosen = progress.chosen[step];
      article.classList.toggle("answered", chosen !== undefined);
      choices.forEach((button, index) => {
        button.ariaPressed = `${index === chosen}`;
        button.classList.toggle("right", chosen !== undefined && index === Number(right));
      });
      if (chosen !== undefined) {
        setText(verdict, say(chosen === Number(right) ? "lesson.right" : "lesson.wrong"));
      }
    }
    showChoice();
    body.replaceChildren(article);
    body.scrollTop = 0;
    showNavigation();
    showBlank();
  }

  /** @param {string} key of its sentence @param {() => void} onPress */
  function makeButton(key, onPress) {
    const button = create("button", { type: "button", textContent: say(key) });
    button.addEventListener("click", onPress);
    return button;
  }

  /** Say so where a step needs a drawing and there is none. */
  function showBlank() {
    body.classList.toggle("needs-drawing", !latestAnswer.value);
  }

  function drawExample() {
    pageDrawing.edit({ strokes: [Object.assign([...SEVEN], { pen: 12 })], picture: null });
    visit();
  }

  /** The end: how many questions were answered, and what to do next. */
  function showEnd() {
    const right = steps.filter((step, i) => progress.chosen[i + 1] === Number(step.dataset.right)).length;
    const play = create("a", { href: "#Play", textContent: say("lesson.play") });
    body.replaceChildren(create("p", {}, say("lesson.result", { right, count: steps.length })), play);
    outline(null);
    ended = true;
    setText(find("[data-lesson=next]"), say("lesson.close"));
    play.focus();
  }

  function showNavigation() {
    const { step, chosen } = progress;
    const count = steps.length;
    setText(find(".place"), say("lesson.step", { step, count }));
    const links = steps.map((_, index) => {
      const n = index + 1;
      const link = create("a", { href: addressOf(n), textContent: `${n}` });
      link.ariaLabel = say(n in chosen ? "lesson.done" : "lesson.step", { step: n, count });
      if (n === step) link.ariaCurrent = "step";
      link.classList.toggle("done", n in chosen);
      return create("li", {}, link);
    });
    find("nav ol").replaceChildren(...links);
    /** @type {HTMLButtonElement} */ (find("[data-lesson=back]")).disabled = step === 1;
    setText(find("[data-lesson=next]"), say(step < count ? "lesson.next" : "lesson.finish"));
    /** @type {HTMLAnchorElement} */ (find(".foot a")).href = pageAddress();
  }

  /**
   * Open a place, by default the step's, and outline what it is about as soon as it is there.
   * @param {string} [place] @param {string} [target] a selector
   */
  async function visit(place = currentStep().dataset.place, target = currentStep().dataset.target ?? "") {
    const step = currentStep();
    hold(addressOf(progress.step));
    const address = parse(`#${place}`);
    if (address) open(address);
    outline(null);
    const isWanted = () => progress.open && currentStep() === step;
    let found = null;
    while (isWanted() && !found?.getClientRects().length) {
      found = document.querySelector(target);
      await pause(100);
    }
    if (!isWanted()) return;
    outline(found);
    await pause(SETTLE);
    if (found === outlined) found?.scrollIntoView({ block: "start" });
  }

  /** @param {Element | null} target */
  function outline(target) {
    outlined?.classList.remove("lesson-target");
    outlined = target;
    target?.classList.add("lesson-target");
    target?.scrollIntoView({ block: "start" });
  }

  /** @param {boolean} isOpen */
  function showPanel(isOpen) {
    progress.open = isOpen;
    panel.hidden = !isOpen;
    opener.ariaExpanded = `${isOpen}`;
    document.body.classList.toggle("with-lesson", isOpen);
  }

  /** @param {boolean} isFolded as on a phone, where the lesson covers the tools below the pad */
  function fold(isFolded) {
    panel.classList.toggle("folded", isFolded);
    find("[data-lesson=fold]").ariaExpanded = `${!isFolded}`;
  }

  function close() {
    showPanel(false);
    store();
    outline(null);
    hold("");
    opener.focus();
  }

  /** @param {number} step */
  async function go(step) {
    ended = false;
    fold(false);
    progress.step = step;
    await show();
    body.focus({ preventScroll: true });
  }

  opener.addEventListener("click", () => (progress.open ? close() : go(progress.step)));
  onClick(element, "[data-lesson]", (button) => {
    const action = button.dataset.lesson;
    if (action === "close" || (action === "next" && ended)) close();
    else if (action === "fold") fold(!panel.classList.contains("folded"));
    else if (action === "back") go(progress.step - (ended ? 0 : 1));
    else if (progress.step < steps.length) go(progress.step + 1);
    else showEnd();
  });
  element.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  function follow() {
    const step = stepOf(location.hash);
    if (step) go(step);
  }
  addEventListener("hashchange", follow);
  latestAnswer.subscribe(showBlank);
  language.subscribe(() => progress.open && show(false));

  if (stepOf(location.hash)) follow();
  else if (progress.open) show(false);
}
