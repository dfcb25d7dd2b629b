package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds names that HAProxy itself refuses: given twice, of odd characters, or of nothing. */
record NameCheck(HaproxyFile file, ImportContext context) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:-]+");

  /** Sections of which each name is of one. */
  private static final Set<SectionKind> UNIQUE =
      Set.of(SectionKind.FRONTEND, SectionKind.HTTP_ERRORS);

  /** Reports each line with such a name. */
  static void check(HaproxyFile file, ImportContext context, List<ProxySection> proxies) {
    NameCheck check = new NameCheck(file, context);
    check.sections();
    proxies.forEach(check::servers);
    proxies.forEach(check::references);
  }

  private void sections() {
    Map<String, Integer> seen = new HashMap<>();
    for (HaproxySection section : file.sections()) {
      SectionKind kind = section.kind();
      boolean isUnique = UNIQUE.contains(kind);
      if (isUnique || (kind.isProxy() && kind != SectionKind.DEFAULTS)) {
        wellFormed(section.header(), section.name());
      }
      if (isUnique) {
        once(section.header(), kind.keyword(), section.name(), seen);
      }
    }
  }

  private void servers(ProxySection proxy) {
    Map<String, Integer> seen = new HashMap<>();
    for (Statement server : proxy.statements()) {
      if (server.keyword().equals("server") && proxy.isOwn(server)) {
        once(server, "server of a section", server.word(1), seen);
        wellFormed(server, server.word(1));
      }
    }
  }

  private void wellFormed(Statement statement, String name) {
    if (!NAME.matcher(name).matches()) {
      problem(
          statement,
          "expected a name of letters, digits, '_', '.', ':' and '-', found '" + name + "'");
    }
  }

  private void once(Statement statement, String kind, String name, Map<String, Integer> seen) {
    Integer before = seen.putIfAbsent(kind + " " + name, statement.line());
    if (before != null) {
      problem(
          statement,
          "expected each " + kind + " once: line " + before + " has the name '" + name + "', too");
    }
  }

  private void references(ProxySection proxy) {
    for (Statement statement : proxy.statements()) {
      switch (statement.keyword()) {
        case "http-request", "tcp-request" -> {
          if (statement.from(1).stream().anyMatch(each -> each.startsWith("track-sc"))) {
            after(statement, "table", tables(), "a section with a stick-table");
          }
          after(statement, "errorfiles", context.errorFiles.keySet(), "an http-errors section");
        }
        case "stick" -> after(statement, "table", tables(), "a section with a stick-table");
        case "stick-table" ->
            after(statement, "peers", names(SectionKind.PEERS), "a peers section");
        case "server", "server-template" -> {
          after(statement, "resolvers", resolvers(), "a resolvers section");
          after(statement, "healthcheck", names(SectionKind.HEALTHCHECK), "a healthcheck section");
        }
        case "use_backend" -> backend(proxy, statement);
        default -> {}
      }
    }
    proxy.last("default_backend").ifPresent(last -> backend(proxy, last));
  }

  /** The names of tables, of sections that are left out, too. */
  private Set<String> tables() {
    Set<String> names = new HashSet<>(context.tables.keySet());
    file.sections().stream()
        .filter(each -> each.statements().stream().anyMatch(line -> line.begins("stick-table")))
        .forEach(each -> names.add(each.name()));
    return names;
  }

  private Set<String> names(SectionKind kind) {
    return file.sections(each -> each == kind)
        .map(HaproxySection::name)
        .collect(Collectors.toSet());
  }

  /** The names of resolvers, with the one that HAProxy makes of the system's. */
  private Set<String> resolvers() {
    Set<String> names = new HashSet<>(names(SectionKind.RESOLVERS));
    names.add("default");
    return names;
  }

  private void after(Statement statement, String keyword, Set<String> names, String what) {
    List<String> words = RuleLine.of(statement, 0).arguments();
    int at = words.indexOf(keyword) + 1;
    if (at > 1 && at < words.size() && !names.contains(words.get(at))) {
      problem(
          statement,
          "expected the name of %s after '%s', found '%s'".formatted(what, keyword, words.get(at)));
    }
  }

  private void backend(ProxySection proxy, Statement statement) {
    String name = statement.word(1);
    ProxySection target = context.backends.get(name);
    boolean isValue = statement.keyword().equals("use_backend") && name.contains("%");
    if (!proxy.isFront() || isValue) {
      return;
    }
    if (target == null) {
      String names = String.join(", ", context.backends.keySet());
      problem(
          statement,
          "expected the name of a backend, found '%s'; there are %s"
              .formatted(name, names.isEmpty() ? "none" : names));
    } else if (target.isTcp()
        && !proxy.isTcp()
        && target.statements().stream().noneMatch(context.ledger::isProblem)
        && !context.leftOut.contains(name)) {
      problem(statement, "expected a backend of mode http, found '" + name + "' of mode tcp");
    }
  }

  private void problem(Statement statement, String text) {
    if (!context.ledger.isProblem(statement)) {
      context.ledger.problem(statement, text);
    }
  }
}
