// The state of the page. Views are drawn from it, and only from it.

/** Holds one immutable state, and tells one listener of each change. */
export class Store {
  #state;
  #listener = () => {};

  constructor(state) {
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  /** Replaces the given parts of the state. */
  set(parts) {
    const before = this.#state;
    this.#state = { ...before, ...parts };
    this.#listener(this.#state, before);
  }

  onChange(listener) {
    this.#listener = listener;
  }
}
