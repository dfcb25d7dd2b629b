// The dialogs: an operator's command on one or many servers, the token, the keys.

import { html, nothing } from "../lib/lit-html.js";
import { autoConsequence, bulkConsequence, giveUpConsequence, lossOf, MOST_REASON, planConsequence, poolStateConsequence, stateConsequence, STATES, switchConsequence } from "./commands.js";
import { clock, count } from "./format.js";
import { obstacle } from "./session.js";
import { keyOf, resolve } from "./targets.js";
import { badge, tag } from "./ui.js";

const MOST_LISTED = 200;

export function dialogView(state, actions) {
  const { dialog } = state;
  return html`<dialog id="dialog" aria-labelledby="dialog-title" @cancel=${actions.closeDialog}>
    ${dialog === null ? nothing : CONTENT[dialog.kind](state, actions)}
  </dialog>`;
}

/** The phases that take no other command, with the button's text; the others are ask and done. */
const SENDING = new Map([["checking", "Checking the token…"], ["running", "Sending…"], ["stopping", "Stopping…"]]);

/** Whether a dialog takes a command. */
export function idle(dialog) {
  return dialog !== null && !SENDING.has(dialog.phase);
}

/** Whether a command is for many servers. */
export function stoppable(dialog) {
  return dialog.options !== undefined;
}

const CONTENT = { command: commandView, token: tokenView, keys: keysView };

/** The targets of the dialog's command: fixed, or those of the choice. */
export function chosen(dialog) {
  if (dialog.options === undefined) return dialog.targets;
  return dialog.options.find(({ id }) => id === dialog.choice)?.targets ?? [];
}

function commandView(state, actions) {
  const { dialog, overview, who } = state;
  const all = resolve(chosen(dialog), overview.pools);
  const list = all.filter(({ pool }) => pool !== null);
  const bulk = dialog.options !== undefined;
  const done = dialog.phase === "done";
  const sending = SENDING.has(dialog.phase);
  const refused = [...dialog.results.values()].filter((result) => result.forceable).length;
  return html`<form method="dialog" @submit=${(event) => actions.submit(event, false)}>
    <h2 id="dialog-title">${title(dialog)}</h2>
    ${bulk && !done ? choiceFields(dialog, actions) : nothing}
    ${isPlannable(dialog, list) ? planFields(state, actions) : nothing}
    ${done ? nothing : lossField(dialog, list, state.detail, actions)}
    ${done ? nothing : html`<div id="consequence">${consequences(dialog, list, state.detail).map((text) => html`<p>${text}</p>`)}</div>`}
    ${bulk ? targetList(dialog, all) : nothing}
    ${isMaintenance(dialog) ? maintenanceFields(state) : nothing}
    ${done ? nothing : html`<label for="reason">Reason, for the history</label>
      <input id="reason" name="reason" maxlength=${MOST_REASON} autocomplete="off" placeholder="such as: disk full, ticket 4711" />`}
    ${done ? nothing : operator(who, dialog)}
    <p class="error" id="dialog-error" role="alert">${dialog.error ?? obstacle(who) ?? ""}</p>
    <div class="buttons">
      <button type="button" @click=${actions.closeDialog}>${closeText(dialog)}</button>
      ${refused > 0 ? html`<button type="button" class="danger" id="force" ?disabled=${sending}
        @click=${(event) => actions.submit(event, true)}>${refused === 1 ? "Do it anyway" : `Do ${refused} anyway`}</button>` : nothing}
      ${done || refused > 0 ? nothing : html`<button type="submit" class="primary" id="go" ?disabled=${sending || list.length === 0 || obstacle(who) !== null}>${goText(dialog, list)}</button>`}
    </div>
  </form>`;
}

function title(dialog) {
  if (dialog.title !== undefined) return dialog.title;
  const [{ pool, server, auto, whole }] = dialog.targets;
  if (dialog.action === "give up") return `Give up the planned switch of pool ${pool}?`;
  if (whole) return dialog.action === "ready" ? `End the maintenance of pool ${pool}?` : `Set all of pool ${pool} to maintenance?`;
  if (auto) return `Back to auto in pool ${pool}?`;
  return dialog.action === "switch" ? `Let server ${server} serve pool ${pool}?` : `Set server ${server} of pool ${pool} to ${dialog.action}?`;
}

/** Only what was not sent yet can be stopped. */
function closeText(dialog) {
  if (dialog.phase === "running" && stoppable(dialog)) return "Stop";
  return dialog.phase === "ask" || dialog.phase === "checking" ? "Cancel" : "Close";
}

function goText(dialog, list) {
  if (SENDING.has(dialog.phase)) return SENDING.get(dialog.phase);
  if (dialog.action === "give up") return "Give up";
  if (dialog.action === "switch") return chosen(dialog)[0].auto ? "Back to auto" : dialog.planned ? "Begin" : "Switch";
  return list.length === 1 ? `Set to ${dialog.action}` : `Set ${list.length} to ${dialog.action}`;
}

function consequences(dialog, list, detail) {
  if (list.length === 0) return [GONE];
  const [{ target, pool, server }] = list;
  if (dialog.options !== undefined) return bulkConsequence(list, dialog.action);
  if (dialog.action === "give up") return giveUpConsequence();
  if (target.whole) return poolStateConsequence(pool, dialog.action);
  if (target.auto) return autoConsequence();
  if (dialog.planned && isPlannable(dialog, list)) return planConsequence(pool, server, detail.document?.hooks ?? [], dialog.cut);
  return dialog.action === "switch" ? switchConsequence(pool, server) : stateConsequence(pool, server, dialog.action);
}

const GONE = "The server was removed or has another address now: no command is sent.";

/** Whether the role could move in phases: another server has it. */
function isPlannable(dialog, [first]) {
  return dialog.action === "switch" && first?.server != null && !first.server.serving && first.pool.serving !== null;
}

function planFields({ dialog: { planned, cut, phase }, now }, actions) {
  const sending = SENDING.has(phase);
  return html`<div class="fields">
    <label class="check"><input type="checkbox" id="planned" .checked=${planned} ?disabled=${sending} @change=${(event) => actions.choose({ planned: event.target.checked })} /> Planned: hold clients and let requests finish</label>
    ${planned ? html`<label>Pause, at most <span class="unit"><input type="number" id="pause" name="pause" min="1" max="300" value="10" required ?disabled=${sending} /> s</span></label>
      <label>Begins at (${utcNow(now)}; empty: now) <input type="datetime-local" id="at" name="at" ?disabled=${sending} /></label>
      <label class="check"><input type="checkbox" id="cut" .checked=${cut} ?disabled=${sending} @change=${(event) => actions.choose({ cut: event.target.checked })} /> Cut what does not finish in time</label>` : nothing}
  </div>`;
}

/** What an operator has to accept of a server whose data is too far behind. */
function lossField({ action, loss, phase }, [first], { document }, actions) {
  const lag = action === "switch" && first?.server ? lossOf(document, first.server.name) : null;
  return lag === null ? nothing : html`<div class="fields">
    <label class="check"><input type="checkbox" id="loss" .checked=${loss} ?disabled=${SENDING.has(phase)} @change=${(event) => actions.choose({ loss: event.target.checked })} /> Accept the loss: the server is ${lag}</label>
  </div>`;
}

/** Whether a dialog begins the maintenance of a whole pool. */
function isMaintenance({ targets, action }) {
  return targets?.[0]?.whole === true && action === "maintenance";
}

/** The zone of a field's time, with an example that everybody can compare with a watch. */
function utcNow(now) {
  return `UTC, now ${clock(now, now).slice(0, 5)}`;
}

function maintenanceFields({ now }) {
  return html`<label for="until">Ends by itself at (${utcNow(now)}; empty: an operator ends it)</label>
    <input id="until" name="until" type="datetime-local" />
    <label for="allow">Addresses that are still served</label>
    <input id="allow" name="allow" autocomplete="off" spellcheck="false" placeholder="such as: 10.0.0.0/8, 192.0.2.1" />`;
}

function choiceFields({ options, choice, action, phase }, actions) {
  const sending = SENDING.has(phase);
  return html`<div class="fields">
    ${options.length === 1 ? nothing : html`<label class="long">Servers <select id="which" ?disabled=${sending} @change=${(event) => actions.choose({ choice: event.target.value })}>
      ${options.map((one) => html`<option value=${one.id} .selected=${one.id === choice}>${one.text} (${one.targets.length})</option>`)}</select></label>`}
    <label>Set to <select id="state" ?disabled=${sending} @change=${(event) => actions.choose({ action: event.target.value })}>
      ${STATES.map((word) => html`<option value=${word} .selected=${word === action}>${word}</option>`)}</select></label>
  </div>`;
}

function targetList(dialog, list) {
  return html`<ul class="targets" id="targets" aria-label="Servers" tabindex="0">
    ${list.slice(0, MOST_LISTED).map((one) => targetItem(one, dialog.results.get(keyOf(one.target))))}
    ${list.length > MOST_LISTED ? html`<li class="quiet">and ${list.length - MOST_LISTED} more</li>` : nothing}
  </ul>`;
}

function targetItem({ target, pool, server }, result) {
  return html`<li class=${pool === null ? "gone" : ""}>server <strong>${target.server}</strong> of pool ${target.pool}
    ${pool === null && result === undefined ? html`<div class="quiet">${GONE}</div>` : nothing}
    ${server?.serving ? tag("serving", "role") : nothing}${server === null || server.state === "ready" ? nothing : tag(server.state, "care")}
    ${result === undefined ? nothing : html`<div class="result">${badge({ mark: result.ok ? "✓" : "✕", word: result.text, tone: result.ok ? "good" : "bad" })}</div>`}</li>`;
}

/** Who does it: the token's name and role, or the field to type a token in. */
function operator(who, dialog) {
  if (who.role !== null && !dialog.tokenAsked) return html`<p class="quiet" id="operator">As ${who.name} (${who.role}).</p>`;
  if (who.writes === "off") return nothing;
  return tokenField();
}

function tokenField() {
  return html`<label for="token">Token</label>
    <input id="token" name="token" type="password" autocomplete="off" spellcheck="false" />
    <p class="quiet">Kept in this tab until you close it.</p>`;
}

function tokenView({ dialog }, actions) {
  return html`<form method="dialog" @submit=${actions.submitToken}>
    <h2 id="dialog-title">Token</h2>
    ${tokenField()}
    <p class="error" id="dialog-error" role="alert">${dialog.error ?? ""}</p>
    <div class="buttons"><button type="button" @click=${actions.closeDialog}>Cancel</button>
      <button type="submit" class="primary" id="go">Use it</button></div>
  </form>`;
}

const KEYS = [
  ["/", "search"],
  ["j k or ↓ ↑", "next and previous pool"],
  ["Enter", "open the pool"],
  ["x", "select the pool"],
  ["r", "sort again"],
  ["n p", "next and previous pool, on the page of one"],
  ["Esc", "back, close, leave the search"],
  ["1 … 7", "pages, from left to right"],
  ["?", "these keys"],
];

function keysView(state, actions) {
  return html`<form method="dialog">
    <h2 id="dialog-title">Keys</h2>
    <dl class="keys">${KEYS.map(([key, word]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${word}</dd></div>`)}</dl>
    <div class="buttons"><button type="button" class="primary" @click=${actions.closeDialog}>Close</button></div>
  </form>`;
}
