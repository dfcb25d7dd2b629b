// One server-sent stream over fetch, which can carry a token where EventSource cannot.

import { failure, Failure, headers } from "./api.js";
import { EventParser } from "./sse.js";

const CONNECT_MILLIS = 5_000;
const FIRST_DELAY_MILLIS = 500;
const LONGEST_DELAY_MILLIS = 10_000;

/**
 * Keeps a stream open until it is stopped.
 *
 * A stream that ends, breaks or says nothing for `silenceMillis` is opened again: at once after an orderly end,
 * else after a delay that doubles from 0.5 s up to 10 s, less up to a quarter by chance, so that many pages do
 * not come back together. A response with Retry-After is waited for as long as it says.
 */
export class Stream {
  #options;
  #running = null;

  /**
   * @param options `path()`: the address; `silenceMillis`; `onMessage({event, data, id})`;
   *   `onPhase({phase, why, status, retryAt})`: phase is connecting, open or waiting
   */
  constructor(options) {
    this.#options = options;
  }

  get running() {
    return this.#running !== null;
  }

  /** Opens the stream, a running one anew and without delay. */
  start() {
    this.stop();
    const run = { abort: new AbortController(), wake: () => {} };
    this.#running = run;
    this.#loop(run);
  }

  stop() {
    this.#running?.abort.abort();
    this.#running?.wake();
    this.#running = null;
  }

  async #loop(run) {
    let delay = FIRST_DELAY_MILLIS;
    while (this.#running === run) {
      const began = Date.now();
      const end = await this.#once(run);
      if (this.#running !== run) return;
      if (Date.now() - began > LONGEST_DELAY_MILLIS || end.status === 200) delay = FIRST_DELAY_MILLIS;
      const wait = end.retrySeconds === null ? delay * (1 - Math.random() / 4) : end.retrySeconds * 1000;
      this.#options.onPhase({ phase: "waiting", why: end.message, status: end.status, retryAt: Date.now() + wait });
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, wait);
        run.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      delay = Math.min(LONGEST_DELAY_MILLIS, delay * 2);
    }
  }

  /** Reads one stream to its end, and says how it ended. */
  async #once(run) {
    const abort = new AbortController();
    const onStop = () => abort.abort();
    run.abort.signal.addEventListener("abort", onStop);
    let why = "no response";
    let silence = setTimeout(() => abort.abort(), CONNECT_MILLIS);
    const giveUp = () => {
      why = "the process is silent";
      abort.abort();
    };
    try {
      this.#options.onPhase({ phase: "connecting", why: "", status: 0, retryAt: null });
      const all = { ...headers(), Accept: "text/event-stream" };
      const response = await fetch(this.#options.path(), { headers: all, cache: "no-store", signal: abort.signal });
      if (!response.ok) return await failure(response);
      const hear = () => {
        clearTimeout(silence);
        silence = setTimeout(giveUp, this.#options.silenceMillis);
      };
      hear();
      why = "the connection broke";
      this.#options.onPhase({ phase: "open", why: "", status: 200, retryAt: null });
      await this.#read(run, response.body, hear);
      return new Failure(200, "the stream ended", 0.2);
    } catch (error) {
      if (error instanceof Failure) return error;
      return new Failure(0, why);
    } finally {
      clearTimeout(silence);
      run.abort.signal.removeEventListener("abort", onStop);
      abort.abort();
    }
  }

  async #read(run, body, hear) {
    const parser = new EventParser();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#running !== run) return;
      hear();
      const messages = parser.push(decoder.decode(value, { stream: true }));
      for (const message of messages) {
        // A message may make the page stop this stream, or open it anew.
        if (this.#running !== run) return;
        this.#options.onMessage(message);
      }
    }
  }
}
