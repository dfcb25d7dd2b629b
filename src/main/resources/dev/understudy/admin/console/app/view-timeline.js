// Who served a pool: a line with the switches, and the same as a list with reasons.

import { html, nothing, svg } from "../lib/lit-html.js";
import { reasonText } from "./condition.js";
import { duration } from "./format.js";
import { bars, fromDocument, kind, marks, withPresent } from "./timeline-layout.js";
import { select, time } from "./ui.js";

/** As many units as a phone has pixels for the line, so that the least width is a pixel. */
const UNITS = 300;
const NEWEST = 4;
const MOST_LISTED = 100;
const SPANS = [["60", "last hour"], ["360", "last 6 hours"], ["1440", "last day"]];

export function timelineView(pool, timeline, minutes, now, actions) {
  const span = minutes * 60_000;
  const segments = timeline === null ? null : withPresent(fromDocument(timeline.segments), pool);
  return html`<section class="card" aria-labelledby="timeline-title">
    <div class="head"><h3 id="timeline-title">Who served</h3>${select(String(minutes), "Span", SPANS, (text) => actions.setMinutes(Number(text)))}</div>
    ${segments === null ? html`<p class="quiet">Reading…</p>` : html`${line(pool, segments, now - span, now)} ${list(segments, now - span, now)}`}
  </section>`;
}

function line(pool, segments, from, to) {
  const laid = bars(segments, from, to, UNITS);
  const label = [...laid].sort((a, b) => a.from - b.from).map((bar) => `${name(bar.serving)} ${duration((bar.to - bar.from) / 1000)}`).join(", ");
  return html`<svg class="timeline" id="timeline" role="img" aria-label="Oldest first: ${label}">
    ${laid.map((bar) => tenure(bar, pool.servers, from))}
    ${marks(from, to).map((mark) => axis(mark, ((mark - from) / (to - from)) * 100))}
  </svg>
  <p class="quiet legend">${LEGEND.map(([style, word]) => html`<span><svg aria-hidden="true"><rect class=${style} width="100%" height="100%"></rect></svg>${word}</span>`)}</p>`;
}

const LEGEND = [
  ["bar-master", "a master serves"],
  ["bar-backup", "a backup serves"],
  ["bar-nobody", "nobody serves"],
  ["bar-unknown", "not known, as this process was not running"],
];

function tenure(bar, servers, from) {
  const x = bar.x / (UNITS / 100);
  const width = bar.width / (UNITS / 100);
  const tip = `${name(bar.serving)}, ${duration((bar.to - bar.from) / 1000)}`;
  return svg`<rect class="bar-${kind(bar.serving, servers)}" x="${x}%" width="${width}%" height="28"><title>${tip}</title></rect>
    ${bar.index > 0 && bar.from > from ? svg`<line class="switch" x1="${x}%" x2="${x}%" y1="0" y2="34"></line>` : nothing}
    ${width > 6 ? svg`<text class="who ${bar.serving === undefined ? "is-unknown" : ""}" x="${x + 0.6}%" y="19">${name(bar.serving)}</text>` : nothing}`;
}

function axis(mark, x) {
  const label = new Date(mark).toISOString().slice(11, 16);
  // Labels at the edges would be cut off on a phone.
  const inside = x > 6 && x < 94;
  return svg`<line class="mark" x1="${x}%" x2="${x}%" y1="28" y2="34"></line>
    ${inside ? svg`<text class="mark" x="${x}%" y="48" text-anchor="middle">${label}</text>` : nothing}`;
}

function name(serving) {
  return serving === undefined ? "not known" : (serving ?? "nobody");
}

function list(segments, from, to) {
  const inside = segments
    .map((segment, index) => ({ ...segment, before: segments[index - 1]?.serving, until: segments[index + 1]?.from ?? null }))
    .filter((segment) => segment.from >= from && segment.from <= to)
    .reverse();
  if (inside.length === 0) return html`<p class="quiet">No switch in this time.</p>`;
  const earlier = inside.slice(NEWEST, MOST_LISTED);
  return html`<div id="switches"><ol class="switches">${inside.slice(0, NEWEST).map((segment) => item(segment, to))}</ol>
    ${earlier.length === 0 ? nothing : html`<details><summary>${inside.length - NEWEST} earlier</summary>
      <ol class="switches">${earlier.map((segment) => item(segment, to))}</ol></details>`}</div>`;
}

function item(segment, now) {
  const change = segment.before === undefined ? name(segment.serving) : `${name(segment.before)} → ${name(segment.serving)}`;
  const by = segment.operator ? ` by ${segment.operator}${segment.operatorReason ? `: “${segment.operatorReason}”` : ""}` : "";
  return html`<li>
    ${time(new Date(segment.from).toISOString(), now)}
    <span class=${segment.serving === null ? "bad" : ""}><strong>${change}</strong>
      for ${duration(((segment.until ?? now) - segment.from) / 1000)}${segment.reason ? html`: ${reasonText(segment.reason)}` : nothing}${by}
      ${segment.evidence ? html`<span class="quiet">(${segment.evidence})</span>` : nothing}</span>
  </li>`;
}
