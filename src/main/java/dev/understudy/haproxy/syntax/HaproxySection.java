package dev.understudy.haproxy.syntax;

import java.util.List;

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
}
