package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Acls;
import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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
  private final VerdictLedger ledger;
  final ImportContext context;
  private final Acls acls = new Acls();
  private final Set<Integer> taken = new HashSet<>();
  private final boolean alone;

  /**
   * @param inherited of the defaults sections, the nearest last
   * @param alone whether the file has backends only, as pages print them: without a mode, their
   *     lines decide
   */
  private ProxySection(
      ImportContext context, HaproxySection section, List<Statement> inherited, boolean alone) {
    this.context = context;
    this.alone = alone;
    this.section = section;
    ledger = context.ledger;
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

  /** The sections of a file with what they inherit. */
  static List<ProxySection> all(HaproxyFile file, ImportContext context) {
    VerdictLedger ledger = context.ledger;
    boolean alone =
        file.sections(kind -> kind == SectionKind.FRONTEND || kind == SectionKind.LISTEN)
            .findAny()
            .isEmpty();
    List<ProxySection> proxies = new ArrayList<>();
    Map<String, List<Statement>> named = new HashMap<>();
    List<Statement> current = List.of();
    for (HaproxySection section : file.sections()) {
      if (section.kind() == SectionKind.DEFAULTS) {
        List<Statement> all = new ArrayList<>(inherited(section, named, List.of(), ledger));
        all.addAll(section.statements());
        current = all;
        if (!section.name().isEmpty()) {
          named.put(section.name(), all);
        }
        ledger.exact(section.header(), "");
      } else if (section.kind().isProxy()) {
        proxies.add(
            new ProxySection(context, section, inherited(section, named, current, ledger), alone));
      }
    }
    return proxies;
  }

  /** The lines of the defaults section that a header names, or of another if it names none. */
  private static List<Statement> inherited(
      HaproxySection section,
      Map<String, List<Statement>> named,
      List<Statement> other,
      VerdictLedger ledger) {
    String from = section.header().after("from");
    if (from.isEmpty()) {
      return other;
    }
    if (!named.containsKey(from)) {
      ledger.problem(
          section.header(), "expected the name of a defaults section, found '" + from + "'");
    }
    return named.getOrDefault(from, List.of());
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

  /** All lines, inherited ones first. */
  List<Statement> statements() {
    return statements;
  }

  /** The lines that begin with these words; takes none. */
  Stream<Statement> lines(String... words) {
    return statements.stream().filter(each -> each.begins(words));
  }

  /** The last of the lines that begin with these words, which counts; takes none. */
  Optional<Statement> last(String... words) {
    return lines(words).reduce((first, second) -> second);
  }

  boolean isTcp() {
    return last("mode")
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
    List<Statement> found = lines(words).toList();
    found.forEach(each -> taken.add(each.line()));
    return found;
  }

  /**
   * Takes a setting: the last of its lines counts, and has the verdict of the table of directives
   * unless it gets another; absent if there is none or it is turned off.
   */
  Optional<Statement> take(String... words) {
    List<Statement> found = takeAll(words);
    for (int i = 0; i + 1 < found.size(); i++) {
      replaced(found.get(i), found.getLast());
    }
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Statement last = found.getLast();
    if (last.isReset()) {
      ledger.notNeeded(last, "turns off what is off here anyway");
      return Optional.empty();
    }
    taken.remove(last.line());
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
    return statement.line() > header().line();
  }

  /** Whether a setting is there and on; judges nothing. */
  boolean has(String... words) {
    return last(words).filter(each -> !each.isReset()).isPresent();
  }

  /** The lines that nobody took, and those of settings, of which one counts. */
  List<Statement> leftovers() {
    return statements.stream().filter(each -> !taken.contains(each.line())).toList();
  }
}
