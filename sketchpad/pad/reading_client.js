// Requests readings of a pad's sheet. An older answer never replaces a newer one. No DOM.
import { call } from "../ui/server.js";

/** @typedef {import("../ui/types").Sheet} Sheet */
/** @typedef {import("../ui/types").ReadingResponse} ReadingResponse */
/** @typedef {"provisional" | "final"} State */
/** @typedef {{ sheet: Sheet, final: boolean, number: number }} Request */
/** @typedef {ReadingResponse & Required<Pick<ReadingResponse, "digits">> & { sheet: Sheet, roundTrip: number }} Read */

export const TIMES = {
  gap: 40, // ms between provisional requests while one is open
  slow: 1000, // ms without a response until the page says that it is waiting
  timeout: 8000, // ms until a request is abandoned and sent again
  picture: { slow: 8000, timeout: 60_000 }, // the same for a picture: reading a large one takes seconds
  retry: 1000, // ms before sending again after a failure
};
const MAX_OPEN = 4; // provisional requests at once: keeps answers coming on slow networks
const MAX_PICTURES = 2; // at once: the server cannot stop reading one that is no longer wanted

/**
 * Sends strokes to the server's `live`, which identifies this pad by a random number.
 * @param {import("../ui/types").Server} server
 * @returns {(request: Request, timeout: number) => Promise<ReadingResponse | undefined>}
 */
export function sendStrokes(server) {
  const visitor = Math.random().toString(36).slice(2);
  return ({ sheet: { strokes }, final, number }, timeout) =>
    call(server, "live", { strokes, final, visitor, number }, timeout);
}

export class ReadingClient {
  /**
   * @param {object} options
   * @param {(request: Request, timeout: number) => Promise<ReadingResponse | undefined>} options.send
   *     resolves to undefined if the server cannot be reached
   * @param {(answer: Read, state: State, number: number) => void} options.onAnswer
   * @param {(key: string) => void} options.onNotice with the key of a sentence, or ""
   * @param {typeof TIMES} [times]
   */
  constructor({ send, onAnswer, onNotice }, times = TIMES) {
    this.send = send;
    this.onAnswer = onAnswer;
    this.onNotice = onNotice;
    this.times = times;
    /** @type {{ sheet: Sheet, final: boolean } | null} the newest sheet, not yet requested */
    this.waiting = null;
    this.newest = 0; // number of the newest request
    this.answered = 0; // number of the request whose answer is shown
    this.open = new Set();
    this.openPictures = 0;
    this.lastSent = 0;
    this.pause = 0; // ms that a busy server asks for between provisional requests
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * Request a reading. A final request (the pen is up) is sent at once and retried until it is answered.
   * @param {Sheet} sheet
   * @param {boolean} final
   */
  request(sheet, final) {
    this.waiting = { sheet, final };
    this.pump();
  }

  /** The pad is blank: ignore all open requests. Returns the number of the blank reading. */
  forget() {
    this.waiting = null;
    this.answered = ++this.newest;
    this.onNotice("");
    return this.answered;
  }

  /** Send the waiting request as soon as the pacing allows. */
  pump() {
    if (!this.waiting) return;
    const { final, sheet } = this.waiting;
    if (!final && this.open.size >= (this.pause ? 1 : MAX_OPEN)) return;
    if (sheet.picture && this.openPictures >= MAX_PICTURES) return;
    const gap = Math.max(this.pause, this.open.size ? this.times.gap : 0);
    const rest = this.lastSent + gap - performance.now();
    clearTimeout(this.timer);
    if (!final && rest > 0) {
      this.timer = setTimeout(() => this.pump(), rest);
      return;
    }
    const request = { ...this.waiting, number: ++this.newest };
    this.waiting = null;
    this.exchange(request);
  }

  /** @param {Request} request */
  async exchange(request) {
    const started = performance.now();
    const { picture } = request.sheet;
    const { slow, timeout } = picture ? this.times.picture : this.times;
    this.lastSent = started;
    this.open.add(request.number);
    this.openPictures += Number(Boolean(picture));
    const timer = setTimeout(() => request.number > this.answered && this.onNotice("status.slow"), slow);
    const response = await this.send(request, timeout);
    clearTimeout(timer);
    this.open.delete(request.number);
    this.openPictures -= Number(Boolean(picture));
    this.pause = response?.pause ?? 0;
    const isNewest = request.number === this.newest;
    // An older drawing resembles the newest one; an older picture does not.
    if (request.number > this.answered && !(picture && (this.waiting || !isNewest))) {
      if (response?.digits) {
        this.answered = request.number;
        this.onNotice("");
        const answer = { ...response, digits: response.digits, sheet: request.sheet };
        const state = request.final && isNewest && !this.waiting ? "final" : "provisional";
        this.onAnswer({ ...answer, roundTrip: performance.now() - started }, state, request.number);
      } else if (isNewest) this.retry(request, response);
    }
    this.pump();
  }

  /** @param {Request} request @param {ReadingResponse | undefined} response */
  retry(request, response) {
    if (request.final || !response) this.onNotice(response ? "status.busy" : "status.stalled");
    const delay = (this.pause || this.times.retry) * (0.5 + Math.random()); // spreads the visitors' retries
    setTimeout(() => {
      if (request.number === this.newest) this.waiting ??= request;
      this.pump();
    }, delay);
  }
}
