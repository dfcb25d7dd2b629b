// The data of the page: the stream of the overview, the timelines, and what each page reads for itself.

import { Failure, read, whoami } from "./api.js";
import { switchesText, title } from "./condition.js";
import { merged, MOST_EVENTS } from "./events.js";
import { liveness, NOT_CONNECTED } from "./liveness.js";
import { arrange } from "./order.js";
import { follows, fromDocument, switches, withDelta } from "./overview.js";
import { setToken, token, UNKNOWN } from "./session.js";
import { Stream } from "./stream.js";

const SILENCE_MILLIS = 8_000;
const EVENT_SILENCE_MILLIS = 45_000;
const ASLEEP_MILLIS = 5_000;
const TIMELINES_MILLIS = 300_000;
const DETAIL_MILLIS = 5_000;
const PAGE_MILLIS = 5_000;
const POOL_EVENTS = 30;
const FIRST_EVENTS = 500;

const PAGE_PATHS = {
  routes: "api/routes",
  replicas: "api/agreement",
  certificates: "api/certificates",
  configuration: "api/config",
  process: "api/process",
};

/** Nothing read yet; `name` is the page whose data it is. */
export const NO_PAGE = { name: null, data: null, error: null, readAt: 0 };
export const NO_DETAIL = { pool: null, document: null, timeline: null, events: [], error: null, readAt: 0, epoch: null };
export const NO_EVENTS = { list: [], known: false, phase: "connecting", why: "" };

export class Feed {
  #store;
  #held;
  #announce;
  #overview;
  #events;
  #lastEventId = 0;
  #run = null;
  #timelinesAt = 0;
  #tickedAt = Date.now();
  #reading = new Set();

  /**
   * @param held says whether rows must stay where they are now
   * @param announce tells a text to the screen reader
   */
  constructor(store, held, announce) {
    this.#store = store;
    this.#held = held;
    this.#announce = announce;
    this.#overview = new Stream({
      path: () => "api/overview/stream",
      silenceMillis: SILENCE_MILLIS,
      onMessage: (message) => this.#onMessage(message),
      onFrame: () => this.#connection({ lastFrameAt: Date.now() }),
      onPhase: (phase) => this.#onPhase(phase),
    });
    this.#events = new Stream({
      path: (lastId) => `api/events/stream?after=${encodeURIComponent(lastId || this.#lastEventId)}`,
      silenceMillis: EVENT_SILENCE_MILLIS,
      onMessage: (message) => this.#onEvent(message),
      onPhase: ({ phase, why }) => this.#set({ events: { ...store.state.events, phase, why } }),
    });
  }

  /** Begins anew with the present token. */
  async start() {
    this.#overview.start();
    if (this.#events.running) this.#events.start();
    this.#timelinesAt = 0;
    const { page, detail } = this.#store.state;
    this.#set({ page: { ...page, readAt: 0 }, detail: { ...detail, readAt: 0 } });
    this.visit();
    await this.identify();
  }

  /** Opens the stream at once unless data is coming: for a tab that was asleep, or a network that is back. */
  wake() {
    const { connection } = this.#store.state;
    if (liveness(connection, Date.now()).state !== "live") this.#overview.start();
  }

  /** Asks who the token belongs to; forgets a wrong one. */
  async identify() {
    try {
      this.#set({ who: { ...UNKNOWN, ...(await whoami()), known: true } });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.status === 401 && token() !== null) {
        setToken(null);
        this.#set({ who: { ...UNKNOWN, wrong: true } });
        await this.identify();
      }
    }
  }

  /** Each second: what the present page needs, and rows that may move again. */
  tick() {
    const now = Date.now();
    // Timers stood still: the computer was asleep, and its connections are dead.
    if (now - this.#tickedAt > ASLEEP_MILLIS) this.wake();
    this.#tickedAt = now;
    this.#set({ now });
    this.#title();
    if (document.hidden || this.#store.state.connection.phase === "locked") return;
    this.#arrange();
    if (now - this.#timelinesAt > TIMELINES_MILLIS && this.#store.state.overview !== null) this.#readTimelines();
    this.#refresh(now);
  }

  /** What the page of the present address needs, now. */
  visit() {
    const { route } = this.#store.state;
    if (route.page !== "events" && this.#events.running) this.#events.stop();
    if (route.page === "events" && !this.#events.running) this.#readEvents();
    if (PAGE_PATHS[route.page] !== undefined && this.#store.state.page.name !== route.page) this.#set({ page: { ...NO_PAGE, name: route.page } });
    if (route.page === "pool" && this.#store.state.detail.pool !== route.pool) this.#set({ detail: { ...NO_DETAIL, pool: route.pool } });
    this.#refresh(Date.now());
  }

  /** Reads the details of the shown pool again, as after a command. */
  refreshDetail() {
    this.#set({ detail: { ...this.#store.state.detail, readAt: 0 } });
    this.#refresh(Date.now());
  }

  sortAgain() {
    const { order, overview } = this.#store.state;
    if (overview !== null) this.#setOrder(arrange(order, overview.pools, false));
  }

  #set(parts) {
    this.#store.set(parts);
  }

  #connection(parts) {
    this.#set({ connection: { ...this.#store.state.connection, ...parts }, now: Date.now() });
  }

  #onPhase({ phase, why, status, retryAt }) {
    if (status === 401) return this.#lock();
    if (status === 503) return this.#poll(why, retryAt);
    const { connection, who } = this.#store.state;
    if (phase === "connecting" && connection.phase === "polled") return;
    if (phase === "open" && !who.known) this.identify();
    // While it tries again the reason of the last failure is worth more than "connecting".
    this.#connection({ phase, why: phase === "connecting" ? connection.why : why, retryAt });
  }

  #lock() {
    this.#overview.stop();
    this.#connection({ phase: "locked", why: "", retryAt: null });
  }

  /** No stream can be had: the document once for each attempt. */
  async #poll(why, retryAt) {
    try {
      const document = await read("api/overview");
      this.#take(fromDocument(document));
      this.#connection({ phase: "polled", why, retryAt, lastFrameAt: Date.now() });
    } catch {
      this.#connection({ phase: "waiting", why, retryAt });
    }
  }

  #onMessage({ event, data }) {
    const { overview } = this.#store.state;
    const message = JSON.parse(data);
    if (event === "overview") this.#take(fromDocument(message));
    else if (event === "delta" && follows(overview, message)) this.#take(withDelta(overview, message));
    else if (event === "delta" && (overview === null || message.sequence > overview.sequence)) this.#overview.start();
  }

  #take(overview) {
    const before = this.#store.state.overview;
    const found = before === null ? [] : switches(before, overview);
    if (found.length > 0) this.#announce(switchesText(found));
    this.#set({ overview, skew: Date.parse(overview.now) - Date.now(), now: Date.now() });
    this.#arrange();
    this.#title();
    if (before === null) this.visit();
  }

  /** A hidden tab has nothing but its title; it must not pass old data off as the present, either. */
  #title() {
    const { overview, connection } = this.#store.state;
    if (overview === null) return;
    const text = `${liveness(connection, Date.now()).old ? "(old) " : ""}${title(overview)}`;
    if (document.title !== text) document.title = text;
  }

  #arrange() {
    const { order, overview } = this.#store.state;
    if (overview !== null) this.#setOrder(arrange(order, overview.pools, this.#held()));
  }

  #setOrder(order) {
    const present = this.#store.state.order;
    if (order === present) return;
    const moved = order.names !== present.names && order.moved.length > 0 && order.waiting.length === 0;
    this.#set({ order, sortedAt: moved ? Date.now() : this.#store.state.sortedAt });
  }

  #refresh(now) {
    const { route, page, detail, overview } = this.#store.state;
    if (route.page === "pool" && overview !== null && overview.pools.has(route.pool)) {
      const { epoch } = overview.pools.get(route.pool);
      if (now - detail.readAt >= DETAIL_MILLIS || epoch !== detail.epoch) this.#readDetail(route.pool, epoch);
    }
    if (PAGE_PATHS[route.page] !== undefined && now - page.readAt >= PAGE_MILLIS) this.#readPage(route.page);
  }

  async #readPage(name) {
    await this.#once(name, async () => {
      const parts = await read(PAGE_PATHS[name]).then((data) => ({ data, error: null }), (error) => ({ error: error.message }));
      const { page } = this.#store.state;
      if (page.name === name) this.#set({ page: { ...page, ...parts, readAt: Date.now() } });
    });
  }

  async #readDetail(pool, epoch) {
    await this.#once(`pool ${pool}`, async () => {
      const path = `api/pools/${encodeURIComponent(pool)}`;
      const { minutes } = this.#store.state;
      const parts = await Promise.all([
        read(path),
        read(`${path}/timeline?minutes=${minutes}`),
        read(`api/events?pool=${encodeURIComponent(pool)}&limit=${POOL_EVENTS}`),
      ]).then(
        ([document, timeline, { events }]) => ({ document, timeline, events: merged([], events), error: null }),
        (error) => ({ error: error.message }),
      );
      const { detail } = this.#store.state;
      if (detail.pool === pool) this.#set({ detail: { ...detail, ...parts, epoch, readAt: Date.now() } });
    });
  }

  async #readTimelines() {
    await this.#once("timelines", async () => {
      this.#timelinesAt = Date.now();
      await read("api/timelines?minutes=60").then((timelines) => this.#set({ timelines }), () => {});
    });
  }

  /** The newest events, then the stream of those after them. */
  async #readEvents() {
    await this.#once("events", async () => {
      try {
        const { events } = await read(`api/events?limit=${Math.min(FIRST_EVENTS, MOST_EVENTS)}`);
        this.#onEvents(events);
        this.#set({ events: { ...this.#store.state.events, known: true } });
        if (this.#store.state.route.page === "events") this.#events.start();
      } catch (error) {
        this.#set({ events: { ...this.#store.state.events, phase: "waiting", why: error.message } });
      }
    });
  }

  /** An id is RUN-NUMBER. Another run of the process has a history of its own, which it sends from the beginning. */
  #onEvent({ data, id }) {
    const run = id.split("-")[0];
    if (this.#run !== null && this.#run !== run) this.#set({ events: { ...this.#store.state.events, list: [] } });
    this.#run = run;
    this.#onEvents([JSON.parse(data)]);
  }

  #onEvents(added) {
    const { events } = this.#store.state;
    const list = merged(events.list, added);
    this.#lastEventId = list[0]?.id ?? 0;
    this.#set({ events: { ...events, list } });
  }

  /** Runs a task unless the same one is running. */
  async #once(key, task) {
    if (this.#reading.has(key)) return;
    this.#reading.add(key);
    try {
      await task();
    } finally {
      this.#reading.delete(key);
    }
  }
}

/** The state before anything was read. */
export const NO_DATA = {
  overview: null,
  skew: 0,
  connection: NOT_CONNECTED,
  timelines: null,
  detail: NO_DETAIL,
  page: NO_PAGE,
  events: NO_EVENTS,
};
