// The table of all pools, worst first.

import { html, nothing, svg } from "../lib/lit-html.js";
import { guard } from "../lib/directives/guard.js";
import { repeat } from "../lib/directives/repeat.js";
import { ariaSort, COLUMNS, inFlight, nextSort, sortOf } from "./columns.js";
import { conditionOf, servingServer, servingText } from "./condition.js";
import { hosts, NO_FILTER, passes } from "./filter.js";
import { age, count, millis, number } from "./format.js";
import { grouped, GROUPINGS, groupingOf, MANY_POOLS, shownOf } from "./groups.js";
import { nearest } from "./nearest.js";
import { poolAddress } from "./router.js";
import { bars, kind, withPresent } from "./timeline-layout.js";
import { badge, search, select, tag, term } from "./ui.js";
import { charts, sparkline } from "./view-chart.js";

const HOUR_MILLIS = 3_600_000;
/** The column is 80 pixels wide at least, so that the least width of a tenure is a pixel. */
const BAR_UNITS = 80;

/** A phone, as in the style sheet. */
const NARROW = "(max-width: 46rem)";

const GROUP_CHOICES = [["", "automatic"], ["none", "none"], ...Object.entries(GROUPINGS).map(([grouping, { word }]) => [grouping, word])];

/** Where the table has no headings to click at. */
const SORTS = [["", "worst first"], ...COLUMNS.filter((column) => column.key !== "condition").map((column) => [nextSort("", column), column.word])];

/** The pools that pass the filters, in the order of the rows. */
export function shownPools({ overview, order, route }) {
  const filter = { ...NO_FILTER, ...route.params };
  return order.names.map((name) => overview.pools.get(name)).filter((pool) => pool !== undefined && passes(pool, filter));
}

export function tableView(state, actions) {
  const { overview, route } = state;
  if (overview === null) return nothing;
  const filter = { ...NO_FILTER, ...route.params };
  const pools = shownPools(state);
  const sort = route.params.sort ?? "";
  const narrow = matchMedia(NARROW).matches;
  return html`${narrow ? nothing : wholeReplica(state)} ${toolbar(state, filter, pools, actions)} ${sortNotice(state, actions)}
    <table class="pools" @pointermove=${actions.pointed} @pointerleave=${actions.unpointed}>
      <caption class="hidden">Pools, ${sortOf(sort) === null ? "worst first" : "as sorted by a column"}</caption>
      <thead><tr>
        <th scope="col" class="select">${selectAll(pools, state, actions)}</th>
        ${COLUMNS.map((column) => heading(column, sort, actions))}
      </tr></thead>
      <tbody id="rows">${repeat(rowsOf(pools, state), (one) => one.key, (one) => (one.group ? groupRow(one.group, state, actions) : row(one.pool, state, actions)))}</tbody>
    </table>
    ${pools.length === 0 ? nothingFound(filter, overview.pools, actions) : nothing} ${bulkBar(state, actions)} ${narrow ? wholeReplica(state) : nothing}`;
}

function heading(column, sort, actions) {
  const state = ariaSort(sort, column);
  const mark = state === "descending" ? "▼" : state === "ascending" ? "▲" : "";
  return html`<th scope="col" class=${column.style} aria-sort=${state}><button type="button" class="heading" data-focus="sort:${column.key}"
    @click=${() => actions.sort(nextSort(sort, column))}>${term(column.word)}<span class="mark" aria-hidden="true">${mark}</span></button></th>`;
}

/** The rows of the table: pools, and above those of an open group its own row. */
function rowsOf(pools, { route, opened, massFailure }) {
  const ofPool = (pool) => ({ key: pool.name, pool });
  const grouping = groupingOf(route.params.group, massFailure);
  if (grouping === null) return pools.map(ofPool);
  return grouped(pools, grouping).flatMap((group) => [{ key: `group ${group.key}`, group }, ...shownOf(group, opened).map(ofPool)]);
}

function groupRow(group, { opened }, actions) {
  const { key, title, pools, counts } = group;
  const open = shownOf(group, opened).length === pools.length;
  const parts = Object.entries(counts).filter(([, amount]) => amount > 0);
  return html`<tr class="group" data-group=${title}><th colspan="5" scope="rowgroup">
      <button type="button" class="heading" data-focus="group:${key}" aria-expanded=${open} @click=${() => actions.open(key, !open)}><span aria-hidden="true">${open ? "▾" : "▸"}</span> ${title}</button>
      <span class="quiet">${count(pools.length, "pool")}</span>
      ${parts.map(([condition, amount]) => html`<span class="badge ${conditionOf({ condition }).tone}">${amount} ${condition}</span> `)}</th>
    <td class="num rate ${tone(group.requestsPerSecond)}">${number(group.requestsPerSecond)}</td><td class="num p99"></td>
    <td class="num errors ${tone(group.errorsPerSecond, "bad")}">${number(group.errorsPerSecond)}</td><td class="num wide"></td>
    <td class="num wide ${tone(group.held, "care")}">${number(group.held)}</td><td class="hour"></td></tr>`;
}

function nothingFound({ q }, pools, actions) {
  const near = q === "" ? null : nearest(q, [...pools.keys(), ...hosts(pools).map((one) => one.host)]);
  return html`<p class="quiet empty" id="empty">No pool passes the filters.
    ${near === null ? nothing : html`Did you mean <button type="button" class="plain" id="nearest" @click=${() => actions.filter({ q: near })}>${near}</button>?`}</p>`;
}

/** All pools together, above the table; on a phone below it, so that the worst pool comes first. */
function wholeReplica({ rates }) {
  if (rates === null) return nothing;
  return html`<section class="card whole" aria-labelledby="whole-title"><h2 id="whole-title">All pools, last 15 minutes</h2>${charts(rates.all, "All pools, last 15 minutes")}</section>`;
}

function toolbar(state, filter, pools, actions) {
  const { overview } = state;
  const all = hosts(overview.pools);
  const host = all.find((one) => one.host === filter.host);
  return html`<div class="toolbar" role="search">
    ${search(filter.q, "Search pools, servers, causes", (q) => actions.filter({ q }))}
    ${select(filter.condition, "Condition", [["", "any"], ["problem", "not well"], ["nobody", "nobody serves"], ["degraded", "degraded"], ["well", "well"]],
      (condition) => actions.filter({ condition }))}
    ${guard([all.map((one) => `${one.host} ${one.servers}`).join(), filter.host], () =>
      select(filter.host, "Host", [["", "any"], ...all.map((one) => [one.host, `${one.host} (${one.servers})`])], (chosen) => actions.filter({ host: chosen })))}
    <span class="narrow">${select(sortOf(filter.sort) === null ? "" : filter.sort, "Sort", SORTS, actions.sort)}</span>
    ${overview.pools.size < MANY_POOLS ? nothing : select(filter.group ?? "", "Group", GROUP_CHOICES, (group) => actions.filter({ group }))}
    ${host ? html`<button type="button" @click=${() => actions.actOnHost(host.host)}>All ${count(host.servers, "server")} on ${host.host}…</button>` : nothing}
    <span class="quiet" id="shown">${pools.length === overview.pools.size ? count(pools.length, "pool") : `${pools.length} of ${count(overview.pools.size, "pool")}`}</span>
  </div>`;
}

/** Says that rows were sorted again, or should be. */
function sortNotice({ order, sortedAt, now, route }, actions) {
  const sort = sortOf(route.params.sort);
  if (sort !== null) {
    return html`<p class="sorting quiet" id="sorting">By ${sort.column.word}, ${sort.descending ? "descending" : "ascending"}.
      <button type="button" class="plain" @click=${() => actions.sort("")}>Worst first</button></p>`;
  }
  if (order.waiting.length > 0) {
    return html`<p class="sorting care" id="sorting">${named(order.waiting)} changed; rows stay while you point at them.
      <button type="button" @click=${actions.sortAgain}>Sort again ( r )</button></p>`;
  }
  if (order.moved.length > 0 && now - sortedAt < 10_000) {
    return html`<p class="sorting quiet" id="sorting">Sorted again: ${named(order.moved)} changed.</p>`;
  }
  return html`<p class="sorting quiet" id="sorting">Worst first, then by name.</p>`;
}

function named(names) {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

function selectAll(pools, { selection }, actions) {
  const selected = pools.filter((pool) => selection.has(pool.name)).length;
  return html`<input type="checkbox" data-focus="select-all" aria-label="Select all shown pools"
    .checked=${selected > 0 && selected === pools.length} .indeterminate=${selected > 0 && selected < pools.length}
    @change=${(event) => actions.selectAll(event.target.checked)} />`;
}

function row(pool, state, actions) {
  const { selection, timelines, rates, replicaNow } = state;
  const selected = selection.has(pool.name);
  const since = pool.mode === "failover" ? age(pool.since, replicaNow) : "";
  const segments = timelines?.get(pool.name);
  const minute = Math.floor(replicaNow / 30_000);
  const values = rates?.pools.get(pool.name);
  return guard([pool, selected, since, segments, minute, values], () => rowView(pool, selected, since, segments, values, replicaNow, actions));
}

function rowView(pool, selected, since, segments, values, now, actions) {
  const condition = conditionOf(pool);
  const working = inFlight(pool);
  return html`<tr class=${condition.tone} data-pool=${pool.name}>
    <td class="select"><input type="checkbox" data-focus="select:${pool.name}" aria-label="Select ${pool.name}"
      .checked=${selected} @change=${(event) => actions.select(pool.name, event.target.checked)} /></td>
    <td class="condition">${badge(condition)}</td>
    <th scope="row" class="name"><a data-focus="pool:${pool.name}" href=${poolAddress(pool.name)}>${pool.name}</a>${pool.mode === "failover" ? nothing : html` ${tag(pool.mode)}`}</th>
    <td class="cause">${pool.cause ?? nothing}</td>
    <td class="serving">${serving(pool)} ${since === "" ? nothing : html`<span class="quiet">${since}</span>`}</td>
    <td class="num rate ${tone(pool.requestsPerSecond)}">${sparkline(values)}<span>${number(pool.requestsPerSecond)}</span></td>
    <td class="num p99 ${pool.p99Millis === null ? "zero" : ""}">${millis(pool.p99Millis)}</td>
    <td class="num errors ${tone(pool.errorsPerSecond, "bad")}">${number(pool.errorsPerSecond)}</td>
    <td class="num wide ${tone(working)}">${number(working)}</td>
    <td class="num wide ${tone(pool.held, "care")}">${number(pool.held)}</td>
    <td class="hour">${hour(pool, segments, now)}</td>
  </tr>`;
}

function tone(value, other = "") {
  return value > 0 ? other : "zero";
}

function serving(pool) {
  if (pool.mode !== "failover") return html`${servingText(pool)} <span class="quiet">usable</span>`;
  const server = servingServer(pool);
  if (server === null) return html`<strong class="bad">nobody</strong>`;
  return html`<strong>${server.name}</strong>${server.rank === "backup" ? html` ${tag("backup", "care")}` : nothing}`;
}

function hour(pool, segments, now) {
  if (pool.mode !== "failover" || segments === undefined) return nothing;
  const from = now - HOUR_MILLIS;
  const laid = bars(withPresent(segments, pool), from, now, BAR_UNITS);
  const switches = laid.filter((bar) => bar.index > 0 && bar.from > from).length;
  const scale = 100 / BAR_UNITS;
  return html`<svg class="bars" role="img" aria-label=${switches === 0 ? "no switch" : switches === 1 ? "1 switch" : `${switches} switches`}>
    ${laid.map((bar) => svg`<rect class="bar-${kind(bar.serving, pool.servers)}" x="${bar.x * scale}%" width="${bar.width * scale}%" height="100%"></rect>`)}
  </svg>`;
}

function bulkBar({ selection, overview }, actions) {
  const chosen = [...selection].filter((name) => overview.pools.has(name)).length;
  if (chosen === 0) return nothing;
  return html`<div class="bulk" role="region" aria-label="Selected pools">
    <strong>${count(chosen, "pool")} selected</strong>
    <button type="button" class="primary" @click=${actions.actOnSelection}>Act on servers…</button>
    <button type="button" @click=${actions.clearSelection}>Clear</button>
  </div>`;
}
