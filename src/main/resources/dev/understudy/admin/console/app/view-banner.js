// What must not be overlooked on any page.

import { html, nothing } from "../lib/lit-html.js";
import { clock, count, duration } from "./format.js";
import { address } from "./router.js";
import { obstacle } from "./session.js";
import { time } from "./ui.js";

/** A text stands still; an age beside it counts for the eye only. */
export function bannerView({ link, overview, who, replicaNow }, actions) {
  const { config, agreement, alarms = [] } = overview ?? {};
  const enter = html`<button type="button" @click=${actions.askToken}>Enter token</button>`;
  return html`${link.old && overview !== null ? html`<p class="notice bad" id="stale" role="alert">Old data of ${clock(overview.now)}: ${link.state === "locked" ? "a token is needed" : "no data since then"}.
      <span aria-hidden="true">${link.seconds > 0 ? `${duration(link.seconds)} old.` : nothing}</span> ${link.state === "locked" ? enter : nothing}</p>` : nothing}
    ${alarms.length > 0 ? html`<div class="notice bad" id="alarms" role="alert">${alarms.map((alarm) => alarmView(alarm, replicaNow))}</div>` : nothing}
    ${agreement?.contact === false ? html`<p class="notice bad" role="alert">This replica is out of touch with the others: it refuses commands. <a href=${address("replicas")}>Why</a></p>` : nothing}
    ${config?.rejected ? html`<p class="notice bad" role="alert">${config.file} was refused; the previous configuration stays in force. <a href=${address("configuration")}>${config.problems} problems</a></p>` : nothing}
    ${who.writesOff?.includes("cannot be read") ? html`<p class="notice bad" id="writes-off" role="alert">${obstacle(who)}</p>` : nothing}
    ${who.wrong ? html`<p class="notice bad" id="wrong" role="alert">The token of this tab is wrong or was revoked: this tab no longer uses it. ${link.state === "locked" ? nothing : enter}</p>` : nothing}`;
}

/** What speaks against this replica's own view of its servers: the fact first, then what may explain it. */
function alarmView({ since, message, detail, causes, hosts }, now) {
  return html`<p><strong>${message}.</strong> ${detail ? `This replica: ${detail}.` : nothing} Since ${time(since, now)}.</p>
    ${groupsView("Most frequent causes", "cause", causes)} ${groupsView("Hosts with most", "host", hosts)}`;
}

/** What the failed servers have in common; the table has the pools in the same groups. */
function groupsView(word, group, groups) {
  if (groups.length === 0) return nothing;
  return html`<p class="common"><a href=${address("pools", { group })}>${word}</a>: ${groups.map(
    ({ name, servers, pools }, index) => html`${index > 0 ? ", " : nothing}<span>${name} (${count(servers, "server")} of ${count(pools, "pool")})</span>`)}</p>`;
}
