// The Draw tab: the pad, and beside it the reading, updated while the pen moves.
import { BLANK, isBlank, pageDrawing } from "../pad/drawing.js";
import { strokesInside } from "../pad/geometry.js";
import { Gestures } from "../pad/gestures.js";
import { mountKeyboardPen } from "../pad/keyboard.js";
import { mountPainter } from "../pad/painter.js";
import { Pen } from "../pad/pen.js";
import { ReadingClient, sendStrokes } from "../pad/reading_client.js";
import { WHOLE } from "../pad/view.js";
import { setText, showNotice, within } from "../ui/dom.js";
import { say } from "../ui/i18n.js";
import { call } from "../ui/server.js";
import { latestAnswer } from "../ui/store.js";
import { mountCorrections } from "./corrections.js";
import { mountExamples } from "./examples.js";
import { withFallback } from "./fallback.js";
import { mountExports } from "./picture/exports.js";
import { mountLive } from "./picture/live.js";
import { mountSources } from "./picture/sources.js";
import { Viewer } from "./picture/viewer.js";
import { Result } from "./result.js";
import { mountSteps } from "./steps.js";
import { mountTravel } from "./travel.js";

const REPLACED = 6000; // ms for which the page says that a stroke has replaced a picture

/** @param {import("../ui/types").Mount} mount */
export function mount({ element, server, props }) {
  const { find } = within(element);
  const canvas = find("#pad canvas");
  const drawing = pageDrawing;
  const result = new Result(element, props.side);
  const notices = mountNotices(find(".notice"));
  const ask = sendStrokes(server);
  const here = props.browserReader ? lazyReader(props.browserReader) : null;
  const readStrokes = here
    ? withFallback(ask, here.read, (isHere) => {
        notices.place(isHere ? say("status.here") : "");
        find("[data-fact=device]").textContent = isHere ? say("facts.here") : props.device;
      })
    : ask;

  const client = new ReadingClient({
    send(request, timeout) {
      const { picture } = request.sheet;
      return picture ? call(server, "look", picture.data, timeout) : readStrokes(request, timeout);
    },
    onAnswer(answer, state, number) {
      const { live } = answer.sheet.picture ?? {};
      if (!live || camera.on) result.show(answer, state, number);
      if (live) camera.answered();
      here?.prepare();
    },
    onNotice: (key) => notices.status(key && say(key)),
  });

  /** @param {boolean} erasing */
  function sayHint(erasing) {
    find(".hint").dataset.text = erasing ? "pad.hint.eraser" : "pad.hint"; // for a change of language
    setText(find(".hint"), say(find(".hint").dataset.text));
  }

  /** @param {import("../ui/types").Sheet} sheet @param {boolean} final */
  function read(sheet, final) {
    if (isBlank(sheet)) {
      result.show(null, "blank", client.forget());
      return;
    }
    result.expectAnswer(sheet);
    client.request(sheet, final);
  }

  const viewer = new Viewer(element, drawing, result, props.side);
  viewer.repaint = mountPainter(canvas, drawing, props.side, viewer.view);
  const pen = mountTools(element, drawing, props.side, sayHint);
  let replacedUntil = 0; // the time until which a stroke counts as having just replaced a picture
  new Gestures(find("#pad"), viewer, (event) => {
    pen.pointerDown(event);
    replacedUntil = performance.now() + REPLACED;
  });
  const isForPad = mountShortcuts(canvas, drawing);
  mountExamples(element, drawing);
  mountSources(element, drawing, notices.message, isForPad);
  const camera = mountLive({
    element,
    drawing,
    notice: notices.message,
    requestFrame: (sheet) => read(sheet, false),
    restore: () => read(drawing.sheet, true),
    onChange: () => viewer.set(WHOLE),
  });
  const offer = mountExports(element, result);
  mountCorrections(element, result);
  mountSteps(element, server, result);

  drawing.onSettle((sheet) => read(sheet, true));
  drawing.onFrame((sheet) => {
    const replaced = sheet.strokes.length && performance.now() < replacedUntil;
    notices.message(replaced ? say("picture.replaced") : "");
    find(".hint").hidden = !isBlank(sheet);
    sayHint(pen.erasing);
    if (drawing.gesture && !isBlank(sheet)) read(sheet, false);
  });
  // Publish the answer to the other tabs.
  result.onShow(() => {
    const { answer, digits, state, chosen, index } = result;
    const strokes = digits.map((digit) => strokesInside(answer?.sheet.strokes ?? [], digit.box));
    latestAnswer.set(answer && { ...answer, strokes, chosen, index, final: state === "final" });
  });

  find("[data-fact=device]").textContent = props.device;
  result.show(null, "blank", 0);
  mountTravel(element, drawing, props.side, notices.message, offer);
}

/**
 * Reads in this browser, with the modules and the network at `base`. They are fetched once something was drawn: a
 * page that has lost its server could not fetch them from it.
 * @param {string} base
 */
function lazyReader(base) {
  const url = (/** @type {string} */ name) => new URL(`${base}web/${name}`, document.baseURI).href;
  /** @type {Promise<import("../web/local_reader.js").LocalReader> | null} */
  let opened = null;
  const open = () => {
    opened ??= import(url("local_reader.js")).then(({ LocalReader }) => {
      const reader = new LocalReader(() => new Worker(url("worker.js"), { type: "module" }));
      reader.start();
      return reader;
    });
    opened.catch(() => {
      opened = null; // tried again with the next drawing
    });
    return opened;
  };
  return {
    prepare: () => void open().catch(() => {}),
    read: (/** @type {import("../pad/reading_client.js").Request} */ { sheet }) =>
      open().then(
        (reader) => reader.read(sheet.strokes),
        () => undefined,
      ),
  };
}

/**
 * One line for three kinds of sentences: `status` while the server is waited for, else `message` about what the
 * visitor did last, else `place` while the server is not the one who reads.
 * @param {HTMLElement} line
 */
function mountNotices(line) {
  let [status, message, place] = ["", "", ""];
  const show = () => showNotice(line, status || message || place);
  return {
    status(/** @type {string} */ sentence) {
      status = sentence;
      show();
    },
    message(/** @type {string} */ sentence) {
      message = sentence;
      show();
    },
    place(/** @type {string} */ sentence) {
      place = sentence;
      show();
    },
  };
}

/**
 * The pens, the eraser, undo, redo and clear. Returns the pen.
 * @param {HTMLElement} element
 * @param {import("../pad/drawing.js").Drawing} drawing
 * @param {number} side
 * @param {(erasing: boolean) => void} onChange called when a pen or the eraser is chosen
 */
function mountTools(element, drawing, side, onChange) {
  const { find, all } = within(element);
  const canvas = find("#pad canvas");
  const pen = new Pen(canvas, drawing, side, () => keys.hide());
  const keys = mountKeyboardPen(pen, find(".cursor"), find(".spoken"));

  const pens = all("[data-pen]");
  let lastPen = find('[data-pen="12"]');
  const choose = (/** @type {HTMLElement} */ chosen) => {
    drawing.conclude();
    pen.erasing = chosen.dataset.pen === "eraser";
    if (!pen.erasing) {
      lastPen = chosen;
      pen.width = Number(chosen.dataset.pen);
    }
    for (const button of pens) button.setAttribute("aria-pressed", String(button === chosen));
    canvas.classList.toggle("erasing", pen.erasing);
    onChange(pen.erasing);
  };
  for (const button of pens) button.addEventListener("click", () => choose(button));
  choose(lastPen);

  for (const tool of /** @type {const} */ (["undo", "redo", "clear"])) {
    find(`[data-tool="${tool}"]`).addEventListener("click", () => drawing[tool]());
  }
  drawing.onSettle((sheet) => {
    if (pen.erasing && sheet === BLANK) choose(lastPen); // cleared: what comes next is drawn
    // aria-disabled, not disabled: a button that has just been pressed must keep the focus.
    const usable = { undo: drawing.past.length, redo: drawing.future.length, clear: !isBlank(sheet) };
    for (const [tool, use] of Object.entries(usable)) {
      find(`[data-tool="${tool}"]`).setAttribute("aria-disabled", String(!use));
    }
  });
  return pen;
}

/**
 * Keyboard shortcuts for undo, redo and clear. Returns a predicate for events meant for the pad: the tab is
 * visible and the visitor is not typing elsewhere.
 * @param {HTMLCanvasElement} canvas
 * @param {import("../pad/drawing.js").Drawing} drawing
 */
function mountShortcuts(canvas, drawing) {
  const isForPad = (/** @type {Event} */ { target }) =>
    Boolean(canvas.offsetParent) &&
    !(target instanceof Element && target.closest("input:not([type=file]), textarea, select"));

  document.addEventListener("keydown", (event) => {
    if (!isForPad(event)) return;
    const key = event.key.toLowerCase();
    const control = event.ctrlKey || event.metaKey;
    if (key === "delete") drawing.clear();
    else if (control && key === "z" && !event.shiftKey) drawing.undo();
    else if (control && (key === "y" || key === "z")) drawing.redo();
    else return;
    event.preventDefault();
  });
  return isForPad;
}
