// The lesson beside the page: a step at a time, with the part of the page it is about opened and outlined.
import { hold, open, parse } from "../ui/address.js";
import { create, onClick, setText, showNotice, within } from "../ui/dom.js";
import { language, say } from "../ui/i18n.js";
import { pause, RETRY } from "../ui/server.js";
import { recall, remember } from "../ui/storage.js";
import { addressOf, parseProgress, stepOf } from "./progress.js";

const KEY = "sketchpad-lesson";

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
    article
      .querySelector(".try")
      ?.after(create("a", { className: "show", href: `#${place}`, textContent: say("lesson.show") }));
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

  /** Open the step's place, and outline what it is about as soon as it is there. */
  async function visit() {
    const step = currentStep();
    const { place, target = "" } = step.dataset;
    hold(addressOf(progress.step));
    const address = parse(`#${place}`);
    if (address) open(address);
    outline(null);
    while (progress.open && currentStep() === step && !outlined) {
      outline(document.querySelector(target));
      await pause(100);
    }
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

  function close() {
    showPanel(false);
    store();
    outline(null);
    hold("");
    opener.focus();
  }

  /** @param {number} step */
  async function go(step) {
    progress.step = step;
    await show();
    body.focus({ preventScroll: true });
  }

  opener.addEventListener("click", () => (progress.open ? close() : go(progress.step)));
  onClick(element, "[data-lesson]", (button) => {
    if (button.dataset.lesson === "close") close();
    else if (button.dataset.lesson === "back") go(progress.step - 1);
    else if (progress.step < steps.length) go(progress.step + 1);
    else close();
  });
  element.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  function follow() {
    const step = stepOf(location.hash);
    if (step) go(step);
  }
  addEventListener("hashchange", follow);
  language.subscribe(() => progress.open && show(false));

  if (stepOf(location.hash)) follow();
  else if (progress.open) show(false);
}
