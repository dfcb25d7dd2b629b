package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.LogFormat.Alternative;
import dev.understudy.haproxy.acl.TermDifference;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.report.PartialVerdict;
import dev.understudy.haproxy.report.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Translates one rule, for the requests that the rules before it leave, and collects the result.
 */
final class RuleTranslation extends RuleConditions {
  static final String TRUSTED_PROXIES = "understudy.trusted-proxies";

  /** Filters whose values a guard behind them may read. */
  private static final Set<String> READABLE =
      Set.of("SetRequestHeader", "AddRequestHeader", "SetVariable");

  private static final String NEVER = "its condition never holds here";

  final RuleLine line;

  /** What the rule and those before leave for later ones. */
  RuleState after;

  private final List<ImportedFilter> filters = new ArrayList<>();
  private final List<PartialVerdict> judgements = new ArrayList<>();
  private final Map<String, String> settings = new LinkedHashMap<>();

  RuleTranslation(ProxySection proxy, FrontendTermContext terms, RuleLine line) {
    super(proxy, terms);
    this.line = line;
    after = terms.state();
    if (line.isMended()) {
      approximated(
          "the value is taken as one text, but HAProxy refuses the doubled backslash: write one"
              + " before a blank, or quotes");
    }
  }

  /** Filters that the rule becomes. */
  List<ImportedFilter> filters() {
    return filters;
  }

  /** Writes the rule's settings and the verdicts on its parts; the worst one counts. */
  void report() {
    judgements.forEach(each -> ledger.judge(line.statement(), each));
    settings.forEach((name, value) -> context.settings.merge(name, value, RuleTranslation::lower));
  }

  boolean isUnsupported() {
    return judgements.stream().anyMatch(each -> each.verdict() == Verdict.UNSUPPORTED);
  }

  void judge(Verdict verdict, boolean isGuard, String text) {
    judgements.add(new PartialVerdict(verdict, isGuard, false, text));
  }

  /** The verdict of a row of the table, named by its place and its keyword. */
  void row(String row, String detail) {
    int blank = row.indexOf(' ');
    judgements.add(PartialVerdict.row(row.substring(0, blank), row.substring(blank + 1), detail));
  }

  void approximated(String how) {
    judge(Verdict.APPROXIMATED, false, how);
  }

  void guardApproximated(String how) {
    judge(Verdict.APPROXIMATED, true, how);
  }

  void guardUnsupported(String why) {
    judge(Verdict.UNSUPPORTED, true, why);
  }

  void unsupported(String why) {
    judge(Verdict.UNSUPPORTED, false, why);
  }

  void notNeeded(String why) {
    judge(Verdict.NOT_NEEDED, false, why);
  }

  /** The rule cannot be translated. */
  void leaveOut(String why) {
    unsupported("left out: " + why);
  }

  void problem(String expected) {
    judgements.add(new PartialVerdict(Verdict.UNSUPPORTED, false, true, expected));
  }

  @Override
  void problem(RuleLine rule, String text) {
    problem(text);
  }

  /** The verdict on a translated rule: its row's, if nothing differs. */
  void translated(String row, String how, boolean weaker) {
    if (how.isEmpty()) {
      row(row, "");
    } else {
      judge(Verdict.APPROXIMATED, weaker, how);
    }
  }

  void setting(String name, String value) {
    settings.merge(name, value, RuleTranslation::lower);
  }

  /** The lower of two numbers, else the second value. */
  private static String lower(String one, String other) {
    boolean numbers = !one.isEmpty() && !other.isEmpty();
    return numbers && Long.parseLong(other) < Long.parseLong(one) ? other : one;
  }

  /** The text of notes, with the static settings that they ask for. */
  String how(List<TermDifference> notes) {
    notes.stream()
        .map(TermDifference::setting)
        .filter(setting -> !setting.isEmpty())
        .forEach(setting -> setting(setting, ""));
    return TermDifference.text(notes);
  }

  TranslatedCondition condition() {
    return condition(line);
  }

  /**
   * The condition of a guard, which knows what is left out before.
   *
   * @param permits whether the rule lets requests pass the guards that follow, instead of keeping
   *     them from servers
   */
  TranslatedCondition guard(boolean permits) {
    return condition().each(this::unchanged).ofGuard(permits);
  }

  TranslatedCondition opened(TranslatedCondition condition) {
    return terms.state().opened(condition);
  }

  /** Adds a filter, after which what it changes is something else. */
  void add(ImportedFilter filter) {
    filters.add(filter);
    after = after.changed(filter, terms.after(after));
  }

  /** Whether a condition never holds; a verdict, if so. */
  boolean isNever(TranslatedCondition condition) {
    boolean never = condition.isNever();
    if (never) {
      notNeeded(NEVER);
    }
    return never;
  }

  /**
   * Adds a filter that denies: what is unknown is taken so that more is denied.
   *
   * @return whether it was added
   */
  boolean deny(ImportedFilter filter, String row, String detail) {
    TranslatedCondition condition = opened(filter.when().plain());
    String unknown = condition.whyUnknown();
    TranslatedCondition wider = condition.bound(true);
    if (isNever(wider)) {
      return false;
    }
    List<String> comments = new ArrayList<>(filter.comments());
    if (!unknown.isEmpty()) {
      comments.add("Denies more than HAProxy: " + unknown + ".");
    }
    add(filter.on(wider).with(comments));
    String how = joined(detail, how(condition.notes()));
    if (unknown.isEmpty()) {
      translated(row, how, TermDifference.areWeaker(condition.notes()));
    } else {
      guardApproximated(
          "denies more than HAProxy%s: %s; write the condition in other terms, or remove the filter"
              .formatted(wider.isAlways() ? ", namely everything" : "", unknown));
    }
    return true;
  }

  /** Adds a filter that changes something; left out if its condition is unknown. */
  boolean change(ImportedFilter filter, String row, String detail) {
    TranslatedCondition condition = noted(opened(filter.when().plain()));
    if (!condition.whyUnknown().isEmpty()) {
      leaveOut(condition.whyUnknown());
      return false;
    }
    if (isNever(condition)) {
      return false;
    }
    add(filter.on(condition));
    translated(row, joined(detail, how(condition.notes())), false);
    return true;
  }

  /** A filter that changes something by words of the rule, on its condition. */
  boolean change(String filter, String detail, String... namesAndValues) {
    return change(line.filter(filter, condition(), namesAndValues), line.row(), detail);
  }

  /** Lets the requests pass the rules that follow for which the condition surely holds. */
  void pass() {
    if (line.isOfResponse()) {
      after = after.pass(condition().plain().bound(false));
      row(line.row(), "");
      return;
    }
    TranslatedCondition condition = guard(true).plain();
    String unknown = condition.whyUnknown();
    after = after.pass(condition.bound(false));
    String how = how(condition.notes());
    if (!unknown.isEmpty()) {
      guardApproximated("lets fewer requests pass than HAProxy: " + unknown);
    } else if (TermDifference.areWeaker(condition.notes())) {
      guardApproximated("may let more requests pass than HAProxy: " + how);
    } else {
      row(line.row(), how);
    }
  }

  /** The same as {@link #values(LogFormat, Expression, BiFunction, String)}, for one text. */
  boolean value(int index, String filter, String argument) {
    return values(
        LogFormat.of(line.argument(index)),
        condition(),
        (when, value) -> line.filter(filter, when, argument, value),
        "");
  }

  /**
   * Adds a filter that changes something for each text of which one applies; a verdict, if a part
   * cannot be translated.
   *
   * @return whether all are there that may apply
   */
  boolean values(
      LogFormat format,
      TranslatedCondition condition,
      BiFunction<TranslatedCondition, String, ImportedFilter> filter,
      String what) {
    List<Alternative> texts = alternatives(format);
    String detail = joined(what, how(format.notes()));
    boolean all = !texts.isEmpty();
    boolean readable = false;
    for (Alternative each : texts) {
      TranslatedCondition when = TranslatedCondition.all(condition, each.when());
      if (texts.size() == 1
          || !condition.conjuncts().contains(TranslatedCondition.not(each.when()))) {
        ImportedFilter one = filter.apply(when, each.text());
        readable |= READABLE.contains(one.name());
        all &= each.text().isEmpty() ? empty(one, detail) : change(one, line.row(), detail);
      }
    }
    if (readable && format.readsFirstLines()) {
      judge(
          Verdict.APPROXIMATED,
          true,
          "of several values of the field HAProxy takes the last, Understudy the first line");
    }
    return all;
  }

  /** A field without a text is removed, which no client can forge either. */
  private boolean empty(ImportedFilter filter, String detail) {
    return switch (filter.name()) {
      case "SetRequestHeader", "SetResponseHeader" -> {
        Map<String, String> arguments = new LinkedHashMap<>(filter.arguments());
        arguments.remove("value");
        String name = filter.name().replace("Set", "Remove");
        yield change(
            new ImportedFilter(name, arguments, filter.when(), filter.comments()),
            line.row(),
            joined(detail, "removes it; HAProxy makes it empty"));
      }
      case "SetVariable" -> {
        row(line.row(), "");
        yield true;
      }
      default -> change(filter, line.row(), detail);
    };
  }

  /** A text with values; absent, with a verdict, if a part cannot be translated. */
  Optional<String> format(LogFormat format) {
    List<Alternative> texts = alternatives(format);
    if (texts.size() > 1) {
      leaveOut("it needs one text for all connections here");
      return Optional.empty();
    }
    return texts.stream().map(Alternative::text).findFirst();
  }

  /**
   * The possible texts, with their conditions; empty, after a verdict, if a part cannot be
   * translated.
   */
  private List<Alternative> alternatives(LogFormat format) {
    String missing = missing(format);
    if (!missing.isEmpty()) {
      leaveOut(missing);
      return List.of();
    }
    return format.alternatives();
  }
}
