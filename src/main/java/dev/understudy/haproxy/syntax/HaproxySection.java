package dev.understudy.haproxy.syntax;

import java.util.List;
import java.util.Set;

/**
 * A section.
 *
 * @param name empty if it has none
 * @param header the line that begins it
 * @param statements its own lines, without the header
 */
public record HaproxySection(
    SectionKind kind, String name, Statement header, List<Statement> statements) {
  public HaproxySection {
    statements = List.copyOf(statements);
  }

  /** The same without some of its own lines, by their numbers. */
  HaproxySection without(Set<Integer> lines) {
    List<Statement> left =
        statements.stream().filter(each -> !lines.contains(each.line())).toList();
    return new HaproxySection(kind, name, header, left);
  }
}
