// How pools and servers are described: marks, words, sentences, the title of the tab. Pure.

import { count } from "./format.js";
import { worstFirst } from "./order.js";
import { OUTCOMES, REASONS } from "./words.js";

/** The reason of a switch as a clause. */
export function reasonText(reason) {
  return reason === null || reason === undefined ? "" : (REASONS[reason] ?? reason);
}

/** The outcome of a check, with what it saw. */
export function probeText({ outcome, detail }) {
  const words = OUTCOMES[outcome] ?? outcome;
  if (!detail) return words;
  return detail.startsWith(words) ? detail : `${words}: ${detail}`;
}

const CONDITIONS = {
  well: { mark: "✓", word: "well", tone: "good" },
  degraded: { mark: "!", word: "degraded", tone: "care" },
  nobody: { mark: "✕", word: "nobody", tone: "bad" },
};

/** Mark, word and tone (good, care, bad) of a pool's condition. */
export function conditionOf(pool) {
  if (pool.maintenance && !pool.twoPrimaries) return { mark: "⏸", word: "maintenance", tone: "care" };
  if (pool.twoPrimaries && pool.condition !== "nobody") return { mark: "✕", word: "two primaries", tone: "bad" };
  return CONDITIONS[pool.condition] ?? { mark: "?", word: pool.condition, tone: "care" };
}

/** Mark, word and tone of a server's status; with a question mark if its checks are late, as it may be another by now. */
export function statusOf(server) {
  const known = knownStatus(server);
  if (!isLate(server)) return known;
  return { mark: "?", word: `${known.word}?`, tone: known.tone === "good" ? "care" : known.tone };
}

/** Whether a server's checks are late. */
export function isLate(server) {
  return server.checks?.late === true;
}

function knownStatus(server) {
  if (server.status === "UP") return { mark: "✓", word: "UP", tone: "good" };
  if (server.status === "DOWN") return { mark: "✕", word: "DOWN", tone: "bad" };
  return { mark: "…", word: server.status, tone: "" };
}

export function servingServer(pool) {
  return pool.servers.find((server) => server.serving) ?? null;
}

/** Who serves a pool, as one short phrase: the server's name, or how many of a balance pool's are usable. */
export function servingText(pool) {
  if (pool.mode === "failover") return pool.serving ?? "nobody";
  const usable = pool.servers.filter((server) => server.usable).length;
  return `${usable} of ${pool.servers.length}`;
}

/** What is the matter with a pool in a few words, for the title of the tab. */
function brief(pool) {
  if (pool.condition === "nobody") return "nobody serves";
  const { word } = conditionOf(pool);
  const down = pool.servers.find((server) => server.status === "DOWN");
  if (word !== "degraded") return word;
  return down !== undefined ? `server ${down.name} DOWN` : pool.servers.some(isLate) ? "checks are late" : word;
}

/** The title of the tab: names the worst pool, or says that all are well. */
export function title(overview) {
  const worst = [...overview.pools.values()].filter((pool) => pool.condition !== "well").sort(worstFirst);
  if (worst.length === 0) return overview.agreement?.contact === false ? "! out of touch – Understudy" : "Understudy";
  const more = worst.length === 1 ? "" : ` (+${worst.length - 1})`;
  return `${conditionOf(worst[0]).mark} ${worst[0].name}: ${brief(worst[0])}${more} – Understudy`;
}

const STEP_SECONDS = 15;
const STEPS = { u: "UP", S: "serving", d: "DOWN", "?": "UNKNOWN", m: "maintenance", x: "drain", ".": "not known" };

/** The strip of the last minutes as runs of one state: `[{state, from, steps}]`, oldest first. */
export function runs(minutes) {
  const found = [];
  [...(minutes ?? "")].forEach((state, index) => {
    const last = found[found.length - 1];
    if (last?.state === state) last.steps++;
    else found.push({ state, from: index, steps: 1 });
  });
  return found;
}

/** The strip in words: "UP 14 min, DOWN 1 min"; a serving server is UP, too. */
export function runsText(minutes) {
  const parts = runs(minutes).map(({ state, steps }) => {
    const seconds = steps * STEP_SECONDS;
    return `${STEPS[state] ?? state} ${seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 6) / 10} min`}`;
  });
  return parts.length === 0 ? "nothing known" : parts.join(", ");
}

/** A switch as one sentence for the screen reader. */
export function switchText({ pool, from, to, reason }) {
  const why = reasonText(reason);
  const what = `Pool ${pool}: ${to === null ? "nobody" : `server ${to}`} serves instead of ${from === null ? "nobody" : `server ${from}`}`;
  return why === "" ? `${what}.` : `${what}, ${why}.`;
}

const SPOKEN = 3;

/** The switches of one message as bounded text. */
export function switchesText(found) {
  const spoken = found.slice(0, SPOKEN).map(switchText);
  if (found.length > SPOKEN) spoken.push(`${count(found.length - SPOKEN, "more pool")} switched.`);
  return spoken.join(" ");
}
