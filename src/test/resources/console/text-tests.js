import { equal, module, run } from "./harness.js";
import { byName, overview, pool, server } from "./samples.js";

const { conditionOf, runs, runsText, servingText, statusOf, switchesText, title } = await module("condition");
const { hostOf, hosts, NO_FILTER, passes } = await module("filter");
const { age, bytes, clock, duration, millis, number, until } = await module("format");
const { address, parse } = await module("router");
const { bars, fromCompact, fromDocument, kind, marks, withPresent } = await module("timeline-layout");
const { linkedToken } = await module("session");
const { acceptingLoss, bodyOf, bulkConsequence, giveUpSwitch, lossOf, planConsequence, planSwitch, poolStateConsequence, setPoolState, setState, stateConsequence, switchTo, switchToAuto } = await module("commands");
const { yaml } = await module("yaml");
const { autoTarget, choices, keyOf, poolTarget, resolve, serverTarget } = await module("targets");

const state = (...pools) => ({ ...overview(...pools), pools: byName(...pools) });
const NOBODY = pool("shop", 3, { serving: null, cause: "nobody serves pool shop: server a: refused; server b: refused" });
const BACKUP = pool("c", 2, { serving: "b", servers: [server("a", "master", { status: "DOWN" }), server("b", "backup")] });
const filtered = (filter) => passes(pool("shop", 1, { cause: "b DOWN: refused" }), { ...NO_FILTER, ...filter });

export const results = run({
  a_link_may_carry_a_token() {
    equal(linkedToken("#token=Za0OkVqyN-fczMJxfNpAlhLr"), "Za0OkVqyN-fczMJxfNpAlhLr");
    equal(linkedToken("#/pools/shop"), null);
    equal(linkedToken("#token="), null);
    equal(linkedToken(""), null);
  },
  the_title_names_the_worst_pool_and_what_is_the_matter() {
    equal(title(state(pool("z"), NOBODY)), "✕ shop: nobody serves – Understudy");
    equal(title(state(pool("z"), BACKUP)), "! c: server a DOWN – Understudy");
    equal(title(state(pool("u", 1))), "! u: degraded – Understudy");
    equal(title(state(pool("u", 2, { twoPrimaries: {} }))), "✕ u: two primaries – Understudy");
  },
  a_status_is_in_doubt_while_checks_are_late() {
    const late = { checks: { newest: "2026-11-21T03:00:00Z", late: true } };
    const shown = (parts) => Object.values(statusOf(server("a", "master", parts)));
    equal([shown({}), shown({ checks: null }), shown(late)], [["✓", "UP", "good"], ["✓", "UP", "good"], ["?", "UP?", "care"]]);
    equal([shown({ ...late, status: "DOWN" }), shown({ ...late, status: "UNKNOWN" })], [["?", "DOWN?", "bad"], ["?", "UNKNOWN?", ""]]);
    equal(title(state(pool("u", 2, { servers: [server("a", "master", late), server("b", "backup")] }))), "! u: checks are late – Understudy");
  },
  the_title_counts_the_other_troubled_pools() {
    equal(title(state(BACKUP, NOBODY)), "✕ shop: nobody serves (+1) – Understudy");
  },
  the_title_is_plain_while_all_is_well() {
    equal(title(state(pool("a"))), "Understudy");
  },
  a_replica_out_of_touch_is_in_the_title() {
    equal(title({ ...state(pool("a")), agreement: { contact: false } }), "! out of touch – Understudy");
  },
  a_balance_pool_says_how_many_are_usable() {
    equal(servingText(pool("a", 0, { mode: "balance", serving: null })), "2 of 2");
  },
  a_strip_becomes_runs_and_words() {
    equal(runs("uuSd"), [{ state: "u", from: 0, steps: 2 }, { state: "S", from: 2, steps: 1 }, { state: "d", from: 3, steps: 1 }]);
    equal(runsText("uuuuuuSd"), "UP 1.5 min, serving 15 s, DOWN 15 s");
  },
  announcements_of_many_switches_are_bounded() {
    const found = Array.from({ length: 200 }, (none, index) => ({ pool: `p${index}`, from: "a", to: "b", reason: "FAILBACK" }));
    equal(switchesText(found).endsWith("197 more pools switched."), true);
    equal(switchesText([{ pool: "p", from: "a", to: null, reason: "NO_SERVER" }]), "Pool p: nobody serves instead of server a, no server is usable.");
  },

  the_host_of_a_url_is_without_port() {
    equal(["http://app1:8080", "https://[::1]:8443/x", "tcp://db", "x"].map(hostOf), ["app1", "[::1]", "db", "x"]);
  },
  every_word_of_a_search_must_occur() {
    equal([filtered({ q: "shop REFUSED" }), filtered({ q: "a.example" }), filtered({ q: "shop other" })], [true, true, false]);
  },
  filters_are_by_condition_and_host() {
    equal([{ condition: "degraded" }, { condition: "problem" }, { condition: "well" }, { host: "b.example" }, { host: "c.example" }].map(filtered), [true, true, false, true, false]);
  },
  hosts_are_counted() {
    equal(hosts(byName(pool("p"), pool("q"))), [{ host: "a.example", servers: 2 }, { host: "b.example", servers: 2 }]);
  },

  numbers_are_short_and_never_a_false_zero() {
    equal([0, 0.01, 0.34, 9.96, 12.3, 4711, 12_345, null].map(number), ["0", "<0.1", "0.3", "10.0", "12", "4711", "12k", "–"]);
  },
  bytes_and_times_have_units() {
    equal([bytes(0), bytes(1_234_567), millis(1.25), millis(1_500)], ["0 B", "1.2 MB", "1.3 ms", "1.50 s"]);
  },
  durations_have_two_units_at_most() {
    equal([0, 59.9, 61, 720, 3_660, 90_000].map(duration), ["0 s", "59 s", "1 min 1 s", "12 min", "1 h 1 min", "1 d 1 h"]);
  },
  ages_and_waits_are_by_the_clock_given() {
    const now = Date.parse("2026-11-21T03:10:00Z");
    equal([age("2026-11-21T03:09:30Z", now), until("2026-11-21T03:10:21Z", now), until("2026-11-21T03:00:00Z", now)], ["30 s", "21 s", "a moment"]);
    equal(["2026-11-21T03:10:00.123Z", "2026-11-20T03:10:00Z"].map((at) => clock(at, now)), ["03:10:00 UTC", "2026-11-20 03:10:00 UTC"]);
  },

  a_document_is_yaml_for_people() {
    const document = { pools: { shop: { servers: [{ url: "http://a:1", role: "master" }, "b"], none: [], text: "a # b", check: { path: "/s" } } }, empty: {}, zero: 0 };
    equal(yaml(document).split("\n"), ["pools:", "  shop:", "    servers:", "      - url: http://a:1", "        role: master", "      - b", "    none: []",
      "    text: \"a # b\"", "    check:", "      path: /s", "empty: {}", "zero: 0"]);
    equal([yaml("cannot be read"), yaml({ a: "" }), yaml({ a: "x: y" }), yaml({ a: "- b" })], ["cannot be read", 'a: ""', 'a: "x: y"', 'a: "- b"']);
  },

  addresses_and_pages_are_one_another() {
    equal(parse("#/pools/shop"), { page: "pool", pool: "shop", params: {} });
    equal(parse("#/pools?q=a%20b&host=h"), { page: "pools", pool: null, params: { q: "a b", host: "h" } });
    equal([parse("").page, parse("#/nothing").page, parse("#/%E0%A4%A").page], ["pools", "pools", "pools"]);
    equal([address("pools"), address("pools", { q: "a b", host: "" })], ["#/pools", "#/pools?q=a+b"]);
  },

  a_timeline_is_laid_out_by_time() {
    equal(bars([{ serving: "a", from: 0 }, { serving: null, from: 50 }, { serving: "b", from: 75 }], 0, 100, 200).map(({ x, width, serving }) => [x, width, serving]), [[0, 100, "a"], [100, 50, null], [150, 50, "b"]]);
  },
  what_is_before_the_first_tenure_is_not_known() {
    equal(bars([{ serving: "a", from: 40 }], 0, 100, 100).map(({ x, width, serving }) => [x, width, serving ?? "?"]), [[0, 40, "?"], [40, 60, "a"]]);
    equal(bars([], 0, 100, 100).map(({ width }) => width), [100]);
  },
  a_tenure_before_the_span_is_left_out_and_one_across_its_begin_is_cut() {
    equal(bars([{ serving: "a", from: -50 }, { serving: "b", from: -20 }, { serving: "a", from: 50 }], 0, 100, 100).map(({ x, width, serving }) => [x, width, serving]), [[0, 50, "b"], [50, 50, "a"]]);
  },
  a_short_outage_is_seen() {
    const found = bars([{ serving: "a", from: 0 }, { serving: null, from: 50 }, { serving: "a", from: 50.01 }], 0, 100, 100);
    equal(found.map(({ x, width, serving }) => [Math.round(x), Math.round(width), serving]), [[0, 50, "a"], [50, 50, "a"], [50, 1, null]]);
  },
  compact_segments_name_servers_by_place() {
    const servers = [server("a", "master"), server("b", "backup")];
    equal(fromCompact([[0, 1], [null, 2], ["gone", 3]], servers), [{ serving: "a", from: 1 }, { serving: null, from: 2 }, { serving: "gone", from: 3 }]);
    equal(fromCompact([[-1, 1]], servers)[0].serving === undefined, true);
    equal(fromDocument([{ serving: null, known: false, from: "1970-01-01T00:00:01Z" }])[0].serving === undefined, true);
  },
  a_newer_tenure_of_the_pool_is_added() {
    const present = { serving: "b", since: "1970-01-01T00:00:10Z", reason: "FAILBACK", epoch: 2 };
    equal(withPresent([{ serving: "a", from: 0 }], present).map(({ serving, from }) => [serving, from]), [["a", 0], ["b", 10_000]]);
    equal(withPresent([{ serving: "a", from: 0 }, { serving: "b", from: 9_999 }], present).length, 2);
  },
  a_server_that_serves_again_after_a_flap_has_a_tenure_of_its_own() {
    const present = { serving: "a", since: "1970-01-01T00:00:10Z", reason: "FAILBACK", epoch: 3 };
    equal(withPresent([{ serving: "a", from: 0 }], present).map(({ serving, from }) => [serving, from]), [["a", 0], ["a", 10_000]]);
  },
  tenures_have_the_colour_of_the_rank() {
    const servers = [server("a", "master"), server("b", "backup")];
    equal([kind("a", servers), kind("b", servers), kind(null, servers), kind(undefined, servers)], ["master", "backup", "nobody", "unknown"]);
  },
  the_axis_has_round_times() {
    equal(marks(60_000, 3_660_000).map((time) => time / 60_000), [10, 20, 30, 40, 50, 60]);
  },

  commands_are_requests() {
    const one = pool("shop");
    const command = setState(one, one.servers[0], "drain");
    equal([command.method, command.path, command.forceable], ["PUT", "api/pools/shop/servers/a/state", true]);
    equal(bodyOf(command, "  disk full ", false), { state: "drain", reason: "disk full" });
    equal(bodyOf(command, " ", true), { state: "drain", force: true });
    equal([switchTo(one, one.servers[1]).body, switchToAuto(one).body], [{ to: "b" }, { to: "auto" }]);
  },
  a_planned_switch_is_a_request_and_can_be_given_up() {
    const one = pool("shop");
    const command = planSwitch(one, one.servers[1], { pause: "20", at: "", force: false });
    equal([command.method, command.path], ["POST", "api/pools/shop/switch"]);
    equal(command.body, { to: "b", planned: true, pause: "20s", force: false });
    const later = planSwitch(one, one.servers[1], { pause: "5", at: "2027-01-31T22:00", force: true }).body;
    equal([later.force, later.at], [true, "2027-01-31T22:00:00.000Z"]);
    equal([giveUpSwitch(one).method, giveUpSwitch(one).path, giveUpSwitch(one).body], ["DELETE", "api/pools/shop/switch", {}]);
  },
  a_switch_to_a_server_that_is_too_far_behind_accepts_the_loss() {
    const one = pool("shop");
    equal(acceptingLoss(switchTo(one, one.servers[1])).body, { to: "b", acceptLoss: true });
    const behind = (tooFar) => ({ servers: [{ name: "b", data: { lag: "17 MB behind server a", tooFar } }, { name: "a", data: null }] });
    equal([lossOf(behind(true), "b"), lossOf(behind(false), "b"), lossOf(behind(true), "a"), lossOf(undefined, "b")], ["17 MB behind server a", null, null, null]);
  },
  the_preview_of_a_planned_switch_counts_what_runs_and_names_the_hooks() {
    const one = pool("shop", 0, { servers: [server("a", "master", { serving: true, inFlight: 3, tunnels: 1 }), server("b", "backup")] });
    const bare = planConsequence(one, one.servers[1], [], false);
    equal(bare[0], "All replicas hold new clients of pool shop. Here, server a has 3 requests in flight, which finish. WebSockets and streams are closed in order (now 1).");
    equal([bare.length, bare.at(-1)], [3, "Then server b serves, and is pinned."]);
    const forced = planConsequence(one, one.servers[1], ["demote", "promote"], true);
    equal(forced.slice(1, 4), ["What has not finished after half of the pause is cut.", "The hook demote fences server a.", "The hook promote promotes server b; then the switch waits for its check."]);
  },
  the_consequence_says_who_takes_over_or_that_nobody_does() {
    const one = pool("shop");
    equal(stateConsequence(one, one.servers[0], "maintenance").at(-1), "It serves pool shop now: server b takes over.");
    const alone = pool("shop", 0, { servers: [server("a", "master", { serving: true }), server("b", "backup", { usable: false })] });
    equal(stateConsequence(alone, alone.servers[0], "drain").at(-1), "No other server of pool shop is usable: nobody will serve.");
  },
  servers_of_many_pools_are_chosen_by_host_rank_or_role() {
    const found = choices([pool("p"), pool("q")]).map(({ id, targets }) => [id, targets.length]);
    equal(found, [["host:a.example", 2], ["host:b.example", 2], ["serving", 2], ["master", 2], ["backup", 2]]);
  },
  targets_stay_what_was_chosen() {
    const before = pool("p");
    const [target] = choices([before]).find(({ id }) => id === "serving").targets;
    const after = pool("p", 0, { servers: [server("a", "master"), server("b", "backup", { serving: true })] });
    equal(resolve([target], byName(after)).map(({ server: one }) => one.name), ["a"]);
  },
  a_target_is_gone_with_its_pool_or_server_or_at_another_address() {
    const target = serverTarget(pool("p"), pool("p").servers[1]);
    const moved = pool("p", 0, { servers: [server("b", "backup", { url: "http://other.example:8080" })] });
    const alone = pool("p", 0, { servers: [server("a", "master")] });
    equal([byName(), byName(moved), byName(alone)].map((pools) => resolve([target], pools)[0].pool), [null, null, null]);
    equal(resolve([target], byName(pool("p")))[0].server.name, "b");
  },
  the_automatic_choice_is_a_target_of_its_own() {
    const target = autoTarget(pool("p"));
    equal([keyOf(target), resolve([target], byName(pool("p")))[0].pool.name], ["p/", "p"]);
  },
  a_whole_pool_is_set_to_maintenance_with_what_was_typed_and_ended_without() {
    const command = (fields) => setPoolState(pool("shop"), "maintenance", fields);
    equal([command({}).method, command({}).path, command({}).forceable], ["PUT", "api/pools/shop/state", false]);
    equal(command({}).body, { state: "maintenance", force: true });
    equal(command({ until: "", allow: " , " }).body, { state: "maintenance", force: true });
    equal(command({ until: "2027-01-31T22:00", allow: "10.0.0.0/8, fd00::/8 192.0.2.1" }).body,
      { state: "maintenance", until: "2027-01-31T22:00:00.000Z", allow: ["10.0.0.0/8", "fd00::/8", "192.0.2.1"], force: true });
    equal(setPoolState(pool("shop"), "ready", { until: "2027-01-31T22:00", allow: "10.0.0.0/8" }).body, { state: "ready" });
    equal(poolStateConsequence(pool("shop"), "ready"), ["All clients of pool shop are served again."]);
    const target = poolTarget(pool("p"));
    equal([resolve([target], byName(pool("p")))[0].pool.name, resolve([target], byName())[0].pool], ["p", null]);
  },
  a_pool_in_maintenance_has_a_badge_of_its_own_unless_two_servers_claim_it() {
    const maintenance = { since: "2026-11-21T03:00:00Z", until: null, allow: [], operator: "alice", operatorReason: null };
    equal(conditionOf(pool("p", 1, { maintenance })).word, "maintenance");
    equal(conditionOf(pool("p", 1, { maintenance: null })).word, "degraded");
    equal(conditionOf(pool("p", 2, { maintenance, twoPrimaries: {} })).word, "two primaries");
  },
  a_command_on_many_says_which_pools_switch_and_which_lose_all() {
    const p = pool("p");
    const q = pool("q", 0, { servers: [server("a", "master", { serving: true })] });
    const sentences = bulkConsequence([{ pool: p, server: p.servers[0] }, { pool: q, server: q.servers[0] }], "drain");
    equal(sentences.slice(1), ["The role moves in p.", "No other server is usable in q: there the command is refused unless forced."]);
  },
});
