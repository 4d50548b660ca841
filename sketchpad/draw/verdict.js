// A reading in words: verdicts, reasons, marks.
import { verdictValues } from "../ui/format.js";
import { language, say } from "../ui/i18n.js";
import { isPage, linesOf } from "./lines.js";

/** @typedef {import("../ui/types").SeenDigit} SeenDigit */
/** @typedef {"blank" | "provisional" | "final"} State */

/**
 * The index of the digit whose bars are shown: the chosen one, else the least certain.
 * @param {SeenDigit[]} digits
 * @param {number | null} chosen
 */
export function focusIndex(digits, chosen) {
  if (chosen !== null && chosen < digits.length) return chosen;
  const doubt = digits.map(({ verdict }) => ["digit", "unsure", "not a digit"].indexOf(verdict));
  return Math.max(0, doubt.lastIndexOf(Math.max(...doubt)));
}

/**
 * A digit as a short mark: "7", "7?" if unsure, "?" if not a digit.
 * @param {SeenDigit} digit
 */
export const mark = ({ label, verdict }) =>
  ({ digit: `${label}`, unsure: `${label}?`, "not a digit": "?" })[verdict];

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
  const verdict = say(`verdict.${digit.verdict}`, verdictValues(digit));
  return digits.length < 2 ? verdict : say("verdict.of", { index: index + 1, count: digits.length, verdict });
}

/**
 * The verdict on the whole reading, and its reason.
 * @param {import("./reading_client.js").Read | null} answer
 * @param {State} state
 * @param {SeenDigit[]} digits
 * @param {number} index
 * @param {number | null} chosen
 */
export function inWords(answer, state, digits, index, chosen) {
  // Several digits, none selected and none unsure: one sentence covers them all.
  const allClear = digits.length > 1 && chosen === null && digits.every(({ verdict }) => verdict === "digit");
  const whole = chosen === null && isPage(digits);
  const digit = digits[index];
  const count = (/** @type {string} */ verdict) => digits.filter((each) => each.verdict === verdict).length;

  function verdict() {
    if (state === "blank") return say("verdict.blank");
    if (!answer) return say("answer.picture");
    if (answer.error) return errorSentence(answer);
    if (!digit) return say("verdict.nothing");
    if (whole) {
      const values = { count: digits.length - count("not a digit"), lines: linesOf(digits).length };
      return say(values.lines > 1 ? "verdict.lines" : "verdict.line", values);
    }
    return allClear ? say("verdict.digit", { label: answer.text }) : digitVerdict(digits, index);
  }

  function reason() {
    if (state === "blank") return say("why.blank");
    if (!answer) return "";
    if (answer.sheet.picture?.live) return say("camera.live");
    if (state === "provisional") return say("answer.provisional");
    if (whole && allClear) return say("why.lines.clear");
    if (whole) return say("why.lines", { unsure: count("unsure"), none: count("not a digit") });
    if (allClear) return say("why.all", { index: index + 1, count: digits.length });
    return digit ? say(`why.${digit.reason}`, verdictValues(digit)) : "";
  }

  const turned = answer?.turned && whole ? say("why.turned", { degrees: answer.turned }) : "";
  return {
    verdict: verdict(),
    reason: [reason(), turned].filter(Boolean).join(language.value === "en" ? " " : ""),
  };
}
