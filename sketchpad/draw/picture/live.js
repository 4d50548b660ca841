// The live camera's buttons, and its answers in place of the drawing's.
import { onVisibilityChange, within } from "../../ui/dom.js";
import { say } from "../../ui/i18n.js";
import { Camera } from "./camera.js";
import { showPicture } from "./sources.js";

const PATIENCE = 300; // ms until the page says that it waits for the permission

/** @typedef {import("../../ui/types").Sheet} Sheet */

/**
 * Returns whether the camera is on, and a function to call when the answer to a frame is shown.
 * @param {object} page
 * @param {HTMLElement} page.element
 * @param {import("../../pad/drawing.js").Drawing} page.drawing
 * @param {(sentence: string) => void} page.notice
 * @param {(sheet: Sheet) => void} page.requestFrame ask for a provisional reading
 * @param {() => void} page.restore read what is on the pad again
 * @param {(live: boolean) => void} page.onChange
 */
export function mountLive({ element, drawing, notice, requestFrame, restore, onChange }) {
  const { find } = within(element);
  const button = find('[data-start="camera"]');
  const video = find("#pad video");
  let answered = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const camera = new Camera({
    video,
    read: (picture) =>
      new Promise((resolve) => {
        answered = resolve;
        requestFrame({ strokes: [], picture });
      }),
    onChange(live) {
      clearTimeout(timer);
      notice("");
      const focused = element.querySelector(".camera-tools :focus");
      find(".sketch").classList.toggle("with-camera", live);
      video.hidden = !live;
      button.setAttribute("aria-pressed", String(live));
      onChange(live);
      if (live) find('[data-camera="take"]').focus();
      else if (focused) button.focus();
      answered();
    },
    onProblem(key) {
      clearTimeout(timer);
      restore();
      notice(say(key));
    },
  });

  function start() {
    timer = setTimeout(() => notice(say("camera.asking")), PATIENCE);
    camera.start();
  }

  function stop() {
    if (!camera.live) return;
    camera.stop();
    restore();
  }

  async function take() {
    video.pause(); // the frame stays in sight while it is encoded
    const picture = await camera.take();
    if (camera.live) showPicture(drawing, picture);
  }

  button.addEventListener("click", () => (camera.live ? stop() : start()));
  find('[data-camera="take"]').addEventListener("click", take);
  find('[data-camera="stop"]').addEventListener("click", stop);
  // Whatever is drawn or opened takes the camera's place, before it is read: no frame may be requested after it.
  drawing.onSettle(() => camera.stop());
  drawing.onFrame(() => camera.stop());
  document.addEventListener("visibilitychange", () => document.hidden && stop());
  onVisibilityChange(find("#pad"), (visible) => !visible && !video.offsetParent && stop());

  return {
    get on() {
      return camera.live;
    },
    answered: () => answered(),
  };
}
