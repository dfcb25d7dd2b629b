import { equal, module, run } from "./harness.js";
import { byName, overview, pool, server } from "./samples.js";

const { follows, fromDocument, lastProbes, switches, withDelta } = await module("overview");
const { arrange, EMPTY } = await module("order");
const { lag, liveness, NOT_CONNECTED } = await module("liveness");
const { EventParser } = await module("sse");
const { historyOf, merged, MOST_EVENTS, newestId, passes: eventPasses, points, toneOf } = await module("events");

const held = fromDocument(overview(pool("a"), pool("b")));
const at = (millis) => ({ wall: millis, steady: millis });
const heard = (millis) => ({ phase: "open", why: "", lastFrameAt: at(millis), lagMillis: 0, retryAt: null });
const sorted = (pools) => arrange(EMPTY, pools, false);

export const results = run({
  a_delta_replaces_changed_pools_and_keeps_the_others() {
    const next = withDelta(held, { sequence: 2, pools: [pool("b", 3)] });
    equal(next.pools.get("b").severity, 3);
    equal(next.pools.get("a") === held.pools.get("a"), true);
    equal(held.pools.get("b").severity, 0);
  },
  a_delta_removes_pools() {
    equal([...withDelta(held, { sequence: 2, removed: ["a"] }).pools.keys()], ["b"]);
  },
  what_a_delta_leaves_out_or_gives_as_null_stays() {
    const next = withDelta(held, { sequence: 2, config: null, totals: { pools: 7 } });
    equal([next.config, next.totals, next.agreement], [{ file: "f" }, { pools: 7 }, { contact: true }]);
  },
  a_delta_without_pools_keeps_the_very_map() {
    equal(withDelta(held, { sequence: 2, pools: [] }).pools === held.pools, true);
  },
  a_gap_in_the_sequence_is_noticed() {
    equal([follows(held, { sequence: 2 }), follows(held, { sequence: 3 }), follows(null, { sequence: 2 })], [true, false, false]);
  },
  newer_probe_times_are_kept_beside_an_unchanged_pool() {
    const servers = [server("a", "master", { lastProbe: { at: "2026-11-21T03:00:00.000Z", tookMillis: 1, outcome: "GOOD" } }), server("b", "backup")];
    const before = fromDocument(overview(pool("p", 0, { servers })));
    const next = withDelta(before, { sequence: 2, probes: { p: [[1795230000000, 2.5], null] } });
    equal(next.pools.get("p") === before.pools.get("p"), true);
    equal(lastProbes(next, next.pools.get("p")), [{ at: "2026-11-21T03:00:00.000Z", tookMillis: 2.5, outcome: "GOOD" }, null]);
  },
  a_changed_pool_drops_the_probe_times_that_were_kept() {
    const next = withDelta(withDelta(held, { sequence: 2, probes: { a: [[1, 1]] } }), { sequence: 3, pools: [pool("a")] });
    equal(next.probes, {});
  },
  a_removed_pool_leaves_no_probe_times() {
    equal(withDelta(withDelta(held, { sequence: 2, probes: { a: [[1, 1]], b: [[2, 1]] } }), { sequence: 3, removed: ["a"] }).probes, { b: [[2, 1]] });
  },
  switches_are_the_pools_whose_serving_server_or_epoch_changed() {
    const next = withDelta(held, { sequence: 2, pools: [pool("a", 1, { serving: "b", epoch: 2, reason: "FAILBACK" }), pool("b", 1)] });
    equal(switches(held, next), [{ pool: "a", from: "a", to: "b", reason: "FAILBACK", cause: null }]);
  },

  rows_are_sorted_worst_first_then_by_name() {
    equal(sorted(byName(pool("c"), pool("b", 3), pool("a"), pool("d", 1))).names, ["b", "d", "a", "c"]);
  },
  rows_stay_while_no_severity_changes() {
    const order = sorted(byName(pool("a"), pool("b")));
    equal(arrange(order, byName(pool("b", 0, { cause: "other" }), pool("a")), false) === order, true);
  },
  a_changed_severity_sorts_again_and_names_the_pool() {
    const order = arrange(sorted(byName(pool("a"), pool("b"))), byName(pool("a"), pool("b", 3)), false);
    equal([order.names, order.moved, order.waiting], [["b", "a"], ["b"], []]);
  },
  held_rows_stay_and_the_pool_waits() {
    const order = arrange(sorted(byName(pool("a"), pool("b"))), byName(pool("a"), pool("b", 3)), true);
    equal([order.names, order.waiting], [["a", "b"], ["b"]]);
    equal(arrange(order, byName(pool("a"), pool("b", 3)), false).names, ["b", "a"]);
  },
  a_pool_that_is_well_again_before_the_rows_move_waits_no_more() {
    const pools = byName(pool("a"), pool("b"));
    const order = arrange(arrange(sorted(pools), byName(pool("a"), pool("b", 3)), true), pools, true);
    equal([order.names, order.waiting], [["a", "b"], []]);
  },
  new_pools_come_last_while_rows_are_held_and_removed_ones_go() {
    const order = arrange(sorted(byName(pool("b"), pool("c"))), byName(pool("a"), pool("c")), true);
    equal(order.names, ["c", "a"]);
  },

  nothing_is_live_before_the_first_frame() {
    equal(liveness(NOT_CONNECTED, at(0)).state, "connecting");
  },
  data_is_live_for_two_and_a_half_seconds_after_a_frame() {
    equal([liveness(heard(1_000), at(3_500)).state, liveness(heard(1_000), at(3_501)).state], ["live", "old"]);
  },
  the_age_of_old_data_counts_up() {
    equal([liveness(heard(0), at(5_200)).seconds, liveness(heard(0), at(61_000)).seconds], [5, 61]);
  },
  data_is_old_by_either_clock() {
    const asleep = liveness(heard(0), { wall: 3_600_000, steady: 0 });
    const setBack = liveness(heard(0), { wall: -3_600_000, steady: 700 });
    const corrected = liveness(heard(0), { wall: -20, steady: 700 });
    const stopped = liveness(heard(0), { wall: 100, steady: 60_000 });
    equal([asleep, setBack, corrected, stopped].map(({ state, seconds }) => [state, seconds]), [["old", 3_600], ["old", 0], ["live", 0], ["old", 60]]);
  },
  a_frame_that_came_late_is_as_old_as_it_is_late() {
    const late = liveness({ ...heard(0), lagMillis: 9_000 }, at(100));
    equal([late.state, late.seconds, late.text], ["old", 9, "the connection is slow"]);
  },
  a_frame_is_late_by_the_promptest_one_of_its_stream() {
    const first = lag(null, 1_000_000, 50);
    const prompt = lag(first.base, 1_001_000, 1_040);
    const late = lag(prompt.base, 1_002_000, 9_040);
    equal([first.lagMillis, prompt.lagMillis, late.lagMillis], [0, 0, 7_000]);
  },
  a_lost_connection_is_not_live_even_at_once() {
    equal(liveness({ ...heard(0), phase: "waiting", why: "x", retryAt: 2_000 }, at(500)).state, "connecting");
  },
  old_data_says_why_and_when_the_next_try_is() {
    const { text } = liveness({ ...heard(0), phase: "waiting", why: "no response", retryAt: 9_000 }, at(6_000));
    equal(text, "no response; next try in 3 s");
  },
  data_from_before_the_token_was_refused_has_its_age() {
    const { state, old, seconds } = liveness({ ...heard(0), phase: "locked" }, at(7_000));
    equal([state, old, seconds], ["locked", true, 7]);
  },

  a_message_may_come_in_any_pieces() {
    const text = "event: delta\r\nid: r-1\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n: heartbeat\n\ndata: x\n\n";
    const wanted = [{ event: "delta", data: '{"a":\n1}', id: "r-1" }, { event: "message", data: "x", id: "r-1" }];
    for (let size = 1; size <= text.length; size++) {
      const parser = new EventParser();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...parser.push(text.slice(at, at + size)));
      equal(found, wanted);
    }
  },

  events_are_merged_newest_first_and_once() {
    equal(merged([{ id: 2 }], [{ id: 1 }, { id: 2 }, { id: 3 }]).map(({ id }) => id), [3, 2, 1]);
  },
  an_event_is_named_by_its_history_and_number() {
    equal([historyOf("1763749200000-17"), newestId("1763749200000", [{ id: 17 }, { id: 16 }]), newestId("r", [])], ["1763749200000", "1763749200000-17", "r-0"]);
  },
  a_flap_counts_its_changes_and_a_reload_lists_its_own() {
    equal([points({ count: 3 }), points({ changes: ["server b added"], warnings: ["w"] }), points({})], [[], ["server b added", "w"], []]);
  },
  events_are_bounded() {
    const many = Array.from({ length: MOST_EVENTS + 5 }, (none, id) => ({ id }));
    equal([merged([], many).length, merged([], many).at(-1).id], [MOST_EVENTS, 5]);
  },
  events_pass_by_kind_pool_and_words() {
    const event = { type: "switched", kind: "operation", pool: "shop", message: "shop: a -> b", operator: "alice" };
    equal([{ kind: "switch" }, { kind: "operation" }, { kind: "health" }, { pool: "other" }, { q: "alice a" }, { q: "nothing" }].map((filter) => eventPasses(event, filter)), [true, true, false, false, true, false]);
  },
  an_event_has_the_tone_of_its_level() {
    equal(["error", "warn", "info"].map((level) => toneOf({ level })), ["bad", "care", ""]);
  },
  an_event_of_a_type_that_is_not_known_is_shown() {
    const event = { type: "new-type", pool: null, message: "m" };
    equal([eventPasses(event, {}), toneOf(event)], [true, ""]);
  },
});
