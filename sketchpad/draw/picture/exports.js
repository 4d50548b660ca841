// Buttons that copy a reading, or save it as CSV.
import { copyText, download, within } from "../../ui/dom.js";
import { say } from "../../ui/i18n.js";
import { toText } from "../../ui/reading_lines.js";
import { toCsv } from "./export_text.js";

const FILE = ["digits.csv", "text/csv;charset=utf-8"];

/**
 * Returns the function that copies a text and says so.
 * @param {HTMLElement} element
 * @param {import("../result.js").Result} result
 */
export function mountExports(element, result) {
  const { find, all } = within(element);
  const field = find(".exports textarea");
  const status = find(".exports p");
  let number = 0; // of the reading that the status belongs to

  /** @param {string} key */
  const tell = (key) => {
    number = result.number;
    status.textContent = key && say(key);
  };
  const save = () =>
    download(/** @type {string} */ (FILE[0]), toCsv(result.digits), /** @type {string} */ (FILE[1]));

  /**
   * Copy a text, or select it where the browser allows no copying.
   * @param {string} text
   */
  async function offer(text) {
    const done = await copyText(text);
    field.hidden = done;
    tell(done ? "copy.done" : "copy.refused");
    if (done) return;
    field.value = text;
    field.focus();
    field.select();
  }

  const actions = {
    text: () => offer(toText(result.digits)),
    async csv() {
      const done = await copyText(toCsv(result.digits));
      if (!done) save();
      tell(done ? "copy.done" : "copy.saved");
    },
    file() {
      save();
    },
  };
  for (const button of all("[data-export]")) {
    button.addEventListener("click", () =>
      actions[/** @type {keyof typeof actions} */ (button.dataset.export)](),
    );
  }

  result.onShow(() => {
    const picture = result.answer?.sheet.picture;
    const count = result.digits.length;
    for (const button of all("[data-export]")) button.hidden = picture?.live || count < (picture ? 1 : 2);
    if (number === result.number) return;
    tell("");
    field.hidden = true;
  });
  return offer;
}
