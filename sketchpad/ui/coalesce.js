/**
 * A function that runs `task` once at a time. Calls during a run are coalesced into one more run after it, so that
 * requests do not pile up and the newest state is always processed.
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
