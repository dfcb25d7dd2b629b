package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.Statement.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Sections {@code healthcheck}, which a server names instead of the check of its backend: a {@code
 * type} with the words of the option of that name, and rules.
 */
final class Healthchecks {
  private static final String TYPE = "type";

  private Healthchecks() {}

  /** Reads the sections of a file; each name is of one. */
  static void read(HaproxyFile file, ImportContext context) {
    file.sections(kind -> kind == SectionKind.HEALTHCHECK)
        .forEach(
            section -> {
              if (context.healthchecks.putIfAbsent(section.name(), section) != null) {
                context.ledger.problem(
                    section.header(), "expected each healthcheck once: '" + section.name() + "'");
              }
              judgeType(section, context.ledger);
              section.statements().forEach(line -> judgeLine(section, line, context.ledger));
            });
  }

  private static void judgeType(HaproxySection section, VerdictLedger ledger) {
    Optional<Statement> type = type(section);
    if (type.isEmpty()) {
      ledger.problem(section.header(), "expected 'type' and a kind of check in the section");
    } else if (!BackendCheck.TYPES.containsKey(type.get().word(1))
        || type.get().word(1).equals("external-check")) {
      ledger.problem(
          type.get(),
          "expected a kind of check such as httpchk or tcp-check, found '"
              + type.get().word(1)
              + "'");
    }
  }

  private static void judgeLine(HaproxySection section, Statement line, VerdictLedger ledger) {
    String kind = type(section).map(each -> each.word(1)).orElse("");
    if (line.begins(TYPE)) {
      if (type(section).filter(line::equals).isEmpty()) {
        ledger.problem(line, "expected one type in the section");
      }
    } else if (!BackendCheck.RULES.containsValue(line.keyword())) {
      ledger.problem(
          line, "expected type, http-check or tcp-check, found '" + line.keyword() + "'");
    } else if (!kind.isEmpty() && !line.keyword().equals(BackendCheck.RULES.get(kind))) {
      ledger.problem(line, "expected rules of type " + kind + ", found '" + line.keyword() + "'");
    }
  }

  /** The type that counts: the last one. */
  private static Optional<Statement> type(HaproxySection section) {
    return section.statements().stream()
        .filter(line -> line.begins(TYPE))
        .reduce((first, second) -> second);
  }

  /** The option of a backend that the type of a section stands for, as a line of that section. */
  static List<Statement> option(HaproxySection section) {
    return type(section)
        .map(
            line -> {
              List<Word> words = new ArrayList<>(line.words());
              words.set(0, new Word("option", words.getFirst().column()));
              return new Statement(line.line(), line.source(), false, words);
            })
        .stream()
        .toList();
  }

  /** A section takes the place of the check that a backend has of its own. */
  static void replace(ProxySection proxy, HaproxySection section) {
    proxy.context.usedHealthchecks.add(section.name());
    List<Statement> own = new ArrayList<>(BackendCheck.options(proxy));
    own.forEach(each -> proxy.takeAll("option", each.word(1)));
    BackendCheck.RULES.values().forEach(each -> own.addAll(proxy.takeAll(each)));
    own.stream()
        .filter(proxy::isOwn)
        .forEach(
            each ->
                proxy.context.ledger.notNeeded(
                    each, "healthcheck " + section.name() + " takes its place"));
  }

  /** Judges headers, and the lines of sections that no pool has. */
  static void judge(HaproxyFile file, ImportContext context) {
    VerdictLedger ledger = context.ledger;
    Set<String> used = context.usedHealthchecks;
    file.sections(kind -> kind == SectionKind.HEALTHCHECK)
        .forEach(
            section -> {
              if (used.contains(section.name())) {
                ledger.row(section.header(), "section", "healthcheck");
              } else {
                ledger.notNeeded(section.header(), "no server that is checked counts with it");
              }
              for (Statement line : section.statements()) {
                if (!ledger.isJudged(line)) {
                  ledger.notNeeded(
                      line,
                      used.contains(section.name())
                          ? "another line of the section takes its place"
                          : "no server that is checked counts with it");
                }
              }
            });
  }
}
