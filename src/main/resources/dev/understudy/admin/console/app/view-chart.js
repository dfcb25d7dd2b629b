// Charts of the last 15 minutes: requests, durations and errors, each on an axis of its own.

import { html, nothing, svg } from "../lib/lit-html.js";
import { guard } from "../lib/directives/guard.js";
import { ceiling, greatest, linePath, newest } from "./chart-layout.js";
import { millis, number } from "./format.js";
import { bars, fromDocument, kind, withPresent } from "./timeline-layout.js";
import { term } from "./ui.js";

export const STEPS = 90;
const WIDTH = 450;
const HEIGHT = 60;
const MINUTES_MILLIS = 900_000;

const CHARTS = [
  { word: "requests/s", of: (rates) => rates.requestsPerSecond, text: number, style: "line-rate" },
  { word: "p99", of: (rates) => rates.p99Millis, text: millis, style: "line-p99" },
  { word: "5xx/s", of: (rates) => rates.errorsPerSecond, text: number, style: "line-errors" },
];

/** The three charts; `below` is drawn under each on the same axis of time. */
export function charts(rates, label, below = nothing) {
  return html`<div class="charts" role="group" aria-label=${label}>${CHARTS.map((chart) => html`<figure class="chart">${guard([rates, below], () => chartView(chart, rates, below))}</figure>`)}</div>`;
}

function chartView({ word, of, text, style }, rates, below) {
  const values = of(rates);
  const top = greatest(values);
  const edge = ceiling(top);
  const now = newest(values);
  const known = values.some((value) => value !== null);
  return html`<figcaption>${term(word)} <strong>${now === null ? "–" : text(now)}</strong> ${known ? html`<span class="quiet">highest ${text(top)}</span>` : nothing}</figcaption>
    <div class="plot"><svg class="chart-line" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img"
      aria-label="${word} in the last 15 minutes: now ${now === null ? "none" : text(now)}${known ? `, highest ${text(top)}` : ""}">
      <line class="grid" x1="0" x2=${WIDTH} y1="0.5" y2="0.5"></line><line class="grid" x1="0" x2=${WIDTH} y1=${HEIGHT - 0.5} y2=${HEIGHT - 0.5}></line>
      <path class=${style} d=${linePath(values, edge, STEPS, WIDTH, HEIGHT)}></path></svg>
      ${known ? html`<span class="edge" aria-hidden="true">${text(edge).replace(/\.0+ /, " ")}</span>` : nothing}</div>
    ${below}
    <div class="axis quiet" aria-hidden="true"><span>−15 min</span><span>now</span></div>`;
}

/** The line of requests per second in a row of the table; nothing for a pool that had none. */
export function sparkline(values) {
  if (values === undefined) return nothing;
  const top = greatest(values);
  return html`<svg class="spark" viewBox="0 0 90 16" preserveAspectRatio="none" aria-hidden="true"><path class="line-rate" d=${linePath(values, top, STEPS, 90, 16)}></path></svg>`;
}

/** The charts of a pool, above who served at that time. */
export function poolCharts(pool, detail, now) {
  if (detail.rates === null) return nothing;
  return html`<section class="card" aria-labelledby="charts-title"><div class="head"><h3 id="charts-title">Last 15 minutes</h3></div>
    ${charts(detail.rates, `Last 15 minutes of ${pool.name}`, served(pool, detail.timeline, now))}</section>`;
}

function served(pool, timeline, now) {
  if (pool.mode !== "failover" || timeline === null) return nothing;
  const laid = bars(withPresent(fromDocument(timeline.segments), pool), now - MINUTES_MILLIS, now, 300);
  return html`<svg class="served" aria-hidden="true">${laid.map(
    (bar) => svg`<rect class="bar-${kind(bar.serving, pool.servers)}" x="${bar.x / 3}%" width="${bar.width / 3}%" height="100%"><title>${bar.serving ?? "nobody"}</title></rect>`)}</svg>`;
}
