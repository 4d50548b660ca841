// A reading in words: verdicts, reasons, marks.
import { verdictValues } from "../ui/format.js";
import { language, say } from "../ui/i18n.js";
import { isPage, linesOf } from "../ui/reading_lines.js";

/** @typedef {import("../ui/types").SeenDigit} SeenDigit */
/** @typedef {"blank" | "provisional" | "final"} State */

/** From which the first is shown. In a picture what is not a digit may be a stain. */
const DOUBT = /** @type {const} */ (["digit", "unsure", "not a digit"]);
const DOUBT_IN_PICTURE = /** @type {const} */ (["not a digit", "digit", "unsure"]);

/**
 * The index of the digit whose bars are shown: the chosen one, else the least certain; of several equal ones the
 * newest of a drawing, the first of a picture.
 * @param {SeenDigit[]} digits
 * @param {number | null} chosen
 * @param {boolean} isPicture
 */
export function focusIndex(digits, chosen, isPicture) {
  if (chosen !== null && chosen < digits.length) return chosen;
  const order = isPicture ? DOUBT_IN_PICTURE : DOUBT;
  const doubt = digits.map(({ verdict }) => order.indexOf(verdict));
  const most = Math.max(...doubt);
  return Math.max(0, isPicture ? doubt.indexOf(most) : doubt.lastIndexOf(most));
}

/**
 * A digit as a short mark: "7", "7?" if unsure, "?" if not a digit.
 * @param {SeenDigit} digit
 */
export const mark = ({ label, verdict }) =>
  ({ digit: `${label}`, unsure: `${label}?`, "not a digit": "?" })[verdict];

/**
 * Whether it resembles a digit on a page that resembles no handwriting.
 * @param {SeenDigit} digit
 */
const isOdd = ({ verdict, reason }) => verdict === "unsure" && reason === "odd";

/**
 * The error of a response, translated if the page has a sentence for its code.
 * @param {import("../ui/types").ReadingResponse} response
 */
export function errorSentence({ error = "", code, values }) {
  const key = `error.${code}`;
  const sentence = say(key, values);
  return sentence === key ? error : sentence;
}

/**
 * The verdict on one digit of several, or the only one.
 * @param {SeenDigit[]} digits
 * @param {number} index
 */
export function digitVerdict(digits, index) {
  const digit = digits[index];
  if (!digit) return "";
  const verdict = say(isOdd(digit) ? "verdict.unsure.odd" : `verdict.${digit.verdict}`, verdictValues(digit));
  return digits.length < 2 ? verdict : say("verdict.of", { index: index + 1, count: digits.length, verdict });
}

/**
 * The verdict on the whole reading, and its reason.
 * @param {import("../pad/reading_client.js").Read | null} answer
 * @param {State} state
 * @param {SeenDigit[]} digits
 * @param {number} index
 * @param {number | null} chosen
 */
export function inWords(answer, state, digits, index, chosen) {
  const found = digits.filter(({ verdict }) => verdict !== "not a digit");
  const unsure = found.filter(({ verdict }) => verdict === "unsure");
  // Several digits, none selected and none unsure: one sentence covers them all.
  const allClear = digits.length > 1 && chosen === null && found.length === digits.length && !unsure.length;
  const isBesideStains = answer?.sheet.picture && found.length && found.length < digits.length;
  const isDoubtful = found.length > 1 && found.every(isOdd);
  const whole = chosen === null && (isPage(digits) || isBesideStains || isDoubtful);
  const digit = digits[index];

  function wholeVerdict() {
    const lines = linesOf(found).length;
    if (!found.length) return say("verdict.none");
    if (found.length === 1) return digitVerdict(found, 0);
    if (isDoubtful) return say("verdict.doubtful");
    return say(lines > 1 ? "verdict.lines" : "verdict.line", { count: found.length, lines });
  }

  function verdict() {
    if (state === "blank") return say("verdict.blank");
    if (!answer) return say("answer.picture");
    if (answer.error) return errorSentence(answer);
    if (!digit) return say(answer.sheet.picture ? "verdict.none" : "verdict.nothing");
    if (whole) return wholeVerdict();
    return allClear ? say("verdict.digit", { label: answer.text }) : digitVerdict(digits, index);
  }

  function reasons() {
    if (state === "blank") return [say("why.blank")];
    if (!answer || answer.error) return [];
    if (answer.sheet.picture?.live) return [say("camera.live")];
    if (state === "provisional") return [say(answer.sheet.picture ? "answer.picture" : "answer.provisional")];
    if (!digit) return [answer.sheet.picture ? say("why.none") : ""];
    const turned = answer.turned ? say("why.turned", { degrees: answer.turned }) : "";
    if (whole) {
      const none = digits.length - found.length;
      return [
        isDoubtful ? say("why.doubtful") : "",
        unsure.length && !isDoubtful ? say("why.unsure", { count: unsure.length }) : "",
        none ? say("why.stains", { count: none }) : "",
        allClear ? say("why.lines.clear") : "",
        turned,
      ];
    }
    if (allClear) return [say("why.all", { index: index + 1, count: digits.length }), turned];
    return [say(isOdd(digit) ? "why.doubtful" : `why.${digit.reason}`, verdictValues(digit))];
  }

  return {
    verdict: verdict(),
    reason: reasons()
      .filter(Boolean)
      .join(language.value === "en" ? " " : ""),
  };
}
