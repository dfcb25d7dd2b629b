// Small pieces that several views share.

import { html, nothing, svg } from "../lib/lit-html.js";
import { age, clock } from "./format.js";
import { runs, runsText } from "./condition.js";
import { meaning } from "./glossary.js";

/** Mark and word on a coloured ground; the mark is for the eye only. */
export function badge({ mark, word, tone }) {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${mark}</span> ${word}</span>`;
}

/** A time of day; the tooltip has it in the time zone of the browser. */
export function time(instant, now) {
  if (instant === null || instant === undefined) return "–";
  return html`<time datetime=${instant} title=${new Date(instant).toLocaleString()}>${clock(instant, now)}</time>`;
}

/** A word with its explanation as a tooltip, if it has one. */
export function term(word, shown = word) {
  const title = meaning(word);
  return title === null ? shown : html`<abbr title=${title}>${shown}</abbr>`;
}

/** A tag for a server's state or role. */
export function tag(word, tone = "") {
  return html`<span class="tag ${tone}">${word}</span>`;
}

const STRIP = { u: "up", S: "serving", d: "down", "?": "unknown", m: "maintenance", x: "drain", ".": "blank" };
const STRIP_STEPS = 60;

/** The last 15 minutes of a server, one step each 15 s. */
export function strip(minutes) {
  const scale = 100 / STRIP_STEPS;
  const words = runsText(minutes);
  return html`<svg class="strip" role="img" aria-label=${`Last 15 minutes, oldest first: ${words}`}>
    <title>${words}</title>
    ${runs(minutes).map(
      ({ state, from, steps }) =>
        svg`<rect class="step-${STRIP[state] ?? "blank"}" x="${from * scale}%" width="${steps * scale}%" height="100%"></rect>`,
    )}
  </svg>`;
}

/** What stands in place of a page's data while it is read, or could not be; nothing once there is some. */
export function pending({ data, error }, what) {
  if (data !== null) return nothing;
  return error === null ? html`<p class="quiet">Reading…</p>` : html`<p class="notice bad" role="alert">${what} could not be read: ${error}.</p>`;
}

/** What stands above data that could not be read again: why, and its age. The text stands still; the age is for the eye only. */
export function outdated({ dataAt, error }, what, now) {
  if (error === null) return nothing;
  return html`<p class="notice bad" id="outdated" role="alert">${what} could not be read again: ${error}. What is shown is of ${clock(dataAt, now)},
    <span aria-hidden="true">${age(dataAt, now)} old.</span></p>`;
}

/** A search field; "/" goes to the first one of a page. */
export function search(value, label, onInput) {
  return html`<input class="search" type="search" data-focus="search" aria-label=${label} placeholder="${label}  ( / )"
    autocomplete="off" spellcheck="false" .value=${value} @input=${(event) => onInput(event.target.value)} />`;
}

/** A choice among words: `options` is a list of [value, text]. */
export function select(value, label, options, onChange) {
  return html`<label class="choice"><span>${label}</span>
    <select @change=${(event) => onChange(event.target.value)}>
      ${options.map(([option, text]) => html`<option value=${option} .selected=${option === value}>${text}</option>`)}
    </select></label>`;
}
