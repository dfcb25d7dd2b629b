// The console: shows the state and the events that the API reports, and sends the operator's commands.
// Text from the API is always set as text, never as markup.

const POLL_MILLIS = 2_000;
const STREAM_RETRY_MILLIS = 10_000;
const HISTORY_MILLIS = 500;
const SHOWN_EVENTS = 200;
const TOKEN_KEY = "understudy.token";

const REASONS = {
  INITIAL: "first choice after the start",
  RECOVERED: "a server became usable again",
  HEALTH_CHECK_FAILED: "health check failed",
  CONNECTION_FAILED: "no connection could be made",
  CIRCUIT_OPEN: "circuit breaker opened",
  OPERATOR: "an operator's command",
  NO_SERVER: "no server is usable",
  FAILBACK: "failback: a better rank returned",
  CONFIGURATION: "the configuration changed",
};

const EVENT_TYPES = [
  "switched",
  "failback-awaited",
  "pinned",
  "kept",
  "serves-down",
  "nobody-serves",
  "health-changed",
  "circuit-changed",
  "operator-state-changed",
  "configuration-applied",
  "configuration-rejected",
  "started",
  "stopped",
];

const byId = (id) => document.getElementById(id);
const loadedAt = Date.now();
let skew = 0;
let shownDay = new Date().toDateString();

// ---------------------------------------------------------------- elements

/** Creates an element with attributes and children; null children are left out. */
function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") node.addEventListener("click", value);
    else if (value !== null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Changes the text only if it differs, so that selections and screen readers keep their place. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setClass(node, name) {
  if (node.className !== name) node.className = name;
}

// ---------------------------------------------------------------- times

function age(since) {
  const seconds = Math.max(0, Math.round((Date.now() + skew - Date.parse(since)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** The time left; "a moment" once the time has come. */
function until(due) {
  const seconds = Math.ceil((Date.parse(due) - Date.now() - skew) / 1000);
  if (seconds <= 0) return "a moment";
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The time of day, with the date unless it is today. */
function clock(at) {
  const date = new Date(at);
  const time = date.toLocaleTimeString([], { hour12: false });
  const today = date.toDateString() === new Date().toDateString();
  return today ? time : `${date.toLocaleDateString([], { day: "numeric", month: "short" })} ${time}`;
}

function millis(value) {
  return value < 10 ? `${value.toFixed(1)} ms` : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}

/** A time element that is updated every second. */
function ageElement() {
  return element("time", { class: "age" });
}

function setAge(node, since) {
  if (node.dateTime !== since) {
    node.dateTime = since;
    node.title = new Date(since).toLocaleString();
  }
  setText(node, age(since));
}

setInterval(() => {
  for (const node of document.querySelectorAll("time.age")) {
    if (node.dateTime) setText(node, age(node.dateTime));
  }
  for (const node of document.querySelectorAll("time.due")) {
    if (node.dateTime) setText(node, until(node.dateTime));
  }
  const day = new Date().toDateString();
  if (day === shownDay) return;
  shownDay = day;
  // Times of yesterday now need their date.
  for (const node of document.querySelectorAll("time.clock")) setText(node, clock(node.dateTime));
}, 1000);

// ---------------------------------------------------------------- pools

const poolViews = new Map();

function poolView(name) {
  const who = element("p", { class: "who" });
  const epoch = element("span", { class: "epoch quiet" });
  const mode = element("span", { class: "quiet" });
  const wait = element("p", { class: "wait", hidden: "" });
  const remark = element("p", { class: "wait", hidden: "" });
  const alone = element("p", { class: "wait alone", hidden: "" });
  const pinText = element("span");
  const pin = element(
    "div",
    { class: "pin", hidden: "" },
    pinText,
    element("button", { type: "button", onclick: () => askAuto(name) }, "Back to auto"),
  );
  const servers = element("div", { class: "servers" });
  const root = element(
    "article",
    { class: "pool", "aria-label": `Pool ${name}` },
    element("div", { class: "pool-head" }, element("h2", {}, name), mode, epoch),
    who,
    alone,
    remark,
    wait,
    pin,
    servers,
  );
  const serverViews = new Map();
  const sentence = whoSentence(who);
  const awaited = waitSentence(wait);

  function update(pool, agreed) {
    setText(mode, pool.mode === "failover" ? `failover, failback ${pool.failback}` : pool.mode);
    setText(epoch, pool.mode === "failover" ? `epoch ${pool.epoch}` : "");
    sentence(pool, agreed);
    alone.hidden = agreed === null || agreed.local === null;
    if (!alone.hidden) setText(alone, aloneSentence(agreed));
    awaited(pool);
    remark.hidden = pool.remark === null;
    setText(remark, `${pool.serving ?? "No server is usable:"} ${pool.remark}.`);
    pin.hidden = pool.pinned === null;
    const better = pool.failbackTo === null ? "" : ` ${pool.failbackTo} is usable and waits.`;
    setText(pinText, `Pinned to ${pool.pinned} by an operator: no failback until auto, or a failover.${better}`);
    reconcile(servers, serverViews, pool.servers, (server) => serverView(name, server.name));
    for (const server of pool.servers) serverViews.get(server.name).update(server, pool);
  }

  return { root, update };
}

/** Writes "sen1 serves since 14:02:11 (3 min 2 s): health check failed (status 503)". */
function whoSentence(node) {
  const name = element("strong");
  const words = document.createTextNode("");
  const duration = element("span", {}, "(");
  const since = ageElement();
  duration.append(since, ")");
  const why = document.createTextNode("");
  node.append(name, words, duration, why);
  return (pool, agreed) => {
    const balance = pool.mode !== "failover";
    const usable = pool.servers.filter((server) => server.usable).length;
    setClass(node, !balance && pool.serving === null ? "who nobody" : "who");
    duration.hidden = balance;
    if (balance) {
      setText(name, `${usable} of ${pool.servers.length}`);
      setText(words, " servers usable");
      setText(why, "");
      return;
    }
    setText(name, pool.serving ?? "Nobody");
    setText(words, ` serves since ${clock(pool.since)} `);
    setAge(since, pool.since);
    const reason = pool.reason === null ? "" : `: ${REASONS[pool.reason] ?? pool.reason}`;
    const by = agreed === null || agreed.decidedBy === null || agreed.local !== null ? "" : `, decided by ${agreed.decidedBy}`;
    setText(why, (pool.evidence ? `${reason} (${pool.evidence})` : reason) + by);
  };
}

/** Describes a choice made alone; the other replicas may send traffic elsewhere. */
function aloneSentence(agreed) {
  const chosen = agreed.local === "" ? "nobody" : agreed.local;
  return `This replica chose ${chosen} alone, out of touch. The last known agreement: ${agreed.holder ?? "nobody"}, in epoch ${agreed.epoch}.`;
}

/** Writes "Failback to sen2 in 21 s, at 14:02:31: delayed: 30 s of being UP"; not for a pinned pool. */
function waitSentence(node) {
  const before = document.createTextNode("");
  const due = element("time", { class: "due" });
  const after = document.createTextNode("");
  node.append(before, due, after);
  return (pool) => {
    node.hidden = pool.failbackTo === null || pool.pinned !== null;
    if (node.hidden) return;
    due.hidden = pool.failbackDue === null;
    if (pool.failbackDue === null) {
      due.removeAttribute("datetime");
      setText(before, `${pool.failbackTo} is usable; the failback `);
      setText(after, `${pool.failbackHeldBy}.`);
      return;
    }
    due.dateTime = pool.failbackDue;
    setText(before, `Failback to ${pool.failbackTo} in `);
    setText(due, until(pool.failbackDue));
    setText(after, `, at ${clock(pool.failbackDue)}: ${pool.failbackHeldBy}.`);
  };
}

function serverView(pool, name) {
  const role = element("span", { class: "tag role" }, "serving");
  const rank = element("span", { class: "tag" });
  const state = element("span", { class: "tag care" });
  const circuit = element("span", { class: "tag care" }, "circuit open");
  const status = element("span", { class: "tag status" });
  const url = element("p", { class: "url" });
  const health = document.createTextNode("");
  const since = ageElement();
  const evidence = document.createTextNode("");
  const probe = document.createTextNode("");
  const probeAge = element("span");
  const probeAt = ageElement();
  probeAge.append(", ", probeAt, " ago");
  const load = document.createTextNode("");
  const sessions = element("span");
  const sessionCount = document.createTextNode("");
  const sessionAt = ageElement();
  sessions.append(", ", sessionCount, ", last seen ", sessionAt, " ago");
  const button = (text, action) => element("button", { type: "button", onclick: action }, text);
  const buttons = {
    switch: button("Switch here", () => askSwitch(pool, name)),
    ready: button("Ready", () => askState(pool, name, "ready")),
    drain: button("Drain", () => askState(pool, name, "drain")),
    maintenance: button("Maintenance", () => askState(pool, name, "maintenance")),
  };
  const root = element(
    "section",
    { class: "server", "aria-label": `Server ${name}` },
    element("div", { class: "server-head" }, element("h3", {}, name), rank, role, state, circuit, status),
    url,
    element(
      "dl",
      { class: "facts" },
      element("dt", {}, "Health"),
      element("dd", {}, health, since, evidence),
      element("dt", {}, "Last probe"),
      element("dd", {}, probe, probeAge),
      element("dt", {}, "Now"),
      element("dd", {}, load, sessions),
    ),
    element("div", { class: "buttons" }, ...Object.values(buttons)),
  );

  function update(server, poolState) {
    setClass(root, server.serving ? "server serving" : "server");
    role.hidden = !server.serving;
    setText(rank, server.rank);
    state.hidden = server.state === "ready";
    setText(state, server.state);
    circuit.hidden = !server.circuitOpen;
    setClass(status, `tag status ${{ UP: "good", DOWN: "bad" }[server.status] ?? ""}`);
    setText(status, { UP: "✓ UP", DOWN: "✕ DOWN" }[server.status] ?? `… ${server.status}`);
    const host = server.url.replace(/^https?:\/\//, "");
    setText(url, server.address === null || server.address === host ? server.url : `${server.url} → ${server.address}`);
    setText(health, `${server.status} for `);
    setAge(since, server.since);
    setText(evidence, server.evidence ? `: ${server.evidence}` : "");
    const last = server.lastProbe;
    setText(probe, last === null ? "none yet" : `${last.detail || last.outcome}, took ${millis(last.tookMillis)}`);
    probeAge.hidden = last === null;
    if (last !== null) setAge(probeAt, last.at);
    const limit = server.maxRequests === null ? "" : ` of ${server.maxRequests}`;
    setText(load, `${count(server.requests, "request")}${limit}, ${count(server.tunnels, "tunnel")}`);
    sessions.hidden = server.lastSession === null;
    if (server.lastSession !== null) {
      setText(sessionCount, `${count(server.sessions, "session")} in 5 minutes`);
      setAge(sessionAt, server.lastSession);
    }
    buttons.switch.hidden = poolState.mode !== "failover";
    buttons.switch.disabled = !server.usable || (server.serving && poolState.pinned === server.name);
    setText(buttons.switch, server.serving ? "Pin here" : "Switch here");
    for (const word of ["ready", "drain", "maintenance"]) buttons[word].hidden = server.state === word;
  }

  return { root, update };
}

const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

/** Makes the children of a node match the documents and their order; reuses existing views. */
function reconcile(parent, views, documents, create) {
  const names = new Set(documents.map((document) => document.name));
  for (const [name, view] of views) {
    if (!names.has(name)) {
      view.root.remove();
      views.delete(name);
    }
  }
  documents.forEach((document, index) => {
    if (!views.has(document.name)) views.set(document.name, create(document));
    const root = views.get(document.name).root;
    if (parent.children[index] !== root) parent.insertBefore(root, parent.children[index] ?? null);
  });
}

// ---------------------------------------------------------------- replicas

const voterViews = new Map();

function showAgreement(agreement) {
  const shared = agreement.mode !== "standalone";
  byId("untouched").hidden = agreement.inTouch;
  if (!agreement.inTouch) {
    setText(
      byId("untouched"),
      `This replica has been out of touch with the others since ${clock(agreement.since)}: ${agreement.why}.` +
        ` It keeps the last agreement and refuses commands. Store: ${agreement.store}.`,
    );
  }
  byId("replicas").hidden = !shared;
  if (!shared) return;
  const skewed = agreement.skewed === 0 ? "" : `; ${count(agreement.skewed, "replica")} with a different file`;
  setText(byId("store"), `agree through the ${agreement.store}${skewed}`);
  const voters = agreement.voters.map((voter) => ({ ...voter, name: voter.replica }));
  reconcile(byId("voters"), voterViews, voters, (voter) => voterView(voter.name));
  for (const voter of voters) voterViews.get(voter.name).update(voter, agreement);
}

function voterView(name) {
  const self = element("span", { class: "tag" }, "this one");
  const state = element("span", { class: "tag" });
  const heard = element("span", { class: "quiet" });
  const votes = element("span", { class: "votes" });
  const root = element("li", {}, element("strong", {}, name), self, state, votes, heard);

  function update(voter, agreement) {
    self.hidden = name !== agreement.replica;
    const [mark, text] = self.hidden || agreement.inTouch ? voterState(voter) : ["bad", "✕ out of touch"];
    setClass(state, `tag ${mark}`);
    setText(state, text);
    setText(votes, votesSentence(voter.votes));
    setText(heard, `last heard of ${Math.round(voter.ageSeconds)} s ago`);
  }

  return { root, update };
}

function voterState(voter) {
  if (!voter.synced) return ["", "… starting"];
  if (!voter.counted) return ["bad", "✕ not counted"];
  return voter.ready ? ["good", "✓ votes"] : ["care", "votes, not ready: another replica sees more"];
}

/** Writes "app: one REFUSED 3 bad observations in a row"; servers that are UP are left out. */
function votesSentence(pools) {
  const rows = [];
  for (const [pool, servers] of Object.entries(pools)) {
    for (const [server, vote] of Object.entries(servers)) {
      if (vote !== "UP" && !vote.startsWith("UP:")) rows.push(`${pool}: ${server.replace(/@.*$/, "")} ${vote}`);
    }
  }
  return rows.length === 0 ? "all servers UP" : rows.join("; ");
}

function showPools(state, agreement) {
  skew = Date.parse(state.now) - Date.now();
  byId("replica").hidden = state.replica === null;
  setText(byId("replica"), `replica ${state.replica}`);
  reconcile(byId("pools"), poolViews, state.pools, (pool) => poolView(pool.name));
  const agreed = new Map(agreement.pools.map((pool) => [pool.pool, pool]));
  for (const pool of state.pools) poolViews.get(pool.name).update(pool, agreed.get(pool.name) ?? null);
  showFilter(state.pools.map((pool) => pool.name));
  document.title = agreement.inTouch ? title(state.pools) : "! out of touch – Understudy";
}

/** The title of the tab, which names a problem, if there is one. */
function title(pools) {
  for (const pool of pools) {
    if (pool.mode !== "failover") continue;
    const serving = pool.servers.find((server) => server.serving);
    if (!serving) return `✕ ${pool.name}: nobody serves – Understudy`;
    if (serving.status === "DOWN") return `! ${pool.name}: ${serving.name} serves although DOWN – Understudy`;
    if (serving.rank === "backup") return `! ${pool.name}: ${serving.name} serves – Understudy`;
  }
  return "Understudy";
}

function showConfiguration(config) {
  const node = byId("refused");
  node.hidden = config.rejectedAt === null;
  if (config.rejectedAt !== null) {
    const problems = config.problems.map((problem) => `\n• ${problem}`).join("");
    setText(node, `${config.file} was refused at ${clock(config.rejectedAt)}; the previous configuration stays in force.${problems}`);
  }
  const warned = byId("warned");
  warned.hidden = config.warnings.length === 0;
  setText(warned, `The running configuration has warnings.${config.warnings.map((warning) => `\n• ${warning}`).join("")}`);
}

let lostAt = null;
let polling = false;

async function refresh() {
  if (polling) return;
  polling = true;
  try {
    const [pools, agreement, config] = await Promise.all([read("api/pools"), read("api/agreement"), read("api/config")]);
    showPools(pools, agreement);
    showAgreement(agreement);
    showConfiguration(config);
    lostAt = null;
  } catch {
    lostAt ??= new Date();
  } finally {
    polling = false;
  }
  byId("stale").hidden = lostAt === null;
  byId("pools").classList.toggle("old", lostAt !== null);
  if (lostAt !== null) setText(byId("stale"), `No response since ${clock(lostAt)}: this page may be out of date.`);
}

async function read(path) {
  const response = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}

// ---------------------------------------------------------------- events

let events = [];
let lastId = "0";
let refreshSoon = null;
let historyKnown = false;

function connect() {
  const source = new EventSource(`api/events/stream?after=${encodeURIComponent(lastId)}`);
  source.onopen = () => {
    showLink("live", "live");
    // The history arrives at once, in several messages.
    setTimeout(() => {
      historyKnown = true;
      showNoEvents();
    }, HISTORY_MILLIS);
  };
  source.onerror = () => {
    showLink("lost", "no live updates; reconnecting…");
    // A browser does not reconnect after an error response, such as 503.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, STREAM_RETRY_MILLIS);
  };
  for (const type of EVENT_TYPES) source.addEventListener(type, receive);
}

function showLink(name, text) {
  setClass(byId("link"), `link ${name}`);
  setText(byId("link"), text);
}

function receive(message) {
  const run = message.lastEventId.split("-")[0];
  if (events.length > 0 && events[0].run !== run) {
    // Another history: a replica that crashed, or another one.
    events = [];
    byId("events").replaceChildren();
  }
  lastId = message.lastEventId;
  const event = { ...JSON.parse(message.data), run };
  events.push(event);
  byId("events").prepend(eventElement(event));
  if (events.length > SHOWN_EVENTS) {
    events.shift();
    byId("events").lastElementChild.remove();
  }
  showNoEvents();
  if (Date.parse(event.at) - skew >= loadedAt) setText(byId("announce"), event.message);
  clearTimeout(refreshSoon);
  refreshSoon = setTimeout(refresh, 50);
}

function eventElement(event) {
  const bad =
    event.type === "configuration-rejected" ||
    event.type === "nobody-serves" ||
    event.type === "serves-down" ||
    (event.type === "health-changed" && event.to === "DOWN") ||
    (event.type === "switched" && event.to === null);
  const item = element(
    "li",
    { class: bad ? "bad" : null, "data-pool": event.pool ?? "" },
    element("time", { class: "clock", datetime: event.at, title: new Date(event.at).toLocaleString() }, clock(event.at)),
    element(
      "div",
      { class: "what" },
      element("span", {}, event.message),
      event.problems ? element("ul", {}, ...event.problems.map((text) => element("li", {}, text))) : null,
    ),
  );
  item.hidden = filteredOut(event.pool);
  return item;
}

function filteredOut(pool) {
  const wanted = byId("filter").value;
  return wanted !== "" && pool !== null && pool !== "" && pool !== wanted;
}

function showNoEvents() {
  byId("no-events").hidden = !historyKnown || [...byId("events").children].some((item) => !item.hidden);
}

function showFilter(names) {
  const filter = byId("filter");
  const shown = [...filter.options].slice(1).map((option) => option.value);
  if (shown.join() === names.join()) return;
  const wanted = filter.value;
  filter.replaceChildren(filter.options[0], ...names.map((name) => element("option", { value: name }, name)));
  filter.value = names.includes(wanted) ? wanted : "";
  applyFilter();
}

function applyFilter() {
  for (const item of byId("events").children) item.hidden = filteredOut(item.dataset.pool);
  showNoEvents();
}

byId("filter").addEventListener("change", applyFilter);

// ---------------------------------------------------------------- commands

const EFFECTS = {
  ready: "It may serve again if its health allows.",
  drain: "It gets no new sessions; running ones finish.",
  maintenance: "It gets no traffic from now on.",
};

let asked = null;

function askState(pool, server, state) {
  ask({
    title: `Set ${server} to ${state}?`,
    text: `Pool ${pool}. ${EFFECTS[state]}`,
    go: `Set to ${state}`,
    method: "PUT",
    path: `api/pools/${pool}/servers/${server}/state`,
    body: { state },
    force: state !== "ready",
  });
}

function askSwitch(pool, server) {
  ask({
    title: `Let ${server} serve ${pool}?`,
    text: `It gets all traffic of ${pool} and is pinned: no failback until auto, or a failover.`,
    go: "Switch",
    method: "POST",
    path: `api/pools/${pool}/switch`,
    body: { to: server },
  });
}

function askAuto(pool) {
  ask({
    title: `Back to auto in ${pool}?`,
    text: "The pin ends. A better rank that is usable takes over according to the failback policy.",
    go: "Back to auto",
    method: "POST",
    path: `api/pools/${pool}/switch`,
    body: { to: "auto" },
  });
}

function ask(command) {
  asked = command;
  setText(byId("ask-title"), command.title);
  setText(byId("ask-text"), command.text);
  setText(byId("ask-error"), "");
  setText(byId("ask-go"), command.go);
  byId("ask-go").classList.remove("danger");
  byId("ask-go").disabled = false;
  showTokenField(sessionStorage.getItem(TOKEN_KEY) === null);
  byId("ask").showModal();
}

function showTokenField(shown) {
  byId("ask-token-row").hidden = !shown;
  byId("ask-token").value = "";
  if (shown && byId("ask").open) byId("ask-token").focus();
}

byId("ask-cancel").addEventListener("click", () => byId("ask").close());

byId("ask").addEventListener("submit", async (submission) => {
  submission.preventDefault();
  const typed = byId("ask-token").value.trim();
  const command = asked;
  byId("ask-go").disabled = true;
  try {
    const response = await send(command, typed || sessionStorage.getItem(TOKEN_KEY) || "");
    if (response.ok) {
      if (typed) sessionStorage.setItem(TOKEN_KEY, typed);
      byId("ask").close();
      refresh();
    } else {
      await showRefusal(command, response, typed);
    }
  } catch {
    setText(byId("ask-error"), "No response. The command may have been executed: check before you try again.");
  } finally {
    byId("ask-go").disabled = false;
  }
});

function send(command, token) {
  return fetch(command.path, {
    method: command.method,
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify(command.body),
    signal: AbortSignal.timeout(10_000),
  });
}

async function showRefusal(command, response, typed) {
  const problem = await response.json().catch(() => ({}));
  setText(byId("ask-error"), problem.detail ?? `${response.status} ${response.statusText}`);
  if (response.status === 401) {
    sessionStorage.removeItem(TOKEN_KEY);
    showTokenField(true);
  } else if (typed && response.status !== 403) {
    sessionStorage.setItem(TOKEN_KEY, typed);
    showTokenField(false);
  }
  if (response.status === 409 && command.force) {
    command.body.force = true;
    setText(byId("ask-go"), "Do it anyway");
    byId("ask-go").classList.add("danger");
  }
}

// ---------------------------------------------------------------- start

setInterval(() => {
  if (!document.hidden) refresh();
}, POLL_MILLIS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
await refresh();
connect();
