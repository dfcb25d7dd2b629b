import { equal, module, run } from "./harness.js";
import { byName, pool, server } from "./samples.js";

const { ariaSort, COLUMNS, comparing, nextSort, sortOf } = await module("columns");
const { arrange, arrangeBy, EMPTY } = await module("order");
const { grouped, GROUPINGS, groupingOf, isMassFailure, otherVotes, prefixOf, shownOf } = await module("groups");
const { distance, nearest } = await module("nearest");
const { ceiling, linePath } = await module("chart-layout");
const { meaning } = await module("glossary");

const rate = (name, requestsPerSecond, parts = {}) => pool(name, 0, { requestsPerSecond, errorsPerSecond: 0, p99Millis: null, held: 0, ...parts });
const pools = byName(rate("a", 1), rate("b", 9, { p99Millis: 3 }), rate("c", 5, { p99Millis: 8 }));
const by = (sort, held = false, order = EMPTY, all = pools) => arrangeBy(order, all, held, sort, comparing(sort));
const column = (key) => COLUMNS.find((one) => one.key === key);

export const results = run({
  each_column_sorts_both_ways() {
    for (const { key } of COLUMNS) {
      equal([sortOf(key).descending, sortOf(`-${key}`).descending], [false, true]);
      equal(by(key).names.length, 3);
    }
    equal([by("-rate").names, by("rate").names, by("-p99").names, by("-name").names], [["b", "c", "a"], ["a", "c", "b"], ["c", "b", "a"], ["c", "b", "a"]]);
  },
  a_sort_that_is_not_known_is_worst_first() {
    equal([sortOf("nonsense"), sortOf(""), sortOf(undefined)], [null, null, null]);
    equal([pool("a"), pool("z", 3)].sort(comparing("nonsense")).map(({ name }) => name), ["z", "a"]);
  },
  clicks_on_a_column_go_round() {
    equal(["", "-rate", "rate", "name"].map((sort) => nextSort(sort, column("rate"))), ["-rate", "rate", "", "-rate"]);
    equal(nextSort("", column("name")), "name");
    equal(["-rate", "rate", "name"].map((sort) => ariaSort(sort, column("rate"))), ["descending", "ascending", "none"]);
  },
  equal_values_are_worst_first() {
    equal([rate("a", 1), pool("z", 3, { requestsPerSecond: 1 })].sort(comparing("-rate")).map(({ name }) => name), ["z", "a"]);
  },
  sorted_rows_stay_while_they_are_held_but_not_for_another_column() {
    const order = by("-rate");
    const later = byName(rate("a", 99), rate("b", 9), rate("d", 1));
    equal(by("-rate", true, order, later).names, ["b", "a", "d"]);
    equal(by("-rate", false, order, later).names, ["a", "b", "d"]);
    equal(by("name", true, order, later).names, ["a", "b", "d"]);
    equal(by("-rate", false, order) === order, true);
  },
  worst_first_comes_back_after_a_column() {
    equal(arrange(by("-rate"), pools, true).names, ["a", "b", "c"]);
  },
  a_prefix_ends_at_the_last_separator() {
    equal(["order-17", "team.shop_2", "shop", "a-b-c", "-x"].map(prefixOf), ["order", "team.shop", "shop", "a-b", "-x"]);
  },
  groups_count_their_conditions_in_the_order_of_their_first_rows() {
    const rows = [pool("b-1", 3), pool("x"), pool("a-1", 1), pool("b-2"), pool("a-2"), pool("a-3"), pool("b-3")].map((one) => ({ ...one, requestsPerSecond: 2, errorsPerSecond: 1, held: 3 }));
    const found = grouped(rows, "name");
    equal(found.map(({ title, pools: of }) => [title, of.length]), [["b-…", 3], ["a-…", 3], ["other names", 1]]);
    equal(found[0].counts, { nobody: 1, degraded: 0, well: 2 });
    equal([found[0].requestsPerSecond, found[0].errorsPerSecond, found[0].held], [6, 3, 9]);
  },
  pools_group_by_what_their_servers_have_in_common_the_largest_group_first() {
    const down = (name, host, detail) => server(name, "master", { status: "DOWN", url: `http://${host}:80`, lastProbe: { detail } });
    const late = "no response within 1 s";
    const rows = [
      pool("p", 3, { servers: [down("a", "h1", "connection refused"), down("b", "h2", "connection refused")] }),
      pool("q", 3, { servers: [down("x", "h1", "connection refused"), down("y", "h2", "connection refused")] }),
      pool("r", 2, { servers: [down("a", "h2", late), server("b", "backup")] }),
      pool("s", 2, { servers: [down("a", "h2", late), server("b", "backup")] }),
      pool("t", 1, { servers: [server("a", "master", { state: "maintenance" }), server("b", "backup")] }),
      pool("u", 1),
      pool("v"),
      pool("w", 2, { servers: [down("a", "h2", late), server("b", "backup")] }),
      pool("x", 2, { servers: [server("a", "master", { checks: { late: true } }), server("b", "backup", { checks: { late: true } })] }),
    ];
    const found = (grouping) => grouped(rows, grouping).map(({ title, pools: of }) => [title, of.map(({ name }) => name).join("")]);
    equal(found("cause"), [[late, "rsw"], ["connection refused", "pq"], ["maintenance", "t"], ["backup serves", "u"], ["checks are late", "x"], ["well", "v"]]);
    equal(found("host"), [["h2", "rsw"], ["h1, h2", "pq"], ["a.example", "t"], ["a.example, b.example", "x"], ["no failed server", "uv"]]);
  },
  votes_that_say_the_same_are_one_line() {
    const silent = "SILENT no response within 1 s";
    const votes = { shop: { "a@1f": "UP", "b@2e": "REFUSED 3 bad in a row" }, p: { "a@1f": silent, "b@2e": "UP:17" }, q: { "a@1f": silent, "b@2e": "LATE" } };
    equal(otherVotes(votes), [{ vote: silent, servers: ["p/a", "q/a"] }, { vote: "REFUSED 3 bad in a row", servers: ["shop/b"] }, { vote: "LATE", servers: ["q/b"] }]);
    equal(otherVotes({}), []);
  },
  most_pools_with_nobody_are_a_mass_failure_even_if_no_server_was_up_before() {
    const of = (pools, nobody, kinds) => isMassFailure({ totals: { pools, nobody }, alarms: kinds?.map((kind) => ({ kind })) });
    equal([of(20, 11), of(20, 10), of(19, 19), of(200, 0, ["local-failure"]), of(200, 0, ["local-failure", "mass-failure"])], [true, false, false, false, true]);
  },
  a_mass_failure_groups_by_cause_unless_a_person_chose() {
    equal([groupingOf(undefined, false), groupingOf("", true), groupingOf("none", true), groupingOf("name", true), groupingOf("nonsense", false)], [null, "cause", null, "name", null]);
    equal(Object.keys(GROUPINGS), ["name", "cause", "host"]);
  },
  a_group_shows_the_few_pools_that_are_not_well_or_what_a_person_wanted() {
    const shown = (group, opened) => shownOf(group, new Map(opened)).map(({ name }) => name);
    const [bad] = grouped([pool("b-1", 3), pool("b-2"), pool("b-3")], "name");
    const [many] = grouped(Array.from({ length: 20 }, (_, index) => pool(`c-${index}`, 3)), "name");
    equal([shown(bad), shown(bad, [[bad.key, true]]), shown(bad, [[bad.key, false]])], [["b-1"], ["b-1", "b-2", "b-3"], []]);
    equal([shown(many), shown(many, [[many.key, true]]).length], [[], 20]);
  },
  the_nearest_name_is_suggested_and_none_that_is_far() {
    const names = ["order-001", "order-002", "billing"];
    equal([nearest("ordre-002", names), nearest("biling", names), nearest("warehouse", names), nearest("", names), nearest("x".repeat(500), names)], ["order-002", "billing", null, null, null]);
    equal([distance("", "ab"), distance("ab", "ba"), distance("same", "same")], [2, 1, 0]);
  },
  a_line_ends_at_the_right_edge_and_breaks_where_nothing_is_known() {
    equal(linePath([0, 10], 10, 4, 40, 10), "M20 10H30L30 0H40");
    equal(linePath([5, null, 5], 10, 3, 30, 10), "M0 5H10M20 5H30");
    equal([linePath([], 10, 3, 30, 10), linePath([0], 0, 1, 10, 10)], ["", "M0 10H10"]);
  },
  an_axis_ends_at_a_round_number() {
    equal([0, 0.3, 1, 7, 12, 50, 51, 990].map(ceiling), [1, 0.5, 1, 10, 20, 50, 100, 1000]);
  },
  words_that_nobody_explains_have_a_meaning() {
    for (const word of ["epoch", "lane", "tunnels", "frame", "held", "p99", "Epoch"]) equal(meaning(word).length > 20, true);
    equal(meaning("Pool"), null);
  },
});
