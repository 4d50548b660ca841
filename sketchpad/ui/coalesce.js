/**
 * A function that runs `task` once at a time. Calls during a run are coalesced into one more run after it, so that
 * a fast pen piles up no requests and the newest state is never left out.
 * @param {() => Promise<void>} task
 */
export function coalesced(task) {
  let running = false;
  let requested = false;
  return async () => {
    requested = true;
    if (running) return;
    running = true;
    while (requested) {
      requested = false;
      await task();
    }
    running = false;
  };
}
