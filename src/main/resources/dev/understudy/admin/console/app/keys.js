// The keyboard. Keys act on the page only while no field has the focus and no dialog is open.

import { address, PAGES } from "./router.js";

const FIELDS = "input:not([type=checkbox]), select, textarea";

/** Handles a key; `actions` are those of the page. */
export function onKey(event, state, actions) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (state.dialog !== null) return;
  if (event.target.matches?.(FIELDS)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = actFor(event.key, state, actions);
  if (act === null) return;
  event.preventDefault();
  act();
}

function actFor(key, state, actions) {
  if (key === "/") return () => document.querySelector(".search")?.focus();
  if (key === "?") return actions.showKeys;
  if (/^[1-9]$/.test(key) && PAGES[key - 1]) return () => (location.hash = address(PAGES[key - 1]));
  if (state.route.page === "pools") return onTable(key, actions);
  if (state.route.page === "pool") return onPool(key, state, actions);
  return null;
}

function onTable(key, actions) {
  // Arrows scroll the page until somebody walks through the rows.
  const walking = focusedRow() != null;
  if (key === "j" || (walking && key === "ArrowDown")) return () => moveFocus(1);
  if (key === "k" || (walking && key === "ArrowUp")) return () => moveFocus(-1);
  if (key === "x") return () => focusedRow()?.querySelector("input[type=checkbox]")?.click();
  if (key === "r") return actions.sortAgain;
  if (key === "Escape") return actions.clearFilter;
  return null;
}

function onPool(key, state, actions) {
  if (key === "Escape") return () => (location.hash = state.back);
  if (key === "n" || key === "j") return () => actions.neighbour(1);
  if (key === "p" || key === "k") return () => actions.neighbour(-1);
  return null;
}

function focusedRow() {
  return document.activeElement?.closest?.("tr[data-pool]");
}

function moveFocus(step) {
  const links = [...document.querySelectorAll("#rows th a")];
  const present = links.indexOf(focusedRow()?.querySelector("th a"));
  const next = present < 0 ? (step > 0 ? 0 : links.length - 1) : present + step;
  const link = links[Math.max(0, Math.min(links.length - 1, next))];
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}
