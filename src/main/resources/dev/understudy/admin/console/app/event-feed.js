// The events of the page of events: the newest ones, then the stream of those after them.

import { read } from "./api.js";
import { historyOf, merged, MOST_EVENTS, newestId } from "./events.js";
import { token } from "./session.js";
import { Stream } from "./stream.js";

const SILENCE_MILLIS = 45_000;
const RETRY_MILLIS = 5_000;
const FIRST_EVENTS = 500;

/** `phase` is that of the stream, or `stopped`. */
export const NO_EVENTS = { list: [], known: false, phase: "stopped", why: "" };

export class EventFeed {
  #store;
  #denied;
  #stream;
  #shown = false;
  #reading = false;

  /** Changes with each stop. */
  #run = {};
  #readAt = -Infinity;
  #history = null;
  #lastId = "";

  /** @param denied called when the replica refuses the token, or wants one */
  constructor(store, denied) {
    this.#store = store;
    this.#denied = denied;
    this.#stream = new Stream({
      path: () => `api/events/stream?after=${encodeURIComponent(this.#lastId)}`,
      silenceMillis: SILENCE_MILLIS,
      onMessage: (message) => this.#onMessage(message),
      onPhase: (phase) => this.#onPhase(phase),
    });
  }

  /** Follows the events while their page is shown. */
  show(shown) {
    if (!shown) this.stop();
    else if (!this.#shown) this.#readAt = -Infinity;
    this.#shown = shown;
    this.refresh();
  }

  /** Opens the stream anew, with the present token: for a connection that may be dead without a sign. */
  restart() {
    this.stop();
    this.#readAt = -Infinity;
    this.refresh();
  }

  stop() {
    this.#run = {};
    this.#stream.stop();
    this.#set({ phase: "stopped", why: "" });
  }

  /** Each second: reads again after a failure. */
  refresh() {
    const due = performance.now() - this.#readAt >= RETRY_MILLIS;
    if (this.#shown && due && !this.#reading && !this.#stream.running) this.#read();
  }

  async #read() {
    const run = this.#run;
    const given = token();
    const current = () => run === this.#run && given === token();
    this.#reading = true;
    this.#readAt = performance.now();
    if (this.#store.state.events.phase === "stopped") this.#set({ phase: "connecting" });
    try {
      const { history, events } = await read(`api/events?limit=${Math.min(FIRST_EVENTS, MOST_EVENTS)}&shares=true`);
      if (!current()) return;
      this.#take(history, events);
      this.#stream.start();
    } catch (error) {
      if (!current()) return;
      if (error.status === 401) this.#denied();
      else this.#set({ phase: "waiting", why: error.message });
    } finally {
      this.#reading = false;
    }
  }

  /** Numbers of different histories say nothing about each other: those of another one replace the list. */
  #take(history, events) {
    const before = history === this.#history ? this.#store.state.events.list : [];
    const list = merged(before, events);
    this.#history = history;
    this.#lastId = newestId(history, list);
    this.#set({ list, known: true });
  }

  #onMessage({ data, id }) {
    if (historyOf(id) !== this.#history) {
      // Another run: its events are read as at first. Not more often than after failures.
      this.stop();
      return this.refresh();
    }
    this.#set({ list: merged(this.#store.state.events.list, [JSON.parse(data)]) });
    this.#lastId = id;
  }

  #onPhase({ phase, why, status }) {
    if (status === 401) this.#denied();
    else this.#set({ phase, why });
  }

  #set(parts) {
    this.#store.set({ events: { ...this.#store.state.events, ...parts } });
  }
}
