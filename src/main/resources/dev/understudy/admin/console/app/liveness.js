// Whether what the page shows is the present. Pure; times are epoch milliseconds of the browser's clock.

import { duration } from "./format.js";

/** A replica sends a frame each second; data without one for longer is old. */
export const OLD_AFTER_MILLIS = 3_000;

export const NOT_CONNECTED = { phase: "connecting", why: "", lastFrameAt: null, retryAt: null };

/**
 * Judges the connection: `{state, text, old, seconds}`. State is
 *
 * - `connecting`: nothing was received yet
 * - `live`: a frame came within three seconds; nothing else is called live
 * - `old`: none did; `seconds` counts how long
 * - `polled`: the replica has no stream to spare, and is read from time to time
 * - `locked`: the replica wants a token
 */
export function liveness({ phase, why, lastFrameAt, retryAt }, now) {
  if (phase === "locked") return { state: "locked", text: "a token is needed", old: lastFrameAt !== null, seconds: 0 };
  if (lastFrameAt === null) {
    const text = phase === "waiting" ? `no connection: ${why}${retryText(retryAt, now)}` : "connecting…";
    return { state: "connecting", text, old: false, seconds: 0 };
  }
  const silent = now - lastFrameAt;
  const seconds = Math.max(0, Math.floor(silent / 1000));
  if (phase === "polled") return { state: "polled", text: `not live: ${why}`, old: seconds >= 20, seconds };
  if (silent <= OLD_AFTER_MILLIS && phase === "open") return { state: "live", text: "live", old: false, seconds };
  if (silent <= OLD_AFTER_MILLIS) return { state: "connecting", text: "reconnecting…", old: false, seconds };
  return { state: "old", text: `${oldText(phase, why)}${retryText(retryAt, now)}`, old: true, seconds };
}

function oldText(phase, why) {
  if (phase === "open") return "connected, but the process is silent";
  return why === "" ? "reconnecting" : why;
}

function retryText(retryAt, now) {
  return retryAt === null || retryAt <= now ? "" : `; next try in ${duration(Math.ceil((retryAt - now) / 1000))}`;
}
