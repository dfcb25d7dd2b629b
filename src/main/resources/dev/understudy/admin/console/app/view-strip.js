// The top of every page: the state of all pools at a glance, whether it is the present, and the pages.

import { html, nothing } from "../lib/lit-html.js";
import { age, count, duration, number } from "./format.js";
import { address, PAGES } from "./router.js";
import { obstacle } from "./session.js";
import { term, time } from "./ui.js";

const PAGE_WORDS = {
  pools: "Pools",
  events: "Events",
  routes: "Routes",
  replicas: "Replicas",
  certificates: "Certificates",
  configuration: "Configuration",
  process: "Process",
};

export function headerView(state, actions) {
  const replica = state.overview?.replica;
  return html`<div class="bar">
      <h1><img src="favicon.svg" alt="" width="24" height="24" /> Understudy</h1>
      ${replica ? html`<span class="quiet replica">${replica}</span>` : nothing}
      ${linkView(state)} ${sessionView(state, actions)}
    </div>
    ${stripView(state)} ${navigationView(state)}`;
}

function linkView({ link }) {
  const counted = link.state === "old" || link.state === "polled";
  return html`<span class="link is-${link.state}" id="link">
    <span class="dot" aria-hidden="true"></span>
    ${counted ? html`<strong class="data-age">${duration(link.seconds)} old:</strong> ` : nothing}${link.text}
  </span>`;
}

function sessionView({ who }, actions) {
  const off = who.writes === "off" ? html`<span class="tag care" id="read-only" title=${obstacle(who)}>read only</span> ` : nothing;
  if (who.name !== null) {
    return html`<span class="session">${off}<strong>${who.name}</strong> (${who.role})
      <button type="button" class="plain" @click=${actions.forgetToken}>Forget token</button></span>`;
  }
  return html`<span class="session">${off}<button type="button" class="plain" @click=${actions.askToken}>Enter token</button></span>`;
}

function stripView({ overview, replicaNow, link }) {
  if (overview === null) return nothing;
  const { totals, config, agreement, checks } = overview;
  const errors = totals.errorsPerSecond > 0 ? "bad" : "";
  return html`<dl class="strip-top ${link.old ? "old" : ""}" aria-label="All pools">
    ${poolsFigure("well", totals.well, "✓", "good")}
    ${poolsFigure("degraded", totals.degraded, "!", totals.degraded > 0 ? "care" : "")}
    ${poolsFigure("nobody", totals.nobody, "✕", totals.nobody > 0 ? "bad" : "")}
    ${figure("requests/s", number(totals.requestsPerSecond))}
    ${figure("5xx/s", number(totals.errorsPerSecond), errors)}
    ${figure("in flight", number(totals.inFlight), "", true)}
    ${figure("held", number(totals.held), totals.held > 0 ? "care" : "", totals.held === 0)}
    ${figure("tunnels", number(totals.tunnels), "", true)}
    ${figure("clients", number(totals.clientConnections), "", true)}
    ${checksFigure(checks)} ${replicasFigure(agreement)} ${fileFigure(config, replicaNow)}
  </dl>`;
}

/** Those that are `more` have no place on a phone: each is on a page of its own, too. */
function figure(word, value, tone = "", more = false) {
  return html`<div class="figure ${tone} ${more ? "more" : ""}"><dt>${term(word)}</dt><dd>${value}</dd></div>`;
}

function poolsFigure(condition, amount, mark, tone) {
  const word = condition === "nobody" ? "with nobody" : condition;
  return html`<div class="figure ${tone}" id="total-${condition}"><dt>${term(word)}</dt>
    <dd><a href=${address("pools", { condition })} aria-label="${count(amount, "pool")} ${word}: show them"
      ><span aria-hidden="true">${mark}</span> ${amount}</a></dd></div>`;
}

/** Shown while checks are late, or less frequent than configured. */
function checksFigure(checks) {
  if (!checks || (checks.late === 0 && checks.stretch === 1)) return nothing;
  return figure("late checks", `${checks.late} of ${checks.servers}${checks.stretch === 1 ? "" : `, intervals × ${checks.stretch}`}`, checks.late > 0 ? "care" : "", checks.late === 0);
}

function replicasFigure(agreement) {
  if (!agreement) return nothing;
  const alone = agreement.mode === "standalone";
  const tone = agreement.contact ? (agreement.inTouch < agreement.replicas ? "care" : "") : "bad";
  const text = alone ? "alone" : agreement.contact ? `${agreement.inTouch} of ${agreement.replicas}` : "✕ out of touch";
  return html`<div class="figure ${tone} ${tone === "bad" ? "" : "more"}"><dt>${term(alone ? "replica" : "replicas in touch")}</dt><dd><a href=${address("replicas")}>${text}</a></dd></div>`;
}

function fileFigure(config, now) {
  if (!config) return nothing;
  const name = (config.file ?? "no file").split("/").pop();
  const applied = config.appliedAt === null ? "not applied" : html`${time(config.appliedAt, now)} (${age(config.appliedAt, now)} ago)`;
  const tone = config.rejected ? "bad" : config.problems > 0 ? "care" : "";
  return html`<div class="figure file ${tone} ${tone === "" ? "more" : ""}"><dt>${name}${config.fingerprint ? ` · ${config.fingerprint}` : ""}</dt>
    <dd><a href=${address("configuration")}>${config.rejected ? "✕ newest refused; in force since " : ""}${applied}</a></dd></div>`;
}

function navigationView({ route }) {
  return html`<nav aria-label="Pages">
    ${PAGES.map((page) => {
      const current = page === route.page || (page === "pools" && route.page === "pool");
      return html`<a href=${address(page)} aria-current=${current ? "page" : nothing}>${PAGE_WORDS[page]}</a>`;
    })}
  </nav>`;
}
