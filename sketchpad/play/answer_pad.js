// The pad for answers: its pens, and the reading of what is on it.
import { BLANK, Drawing, isBlank } from "../pad/drawing.js";
import { mountKeyboardPen } from "../pad/keyboard.js";
import { mountPainter } from "../pad/painter.js";
import { Pen } from "../pad/pen.js";
import { ReadingClient, sendStrokes } from "../pad/reading_client.js";
import { within } from "../ui/dom.js";
import { toText } from "../ui/reading_lines.js";

/** Calls `onBegin` before it touches the pad, whether a pointer or a key puts it down. */
class AnswerPen extends Pen {
  onBegin = () => {};

  /** @param {Parameters<Pen["begin"]>} how */
  begin(...how) {
    this.onBegin();
    super.begin(...how);
  }
}

/**
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {import("../ui/types").Server} options.server
 * @param {number} options.side
 * @param {() => void} options.onWrite the pen is about to touch the pad
 * @param {() => void} options.onLift the pen is up
 * @param {(text: string, sure: boolean, final: boolean) => void} options.onReading `sure` if every digit is clear
 * @param {(key: string) => void} options.onNotice with the key of a sentence, or ""
 */
export function mountAnswerPad({ element, server, side, onWrite, onLift, onReading, onNotice }) {
  const { find } = within(element);
  const canvas = find("canvas");
  const drawing = new Drawing();
  const pen = new AnswerPen(canvas, drawing, side, () => keys.hide());
  const keys = mountKeyboardPen(pen, find(".cursor"), find(".spoken.pen"));
  pen.onBegin = onWrite;
  mountPainter(canvas, drawing, side);

  const client = new ReadingClient({
    send: sendStrokes(server),
    onAnswer({ digits }, state) {
      const sure = digits.length > 0 && digits.every(({ verdict }) => verdict === "digit");
      onReading(toText(digits).replaceAll("\n", ""), sure, state === "final");
    },
    onNotice,
  });
  drawing.onSettle((sheet) => {
    onLift();
    if (isBlank(sheet)) client.forget();
    else client.request(sheet, true);
  });
  drawing.onFrame((sheet) => {
    find(".hint").hidden = !isBlank(sheet);
    if (drawing.gesture && !isBlank(sheet)) client.request(sheet, false);
  });

  return {
    focus: () => canvas.focus({ preventScroll: true }),
    wipe() {
      drawing.gesture = null;
      drawing.past = [];
      drawing.settle(BLANK);
    },
  };
}
