package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.Sample.Call;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules of {@code http-request} on the path and the query. */
final class PathRules {
  private static final String SET_PATH = "http-request set-path";

  /** A path's beginning, which is taken away as a whole. */
  private static final Pattern PREFIX = Pattern.compile("\\^((?:/[A-Za-z0-9_-]+)+/)");

  /** A path's beginning, and what follows it. */
  private static final Pattern BEGINNING = Pattern.compile("\\^/[A-Za-z0-9/_-]*\\(\\.\\*\\)\\$?");

  /**
   * The text of {@code set-pathq} or {@code set-uri}, taken apart.
   *
   * @param keepsQuery whether the query stays as it is
   */
  private record TargetText(String path, String query, boolean keepsQuery) {
    private static final List<String> WHOLE = List.of("%[pathq]", "%[url]", "%[capture.req.uri]");

    /** Values with a query in them, and a query inside of a value. */
    private static final Pattern OTHERS =
        Pattern.compile("%\\[(pathq|url|capture\\.req\\.uri|query|urlp)|%\\[[^\\]]*\\?");

    /** Null: this is no path with a query of its own. */
    static @Nullable TargetText of(String text) {
      for (String value : WHOLE) {
        if (text.endsWith(value)) {
          String before = text.substring(0, text.length() - value.length());
          return isPath(before + "%[path]") && before.indexOf('?') < 0
              ? new TargetText(before + "%[path]", "", true)
              : null;
        }
      }
      int question = text.indexOf('?');
      String path = question < 0 ? text : text.substring(0, question);
      String query = question < 0 ? "" : text.substring(question + 1);
      return isPath(path) ? new TargetText(path, query, query.equals("%[query]")) : null;
    }

    private static boolean isPath(String text) {
      boolean begins = text.startsWith("/") || text.startsWith("%[path]");
      return begins && !OTHERS.matcher(text).find();
    }
  }

  private PathRules() {}

  static void setPath(RuleTranslation rule) {
    String text = rule.line.argument(1);
    if (rule.line.isLowerPath()) {
      rule.leaveOut("servers get the path as it came; later conditions ignore its letter case");
      return;
    }
    if (text.startsWith("%[path,regsub(") && text.endsWith("]")) {
      try {
        List<Call> calls = Sample.parse(text.substring(2, text.length() - 1)).converters();
        if (calls.size() == 1 && calls.getFirst().name().equals("regsub")) {
          regsub(rule, calls.getFirst());
          return;
        }
      } catch (SyntaxException e) {
        rule.leaveOut(e.text());
        return;
      }
    }
    rule.value(1, "SetPath", "template");
  }

  /** Without the flag {@code g} only the first match is replaced, here all are. */
  private static void regsub(RuleTranslation rule, Call call) {
    String flags = call.argument(2);
    String regex = call.argument(0);
    boolean once = regex.startsWith("^") || regex.endsWith("$") || flags.contains("g");
    rewrite(
        rule,
        (flags.contains("i") ? "(?i)" : "") + regex,
        call.argument(1),
        once ? "" : "replaces every match; HAProxy replaces only the first");
  }

  private static void rewrite(RuleTranslation rule, String regex, String text, String detail) {
    Optional<String> by = HeaderRules.replacement(rule, regex, text);
    if (by.isEmpty()) {
      return;
    }
    Matcher prefix = PREFIX.matcher(regex);
    if (prefix.matches() && by.get().equals("/")) {
      String path = prefix.group(1);
      long parts = path.chars().filter(c -> c == '/').count() - 1;
      TranslatedCondition begins = new TranslatedCondition.Term("path-prefix(" + path + ")");
      TranslatedCondition when = TranslatedCondition.all(rule.condition(), begins);
      rule.change(
          rule.line.filter("StripPrefix", when, "parts", Long.toString(parts)), SET_PATH, "");
    } else {
      rule.change(
          rule.line.filter(
              "RewritePath", rule.condition(), "regexp", regex, "replacement", by.get()),
          SET_PATH,
          detail);
    }
  }

  static void replacePath(RuleTranslation rule) {
    rewrite(rule, whole(rule.line.argument(1)), rule.line.argument(2), "");
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

  /** Sets or replaces the path and the query. */
  static void target(RuleTranslation rule) {
    if (rule.line.argument(0).startsWith("replace-")) {
      replaceTarget(rule);
    } else {
      setTarget(rule);
    }
  }

  private static void setTarget(RuleTranslation rule) {
    TargetText text = TargetText.of(rule.line.argument(1));
    TranslatedCondition condition = rule.condition();
    boolean late = condition.reads("query", "target");
    if (text == null || (!text.keepsQuery() && late)) {
      rule.row(rule.line.row(), "");
      return;
    }
    LogFormat paths = LogFormat.of(text.path());
    LogFormat queries = LogFormat.of(text.query());
    Optional<String> path = rule.format(paths);
    Optional<String> query = path.flatMap(any -> rule.format(queries));
    if (query.isEmpty()) {
      return;
    }
    String[] value = query.get().isEmpty() ? new String[0] : new String[] {"query", query.get()};
    if (text.keepsQuery()
        || rule.change(
            rule.line.filter("SetQuery", condition, value),
            "http-request set-query",
            rule.how(queries.notes()))) {
      rule.change(
          rule.line.filter("SetPath", condition, "template", path.get()),
          SET_PATH,
          rule.how(paths.notes()));
    }
  }

  /** A path's beginning is replaced, and all that follows stays, the query too. */
  private static void replaceTarget(RuleTranslation rule) {
    String regex = rule.line.argument(1);
    String by = rule.line.argument(2);
    if (BEGINNING.matcher(regex).matches() && by.matches("/[^?%\\\\]*\\\\1")) {
      rewrite(rule, regex, by, "");
    } else {
      rule.row(rule.line.row(), "");
    }
  }
}
