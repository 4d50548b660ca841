// Reads drawings in this browser: the same requests and responses as the server's `live`. No DOM.

/** @typedef {import("../ui/types").ReadingResponse} ReadingResponse */
/** @typedef {(response: ReadingResponse | undefined) => void} Answer */

export class LocalReader {
  /** @param {() => Worker} startWorker */
  constructor(startWorker) {
    this.startWorker = startWorker;
    /** @type {Worker | null} */
    this.worker = null;
    this.number = 0;
    /** @type {Answer | null} of the drawing that is being read */
    this.answer = null;
    /** @type {{ strokes: number[][][], answer: Answer } | null} the newest drawing that waits for it */
    this.waiting = null;
  }

  /** Load the network before it is needed. */
  start() {
    this.worker ??= this.startWorker();
    this.worker.onmessage = ({ data }) => data.number === this.number && this.finish(data.response);
    this.worker.onerror = () => {
      this.worker?.terminate();
      this.worker = null; // the next request starts another one
      this.finish(undefined);
    };
    return this.worker;
  }

  /**
   * One drawing is read at a time, and then the newest.
   * @param {number[][][]} strokes
   * @returns {Promise<ReadingResponse | undefined>} undefined if the network could not be loaded
   */
  read(strokes) {
    return new Promise((answer) => {
      this.waiting?.answer({ outdated: true });
      this.waiting = { strokes, answer };
      if (!this.answer) this.next();
    });
  }

  next() {
    if (!this.waiting) return;
    const { strokes, answer } = this.waiting;
    this.waiting = null;
    this.answer = answer;
    this.start().postMessage({ number: ++this.number, strokes });
  }

  /** @param {ReadingResponse | undefined} response */
  finish(response) {
    this.answer?.(response);
    this.answer = null;
    this.next();
  }
}
