/**
 * A value that views subscribe to.
 * @template T
 */
export class Store {
  /** @param {T} value */
  constructor(value) {
    this.value = value;
    /** @type {Set<(value: T) => void>} */
    this.listeners = new Set();
  }

  /** @param {T} value */
  set(value) {
    this.value = value;
    for (const listener of this.listeners) listener(value);
  }

  /**
   * Call `listener` with every new value.
   * @param {(value: T) => void} listener
   */
  subscribe(listener) {
    this.listeners.add(listener);
  }
}

/** The newest answer of the Draw tab's pad, with the drawing it belongs to; null for a blank pad. */
export const latestAnswer = new Store(/** @type {import("./types").Answer | null} */ (null));
