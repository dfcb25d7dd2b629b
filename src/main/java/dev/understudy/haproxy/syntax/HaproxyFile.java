package dev.understudy.haproxy.syntax;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A configuration as it was read.
 *
 * @param skipped lines without effect: of conditional blocks
 * @param missing environment variables that are asked for and not set
 * @param problems why it cannot be read, in the file's order; empty if it can
 */
public record HaproxyFile(
    List<HaproxySection> sections,
    List<SkippedLine> skipped,
    Set<String> missing,
    List<SyntaxProblem> problems) {
  /**
   * A line without effect.
   *
   * @param why for operators
   * @param isAssumed whether that depends on a version or release of HAProxy that nobody named, or
   *     on the machine of that HAProxy
   */
  public record SkippedLine(int line, String source, String why, boolean isAssumed) {}

  public HaproxyFile {
    sections = List.copyOf(sections);
    skipped = List.copyOf(skipped);
    missing = Set.copyOf(missing);
    problems = List.copyOf(problems);
  }

  /** The same without some lines of sections, by their numbers. */
  public HaproxyFile without(Set<Integer> lines) {
    List<HaproxySection> left = sections.stream().map(section -> section.without(lines)).toList();
    return new HaproxyFile(left, skipped, missing, problems);
  }

  /** The sections of some kinds, in order. */
  public Stream<HaproxySection> sections(Predicate<SectionKind> kinds) {
    return sections.stream().filter(section -> kinds.test(section.kind()));
  }
}
