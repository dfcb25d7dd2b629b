package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Assignment;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.TermContext;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What rules leave for later ones: requests that they let pass, variables and fields that they set,
 * counters that they track, changes that are left out. Immutable.
 */
final class RuleState {
  /** Before all rules. */
  static final RuleState START = new RuleState();

  /** Begins the names of fields, in lower case, among those of variables. */
  private static final String FIELD = "hdr ";

  /**
   * What a slot counts, for requests that no tracking rule before applies to.
   *
   * @param key as of {@code RateLimit}; empty: it is none here
   * @param table the table's name
   * @param when holds for the requests that are counted
   * @param proxy the section of the rule
   * @param source the rule
   */
  record Tracking(
      String key, String table, TranslatedCondition when, String proxy, String source) {}

  /** Holds for requests that no rule of this set of rules has let pass so far. */
  private TranslatedCondition open = Constant.TRUE;

  /** Understudy's names of variables that a filter sets. */
  private final Set<String> variables = new HashSet<>();

  /** What variables, by HAProxy's names, and fields of the request have been given. */
  private final Map<String, List<Assignment>> given = new HashMap<>();

  private boolean ignoresPathCase;
  private boolean changesTarget;
  private boolean changesHost;

  /** Beginnings of targets that are refused as HAProxy's statistics. */
  private final Set<String> statistics = new HashSet<>();

  /** Changes of the request that are left out. */
  private final List<ImportedFilter> leftOut = new ArrayList<>();

  private final Map<Integer, List<Tracking>> trackings = new HashMap<>();

  /** Holds for requests that a slot tracks for sure, by slot. */
  private final Map<Integer, TranslatedCondition> tracked = new HashMap<>();

  private RuleState() {}

  private RuleState copy() {
    RuleState copy = new RuleState();
    copy.open = open;
    copy.variables.addAll(variables);
    copy.given.putAll(given);
    copy.leftOut.addAll(leftOut);
    copy.ignoresPathCase = ignoresPathCase;
    copy.changesTarget = changesTarget;
    copy.changesHost = changesHost;
    copy.statistics.addAll(statistics);
    copy.trackings.putAll(trackings);
    copy.tracked.putAll(tracked);
    return copy;
  }

  /** Begins another set of rules: what let requests pass in one does not in the next. */
  RuleState beginSet() {
    RuleState next = copy();
    next.open = Constant.TRUE;
    return next;
  }

  /** Requests that a condition holds for are let pass. */
  RuleState pass(TranslatedCondition condition) {
    RuleState next = copy();
    next.open = TranslatedCondition.all(open, TranslatedCondition.not(condition.bare()));
    return next;
  }

  /** A condition, for requests that no rule has let pass. */
  TranslatedCondition opened(TranslatedCondition condition) {
    return TranslatedCondition.all(open, condition);
  }

  /**
   * A rule gives a variable its value.
   *
   * @param isSet whether a filter sets the variable, too
   */
  RuleState give(String variable, Assignment assignment, boolean isSet) {
    RuleState next = copy();
    next.add(variable, assignment, assignment.isAlways());
    if (isSet) {
      next.variables.add(Sample.variableName(variable));
    }
    return next;
  }

  private void add(String name, Assignment assignment, boolean replaces) {
    List<Assignment> all = new ArrayList<>(replaces ? List.of() : variable(name));
    all.add(assignment);
    given.put(name, all);
  }

  /** Whether a filter sets a variable, by Understudy's name. */
  boolean isSet(String variable) {
    return variables.contains(variable);
  }

  /** What a variable has been given, the last one last. */
  List<Assignment> variable(String name) {
    return given.getOrDefault(name, List.of());
  }

  /** Whether conditions know a variable, by Understudy's name, that no filter sets. */
  boolean gives(String variable) {
    return given.keySet().stream().anyMatch(each -> Sample.variableName(each).equals(variable));
  }

  /** What a header field has been given, the last one last. */
  List<Assignment> field(String name) {
    return variable(FIELD + name.toLowerCase(Locale.ROOT));
  }

  /** Whether a rule before has changed the path to lower case, for conditions only. */
  boolean ignoresPathCase() {
    return ignoresPathCase;
  }

  /** Whether a rule before changes the path or the query. */
  boolean changesTarget() {
    return changesTarget;
  }

  /** Whether a rule before changes {@code Host}. */
  boolean changesHost() {
    return changesHost;
  }

  /** Whether targets that begin so are refused as HAProxy's statistics. */
  boolean refusesStatistics(String beginning) {
    return statistics.contains(beginning);
  }

  RuleState refuseStatistics(String beginning) {
    RuleState next = copy();
    next.statistics.add(beginning);
    return next;
  }

  /** A filter is added: what it changes, variables still have as it was. */
  RuleState changed(ImportedFilter filter, TermContext context) {
    RuleState next = copy();
    if (filter.changes("target")) {
      next.changesTarget = true;
      next.statistics.clear();
    }
    next.changesHost |= filter.changes("host");
    next.given.replaceAll(
        (name, each) -> each.stream().map(a -> stale(filter, a, context)).toList());
    String name = filter.arguments().getOrDefault("name", "").toLowerCase(Locale.ROOT);
    String value = filter.arguments().getOrDefault("value", "{");
    Assignment.Value assigned =
        switch (filter.name()) {
          case "SetRequestHeader" ->
              value.contains("{")
                  ? new Assignment.Unknown(isOfPath(value))
                  : new Assignment.Text(value);
          case "RemoveRequestHeader" -> new Assignment.Nothing();
          case "AddRequestHeader" -> new Assignment.Unknown(isOfPath(value));
          case "ReplaceRequestHeader" -> new Assignment.Stale(isOfPath(value));
          default -> null;
        };
    if (assigned != null) {
      boolean replaces = Set.of("SetRequestHeader", "RemoveRequestHeader").contains(filter.name());
      Assignment assignment = new Assignment(filter.when(), assigned);
      next.add(FIELD + name, assignment, replaces && assignment.isAlways());
    }
    return next;
  }

  private static Assignment stale(
      ImportedFilter filter, Assignment assignment, TermContext context) {
    return filter.changesAny(assignment.reads(context)) ? assignment.stale(context) : assignment;
  }

  /** Whether a text has the path in it. */
  static boolean isOfPath(String template) {
    return template.contains("{path") || template.contains("{target");
  }

  /** A rule is left out: what reads what it changes reads something else here. */
  RuleState leaveOut(RuleLine rule) {
    RuleState next = copy();
    if (rule.isLowerPath()) {
      next.ignoresPathCase = true;
    } else {
      next.leftOut.addAll(rule.changes());
    }
    return next;
  }

  /** The rule that is left out and would have changed what a term reads; absent if none would. */
  Optional<String> leftOutBefore(String term) {
    return leftOut.stream()
        .filter(each -> each.changes(term.toLowerCase(Locale.ROOT)))
        .map(each -> each.comments().getFirst())
        .findFirst();
  }

  /** When a tracking rule counts, as the first that applies does; false: never. */
  TranslatedCondition tracks(int slot, Tracking rule) {
    TranslatedCondition before = tracked.getOrDefault(slot, Constant.FALSE);
    return TranslatedCondition.all(TranslatedCondition.not(before), rule.when().bound(true));
  }

  /** Adds a tracking rule. */
  RuleState track(int slot, Tracking rule) {
    TranslatedCondition when = tracks(slot, rule);
    if (when.isNever()) {
      return this;
    }
    RuleState next = copy();
    TranslatedCondition before = tracked.getOrDefault(slot, Constant.FALSE);
    next.tracked.put(slot, TranslatedCondition.any(before, rule.when().bound(false)));
    List<Tracking> all = new ArrayList<>(tracked(slot));
    Tracking last = all.isEmpty() ? null : all.getLast();
    if (last != null && last.key().equals(rule.key()) && last.table().equals(rule.table())) {
      when = TranslatedCondition.any(last.when(), rule.when().bound(true));
      all.removeLast();
    }
    all.add(new Tracking(rule.key(), rule.table(), when, rule.proxy(), rule.source()));
    next.trackings.put(slot, all);
    return next;
  }

  /** What a slot may count; at most one of them applies to a request. */
  List<Tracking> tracked(int slot) {
    return trackings.getOrDefault(slot, List.of());
  }
}
