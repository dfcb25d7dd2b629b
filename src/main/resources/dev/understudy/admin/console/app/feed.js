// The data of the page: the stream of the overview, whether it is the present, and who looks at it.

import { Failure, read, whoami } from "./api.js";
import { switchesText, title } from "./condition.js";
import { EventFeed, NO_EVENTS } from "./event-feed.js";
import { isMassFailure } from "./groups.js";
import { elapsed, lag, liveness, moment, NOT_CONNECTED, OLD_AFTER_MILLIS } from "./liveness.js";
import { comparing, sortOf } from "./columns.js";
import { arrange, arrangeBy } from "./order.js";
import { follows, fromDocument, switches, withDelta } from "./overview.js";
import { NO_DETAIL, NO_PAGE, Reads } from "./reads.js";
import { setToken, token, UNKNOWN } from "./session.js";
import { Stream } from "./stream.js";

const SILENCE_MILLIS = 8_000;
const ASLEEP_MILLIS = 5_000;
const IDENTIFY_MILLIS = 5_000;

/** Whether changes are on may change with a file of tokens: it is asked again, so that nobody finds out at night. */
const IDENTIFY_AGAIN_MILLIS = 30_000;

/** A stream that lags behind is opened anew, which drops what waits; not more often than this. */
const LAG_MILLIS = 30_000;

/** Rows sorted by a number that changes all the time move no more often than this. */
const SORT_MILLIS = 5_000;

export class Feed {
  #store;
  #held;
  #announce;
  #overview;
  #events;
  #reads;
  #lagBase = null;
  #reopenedAt = -Infinity;
  #tickedAt = moment();
  #identifyAt = null;

  /** The token that is asked about now, null for none; undefined while nothing is asked. */
  #identifying = undefined;

  /** The read in place of the stream, null for none. */
  #polling = null;
  #oldTimer = 0;
  #arrangedAt = -Infinity;

  /**
   * @param held says whether rows must stay where they are now
   * @param announce tells a text to the screen reader
   */
  constructor(store, held, announce) {
    this.#store = store;
    this.#held = held;
    this.#announce = announce;
    this.#events = new EventFeed(store, () => this.#lock());
    this.#reads = new Reads(store, () => this.#lock());
    this.#overview = new Stream({
      path: () => "api/overview/stream",
      silenceMillis: SILENCE_MILLIS,
      onMessage: (message) => this.#onMessage(message),
      onPhase: (phase) => this.#onPhase(phase),
    });
  }

  /** Begins anew with the present token. */
  async start() {
    this.#connection({ phase: "connecting", why: "", retryAt: null });
    this.#open();
    this.#reads.restart();
    this.#events.restart();
    this.visit();
    await this.identify();
  }

  /** Opens the streams at once unless data is coming: for a tab that was asleep, or a network that is back. */
  wake() {
    const { connection } = this.#store.state;
    const { state } = liveness(connection, moment());
    if (state === "live" || state === "locked") return;
    this.#open();
    this.#events.restart();
  }

  /** Asks who the token belongs to. Forgets a wrong one; asks again later if the replica cannot tell now. */
  async identify() {
    const given = token();
    const later = this.#identifyAt !== null;
    this.#identifyAt = null;
    this.#identifying = given;
    try {
      const who = await whoami(given);
      if (given === token()) this.#identified(who, later);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (given === token()) await this.#unidentified(error, given);
    } finally {
      if (this.#identifying === given) this.#identifying = undefined;
    }
  }

  #identified(found, later) {
    const { who, connection } = this.#store.state;
    this.#identifyAt = performance.now() + IDENTIFY_AGAIN_MILLIS;
    this.#set({ who: { ...UNKNOWN, ...found, known: true, wrong: found.name === null && who.wrong } });
    // The replica could not tell whether the token may read, and now it can.
    if (later && connection.phase === "locked" && found.name !== null) this.start();
  }

  async #unidentified({ status, retrySeconds }, given) {
    if (status === 401 && given !== null) {
      setToken(null);
      this.#set({ who: { ...UNKNOWN, wrong: true } });
      await this.identify();
    } else if (status === 0 || status >= 500) {
      this.#identifyAt = performance.now() + (retrySeconds === null ? IDENTIFY_MILLIS : retrySeconds * 1000);
    }
  }

  /** Each second: what the present page needs, and rows that may move again. */
  tick() {
    const slept = elapsed(this.#tickedAt, moment());
    // Timers stood still: the computer was asleep, and its connections are dead.
    if (slept === null || slept > ASLEEP_MILLIS) this.wake();
    this.#tickedAt = moment();
    this.#look();
    if (document.hidden) return;
    if (this.#identifyAt !== null && performance.now() >= this.#identifyAt) this.identify();
    const { connection } = this.#store.state;
    if (connection.phase === "locked") return;
    this.#arrange();
    this.#catchUp(connection);
    this.#reads.refresh(Date.now());
    this.#events.refresh();
  }

  /** What the page of the present address needs, now. */
  visit() {
    this.#events.show(this.#store.state.route.page === "events");
    this.#reads.visit();
  }

  /** Reads the details of the shown pool again, as after a command. */
  refreshDetail() {
    this.#reads.refreshDetail();
  }

  sortAgain() {
    this.#arrange(false);
  }

  #set(parts) {
    this.#store.set(parts);
  }

  #connection(parts) {
    this.#set({ connection: { ...this.#store.state.connection, ...parts } });
    this.#look();
  }

  /** Judges anew whether the data is the present. */
  #look() {
    const at = moment();
    this.#set({ at, now: at.wall });
    this.#title();
  }

  /** Data has come: it is looked at again when it becomes old, and not only at the next tick. */
  #heard(parts) {
    clearTimeout(this.#oldTimer);
    this.#oldTimer = setTimeout(() => this.#look(), OLD_AFTER_MILLIS + 1);
    this.#connection({ ...parts, lastFrameAt: moment() });
  }

  #onPhase({ phase, why, status, retryAt }) {
    if (status === 401) return this.#lock();
    if (status === 503) return this.#poll(why, retryAt);
    if (phase === "open") this.#polling = null;
    const { connection, who } = this.#store.state;
    if (phase === "connecting" && connection.phase === "polled") return;
    if (phase === "open" && !who.known && this.#identifying !== token() && this.#identifyAt === null) this.identify();
    // While it tries again the reason of the last failure is worth more than "connecting".
    this.#connection({ phase, why: phase === "connecting" ? connection.why : why, retryAt });
  }

  /** The replica refuses the token of this tab, or wants one. Nothing is asked again until there is another. */
  #lock() {
    this.#polling = null;
    this.#overview.stop();
    this.#events.stop();
    if (this.#store.state.connection.phase === "locked") return;
    this.#connection({ phase: "locked", why: "", retryAt: null });
    this.identify();
  }

  /** Opens the stream anew, and drops what is read in its place. */
  #open() {
    this.#polling = null;
    this.#overview.start();
  }

  /** No stream can be had: the document for each attempt, one at a time. */
  async #poll(why, retryAt) {
    if (this.#polling !== null) return;
    const poll = { given: token() };
    this.#polling = poll;
    const current = () => this.#polling === poll && poll.given === token();
    try {
      const document = await read("api/overview");
      if (!current()) return;
      this.#take(fromDocument(document));
      this.#heard({ phase: "polled", why, retryAt, lagMillis: 0 });
    } catch (error) {
      if (!current()) return;
      if (error.status === 401) this.#lock();
      else this.#connection({ phase: "waiting", why, retryAt });
    } finally {
      if (this.#polling === poll) this.#polling = null;
    }
  }

  #onMessage({ event, data }) {
    if (event !== "overview" && event !== "delta") return;
    const { overview } = this.#store.state;
    const message = JSON.parse(data);
    if (event === "delta" && !follows(overview, message)) return this.#open();
    const sent = Date.parse(message.now);
    const { base, lagMillis } = lag(event === "overview" ? null : this.#lagBase, sent, performance.now());
    this.#lagBase = base;
    this.#take(event === "overview" ? fromDocument(message) : withDelta(overview, message));
    this.#heard({ lagMillis });
  }

  #catchUp({ phase, lagMillis }) {
    const now = performance.now();
    if (phase !== "open" || lagMillis <= OLD_AFTER_MILLIS || now - this.#reopenedAt < LAG_MILLIS) return;
    this.#reopenedAt = now;
    this.#open();
  }

  #take(overview) {
    const before = this.#store.state.overview;
    const found = before === null ? [] : switches(before, overview);
    if (found.length > 0) this.#announce(switchesText(found));
    if (found.length > 0 || before?.config?.fingerprint !== overview.config?.fingerprint) this.#reads.timelinesChanged();
    this.#set({ overview, skew: Date.parse(overview.now) - Date.now() });
    this.#arrange();
    if (before === null) this.visit();
  }

  /** A hidden tab has nothing but its title; it must not pass old data off as the present, either. */
  #title() {
    const { overview, connection, at } = this.#store.state;
    if (overview === null) return;
    const text = `${liveness(connection, at).old ? "(old) " : ""}${title(overview)}`;
    if (document.title !== text) document.title = text;
  }

  #arrange(held = this.#held() || performance.now() - this.#arrangedAt < SORT_MILLIS) {
    const { order, overview, route } = this.#store.state;
    if (overview === null) return;
    if (!this.#held()) this.#set({ massFailure: isMassFailure(overview) });
    const sort = route.page === "pools" ? (route.params.sort ?? "") : order.sort;
    if (sortOf(sort) === null) return this.#setOrder(arrange(order, overview.pools, held && this.#held()));
    const next = arrangeBy(order, overview.pools, held, sort, comparing(sort));
    if (!held) this.#arrangedAt = performance.now();
    this.#setOrder(next);
  }

  #setOrder(order) {
    const present = this.#store.state.order;
    if (order === present) return;
    const moved = order.names !== present.names && order.moved.length > 0 && order.waiting.length === 0;
    this.#set({ order, sortedAt: moved ? Date.now() : this.#store.state.sortedAt });
  }
}

/** The state before anything was read. */
export const NO_DATA = {
  overview: null,
  skew: 0,
  connection: NOT_CONNECTED,
  at: moment(),
  timelines: null,
  rates: null,
  massFailure: false,
  detail: NO_DETAIL,
  page: NO_PAGE,
  events: NO_EVENTS,
};
