// Reads here while the server is silent, and goes back when it answers. No DOM: tested in Node.

/** @typedef {import("../ui/types").ReadingResponse} ReadingResponse */
/** @typedef {Promise<ReadingResponse | undefined>} Response undefined if nobody answers */

const PATIENCE = 300; // ms until a server without an answer counts as silent
const SILENT = Symbol("silent");

/**
 * A function that asks the server, and `readHere` once the server has been silent.
 * @template Payload
 * @param {(payload: Payload, timeout: number) => Response} ask
 * @param {(payload: Payload) => Response} readHere
 * @param {(here: boolean) => void} onChange
 * @param {number} [patience]
 */
export function withFallback(ask, readHere, onChange, patience = PATIENCE) {
  let here = false;

  /** @param {boolean} next */
  function change(next) {
    if (here !== next) onChange(next);
    here = next;
  }

  /** @param {Payload} payload @param {number} timeout */
  return async (payload, timeout) => {
    let timer = 0;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, patience, SILENT);
    });
    const asked = ask(payload, timeout);
    const inTime = Promise.race([asked, late]).then((response) => {
      clearTimeout(timer);
      return response === SILENT || !response || response.busy ? SILENT : response;
    });
    // While it is silent nobody waits for it, but an answer in time brings it back.
    const back = inTime.then((response) => {
      if (response !== SILENT) change(false);
      return response;
    });
    const first = here ? SILENT : await back;
    if (first !== SILENT) return /** @type {ReadingResponse} */ (first);
    const response = await readHere(payload);
    if (!response) return asked;
    if (!response.outdated && (await Promise.race([inTime, SILENT])) === SILENT) change(true);
    return response;
  };
}
