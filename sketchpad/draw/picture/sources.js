// Pictures from a file, the phone's camera, the clipboard or a drop.
import { within } from "../../ui/dom.js";
import { say } from "../../ui/i18n.js";
import { FileError, openFile } from "./open_file.js";

const PATIENCE = 300; // ms until the page says that it is opening a large picture

/**
 * @param {HTMLElement} element
 * @param {import("../../pad/drawing.js").Drawing} drawing
 * @param {(sentence: string) => void} notice
 * @param {(event: Event) => boolean} isForPad
 */
export function mountSources(element, drawing, notice, isForPad) {
  const { find } = within(element);
  let newest = 0;

  /**
   * Show a picture file on the pad; a file that cannot be opened changes nothing.
   * @param {File | undefined} file
   */
  async function open(file) {
    if (!file) return;
    const number = ++newest;
    notice("");
    const timer = setTimeout(() => notice(say("picture.opening")), PATIENCE);
    try {
      const picture = await openFile(file);
      if (number === newest) showPicture(drawing, picture);
      notice("");
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      notice(say(error.message, error.values));
    } finally {
      clearTimeout(timer);
    }
  }

  for (const source of ["picture", "photo"]) {
    const input = find(`[data-source="${source}"]`);
    find(`[data-start="${source}"]`).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      open(input.files[0]);
      input.value = ""; // choosing the same file again then fires a change event
    });
  }

  document.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (!file || !isForPad(event)) return;
    event.preventDefault();
    open(file);
  });

  // Anywhere on the page: elsewhere the browser would leave the page and show the file.
  const pad = find("#pad");
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    pad.classList.toggle("over", isForPad(event));
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) pad.classList.remove("over"); // the pointer has left the page
  });
  document.addEventListener("drop", (event) => {
    pad.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    if (isForPad(event)) open(file);
  });
}

/**
 * Put a picture on the pad, as one step of the history.
 * @param {import("../../pad/drawing.js").Drawing} drawing
 * @param {import("../../ui/types").Picture} picture
 */
export function showPicture(drawing, picture) {
  drawing.conclude();
  drawing.edit({ strokes: [], picture });
}
