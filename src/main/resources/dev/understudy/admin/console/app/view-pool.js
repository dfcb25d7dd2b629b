// One pool: what is the matter, who served, every number of each server, its events.

import { html, nothing } from "../lib/lit-html.js";
import { conditionOf, isLate, probeText, reasonText, servingText, statusOf } from "./condition.js";
import { age, bytes, count, duration, millis, number, until } from "./format.js";
import { lastProbes } from "./overview.js";
import { nearest } from "./nearest.js";
import { NO_DETAIL } from "./reads.js";
import { poolAddress } from "./router.js";
import { obstacle } from "./session.js";
import { eventList } from "./view-events.js";
import { poolCharts } from "./view-chart.js";
import { timelineView } from "./view-timeline.js";
import { badge, outdated, strip, tag, term, time } from "./ui.js";

export function poolView(state, actions) {
  const { overview, route, detail, minutes, replicaNow } = state;
  if (overview === null) return nothing;
  const pool = overview.pools.get(route.pool);
  const back = html`<a class="back" data-focus="back" href=${state.back}>← Pools</a>`;
  if (pool === undefined) return html`${back}<p class="notice bad">There is no pool ${route.pool}.${suggestion(nearest(route.pool, overview.pools.keys()))}</p>`;
  const own = detail.pool === pool.name ? detail : NO_DETAIL;
  return html`<article class="pool" aria-labelledby="pool-title">
    ${back}
    <div class="head"><h2 id="pool-title">${pool.name}</h2>${badge(conditionOf(pool))}
      <span class="quiet">${pool.mode}${pool.mode === "failover" ? html`, ${term("epoch")} ${pool.epoch}` : nothing}</span></div>
    ${pool.cause ? html`<p class="cause ${conditionOf(pool).tone}" id="cause">${pool.cause}</p>` : nothing}
    ${maintenance(pool, state, actions)} ${who(pool, replicaNow)} ${standing(pool, own.document, replicaNow, state, actions)}
    ${plannedSwitch(pool, own.document?.planned, replicaNow, state, actions)}
    ${own.document === null && own.error ? html`<p class="notice bad" role="alert">Details could not be read: ${own.error}.</p>` : nothing}
    ${own.document === null ? nothing : outdated(own, "The details", state.now)}
    ${poolCharts(pool, own, replicaNow)}
    ${pool.mode === "failover" ? timelineView(pool, own.timeline, minutes, replicaNow, actions) : nothing}
    ${servers(pool, own.document, state, actions)}
    <section class="card" aria-labelledby="pool-events">
      <div class="head"><h3 id="pool-events">Events</h3><a href="#/events?pool=${encodeURIComponent(pool.name)}">all, live</a></div>
      ${own.events.length === 0 ? html`<p class="quiet">None.</p>` : eventList(own.events, state.now, false)}
    </section>
  </article>`;
}

function suggestion(near) {
  return near === null ? nothing : html` The nearest name is <a id="nearest" href=${poolAddress(near)}>${near}</a>.`;
}

function who(pool, now) {
  const rates = `${number(pool.requestsPerSecond)} requests/s, ${number(pool.errorsPerSecond)} 5xx/s, ${number(pool.retriesPerSecond)} retries/s, ${pool.held} held`;
  if (pool.mode !== "failover") return html`<p>${servingText(pool)} servers usable. ${rates}.</p>`;
  const why = reasonText(pool.reason);
  return html`<p>${pool.serving === null ? html`<strong>Nobody</strong>` : html`Server <strong>${pool.serving}</strong>`} serves since ${time(pool.since, now)} (${age(pool.since, now)})${why ? `: ${why}` : ""}. ${rates}.</p>`;
}

/** How long a planned switch that is over is shown. */
const PLANNED_SHOWN_MILLIS = 3_600_000;

/** The phases of the planned switch that is under way, or was a short time ago. */
function plannedSwitch(pool, planned, now, state, actions) {
  if (!planned || (!planned.active && now - Date.parse(planned.phases.at(-1).since) > PLANNED_SHOWN_MILLIS)) return nothing;
  const why = obstacle(state.who);
  return html`<section class="card" id="planned-switch" aria-labelledby="planned-title">
    <h3 id="planned-title">${planned.failback ? "Failback" : "Planned switch"}: ${planned.from} → ${planned.to}</h3>
    <p class="quiet">${planned.failback ? "Because a server of better rank returned" : planned.operator ? `By ${planned.operator}` : "By an operator"}${planned.reason ? `: “${planned.reason}”` : ""}. Pause of at most ${duration(planned.pauseMillis / 1000)}${planned.force ? ", then the rest is cut" : ""}.</p>
    <ol>${planned.phases.map(({ phase, since, why: cause }) => html`<li>${time(since, now)} ${tag(phase, TONES[phase] ?? "role")} ${cause}</li>`)}</ol>
    ${planned.phase === "SCHEDULED" ? html`<p>Begins in ${until(planned.at, now)}, at ${time(planned.at, now)}.</p>` : nothing}
    ${planned.phase === "SCHEDULED" || planned.phase === "PAUSING" ? html`<button type="button" data-focus="give-up" ?disabled=${why !== null} title=${why ?? nothing} @click=${() => actions.askGiveUp(pool)}>Give up</button>` : nothing}
  </section>`;
}

const TONES = { GIVEN_UP: "care", ROLLING_BACK: "care", ROLLED_BACK: "care", FAILED: "bad" };

/** The maintenance of the whole pool, and the button that begins or ends it. */
function maintenance(pool, { who: operator, replicaNow }, actions) {
  const why = obstacle(operator);
  const on = pool.maintenance;
  const button = (text, action) => html`<button type="button" data-focus="maintenance" id="pool-state" ?disabled=${why !== null} title=${why ?? nothing}
    @click=${() => actions.askPoolState(pool, action)}>${text}</button>`;
  if (!on) return html`<p>${button("Maintenance of the pool…", "maintenance")}</p>`;
  const left = on.until === null ? "until it is ended" : html`for ${until(on.until, replicaNow)}, until ${time(on.until, replicaNow)}`;
  return html`<p class="notice" id="maintenance">No client is served ${on.allow.length === 0 ? nothing : `except those of ${on.allow.join(", ")} `}${left}. ${button("End maintenance…", "ready")}</p>`;
}

/** The pin, the failback that is awaited, and the remark. */
function standing(pool, document, now, state, actions) {
  if (document === null) return nothing;
  const why = obstacle(state.who);
  return html`${document.pinned ? html`<p class="notice">Pinned to server ${document.pinned} by an operator: no failback until the pool is set to auto or the server fails.
      <button type="button" ?disabled=${why !== null} title=${why ?? nothing} @click=${() => actions.askAuto(pool)}>Back to auto</button></p>` : nothing}
    ${document.failbackTo && !document.pinned ? html`<p class="notice">${failback(document, now)}</p>` : nothing}
    ${document.remark ? html`<p class="notice">${document.serving ? `Server ${document.serving}` : "No server is usable:"} ${document.remark}.</p>` : nothing}`;
}

function failback({ failbackTo, failbackDue, failbackHeldBy }, now) {
  if (failbackDue === null) return `Server ${failbackTo} is usable; the failback ${failbackHeldBy}.`;
  return html`Failback to server ${failbackTo} in ${until(failbackDue, now)}, at ${time(failbackDue, now)}: ${failbackHeldBy}.`;
}

/** Servers are the columns: a pool has few servers, and each has many numbers. */
function servers(pool, document, state, actions) {
  const more = new Map(document?.servers.map((server) => [server.name, server]) ?? []);
  const probes = lastProbes(state.overview, pool);
  const columns = pool.servers.map((server, index) => ({ ...more.get(server.name), ...server, lastProbe: probes[index], server }));
  const now = state.replicaNow;
  return html`<div class="servers" role="region" aria-label="Servers" tabindex="0"><table>
    <caption class="hidden">Servers of ${pool.name} and their numbers</caption>
    <thead><tr><td></td>${columns.map((server) => html`<th scope="col" class=${server.serving ? "serving" : ""}>${server.name} ${tag(server.rank)}
      ${server.serving ? tag("serving", "role") : nothing}</th>`)}</tr></thead>
    <tbody>
      ${ROWS.map(([word, cell]) => html`<tr><th scope="row">${word === "p50 · p99" ? html`${term("p50")} · ${term("p99")}` : term(word)}</th>${columns.map((server) => html`<td>${cell(server, now)}</td>`)}</tr>`)}
      <tr><th scope="row">Actions</th>${columns.map((server) => html`<td>${buttons(pool, server, document, state, actions)}</td>`)}</tr>
    </tbody>
  </table></div>`;
}

const ROWS = [
  ["Status", (server, now) => html`${badge(statusOf(server))} ${server.state === "ready" ? nothing : tag(server.state, "care")}
    ${server.circuitOpen ? tag("circuit open", "care") : nothing}${server.usable ? nothing : tag(isStale(server) ? "stale primary" : "not usable", "bad")}
    ${server.evidence ? html`<div class="quiet">${server.evidence}</div>` : nothing}
    ${server.state !== "ready" && server.operator ? html`<div class="quiet">${server.state} by ${server.operator}${server.operatorReason ? `: “${server.operatorReason}”` : ""}${
      server.stateSince ? html`, ${age(server.stateSince, now)} ago` : nothing}</div>` : nothing}`],
  ["Last 15 min", (server) => strip(server.minutes)],
  ["Address", (server) => html`${server.url}${server.address ? html`<div class="quiet">${server.address}</div>` : nothing}${server.zone ? html`<div class="quiet">${server.zone}</div>` : nothing}`],
  ["Check", (server) => check(server.check)],
  ["Last check", (server, now) => probe(server, now)],
  ["Data", (server, now) => data(server.data, now)],
  ["Checks failed", (server) => number(server.checksFailed)],
  ["Downtime", (server) => duration(server.downtimeSeconds)],
  ["Requests/s", (server) => number(server.requestsPerSecond)],
  ["Responses/s", (server) => classes(server.responses)],
  ["p50 · p99", (server) => `${millis(server.p50Millis)} · ${millis(server.p99Millis)}`],
  ["In · out", (server) => `${bytes(server.bytesInPerSecond)}/s · ${bytes(server.bytesOutPerSecond)}/s`],
  ["In flight", (server) => (server.maxRequests === null ? number(server.inFlight) : `${server.inFlight} of ${server.maxRequests}`)],
  ["Queued", (server) => number(server.queued)],
  ["Retries", (server) => number(server.retries)],
  ["Tunnels", (server) => number(server.tunnels)],
  ["Sessions", (server) => html`${number(server.sessions)}${server.state === "drain" ? ` left, ${count(server.tunnels, "tunnel")}` : ""}`],
];

/** Whether all that keeps a server out of use is a stale claim to be primary: an operator may switch to it. */
function isStale(server) {
  return server.status === "UP" && server.state === "ready" && !server.circuitOpen && !server.usable;
}

/** Whether all that keeps a server from being promoted is what its data lacks: an operator may accept the loss. */
function isTooFarBehind(server) {
  return server.data?.tooFar === true;
}

/** What is asked, what is good, and how often; before the details are read nothing is known of it. */
function check(settings) {
  if (!settings) return "–";
  const { request, expect, host, port, intervalMillis, timeoutMillis, fall, rise } = settings;
  const where = [host, port === null ? null : `port ${port}`].filter((part) => part !== null).join(", ");
  return html`<span class="code">${request}</span>${where === "" ? nothing : ` at ${where}`}
    <div class="quiet">good: ${expect}</div>
    <div class="quiet">every ${setting(intervalMillis)}, time-out ${setting(timeoutMillis)}; DOWN after ${fall} bad, UP after ${rise} good</div>`;
}

/** A duration as the file has it. */
function setting(value) {
  return value < 1000 ? `${value} ms` : `${value / 1000} s`;
}

function probe(server, now) {
  const { lastProbe: last, checks } = server;
  const late = isLate(server) ? html`<div>${tag(`late: not checked for ${age(checks.newest, now)}`, "care")}</div>` : nothing;
  if (!last) return html`none yet${late}`;
  return html`${probeText(last)}
    <div class="quiet">took ${millis(last.tookMillis)}, ${age(last.at, now)} ago</div>${late}`;
}

/** How far the data has come, and how far it is behind; before the details are read nothing is known of it. */
function data(seen, now) {
  if (!seen) return "–";
  return html`<span class="code">${seen.position}</span><div class="quiet">${age(seen.at, now)} ago</div>
    ${seen.lag === null ? nothing : html`<div class="quiet">${seen.lag}</div>`}${seen.tooFar ? html`<div>${tag("too far to be promoted", "bad")}</div>` : nothing}`;
}

function classes(responses) {
  const shown = Object.entries(responses ?? {}).filter(([, rate]) => rate > 0);
  if (shown.length === 0) return "0";
  return shown.map(([word, rate]) => html`<span class="class ${word === "5xx" || word === "none" ? "bad" : ""}">${word} ${number(rate)}</span> `);
}

function buttons(pool, server, document, state, actions) {
  const why = obstacle(state.who);
  const button = (text, disabled, onClick) =>
    html`<button type="button" data-focus="${text}:${server.name}" aria-label="${text}: ${server.name}" ?disabled=${why !== null || disabled} title=${why ?? nothing} @click=${onClick}>${text}</button>`;
  const pinned = document?.pinned === server.name;
  return html`<div class="buttons">
    ${pool.mode === "failover" ? button(server.serving ? "Pin here" : "Switch here", !(server.usable || isStale(server) || isTooFarBehind(server)) || (server.serving && pinned), () => actions.askSwitch(pool, server.server)) : nothing}
    ${["drain", "maintenance", "ready"].filter((word) => word !== server.state).map((word) =>
      button(word[0].toUpperCase() + word.slice(1), false, () => actions.askState(pool, server.server, word)))}
  </div>`;
}
