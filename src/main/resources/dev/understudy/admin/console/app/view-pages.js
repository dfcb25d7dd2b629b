// The pages beside the pools: routes, replicas, certificates, configuration, process.

import { html, nothing } from "../lib/lit-html.js";
import { repeat } from "../lib/directives/repeat.js";
import { age, bytes, clock, count, duration, millis, number } from "./format.js";
import { otherVotes } from "./groups.js";
import { poolAddress } from "./router.js";
import { yaml } from "./yaml.js";
import { badge, outdated, pending, search, tag, term, time } from "./ui.js";

const MOST_ROUTES = 300;
const SOON_DAYS = 14;

/** A page of one document: what stands in its place until it is read, and its age if it could not be read again. */
function ofDocument(what, view) {
  return (state, actions) =>
    state.page.data === null ? pending(state.page, what) : html`${outdated(state.page, what, state.now)} ${view(state, actions)}`;
}

export const routesView = ofDocument("The routes", routes);
export const replicasView = ofDocument("The agreement", replicas);
export const certificatesView = ofDocument("The certificates", certificates);
export const configurationView = ofDocument("The configuration", configuration);
export const processView = ofDocument("The process", process);

function routes({ page, route }, actions) {
  const words = (route.params.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const all = page.data;
  const found = all.filter((one) => words.every((word) => JSON.stringify(one).toLowerCase().includes(word)));
  return html`<h2 class="hidden">Routes</h2><div class="toolbar" role="search">
      ${search(route.params.q ?? "", "Search routes", (q) => actions.filter({ q }))}
      <span class="quiet">${found.length === all.length ? count(all.length, "route") : `${found.length} of ${count(all.length, "route")}`}, in the order in which they are tried</span>
    </div>
    ${scrolled("Routes", html`<table class="list"><thead><tr><th scope="col">Route</th><th scope="col">Predicates</th><th scope="col">Filters</th>
      <th scope="col">Pool</th><th scope="col">${term("Lane")}</th><th scope="col" class="num">${term("requests/s", "req/s")}</th></tr></thead>
      <tbody>${repeat(found.slice(0, MOST_ROUTES), (one) => one.id, (one) => routeRow(one, page.rates))}</tbody></table>`)}
    ${found.length > MOST_ROUTES ? html`<p class="quiet">${found.length - MOST_ROUTES} more: search for them.</p>` : nothing}`;
}

/** @param rates newer rates of the routes that have any; null if those of the routes are the newest */
function routeRow(one, rates) {
  const rate = rates === null ? one.requestsPerSecond : (rates[one.id] ?? 0);
  return html`<tr><th scope="row">${one.id}</th><td>${lines(one.predicates)}</td><td>${lines(one.filters)}</td>
    <td>${one.pool === null ? "–" : html`<a href=${poolAddress(one.pool)}>${one.pool}</a>`}</td>
    <td>${tag(one.lane, one.lane === "express" ? "good" : "")} <span class="quiet">${one.why}</span></td>
    <td class="num ${rate > 0 ? "" : "zero"}">${number(rate)}</td></tr>`;
}

function lines(list) {
  return list.map((text) => html`<div class="code">${text}</div>`);
}

function replicas({ page, now }) {
  const agreement = page.data;
  if (agreement.mode === "standalone") return html`<h2 class="hidden">Replicas</h2><p>This replica decides alone (mode standalone).</p>`;
  const alone = agreement.pools.filter((pool) => pool.local !== null);
  return html`<h2 class="hidden">Replicas</h2>
    <p>The replicas agree through the ${agreement.store}. ${agreement.skewed > 0 ? `${count(agreement.skewed, "replica")} with a different file. ` : ""}${count(agreement.conflicts, "conflict")} since the start.</p>
    ${agreement.inTouch ? nothing : html`<p class="notice bad" role="alert">This replica has been out of touch with the others since ${clock(agreement.since, now)}: ${agreement.why}. It keeps the last agreement and refuses commands.</p>`}
    ${alone.map((pool) => html`<p class="notice bad">Pool ${pool.pool}: this replica chose ${serverOr(pool.local)} alone, out of touch. The last known agreement: ${serverOr(pool.holder)}, in epoch ${pool.epoch}.</p>`)}
    ${scrolled("Replicas", html`<table class="list" id="voters"><thead><tr><th scope="col">Replica</th><th scope="col">State</th><th scope="col">Heard of</th><th scope="col">Votes other than UP</th></tr></thead>
      <tbody>${agreement.voters.map((voter) => html`<tr><th scope="row">${voter.replica} ${voter.replica === agreement.replica ? tag("this one") : nothing}</th>
        <td>${badge(voterState(voter, agreement))}</td><td>${duration(voter.ageSeconds)} ago</td><td>${votes(voter.votes)}</td></tr>`)}</tbody></table>`)}
    <h3>Agreed</h3>
    ${scrolled("Agreed", html`<table class="list"><thead><tr><th scope="col">Pool</th><th scope="col">Serving</th><th scope="col" class="num">${term("Epoch")}</th><th scope="col">Decided by</th><th scope="col">Since</th><th scope="col">${term("Evidence")}</th></tr></thead>
      <tbody>${repeat(agreement.pools, (pool) => pool.pool, (pool) => html`<tr><th scope="row"><a href=${poolAddress(pool.pool)}>${pool.pool}</a></th><td>${pool.holder ?? html`<strong class="bad">nobody</strong>`}</td>
        <td class="num">${pool.epoch}</td><td>${pool.decidedBy ?? "–"}</td><td>${time(pool.since, now)}</td><td>${pool.evidence}</td></tr>`)}</tbody></table>`)}`;
}

function voterState(voter, agreement) {
  if (voter.replica === agreement.replica && !agreement.inTouch) return { mark: "✕", word: "out of touch", tone: "bad" };
  if (voter.leaving) return { mark: "…", word: "stopping", tone: "" };
  if (!voter.synced) return { mark: "…", word: "starting", tone: "" };
  if (!voter.counted) return { mark: "✕", word: "not counted", tone: "bad" };
  if (!voter.ready) return { mark: "!", word: "votes, not ready: another replica can serve more pools", tone: "care" };
  return { mark: "✓", word: "votes", tone: "good" };
}

function serverOr(name) {
  return name ? `server ${name}` : "nobody";
}

const MOST_VOTES = 5;

/** Votes that are not UP, a line for each that differs, the most frequent first. */
function votes(pools) {
  const all = otherVotes(pools);
  if (all.length === 0) return "none";
  return all.slice(0, MOST_VOTES).map(({ vote, servers }) => html`<div>${vote}: ${count(servers.length, "server")}
      <span class="quiet">(${servers.slice(0, MOST_VOTES).join(", ")}${servers.length > MOST_VOTES ? ", …" : ""})</span></div>`)
    .concat(all.length > MOST_VOTES ? html`<div class="quiet">and ${count(all.length - MOST_VOTES, "other vote")}</div>` : []);
}

function certificates({ page, now }) {
  if (page.data.length === 0) return html`<h2 class="hidden">Certificates</h2><p>No certificate is configured.</p>`;
  return html`<h2 class="hidden">Certificates</h2>
    ${scrolled("Certificates", html`<table class="list"><thead><tr><th scope="col">Expires</th><th scope="col">Subject, names</th><th scope="col">Use</th><th scope="col">Bundle</th><th scope="col">Issuer</th><th scope="col">Valid</th></tr></thead>
      <tbody>${page.data.map((one) => html`<tr><td>${badge(expiry(one.daysLeft))}</td>
        <th scope="row">${one.subject}<div class="quiet">${one.names.join(", ")}</div></th><td>${one.use}</td><td>${one.bundle}</td><td>${one.issuer}</td>
        <td>${time(one.notBefore, now)} – ${time(one.notAfter, now)}</td></tr>`)}</tbody></table>`)}`;
}

function expiry(days) {
  if (days < 0) return { mark: "✕", word: `${count(-days, "day")} ago`, tone: "bad" };
  return days < SOON_DAYS ? { mark: "!", word: `in ${count(days, "day")}`, tone: "care" } : { mark: "✓", word: `in ${days} days`, tone: "good" };
}

function configuration({ page, overview, who, now }) {
  const { file, appliedAt, rejectedAt, problems, warnings } = page.data;
  return html`<h2 class="hidden">Configuration</h2>
    ${facts([["File", file ?? "none"], ["Applied", appliedAt ? time(appliedAt, now) : "not yet"], [term("Fingerprint"), overview?.config?.fingerprint ?? "–"], ...(rejectedAt ? [["Newest content refused", time(rejectedAt, now)]] : [])])}
    ${texts("Problems", problems, "bad")} ${texts("Warnings", warnings, "care")}
    <h3>The file, without comments and secrets</h3>
    ${page.file !== null ? html`<pre class="code scrolled" id="file" role="region" aria-label="The file" tabindex="0">${yaml(page.file)}</pre>`
      : html`<p class="quiet">${file === null ? "No file was read yet." : who.role === "operate" ? "Reading…" : "It is shown to those with a token of role operate."}</p>`}
    <p><a href="#/events?kind=operation">What changed, and when</a></p>`;
}

function texts(title, list, tone) {
  if (list.length === 0) return nothing;
  return html`<h3>${title}</h3><ul class="${tone} texts">${list.map((text) => html`<li>${text}</li>`)}</ul>`;
}

function process({ page, replicaNow }) {
  const { limits = [], ...rest } = page.data;
  return html`<h2 class="hidden">Process</h2>
    ${facts(entries(rest, replicaNow))}
    <h3>Limits</h3>
    <table class="list limits"><thead><tr><th scope="col">Limit</th><th scope="col" class="num">Used</th><th scope="col" class="num">Of</th><th scope="col">Near</th></tr></thead>
      <tbody>${limits.map(limitRow)}</tbody></table>
`;
}

function limitRow({ name, used, max }) {
  const share = max ? used / max : 0;
  const tone = share >= 0.9 ? "bad" : share >= 0.7 ? "care" : "";
  const text = name.endsWith(" bytes") ? bytes : (value) => value.toLocaleString();
  return html`<tr><th scope="row">${name.replace(/ bytes$/, "")}</th><td class="num">${text(used)}</td><td class="num">${max ? text(max) : "no limit"}</td>
    <td>${max ? html`<meter min="0" max="1" low="0.7" high="0.9" optimum="0" value=${share} aria-label="${name}: ${Math.round(share * 100)} %"></meter>
      <span class=${tone}>${Math.round(share * 100)} %</span>` : "–"}</td></tr>`;
}

/** The entries of a document as pairs of words and values, nested ones flattened; units by the end of the name, memory in bytes. */
function entries(document, now, prefix = "") {
  return Object.entries(document).flatMap(([key, value]) => {
    const word = prefix === "" ? words(key) : `${prefix}${words(key).toLowerCase()}`;
    if (Array.isArray(value)) return [[word, value.map((one) => (typeof one === "object" ? line(one, now) : String(one)))]];
    if (value !== null && typeof value === "object") return entries(value, now, `${word}: `);
    return [[word.replace(/(?<=[a-z]) (millis|seconds|bytes|nanos|percent)$/, ""), valueText(key, value, now, prefix === "Memory: ")]];
  });
}

/** One of a list of documents as a line of words and values. */
function line(document, now) {
  return html`<div class="quiet">${entries(document, now).map(([word, value]) => html`${word.toLowerCase()} ${value} `)}</div>`;
}

function words(key) {
  const text = key.replace(/([a-z0-9])([A-Z])/g, (match, a, b) => `${a} ${b.toLowerCase()}`);
  return text === "cpu" ? "CPU" : text[0].toUpperCase() + text.slice(1);
}

function valueText(key, value, now, inBytes) {
  if (value === null) return "–";
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return html`${time(value, now)} (${age(value, now)} ago)`;
  if (typeof value !== "number") return String(value);
  if (/millis$/i.test(key)) return millis(value);
  if (/seconds$/i.test(key)) return duration(value);
  if (/percent$/i.test(key)) return `${number(value)} %`;
  if (inBytes || /bytes$/i.test(key)) return bytes(value);
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function facts(pairs) {
  return html`<dl class="facts">${pairs.map(([word, value]) => html`<div><dt>${word}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A table that scrolls by itself where it is wider than the page. */
function scrolled(label, table) {
  return html`<div class="scrolled" role="region" aria-label=${label} tabindex="0">${table}</div>`;
}
