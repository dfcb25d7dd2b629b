// Whether what the page shows is the present. Pure, but for `moment`.

import { duration } from "./format.js";

/**
 * A replica sends a frame each second; data older than this is called old. A replica that freezes is shown so
 * 2.5 s later, at most 3 s after its last frame with the time to draw.
 */
export const OLD_AFTER_MILLIS = 2_500;

/** What replaces live data from time to time is old after this. */
const POLLED_OLD_AFTER_MILLIS = 20_000;

/** Corrections of the wall clock up to this size are no news. */
const SET_BACK_MILLIS = 1_000;

export const NOT_CONNECTED = { phase: "connecting", why: "", lastFrameAt: null, lagMillis: 0, retryAt: null };

/** Now by both clocks of the browser: the wall clock may be set, the other one may stand still during sleep. */
export function moment() {
  return { wall: Date.now(), steady: performance.now() };
}

/** The milliseconds between two moments by the clock that saw more time pass; null if the wall clock was set back. */
export function elapsed(from, to) {
  const wall = to.wall - from.wall;
  return wall < -SET_BACK_MILLIS ? null : Math.max(0, wall, to.steady - from.steady);
}

/**
 * How late a frame came compared with the promptest one of its stream: `{base, lagMillis}`. The clocks of browser
 * and replica are not compared, only how far each has run.
 *
 * @param base of the frames before; null for the first one
 * @param sent when the frame was made, epoch milliseconds of the replica
 * @param steady when it was received, by the steady clock
 */
export function lag(base, sent, steady) {
  const behind = steady - sent;
  const least = base === null ? behind : Math.min(base, behind);
  return { base: least, lagMillis: behind - least };
}

/**
 * Judges the connection at a moment: `{state, text, old, seconds}`. State is
 *
 * - `connecting`: nothing was received yet
 * - `live`: a frame of the last 2.5 s came; nothing else is called live
 * - `old`: none did; `seconds` counts how long
 * - `polled`: the replica has no stream to spare, and is read from time to time
 * - `locked`: the replica wants a token
 */
export function liveness({ phase, why, lastFrameAt, lagMillis = 0, retryAt }, at) {
  if (phase === "locked") return locked(lastFrameAt, at);
  if (lastFrameAt === null) {
    const text = phase === "waiting" ? `no connection: ${why}${retryText(retryAt, at)}` : "connecting…";
    return { state: "connecting", text, old: false, seconds: 0 };
  }
  const passed = elapsed(lastFrameAt, at);
  const age = (passed ?? at.steady - lastFrameAt.steady) + lagMillis;
  const seconds = wholeSeconds(age);
  if (passed === null) return { state: "old", text: "the clock of this computer was set back", old: true, seconds };
  if (phase === "polled") return { state: "polled", text: `not live: ${why}`, old: age >= POLLED_OLD_AFTER_MILLIS, seconds };
  if (age > OLD_AFTER_MILLIS) return { state: "old", text: `${oldText(phase, why, lagMillis)}${retryText(retryAt, at)}`, old: true, seconds };
  if (phase === "open") return { state: "live", text: "live", old: false, seconds };
  return { state: "connecting", text: "reconnecting…", old: false, seconds };
}

function locked(lastFrameAt, at) {
  const seconds = lastFrameAt === null ? 0 : wholeSeconds(elapsed(lastFrameAt, at) ?? 0);
  return { state: "locked", text: "a token is needed", old: lastFrameAt !== null, seconds };
}

function wholeSeconds(millis) {
  return Math.max(0, Math.floor(millis / 1_000));
}

function oldText(phase, why, lagMillis) {
  if (phase === "open") return lagMillis > OLD_AFTER_MILLIS ? "the connection is slow" : "connected, but the process is silent";
  return why === "" ? "reconnecting" : why;
}

function retryText(retryAt, at) {
  return retryAt === null || retryAt <= at.wall ? "" : `; next try in ${duration(Math.ceil((retryAt - at.wall) / 1000))}`;
}
