// The dialogs: an operator's command on one or many servers, the token, the keys.

import { html, nothing } from "../lib/lit-html.js";
import { bulkConsequence, choices, MOST_REASON, stateConsequence, STATES, switchConsequence } from "./commands.js";
import { count } from "./format.js";
import { obstacle } from "./session.js";
import { badge, tag } from "./ui.js";

const MOST_LISTED = 200;

export function dialogView(state, actions) {
  const { dialog } = state;
  return html`<dialog id="dialog" aria-labelledby="dialog-title" @cancel=${actions.closeDialog}>
    ${dialog === null ? nothing : CONTENT[dialog.kind](state, actions)}
  </dialog>`;
}

const CONTENT = { command: commandView, token: tokenView, keys: keysView };

/** The servers that the dialog's command is for, as they are now; those that are gone are left out. */
export function targets(dialog, overview) {
  if (dialog.choice !== undefined) return chosen(dialog, overview).targets;
  return dialog.targets
    .map(({ pool, server }) => ({ pool: overview.pools.get(pool), server }))
    .filter(({ pool }) => pool !== undefined)
    .map(({ pool, server }) => ({ pool, server: pool.servers.find((one) => one.name === server) ?? null }));
}

function offered(dialog, overview) {
  return choices(dialog.pools.map((name) => overview.pools.get(name)).filter((pool) => pool !== undefined));
}

function chosen(dialog, overview) {
  const all = offered(dialog, overview);
  return all.find(({ id }) => id === dialog.choice) ?? all[0] ?? { id: "", text: "", targets: [] };
}

function commandView(state, actions) {
  const { dialog, overview, who } = state;
  const list = targets(dialog, overview);
  const done = dialog.phase === "done";
  const refused = [...dialog.results.values()].filter((result) => result.forceable).length;
  return html`<form method="dialog" @submit=${(event) => actions.submit(event, false)}>
    <h2 id="dialog-title">${title(dialog, list)}</h2>
    ${dialog.choice === undefined || done ? nothing : choiceFields(dialog, overview, actions)}
    ${done ? nothing : html`<div id="consequence">${consequences(dialog, list).map((text) => html`<p>${text}</p>`)}</div>`}
    ${dialog.choice !== undefined ? targetList(dialog, list) : nothing}
    ${done ? nothing : html`<label for="reason">Reason, for the history</label>
      <input id="reason" name="reason" maxlength=${MOST_REASON} autocomplete="off" placeholder="such as: disk full, ticket 4711" />`}
    ${done ? nothing : operator(who, dialog)}
    <p class="error" id="dialog-error" role="alert">${dialog.error ?? obstacle(who) ?? ""}</p>
    <div class="buttons">
      <button type="button" @click=${actions.closeDialog}>${done ? "Close" : "Cancel"}</button>
      ${refused > 0 ? html`<button type="button" class="danger" id="force" ?disabled=${dialog.phase === "running"}
        @click=${(event) => actions.submit(event, true)}>${refused === 1 ? "Do it anyway" : `Do ${refused} anyway`}</button>` : nothing}
      ${done || refused > 0 ? nothing : html`<button type="submit" class="primary" id="go" ?disabled=${dialog.phase === "running" || list.length === 0 || obstacle(who) !== null}>${goText(dialog, list)}</button>`}
    </div>
  </form>`;
}

function title(dialog, list) {
  if (dialog.action === "switch") {
    const [{ pool, server }] = list.length > 0 ? list : dialog.targets.map(() => ({ pool: { name: "?" }, server: null }));
    return server === null ? `Back to auto in ${pool.name}?` : `Let ${server.name} serve ${pool.name}?`;
  }
  if (dialog.choice !== undefined) return dialog.host ? `All servers on ${dialog.host}` : `Servers of ${count(dialog.pools.length, "pool")}`;
  return `Set ${list[0]?.server?.name ?? "a server"} of ${list[0]?.pool.name ?? "a pool"} to ${dialog.action}?`;
}

function goText(dialog, list) {
  if (dialog.phase === "running") return "Sending…";
  if (dialog.action === "switch") return list[0]?.server == null ? "Back to auto" : "Switch";
  return list.length === 1 ? `Set to ${dialog.action}` : `Set ${list.length} to ${dialog.action}`;
}

function consequences(dialog, list) {
  if (list.length === 0) return ["No such server is there any more."];
  const [{ pool, server }] = list;
  if (dialog.action === "switch") return switchConsequence(pool, server);
  return dialog.choice === undefined ? stateConsequence(pool, server, dialog.action) : bulkConsequence(list, dialog.action);
}

function choiceFields(dialog, overview, actions) {
  const all = offered(dialog, overview);
  const { id } = chosen(dialog, overview);
  return html`<div class="fields">
    ${dialog.host ? nothing : html`<label>Servers <select id="which" @change=${(event) => actions.choose({ choice: event.target.value })}>
      ${all.map((one) => html`<option value=${one.id} .selected=${one.id === id}>${one.text} (${one.targets.length})</option>`)}</select></label>`}
    <label>Set to <select id="state" @change=${(event) => actions.choose({ action: event.target.value })}>
      ${STATES.map((word) => html`<option value=${word} .selected=${word === dialog.action}>${word}</option>`)}</select></label>
  </div>`;
}

function targetList(dialog, list) {
  return html`<ul class="targets" id="targets" aria-label="Servers" tabindex="0">
    ${list.slice(0, MOST_LISTED).map(({ pool, server }) => {
      const result = dialog.results.get(`${pool.name}/${server?.name ?? ""}`);
      return html`<li><strong>${server?.name ?? pool.name}</strong> of ${pool.name}
        ${server?.serving ? tag("serving", "role") : nothing}${server === null || server.state === "ready" ? nothing : tag(server.state, "care")}
        ${result === undefined ? nothing : html`<div class="result">${badge({ mark: result.ok ? "✓" : "✕", word: result.text, tone: result.ok ? "good" : "bad" })}</div>`}</li>`;
    })}
    ${list.length > MOST_LISTED ? html`<li class="quiet">and ${list.length - MOST_LISTED} more</li>` : nothing}
  </ul>`;
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
