package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Call;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rules of {@code http-request} on the path and the query. */
final class PathRules {
  /** A path's beginning, which is taken away as a whole. */
  private static final Pattern PREFIX = Pattern.compile("\\^((?:/[A-Za-z0-9_-]+)+/)");

  /** A path's beginning, and what follows it. */
  private static final Pattern BEGINNING = Pattern.compile("\\^/[A-Za-z0-9/_-]*\\(\\.\\*\\)\\$?");

  private final RequestRules rules;
  private final Ledger ledger;

  PathRules(RequestRules rules) {
    this.rules = rules;
    ledger = rules.ledger;
  }

  void setPath(Statement statement, RuleCondition rule) {
    String text = rule.argument(1);
    if (RuleState.isLowerPath(rule)) {
      ledger.unsupported(
          statement,
          "left out: servers get the path as it came; conditions after it ignore its letter case");
      return;
    }
    if (text.startsWith("%[path,regsub(") && text.endsWith("]")) {
      try {
        Sample sample = Sample.parse(text.substring(2, text.length() - 1));
        if (sample.converters().size() == 1
            && sample.converters().getFirst().name().equals("regsub")) {
          regsub(statement, rule, sample.converters().getFirst());
          return;
        }
      } catch (SyntaxException e) {
        ledger.unsupported(statement, "left out: " + e.text());
        return;
      }
    }
    rules.value(statement, rule, "SetPath", "template");
  }

  /** Without the flag {@code g} only the first match is replaced, here all are. */
  private void regsub(Statement statement, RuleCondition rule, Call call) {
    Optional<String> by = rules.replacement(statement, call.argument(1));
    if (by.isEmpty()) {
      return;
    }
    String flags = call.argument(2);
    String regex = call.argument(0);
    boolean once = regex.startsWith("^") || regex.endsWith("$") || flags.contains("g");
    rewrite(
        statement,
        rule,
        "set-path",
        (flags.contains("i") ? "(?i)" : "") + regex,
        by.get(),
        once ? "" : "replaces every match, where HAProxy replaces the first");
  }

  private void rewrite(
      Statement statement,
      RuleCondition rule,
      String action,
      String regex,
      String replacement,
      String detail) {
    if (!rules.isReplacement(statement, regex, replacement)) {
      return;
    }
    Matcher prefix = PREFIX.matcher(regex);
    if (prefix.matches() && replacement.equals("/")) {
      String path = prefix.group(1);
      long parts = path.chars().filter(c -> c == '/').count() - 1;
      Expression when =
          Expression.all(
              List.of(
                  rules.condition(statement, rule),
                  new Expression.Term("path-prefix(" + path + ")")));
      rules.change(
          statement,
          Filter.of("StripPrefix", when, statement, "parts", Long.toString(parts)),
          RequestRules.PLACE,
          action,
          "");
      return;
    }
    rules.change(
        statement,
        Filter.of(
            "RewritePath",
            rules.condition(statement, rule),
            statement,
            "regexp",
            regex,
            "replacement",
            replacement),
        RequestRules.PLACE,
        action,
        detail);
  }

  void replacePath(Statement statement, RuleCondition rule) {
    Optional<String> replacement = rules.replacement(statement, rule.argument(2));
    if (replacement.isPresent()) {
      rewrite(statement, rule, "replace-path", whole(rule.argument(1)), replacement.get(), "");
    }
  }

  /** HAProxy puts the replacement in place of the whole path, wherever the expression is found. */
  static String whole(String regex) {
    boolean begins = regex.startsWith("^") || regex.startsWith("(.*)") || regex.startsWith(".*");
    boolean ends = regex.endsWith("$") || regex.endsWith("(.*)") || regex.endsWith(".*");
    if (regex.contains("|") && !(begins && ends)) {
      return "^.*?(?:" + regex + ").*$";
    }
    return (begins ? "" : "^.*?") + regex + (ends ? "" : ".*$");
  }

  void pathAndQuery(Statement statement, RuleCondition rule) {
    if (rule.argument(0).startsWith("replace-")) {
      replaceTarget(statement, rule);
      return;
    }
    TargetText text = TargetText.of(rule.argument(1));
    Expression condition = rules.condition(statement, rule);
    boolean late = condition.leaves().anyMatch(PathRules::isOfQuery);
    if (text == null || (!text.keepsQuery() && late)) {
      ledger.row(statement, RequestRules.PLACE, rule.argument(0));
      return;
    }
    LogFormat paths = LogFormat.of(text.path());
    LogFormat queries = LogFormat.of(text.query());
    Optional<String> path = rules.format(statement, paths);
    Optional<String> query = path.flatMap(any -> rules.format(statement, queries));
    if (query.isEmpty()) {
      return;
    }
    if (!text.keepsQuery()) {
      Filter filter =
          query.get().isEmpty()
              ? Filter.of("SetQuery", condition, statement)
              : Filter.of("SetQuery", condition, statement, "query", query.get());
      String how = rules.how(queries.notes());
      if (!rules.change(statement, filter, RequestRules.PLACE, "set-query", how)) {
        return;
      }
    }
    rules.change(
        statement,
        Filter.of("SetPath", condition, statement, "template", path.get()),
        RequestRules.PLACE,
        "set-path",
        rules.how(paths.notes()));
  }

  private static boolean isOfQuery(Expression leaf) {
    return leaf instanceof Expression.Term term
        && (term.text().startsWith("query") || term.text().startsWith("target"));
  }

  /** A path's beginning is replaced, and all that follows stays, the query too. */
  private void replaceTarget(Statement statement, RuleCondition rule) {
    String regex = rule.argument(1);
    String by = rule.argument(2);
    if (!BEGINNING.matcher(regex).matches() || !by.matches("/[^?%\\\\]*\\\\1")) {
      ledger.row(statement, RequestRules.PLACE, rule.argument(0));
      return;
    }
    Optional<String> replacement = rules.replacement(statement, by);
    if (replacement.isPresent()) {
      rewrite(statement, rule, "replace-path", regex, replacement.get(), "");
    }
  }
}
