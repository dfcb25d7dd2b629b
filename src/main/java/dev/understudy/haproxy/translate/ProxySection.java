package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Acls;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.Statement.Prefix;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A frontend, backend or listen section with the lines that it inherits. Translators take lines out
 * of it; the rest is judged by the table of directives.
 */
final class ProxySection {
  private static final Set<String> TCP_CHECKS =
      Set.of(
          "tcp-check",
          "pgsql-check",
          "mysql-check",
          "redis-check",
          "ldap-check",
          "smtpchk",
          "ssl-hello-chk");

  private final HaproxySection section;
  private final List<Statement> statements;
  private final Ledger ledger;
  private final Acls acls = new Acls();
  private final Set<Integer> taken = new HashSet<>();
  private final boolean alone;

  /**
   * @param inherited of the defaults sections, the nearest last
   * @param alone whether the file has backends only, as pages print them: without a mode, their
   *     lines decide
   */
  ProxySection(HaproxySection section, List<Statement> inherited, boolean alone, Ledger ledger) {
    this.alone = alone;
    this.section = section;
    this.ledger = ledger;
    statements = new ArrayList<>(inherited);
    statements.addAll(section.statements());
    for (Statement statement : takeAll("acl")) {
      try {
        acls.add(statement.from(1));
        acls.unreadable(statement.word(1)).ifPresent(why -> ledger.unsupported(statement, why));
      } catch (SyntaxException e) {
        ledger.problem(statement, e.text());
      }
    }
  }

  String name() {
    return section.name();
  }

  Statement header() {
    return section.header();
  }

  boolean isFront() {
    return section.kind() == SectionKind.FRONTEND || section.kind() == SectionKind.LISTEN;
  }

  boolean isBack() {
    return section.kind() == SectionKind.BACKEND || section.kind() == SectionKind.LISTEN;
  }

  Acls acls() {
    return acls;
  }

  /** The lines of an ACL. */
  List<Statement> aclLines() {
    return statements.stream().filter(each -> each.keyword().equals("acl")).toList();
  }

  /** All lines, inherited ones first. */
  List<Statement> statements() {
    return statements;
  }

  boolean isTcp() {
    return statements.stream()
        .filter(each -> each.keyword().equals("mode"))
        .reduce((first, second) -> second)
        .map(mode -> !mode.word(1).equals("http"))
        .orElse(!alone || statements.stream().anyMatch(ProxySection::isOfTcp));
  }

  /** Whether a line is of mode tcp only. */
  private static boolean isOfTcp(Statement line) {
    return line.keyword().startsWith("tcp-")
        || (line.keyword().equals("option") && TCP_CHECKS.contains(line.word(1)));
  }

  /** Takes the lines that begin with these words. */
  List<Statement> takeAll(String... words) {
    List<Statement> found = statements.stream().filter(each -> each.begins(words)).toList();
    found.forEach(each -> taken.add(each.line()));
    return found;
  }

  /** Lines of this section in the order in which they stand, inherited ones first. */
  List<Statement> inOrder(List<Statement> lines) {
    return lines.stream().sorted(Comparator.comparingInt(statements::indexOf)).toList();
  }

  /** Takes a setting: the last of its lines counts; absent if there is none or it is turned off. */
  Optional<Statement> take(String... words) {
    List<Statement> found = takeAll(words);
    for (int i = 0; i + 1 < found.size(); i++) {
      replaced(found.get(i), found.getLast());
    }
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Statement last = found.getLast();
    if (last.prefix() != Prefix.NONE) {
      ledger.notNeeded(last, "turns off what is off here");
      return Optional.empty();
    }
    return Optional.of(last);
  }

  /** A line that another takes the place of; one that is inherited may count elsewhere. */
  void replaced(Statement statement, Statement by) {
    if (isOwn(statement)) {
      ledger.notNeeded(statement, "line " + by.line() + " takes its place");
    }
  }

  /** Whether a line is of this section, and not inherited. */
  boolean isOwn(Statement statement) {
    return section.statements().contains(statement);
  }

  /** Whether a setting is there and on; judges nothing. */
  boolean has(String... words) {
    return statements.stream()
        .filter(each -> each.begins(words))
        .reduce((first, second) -> second)
        .filter(each -> each.prefix() == Prefix.NONE)
        .isPresent();
  }

  /** The lines that nobody took. */
  List<Statement> leftovers() {
    return statements.stream().filter(each -> !taken.contains(each.line())).toList();
  }
}
