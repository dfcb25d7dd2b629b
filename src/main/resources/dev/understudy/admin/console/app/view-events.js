// Events: the page, and the list that a pool's page shows, too.

import { html, nothing } from "../lib/lit-html.js";
import { repeat } from "../lib/directives/repeat.js";
import { KIND_WORDS, passes, points, toneOf } from "./events.js";
import { count } from "./format.js";
import { poolAddress } from "./router.js";
import { search, select, time } from "./ui.js";

const MOST_SHOWN = 300;

export function eventsView({ events, route, overview, now }, actions) {
  const { q = "", kind = "", pool = "" } = route.params;
  const found = events.list.filter((event) => passes(event, { q, kind, pool }));
  const names = overview === null ? [] : [...overview.pools.keys()].sort();
  return html`<h2 class="hidden">Events</h2>
    <div class="toolbar" role="search">
      ${search(q, "Search events", (text) => actions.filter({ q: text }))}
      ${select(kind, "Kind", [["", "all"], ...Object.entries(KIND_WORDS)], (word) => actions.filter({ kind: word }))}
      ${select(pool, "Pool", [["", "all"], ...names.map((name) => [name, name])], (name) => actions.filter({ pool: name }))}
      <span class="quiet" id="events-state">${phaseText(events)}</span>
    </div>
    ${events.known && found.length === 0 ? html`<p class="quiet">No event passes the filters.</p>` : nothing}
    ${eventList(found.slice(0, MOST_SHOWN), now, true)}
    ${found.length > MOST_SHOWN ? html`<p class="quiet">${count(found.length - MOST_SHOWN, "older event")} not shown: search for them.</p>` : nothing}`;
}

function phaseText({ phase, why }) {
  if (phase === "open") return "new events appear here";
  if (phase === "stopped") return "no new events";
  return phase === "waiting" ? `no new events: ${why}` : "connecting…";
}

/**
 * A list of events, newest first.
 *
 * @param ofAll whether the events are of all pools, and have to name theirs
 */
export function eventList(list, now, ofAll) {
  return html`<ol class="events ${ofAll ? "of-all" : ""}" id="events">${repeat(list, (event) => event.id, (event) => eventItem(event, now, ofAll))}</ol>`;
}

function eventItem(event, now, ofAll) {
  const more = points(event);
  return html`<li class=${toneOf(event)}>
    ${time(event.at, now)} ${ofAll ? poolOf(event) : nothing}
    <div class="what">
      <span>${event.message}</span>
      ${event.operator && !event.message.includes(event.operator)
        ? html`<span class="quiet">by ${event.operator}${event.operatorReason ? `: “${event.operatorReason}”` : ""}</span>` : nothing}
      ${more.length > 0 ? html`<ul>${more.map((text) => html`<li>${text}</li>`)}</ul>` : nothing}
    </div>
  </li>`;
}

function poolOf({ pool }) {
  return pool ? html`<a class="of" href=${poolAddress(pool)}>${pool}</a>` : html`<span class="of quiet">–</span>`;
}
