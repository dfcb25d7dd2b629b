package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.pool.Disclosure;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds lines that HAProxy itself refuses, by the number and kind of their arguments. The resource
 * {@code arguments.txt} lists the accepted arguments; directives that it does not name are not
 * checked.
 */
final class ArgumentCheck {
  /** Stands for the variable that an action has in parentheses. */
  private static final String VARIABLE = "(SCOPE.NAME)";

  private static final Pattern SCOPED =
      Pattern.compile("[a-z-]+\\((proc|sess|txn|req|res|check)\\.[^()]+\\)");

  /** What can be turned off in a proxy section. */
  private static final Set<String> SWITCHES = Set.of("option", "log");

  private static final Set<String> SERVERS = Set.of("server", "server-template", "default-server");

  private ArgumentCheck() {}

  /** Reports each line that HAProxy refuses, unless it has a problem already. */
  static void check(HaproxyFile file, VerdictLedger ledger) {
    for (HaproxySection section : file.sections()) {
      for (Statement statement : section.statements()) {
        if (!ledger.isProblem(statement)) {
          wrong(section.kind(), statement).ifPresent(text -> ledger.problem(statement, text));
        }
      }
    }
  }

  private static Optional<String> wrong(SectionKind kind, Statement statement) {
    if (!kind.isProxy()) {
      return statement.isReset()
          ? Optional.empty()
          : wrong(kind.keyword(), statement.keyword(), statement, 1);
    }
    String keyword = statement.keyword();
    if (statement.isReset()) {
      return SWITCHES.contains(keyword)
          ? Optional.empty()
          : Optional.of("expected 'option' or 'log' after no and default, found '" + keyword + "'");
    }
    if (kind == SectionKind.FRONTEND && SERVERS.contains(keyword)) {
      return Optional.of("expected '" + keyword + "' in a backend or listen section only");
    }
    return switch (keyword) {
      case "bind" -> parameters("bind", statement, 2);
      case "server" -> parameters("server", statement, 3);
      case "server-template" -> parameters("server", statement, 4);
      case "default-server" -> parameters("server", statement, 1);
      case "http-after-response" -> wrong("http-response", action(statement, 1), statement, 2);
      case "tcp-request" ->
          statement.word(1).equals("inspect-delay")
              ? wrong(keyword, statement.word(1), statement, 2)
              : wrong(keyword, action(statement, 2), statement, 3);
      default ->
          wrong("proxy", keyword, statement, 1)
              .or(() -> wrong(keyword, action(statement, 1), statement, 2));
    };
  }

  private static String action(Statement statement, int index) {
    return RuleLine.actionName(statement.word(index));
  }

  private static Optional<String> wrong(
      String place, String keyword, Statement statement, int from) {
    AcceptedArguments arguments = AcceptedArguments.find(place, keyword);
    if (arguments != null && arguments.written().startsWith(VARIABLE)) {
      String action = statement.word(from - 1);
      return SCOPED.matcher(action).matches()
          ? Optional.empty()
          : Optional.of("expected '" + keyword + VARIABLE + "', found '" + action + "'");
    }
    // A value in several words is reported where it is mended.
    boolean mended = from == 2 && RuleLine.of(statement, 1).isMended();
    List<String> begin = statement.from(0).subList(0, Math.min(from, statement.size()));
    return mended
        ? Optional.empty()
        : wrong(arguments, String.join(" ", begin), statement.from(from), statement);
  }

  private static Optional<String> wrong(
      @Nullable AcceptedArguments arguments,
      String begin,
      List<String> words,
      Statement statement) {
    // A word too many may be a part of the secret before it.
    boolean isShown = !statement.source().contains(Disclosure.MASK);
    return arguments == null
        ? Optional.empty()
        : arguments
            .wrong(words, isShown)
            .map(
                found ->
                    "expected '" + (begin + " " + arguments.written()).strip() + "', " + found);
  }

  /** The first parameter without its word, or with a word that it does not take. */
  private static Optional<String> parameters(String place, Statement statement, int from) {
    return AcceptedArguments.parameters(place, statement.from(from)).stream()
        .flatMap(
            each ->
                wrong(
                    AcceptedArguments.find(place, each.name()),
                    each.name(),
                    each.value(),
                    statement)
                    .stream())
        .findFirst();
  }
}
