// The operator's commands: requests, and what they will bring about. Pure.

import { count } from "./format.js";

export const STATES = ["drain", "maintenance", "ready"];

/** Longest reason that the API takes, in characters. */
export const MOST_REASON = 200;

const EFFECTS = {
  ready: "It may serve again if its health allows.",
  drain: "It gets no new sessions; running requests and sessions finish.",
  maintenance: "It gets no traffic from now on; its sessions, WebSockets and streams are moved away at once.",
};

/** Sets the state of one server. */
export function setState(pool, server, state) {
  return {
    label: `server ${server.name} of pool ${pool.name}`,
    method: "PUT",
    path: `api/pools/${encodeURIComponent(pool.name)}/servers/${encodeURIComponent(server.name)}/state`,
    body: { state },
    // Only a command that may leave nobody usable can be forced.
    forceable: state !== "ready",
  };
}

/** Begins the maintenance of a whole pool with the dialog's fields, or ends it. */
export function setPoolState(pool, state, fields = {}) {
  return {
    label: `pool ${pool.name}`,
    method: "PUT",
    path: `api/pools/${encodeURIComponent(pool.name)}/state`,
    // The dialog has asked.
    body: state === "ready" ? { state } : { state, ...maintenanceOf(fields), force: true },
    forceable: false,
  };
}

/** The parts of a maintenance that were typed: a time in UTC, and networks apart by commas or spaces. */
function maintenanceOf({ until = "", allow = "" }) {
  const parts = {};
  if (until !== "") parts.until = new Date(`${until}Z`).toISOString();
  const networks = allow.split(/[\s,]+/).filter((text) => text !== "");
  if (networks.length > 0) parts.allow = networks;
  return parts;
}

/** Makes a server serve and pins it. */
export function switchTo(pool, server) {
  return switchOf(pool, server.name);
}

/** Ends the pin of a pool. */
export function switchToAuto(pool) {
  return switchOf(pool, "auto");
}

/**
 * Moves the role in phases, in which clients are held.
 *
 * @param plan `{pause, at, force}`: seconds; a time in UTC, or empty; whether what does not finish is cut
 */
export function planSwitch(pool, server, { pause, at, force }) {
  const command = switchTo(pool, server);
  const body = { ...command.body, planned: true, pause: `${pause}s`, force };
  if (at !== "") body.at = new Date(`${at}Z`).toISOString();
  return { ...command, body };
}

/** The same switch, but the server may be promoted however far its data is behind. */
export function acceptingLoss(command) {
  return { ...command, body: { ...command.body, acceptLoss: true } };
}

/** How far the data of a server is behind, if that keeps it from being promoted; else null. */
export function lossOf(document, name) {
  const data = document?.servers.find((server) => server.name === name)?.data;
  return data?.tooFar === true ? data.lag : null;
}

/** Gives up a planned switch that is scheduled or pausing. */
export function giveUpSwitch(pool) {
  return { ...switchToAuto(pool), method: "DELETE", body: {} };
}

function switchOf(pool, to) {
  return {
    label: `pool ${pool.name}`,
    method: "POST",
    path: `api/pools/${encodeURIComponent(pool.name)}/switch`,
    body: { to },
    forceable: false,
  };
}

/** The body of a command's request, with the reason unless it is blank. */
export function bodyOf(command, reason, force) {
  const body = { ...command.body };
  const text = reason.trim();
  if (text !== "") body.reason = text;
  if (force) body.force = true;
  return body;
}

/** What setting a server to a state brings about, as sentences for the dialog. */
export function stateConsequence(pool, server, state) {
  const sentences = [EFFECTS[state]];
  if (state === "ready") return sentences;
  const others = pool.servers.filter((other) => other !== server && other.usable).map(({ name }) => `server ${name}`);
  if (others.length === 0) sentences.push(`No other server of pool ${pool.name} is usable: nobody will serve.`);
  else if (server.serving) sentences.push(`It serves pool ${pool.name} now: ${others.join(" or ")} takes over.`);
  return sentences;
}

/** What the maintenance of a pool, or its end, brings about. */
export function poolStateConsequence(pool, state) {
  if (state === "ready") return [`All clients of pool ${pool.name} are served again.`];
  return [
    `Pool ${pool.name} serves no clients: they get the maintenance page, WebSockets and streams are closed, TCP connections are reset.`,
    "Running requests finish. Clients whose addresses you allow are served as usual. Checks and failover go on.",
  ];
}

export function autoConsequence() {
  return ["The pin ends. A usable server of better rank takes over according to the failback policy."];
}

export function switchConsequence(pool, server) {
  const sentences = [`It gets all traffic of pool ${pool.name} and is pinned: no failback until the pool is set to auto or the server fails.`];
  if (!server.serving && pool.serving !== null) sentences.push(`Server ${pool.serving} serves now and loses the role.`);
  return sentences;
}

/** What a planned switch brings about; `hooks` are those of the pool. */
export function planConsequence(pool, server, hooks, force) {
  const from = pool.servers.find((other) => other.serving);
  const sentences = [
    `All replicas hold new clients of pool ${pool.name}. Here, server ${from.name} has ${count(from.inFlight, "request")} in flight, which finish. WebSockets and streams are closed in order (now ${from.tunnels}).`,
    force ? "What has not finished after half of the pause is cut." : "If something has not finished after half of the pause, the switch is given up and nothing changes.",
  ];
  if (hooks.includes("demote")) sentences.push(`The hook demote fences server ${from.name}.`);
  if (hooks.includes("promote")) sentences.push(`The hook promote promotes server ${server.name}; then the switch waits for its check.`);
  sentences.push(`Then server ${server.name} serves, and is pinned.`);
  return sentences;
}

export function giveUpConsequence() {
  return ["Clients that are held go to the server that serves now. Nothing else changes."];
}

/** What a state for many servers brings about: how many pools switch, and which are left with nobody. */
export function bulkConsequence(targets, state) {
  if (state === "ready") return [`${count(targets.length, "server")} may serve again if their health allows.`];
  const taken = new Set(targets.map(({ server }) => server));
  const pools = new Set(targets.map(({ pool }) => pool));
  const left = [...pools].filter((pool) => !pool.servers.some((server) => server.usable && !taken.has(server)));
  const switching = [...pools].filter((pool) => !left.includes(pool) && pool.servers.some((server) => server.serving && taken.has(server)));
  const sentences = [`${count(targets.length, "server")} in ${count(pools.size, "pool")}: ${EFFECTS[state].replace(/^It gets/, "each gets")}`];
  if (switching.length > 0) sentences.push(`The role moves in ${names(switching)}.`);
  if (left.length > 0) sentences.push(`No other server is usable in ${names(left)}: there the command is refused unless forced.`);
  return sentences;
}

const NAMED = 5;

function names(pools) {
  const shown = pools.slice(0, NAMED).map(({ name }) => name).join(", ");
  return pools.length > NAMED ? `${shown} and ${count(pools.length - NAMED, "more pool")}` : shown;
}
