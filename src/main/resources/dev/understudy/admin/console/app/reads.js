// What the pages read for themselves: their documents, the details of the shown pool, the timelines of the table.

import { read } from "./api.js";
import { merged } from "./events.js";
import { token } from "./session.js";
import { fromCompact } from "./timeline-layout.js";

const PAGE_MILLIS = 5_000;
const DETAIL_MILLIS = 5_000;
const DETAIL_OF_SWITCH_MILLIS = 1_000;
const TIMELINES_MILLIS = 300_000;
const RATES_MILLIS = 10_000;

/** After a switch, a reload or a failure the timelines are read again, but not more often than this. */
const TIMELINES_SOON_MILLIS = 5_000;
const POOL_EVENTS = 30;

const PAGE_PATHS = {
  routes: "api/routes",
  replicas: "api/agreement",
  certificates: "api/certificates",
  configuration: "api/config",
  process: "api/process",
};

/** Nothing read yet; `name` is the page whose data it is, `file` the content of the dynamic file for who may see it. Times are epoch milliseconds: `readAt` of the last attempt, `dataAt` of the data. */
export const NO_PAGE = { name: null, data: null, dataAt: 0, rates: null, file: null, error: null, readAt: 0, fingerprint: null };
export const NO_DETAIL = { pool: null, document: null, timeline: null, rates: null, events: [], dataAt: 0, error: null, readAt: 0, epoch: null };

export class Reads {
  #store;
  #denied;
  #running = new Set();
  #again = new Set();
  #timelinesAt = -Infinity;
  #timelinesDue = false;
  #ratesAt = -Infinity;

  /** @param denied called when the replica refuses the token, or wants one */
  constructor(store, denied) {
    this.#store = store;
    this.#denied = denied;
  }

  /** Begins anew with what the page of the present address needs. */
  visit() {
    const { route, page, detail } = this.#store.state;
    if (PAGE_PATHS[route.page] !== undefined && page.name !== route.page) this.#store.set({ page: { ...NO_PAGE, name: route.page } });
    if (route.page === "pool" && detail.pool !== route.pool) this.#store.set({ detail: { ...NO_DETAIL, pool: route.pool } });
    this.refresh(Date.now());
  }

  /** Reads everything again, as with another token. */
  restart() {
    this.#timelinesAt = -Infinity;
    this.#ratesAt = -Infinity;
    const { page } = this.#store.state;
    this.#store.set({ page: { ...page, readAt: 0, fingerprint: null } });
    this.refreshDetail();
    this.visit();
  }

  /** Each second: what is due. */
  refresh(now) {
    const { route, page, detail, overview } = this.#store.state;
    const name = PAGE_PATHS[route.page] === undefined ? null : route.page;
    if (name !== null && isDue(now, page.readAt, PAGE_MILLIS)) this.#readPage(name);
    if (overview === null) return;
    const wait = this.#timelinesDue ? TIMELINES_SOON_MILLIS : TIMELINES_MILLIS;
    if (route.page === "pools" && performance.now() - this.#timelinesAt > wait) this.#readTimelines();
    if (route.page === "pools" && performance.now() - this.#ratesAt > RATES_MILLIS) this.#readRates();
    const pool = route.page === "pool" ? overview.pools.get(route.pool) : undefined;
    const millis = detail.document?.planned?.active ? DETAIL_OF_SWITCH_MILLIS : DETAIL_MILLIS;
    if (pool !== undefined && (isDue(now, detail.readAt, millis) || pool.epoch !== detail.epoch)) this.#readDetail(pool.name, pool.epoch);
  }

  /** Reads the details of the shown pool again, as after a command; also if they are being read already. */
  refreshDetail() {
    const { route, overview } = this.#store.state;
    const pool = route.page === "pool" ? overview?.pools.get(route.pool) : undefined;
    if (pool !== undefined) this.#readDetail(pool.name, pool.epoch, true);
  }

  /** The timelines are out of date: a server took over, or the file changed. */
  timelinesChanged() {
    this.#timelinesDue = true;
  }

  async #readPage(name) {
    const asker = token();
    const given = this.#store.state.page;
    const fingerprint = this.#fingerprint();
    // Routes are many, and change with the file alone; their rates change always.
    const ratesOnly = name === "routes" && given.name === name && given.data !== null && fingerprint !== null && given.fingerprint === fingerprint;
    await this.#once(name, async () => {
      const parts = await this.#read(ratesOnly ? "api/routes?part=rates" : PAGE_PATHS[name]).then(
        (data) => (ratesOnly ? { rates: data, error: null, dataAt: Date.now() } : { data, rates: null, error: null, fingerprint: fingerprint ?? this.#fingerprint(), dataAt: Date.now() }),
        (error) => ({ error: error.message }),
      );
      if (name === "configuration" && !parts.error) parts.file = await this.#readFile(given, fingerprint);
      const { page } = this.#store.state;
      // The page began anew meanwhile, or has another token.
      const useless = page.name !== name || asker !== token() || (ratesOnly && page.fingerprint !== fingerprint);
      if (!useless) this.#store.set({ page: { ...page, ...parts, readAt: Date.now() } });
    });
  }

  /** The content of the file changes with its fingerprint alone, and is for operators. */
  async #readFile({ file, fingerprint }, present) {
    if (this.#store.state.who.role !== "operate") return null;
    if (file !== null && fingerprint === present) return file;
    return this.#read("api/config/file").then(({ content }) => content, () => null);
  }

  #fingerprint() {
    return this.#store.state.overview?.config?.fingerprint ?? null;
  }

  async #readDetail(pool, epoch, again = false) {
    const task = async () => {
      const path = `api/pools/${encodeURIComponent(pool)}`;
      const { minutes } = this.#store.state;
      const parts = await Promise.all([
        this.#read(path),
        this.#read(`${path}/timeline?minutes=${minutes}`),
        this.#read(`${path}/rates`),
        this.#read(`api/events?pool=${encodeURIComponent(pool)}&limit=${POOL_EVENTS}`),
      ]).then(
        ([document, timeline, { rates }, { events }]) => ({ document, timeline, rates, events: merged([], events), error: null, dataAt: Date.now() }),
        (error) => ({ error: error.message }),
      );
      const { detail } = this.#store.state;
      if (detail.pool === pool) this.#store.set({ detail: { ...detail, ...parts, epoch, readAt: Date.now() } });
    };
    await this.#once(`pool ${pool}`, task, again);
  }

  async #readTimelines() {
    await this.#once("timelines", async () => {
      this.#timelinesAt = performance.now();
      this.#timelinesDue = false;
      try {
        const { pools } = await this.#read("api/timelines?minutes=60");
        const held = this.#store.state.overview.pools;
        // Servers are numbered as they are now; a later file may number them otherwise.
        this.#store.set({ timelines: new Map(Object.entries(pools).map(([name, list]) => [name, fromCompact(list, held.get(name)?.servers ?? [])])) });
      } catch {
        this.#timelinesDue = true;
      }
    });
  }

  async #readRates() {
    await this.#once("rates", async () => {
      this.#ratesAt = performance.now();
      try {
        const { all, pools } = await this.#read("api/rates");
        this.#store.set({ rates: { all, pools: new Map(Object.entries(pools)) } });
      } catch {
        // What was read last stays, and is read again soon.
      }
    });
  }

  async #read(path) {
    const given = token();
    try {
      return await read(path);
    } catch (error) {
      if (error.status === 401 && given === token()) this.#denied();
      throw error;
    }
  }

  /** Runs a task unless the same one is running; then it is run once more after that if `again`. */
  async #once(key, task, again = false) {
    if (this.#running.has(key)) {
      if (again) this.#again.add(key);
      return;
    }
    this.#running.add(key);
    try {
      do {
        this.#again.delete(key);
        await task();
      } while (this.#again.has(key));
    } finally {
      this.#running.delete(key);
    }
  }
}

/** Whether a read is due; also after the clock was set back. */
function isDue(now, readAt, millis) {
  return now - readAt >= millis || now < readAt;
}
