package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Assignment;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.TermContext;
import dev.understudy.haproxy.acl.VariableName;
import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What rules leave for later ones: variables that they set, and counters that they track. */
final class RuleState {
  /**
   * What a slot counts, for requests that no tracking rule before applies to.
   *
   * @param key as of {@code RateLimit}; empty: it is none here
   * @param table the table's name
   * @param when holds for the requests that are counted
   * @param proxy the section of the rule
   * @param source the rule
   */
  record Tracking(String key, String table, Expression when, String proxy, String source) {}

  /** Our names. */
  final Set<String> variables = new TreeSet<>();

  /** What variables have been given, by HAProxy's names. */
  private final Map<String, List<Assignment>> given = new HashMap<>();

  /** What header fields of the request have been given, by names in lower case. */
  private final Map<String, List<Assignment>> fields = new HashMap<>();

  /** Whether a rule before has changed the path to lower case, for conditions only. */
  boolean ignoresPathCase;

  /** Whether a rule changes the path or the query. */
  boolean changesTarget;

  /** Beginnings of targets that are refused as HAProxy's statistics. */
  final Set<String> statistics = new TreeSet<>();

  /** Whether a rule changes {@code Host}. */
  boolean changesHost;

  /** Changes of the request that are left out. */
  private final List<Filter> lost = new ArrayList<>();

  private final Map<Integer, List<Tracking>> trackings = new HashMap<>();

  /** Holds for requests that a slot tracks for sure, by slot. */
  private final Map<Integer, Expression> tracked = new HashMap<>();

  RuleState copy() {
    RuleState copy = new RuleState();
    copy.variables.addAll(variables);
    given.forEach((name, all) -> copy.given.put(name, new ArrayList<>(all)));
    fields.forEach((name, all) -> copy.fields.put(name, new ArrayList<>(all)));
    copy.lost.addAll(lost);
    copy.ignoresPathCase = ignoresPathCase;
    copy.changesTarget = changesTarget;
    copy.statistics.addAll(statistics);
    copy.changesHost = changesHost;
    trackings.forEach((slot, all) -> copy.trackings.put(slot, new ArrayList<>(all)));
    copy.tracked.putAll(tracked);
    return copy;
  }

  /** A rule gives a variable its value. */
  void give(String variable, Assignment assignment) {
    add(given, variable, assignment);
  }

  private static void add(Map<String, List<Assignment>> to, String name, Assignment assignment) {
    List<Assignment> all = to.computeIfAbsent(name, any -> new ArrayList<>());
    if (assignment.isAlways()) {
      all.clear();
    }
    all.add(assignment);
  }

  /** What a variable has been given, the last one last. */
  List<Assignment> variable(String name) {
    return given.getOrDefault(name, List.of());
  }

  /** Whether conditions know a variable, by our name, that no filter sets. */
  boolean gives(String variable) {
    return given.keySet().stream().anyMatch(each -> VariableName.of(each).equals(variable));
  }

  /** What a header field has been given, the last one last. */
  List<Assignment> field(String name) {
    return fields.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  /** A filter has been added: what it changes, variables still have as it was. */
  void changed(Filter filter, TermContext context) {
    if (RequestChanges.changes(filter, "target")) {
      changesTarget = true;
      statistics.clear();
    }
    changesHost |= RequestChanges.changes(filter, "host");
    Stream.of(given, fields)
        .flatMap(all -> all.values().stream())
        .forEach(
            all ->
                all.replaceAll(each -> isRead(filter, each, context) ? each.stale(context) : each));
    String name = filter.arguments().getOrDefault("name", "").toLowerCase(Locale.ROOT);
    String value = filter.arguments().getOrDefault("value", "{");
    switch (filter.name()) {
      case "SetRequestHeader" ->
          add(
              fields,
              name,
              new Assignment(
                  filter.when(),
                  value.contains("{")
                      ? new Assignment.Unknown(isOfPath(value))
                      : new Assignment.Text(value)));
      case "RemoveRequestHeader" ->
          add(fields, name, new Assignment(filter.when(), new Assignment.Nothing()));
      case "AddRequestHeader" ->
          assigned(name, filter.when(), new Assignment.Unknown(isOfPath(value)));
      case "ReplaceRequestHeader" ->
          assigned(name, filter.when(), new Assignment.Stale(isOfPath(value)));
      default -> {}
    }
  }

  private void assigned(String field, Expression when, Assignment.Value value) {
    fields.computeIfAbsent(field, any -> new ArrayList<>()).add(new Assignment(when, value));
  }

  /** Whether a text has the path in it. */
  static boolean isOfPath(String template) {
    return template.contains("{path") || template.contains("{target");
  }

  private static boolean isRead(Filter filter, Assignment assignment, TermContext context) {
    return RequestChanges.concern(List.of(filter), assignment.reads(context).toList());
  }

  /** A rule is left out: what reads what it changes reads something else here. */
  void lose(Statement statement, RuleCondition rule) {
    if (isLowerPath(rule)) {
      ignoresPathCase = true;
      return;
    }
    lost.addAll(RequestChanges.of(statement, rule));
  }

  /** Whether a rule changes every path to lower case, which conditions do without. */
  static boolean isLowerPath(RuleCondition rule) {
    return rule.arguments().equals(List.of("set-path", "%[path,lower]")) && !rule.hasCondition();
  }

  /** The rule that is left out and would have changed what a term reads; absent if none would. */
  Optional<String> lostBefore(String term) {
    return lost.stream()
        .filter(each -> RequestChanges.changes(each, term.toLowerCase(Locale.ROOT)))
        .map(each -> each.comments().getFirst())
        .findFirst();
  }

  /**
   * Adds a tracking rule: the first that applies counts.
   *
   * @return whether it can ever apply
   */
  boolean track(int slot, Tracking next) {
    List<Tracking> all = trackings.computeIfAbsent(slot, any -> new ArrayList<>());
    Expression before = tracked.getOrDefault(slot, Expression.Constant.FALSE);
    Expression wider = next.when().bound(true);
    Expression when = Expression.all(List.of(Expression.not(before), wider));
    if (when.equals(Expression.Constant.FALSE)) {
      return false;
    }
    tracked.put(slot, Expression.any(List.of(before, next.when().bound(false))));
    Tracking last = all.isEmpty() ? null : all.getLast();
    if (last != null && last.key().equals(next.key()) && last.table().equals(next.table())) {
      when = Expression.any(List.of(last.when(), wider));
      all.removeLast();
    }
    all.add(new Tracking(next.key(), next.table(), when, next.proxy(), next.source()));
    return true;
  }

  /** What a slot counts; of one request one of these at most. */
  List<Tracking> tracked(int slot) {
    return trackings.getOrDefault(slot, List.of());
  }
}
