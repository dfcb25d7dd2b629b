// The console: state in, page out. Text from the API is only ever set as text.

import { html, nothing, render } from "../lib/lit-html.js";
import { whoami } from "./api.js";
import { acceptingLoss, giveUpSwitch, planSwitch, setPoolState, setState, switchTo, switchToAuto } from "./commands.js";
import { Feed, NO_DATA } from "./feed.js";
import { count } from "./format.js";
import { onKey } from "./keys.js";
import { liveness } from "./liveness.js";
import { EMPTY } from "./order.js";
import { address, parse, poolAddress } from "./router.js";
import { run } from "./runner.js";
import { linkedToken, setToken, token, UNKNOWN } from "./session.js";
import { Store } from "./store.js";
import { autoTarget, choices, hostChoice, keyOf, poolTarget, resolve, serverTarget } from "./targets.js";
import { bannerView } from "./view-banner.js";
import { chosen, dialogView, idle, stoppable } from "./view-dialog.js";
import { eventsView } from "./view-events.js";
import { certificatesView, configurationView, processView, replicasView, routesView } from "./view-pages.js";
import { poolView } from "./view-pool.js";
import { headerView } from "./view-strip.js";
import { shownPools, tableView } from "./view-table.js";

const TICK_MILLIS = 1_000;
const POINTER_REST_MILLIS = 5_000;
const KEY_REST_MILLIS = 15_000;
const TOAST_MILLIS = 8_000;
const POOLS = address("pools");

/** Takes the token of a link; the secret stays in neither the address nor the history. */
function takeLinkedToken() {
  const linked = linkedToken(location.hash);
  if (linked === null) return false;
  setToken(linked);
  history.replaceState(null, "", POOLS);
  return true;
}

takeLinkedToken();

const store = new Store({
  ...NO_DATA,
  now: Date.now(),
  order: EMPTY,
  sortedAt: 0,
  route: parse(location.hash),
  back: POOLS,
  who: UNKNOWN,
  selection: new Set(),
  opened: new Map(),
  minutes: 60,
  dialog: null,
  toast: null,
});

let pointedAt = 0;
let keyedAt = 0;

/** Rows stay while a person points at them or walks through them, or has a dialog open. */
function held() {
  const now = Date.now();
  const walking = document.activeElement?.closest?.("#rows") && now - keyedAt < KEY_REST_MILLIS;
  return store.state.dialog !== null || walking || now - pointedAt < POINTER_REST_MILLIS;
}

/** One live region for switches; bounded, since each text replaces the last one. */
function announce(text) {
  document.getElementById("announce").textContent = text;
}

const feed = new Feed(store, held, announce);

const PAGE_VIEWS = {
  pools: tableView,
  pool: poolView,
  events: eventsView,
  routes: routesView,
  replicas: replicasView,
  certificates: certificatesView,
  configuration: configurationView,
  process: processView,
};

// ---------------------------------------------------------------- actions

function showDialog(dialog) {
  store.set({ dialog: { id: Symbol("dialog"), phase: "ask", error: null, results: new Map(), tokenAsked: false, reason: "", planned: false, cut: false, loss: false, ...dialog } });
}

/** A dialog for many servers: what can be chosen in it is what there is now. */
function showBulkDialog(pools, offered, title) {
  const options = choices(pools).filter(offered);
  if (options.length > 0) showDialog({ kind: "command", action: "drain", title, options, choice: options[0].id });
}

function changeDialog(parts) {
  if (store.state.dialog !== null) store.set({ dialog: { ...store.state.dialog, ...parts } });
}

function toast(text) {
  store.set({ toast: { text, until: Date.now() + TOAST_MILLIS } });
}

const actions = {
  filter(parts) {
    const { route } = store.state;
    const params = { ...route.params, ...parts };
    history.replaceState(null, "", address(route.page, params));
    store.set({ route: { ...route, params } });
  },
  clearFilter() {
    actions.filter(Object.fromEntries(Object.keys(store.state.route.params).map((name) => [name, ""])));
  },
  pointed() {
    pointedAt = Date.now();
  },
  unpointed() {
    pointedAt = 0;
  },
  sortAgain() {
    pointedAt = 0;
    feed.sortAgain();
  },
  sort(sort) {
    actions.filter({ sort });
    feed.sortAgain();
  },
  open(group, on) {
    store.set({ opened: new Map(store.state.opened).set(group, on) });
  },
  select(name, on) {
    const selection = new Set(store.state.selection);
    if (on) selection.add(name);
    else selection.delete(name);
    store.set({ selection });
  },
  selectAll(on) {
    store.set({ selection: new Set(on ? shownPools(store.state).map((pool) => pool.name) : []) });
  },
  clearSelection() {
    store.set({ selection: new Set() });
  },
  setMinutes(minutes) {
    store.set({ minutes });
    feed.refreshDetail();
  },
  neighbour(step) {
    const { order, route } = store.state;
    const next = order.names[order.names.indexOf(route.pool) + step];
    if (next !== undefined) location.replace(poolAddress(next));
  },
  showKeys() {
    showDialog({ kind: "keys" });
  },
  askToken() {
    showDialog({ kind: "token" });
  },
  forgetToken() {
    setToken(null);
    store.set({ who: UNKNOWN });
    feed.start();
  },
  askState(pool, server, action) {
    showDialog({ kind: "command", action, targets: [serverTarget(pool, server)] });
  },
  askPoolState(pool, action) {
    showDialog({ kind: "command", action, targets: [poolTarget(pool)] });
  },
  askSwitch(pool, server) {
    showDialog({ kind: "command", action: "switch", targets: [serverTarget(pool, server)] });
  },
  askAuto(pool) {
    showDialog({ kind: "command", action: "switch", targets: [autoTarget(pool)] });
  },
  askGiveUp(pool) {
    showDialog({ kind: "command", action: "give up", targets: [autoTarget(pool)] });
  },
  actOnHost(host) {
    showBulkDialog([...store.state.overview.pools.values()], (choice) => choice.id === hostChoice(host), `All servers on ${host}`);
  },
  actOnSelection() {
    const { overview, selection } = store.state;
    const pools = [...selection].map((name) => overview.pools.get(name)).filter((pool) => pool !== undefined);
    showBulkDialog(pools, () => true, `Servers of ${count(pools.length, "pool")}`);
  },
  choose(parts) {
    changeDialog(parts);
  },
  closeDialog(event) {
    // The dialog is closed by the next drawing, as it is opened.
    event?.preventDefault();
    const { dialog } = store.state;
    if (dialog?.phase === "running" && stoppable(dialog)) changeDialog({ phase: "stopping" });
    else store.set({ dialog: null });
  },
  submit,
  submitToken,
};

/** Whether this very dialog is open. */
function isOpen({ id }) {
  return store.state.dialog?.id === id;
}

async function submitToken(event) {
  event.preventDefault();
  const { dialog } = store.state;
  if (!idle(dialog)) return;
  if (await useToken(dialog, new FormData(event.target).get("token").trim())) {
    if (isOpen(dialog)) actions.closeDialog();
    feed.start();
  }
}

/** Keeps a token that the replica knows; says so in the dialog if it does not. */
async function useToken(dialog, text) {
  const refuse = (error) => {
    if (isOpen(dialog)) changeDialog({ phase: dialog.phase, error });
    return false;
  };
  if (text === "") return refuse("A token is needed.");
  changeDialog({ phase: "checking" });
  try {
    store.set({ who: { ...UNKNOWN, ...(await whoami(text)), known: true } });
    setToken(text);
    if (store.state.connection.phase === "locked") feed.start();
    return true;
  } catch (error) {
    return refuse(error.status === 401 ? "The token is wrong." : `The token could not be checked: ${error.message}.`);
  }
}

async function submit(event, force) {
  event.preventDefault();
  const { dialog } = store.state;
  if (!idle(dialog)) return;
  const form = new FormData(event.target.closest("form"));
  const typed = form.get("token")?.trim() ?? "";
  const reason = form.get("reason") ?? dialog.reason;
  changeDialog({ error: null, reason });
  if (form.has("token") && !(await useToken(dialog, typed))) return;
  if (!isOpen(dialog)) return;
  const plan = form.has("pause") ? { pause: form.get("pause"), at: form.get("at"), force: dialog.cut } : null;
  const jobs = store.state.who.role === "view" ? [] : jobsOf({ ...dialog, plan, maintenance: { until: form.get("until"), allow: form.get("allow") } }, force);
  if (jobs.length === 0) return changeDialog({ phase: dialog.phase });
  changeDialog({ phase: "running", tokenAsked: false });
  const given = token();
  const results = new Map();
  const stopped = () => !isOpen(dialog) || store.state.dialog.phase === "stopping";
  await run(jobs, { reason, force, token: given, stopped }, (key, result) => {
    results.set(key, result);
    if (isOpen(dialog)) changeDialog({ results: new Map([...store.state.dialog.results, [key, result]]) });
  });
  feed.refreshDetail();
  finish(dialog, jobs, [...results.values()], given);
}

/** One job for each target that is still there; a forced attempt is for the refused ones only. */
function jobsOf(dialog, force) {
  return resolve(chosen(dialog), store.state.overview.pools)
    .filter(({ pool }) => pool !== null)
    .map(({ target, pool, server }) => ({ key: keyOf(target), command: commandOf(dialog, target, pool, server) }))
    .filter(({ key }) => !force || dialog.results.get(key)?.forceable);
}

function commandOf({ action, plan, maintenance, loss }, target, pool, server) {
  if (action === "give up") return giveUpSwitch(pool);
  if (target.auto) return switchToAuto(pool);
  if (target.whole) return setPoolState(pool, action, maintenance);
  if (plan === null && action !== "switch") return setState(pool, server, action);
  const move = plan === null ? switchTo(pool, server) : planSwitch(pool, server, plan);
  return loss ? acceptingLoss(move) : move;
}

function finish(dialog, jobs, results, given) {
  const failed = results.filter((result) => !result.ok);
  const open = isOpen(dialog);
  const denied = failed.some((result) => result.status === 401);
  if (denied && given === token()) {
    setToken(null);
    store.set({ who: { ...UNKNOWN, wrong: !open } });
    if (!open) feed.identify();
  }
  if (!open) {
    toast(closedText(dialog, jobs, results));
  } else if (denied) {
    changeDialog({ phase: "ask", tokenAsked: true, error: "The token is wrong.", results: new Map() });
  } else if (stoppable(dialog)) {
    const open = failed.filter((result) => !result.known).length;
    const error = shortfall(jobs.length, failed.length - open, open, jobs.length - results.length);
    changeDialog({ phase: "done", error });
    if (error === null) store.set({ selection: new Set() });
  } else if (failed.length > 0) {
    changeDialog({ phase: "ask", error: failed[0].text });
  } else {
    actions.closeDialog();
    toast(closedText(dialog, jobs, results));
  }
}

/** What was not done; null if all was. */
function shortfall(all, failed, open, unsent) {
  const sentences = [];
  if (failed > 0) sentences.push(`${failed} of ${all} failed.`);
  if (open > 0) sentences.push(`${open} of ${all} not known: they may have been carried out.`);
  if (unsent > 0) sentences.push(`Stopped: ${unsent} of ${all} not sent.`);
  return sentences.length === 0 ? null : sentences.join(" ");
}

/** For the toast. */
function closedText(dialog, jobs, results) {
  if (!stoppable(dialog)) return `${jobs[0].command.label}: ${results[0].text.replace(/\.$/, "")}.`;
  const done = results.filter((result) => result.ok).length;
  const open = results.filter((result) => !result.ok && !result.known).length;
  const unsent = jobs.length - results.length;
  return `${dialog.title}: ${done} done, ${results.length - done - open} failed, ${open === 0 ? "" : `${open} not known, `}${unsent} not sent.`;
}

// ---------------------------------------------------------------- drawing

const root = document.getElementById("app");
let drawing = false;
let focusNext = null;

/** Draws once for all changes before the next frame; a hidden tab is drawn when it is shown. */
function draw() {
  if (drawing || document.hidden) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    paint();
  });
}

function paint() {
  const { state } = store;
  const link = liveness(state.connection, state.at);
  // Ages stand still with the data: counting on would pass for knowledge.
  const clock = link.old ? Date.parse(state.overview?.now ?? 0) : state.now + state.skew;
  const view = { ...state, replicaNow: clock, link };
  const focused = document.activeElement?.dataset?.focus;
  render(pageView(view), root);
  if (focused && document.activeElement?.dataset?.focus !== focused) {
    root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
  const dialog = document.getElementById("dialog");
  if (state.dialog !== null && !dialog.open) dialog.showModal();
  if (state.dialog === null && dialog.open) dialog.close();
  if (focusNext !== null) {
    root.querySelector(focusNext)?.focus();
    focusNext = null;
  }
}

function pageView(view) {
  const { route, link, overview } = view;
  return html`<a class="skip" href="#content" @click=${skip}>Skip to the content</a>
    <header>${headerView(view, actions)}</header>
    ${bannerView(view, actions)}
    <main id="content" tabindex="-1" class=${link.old ? "old" : ""}>
      ${link.state === "locked" && overview === null ? lockedView() : PAGE_VIEWS[route.page](view, actions)}
      ${overview === null && link.state === "connecting" && (route.page === "pools" || route.page === "pool") ? html`<p class="quiet">${link.text}</p>` : nothing}
    </main>
    <p class="toast" role="status">${view.toast !== null && view.toast.until > view.now ? view.toast.text : nothing}</p>
    ${footer()} ${dialogView(view, actions)}`;
}

function skip(event) {
  event.preventDefault();
  document.getElementById("content").focus();
}

function lockedView() {
  return html`<p>The data of this replica needs a token. <button type="button" class="primary" @click=${actions.askToken}>Enter token</button></p>`;
}

function footer() {
  const links = ["api/overview", "api/pools", "api/events?format=text", "api/routes", "api/agreement", "api/config", "actuator/prometheus", "actuator/health"];
  return html`<footer>${links.map((path) => html`<a href=${path}>${path}</a> `)}
    <button type="button" class="plain" @click=${actions.showKeys}>Keys ( ? )</button></footer>`;
}

// ---------------------------------------------------------------- start

store.onChange(draw);
addEventListener("hashchange", () => {
  if (takeLinkedToken()) feed.start();
  const before = store.state.route;
  const route = parse(location.hash);
  const back = before.page === "pools" ? address("pools", before.params) : store.state.back;
  store.set({ route, back });
  feed.visit();
  if (route.page === before.page) return;
  scrollTo(0, 0);
  // Back in the table on the row that was left; on any other page at its beginning.
  focusNext = before.page === "pool" && route.page === "pools" ? `[data-focus="${CSS.escape(`pool:${before.pool}`)}"]` : "#content";
});
addEventListener("keydown", (event) => {
  keyedAt = Date.now();
  onKey(event, store.state, actions);
});
addEventListener("online", () => feed.wake());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  feed.wake();
  feed.tick();
  draw();
});
setInterval(() => feed.tick(), TICK_MILLIS);
draw();
feed.start();
