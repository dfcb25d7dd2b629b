package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.TermDifference;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Term;
import dev.understudy.haproxy.acl.TranslatedCondition.Unknown;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The conditions and texts of a section's rules, for the requests that the rules before leave. */
class RuleConditions extends SectionTranslation {
  private static final Pattern PATH = Pattern.compile("path(-[a-z]+)?\\(");
  private static final Pattern VARIABLE =
      Pattern.compile("variable(?:-[a-z]+)?\\((?:i: )?([A-Za-z0-9-]+)");

  final FrontendTermContext terms;

  RuleConditions(ProxySection proxy, FrontendTermContext terms) {
    super(proxy);
    this.terms = terms;
  }

  /** A rule's condition. A problem of the file makes it unknown. */
  final TranslatedCondition condition(RuleLine rule) {
    return withVariables(read(rule));
  }

  /** A rule's condition, even if it reads variables that no rule sets. */
  final TranslatedCondition read(RuleLine rule) {
    return read(rule, words -> proxy.acls().condition(words, terms));
  }

  /** A rule's condition, as {@code reader} reads its words. */
  final TranslatedCondition read(
      RuleLine rule, Function<List<String>, TranslatedCondition> reader) {
    if (!rule.hasCondition()) {
      return TranslatedCondition.Constant.TRUE;
    }
    try {
      TranslatedCondition condition = reader.apply(rule.condition());
      return rule.unless() ? TranslatedCondition.not(condition) : condition;
    } catch (SyntaxException e) {
      problem(rule, e.text());
      return new Unknown(e.text());
    }
  }

  /** The line is wrong for HAProxy, too. */
  void problem(RuleLine rule, String text) {
    ledger.problem(rule.statement(), text);
  }

  /** The condition, with notes on changes that it goes without, as they are left out. */
  final TranslatedCondition noted(TranslatedCondition condition) {
    return condition.noted(
        condition
            .leaves()
            .flatMap(leaf -> leftOutBefore(leaf).stream())
            .distinct()
            .map(
                source ->
                    TermDifference.either(
                        "compares what the client has sent, as '" + source + "' above is left out"))
            .toList());
  }

  private Optional<String> leftOutBefore(TranslatedCondition leaf) {
    return leaf instanceof Term term ? terms.state().leftOutBefore(term.text()) : Optional.empty();
  }

  /**
   * A leaf of a guard, by what is left out before: a field that is not set is not there; all else
   * is there as the client has sent it.
   */
  final TranslatedCondition unchanged(TranslatedCondition leaf) {
    Optional<String> before = leftOutBefore(leaf);
    if (before.isEmpty()) {
      return leaf;
    }
    String without = "as '" + before.get() + "' above is left out";
    return leaf.text().startsWith("header")
        ? new Unknown("a header field, " + without)
        : leaf.noted(
            List.of(TermDifference.weaker("compares what the client has sent, " + without)));
  }

  /** The condition, in which variables that are not set are unknown. */
  final TranslatedCondition withVariables(TranslatedCondition condition) {
    return condition.each(this::known);
  }

  private TranslatedCondition known(TranslatedCondition leaf) {
    if (leaf instanceof Term term) {
      Matcher variable = VARIABLE.matcher(term.text());
      if (variable.lookingAt() && !terms.isSet(variable.group(1))) {
        return new Unknown(withoutValue(variable.group(1)));
      }
      if (terms.state().ignoresPathCase() && PATH.matcher(term.text()).lookingAt()) {
        return new Term(term.text().replaceFirst("\\((?!i: )", "(i: "), term.notes());
      }
    }
    return leaf;
  }

  private String withoutValue(String variable) {
    return terms.misses(variable) || terms.state().gives(variable)
        ? "a rule that sets the variable " + variable + " is left out"
        : "no rule before sets the variable " + variable;
  }

  static String joined(String one, String other) {
    return one.isEmpty() ? other : other.isEmpty() ? one : one + "; " + other;
  }

  /** Which parts of a text cannot be translated; empty: none. */
  final String missing(LogFormat format) {
    Optional<String> unset =
        format.variables().stream().filter(each -> !terms.isSet(each)).findFirst();
    if (unset.isPresent()) {
      return withoutValue(unset.get());
    }
    if (!format.value().isEmpty()) {
      return "a part in braces would be read as a value";
    }
    if (reads(format, "{listener.port}") && terms.isPortFromProxy()) {
      return "the port in the PROXY header has no counterpart among the values here";
    }
    if (format.readsOriginalTarget() && terms.state().changesTarget()) {
      return "the original target is not available after a rule that changes it";
    }
    if (reads(format, "{server}")) {
      return "the server's name is a value of access logs only";
    }
    List<String> unknown = format.unknown();
    return unknown.isEmpty()
        ? ""
        : String.join(", ", unknown)
            + (unknown.size() == 1 ? " has" : " have")
            + " no counterpart among the values here";
  }

  private static boolean reads(LogFormat format, String value) {
    return format.alternatives().stream().anyMatch(each -> each.text().contains(value));
  }
}
