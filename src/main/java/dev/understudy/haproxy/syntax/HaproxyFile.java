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
 */
public record HaproxyFile(List<Section> sections, List<SkippedLine> skipped, Set<String> missing) {
  public HaproxyFile {
    sections = List.copyOf(sections);
    skipped = List.copyOf(skipped);
    missing = Set.copyOf(missing);
  }

  /** The sections of some kinds, in order. */
  public Stream<Section> sections(Predicate<SectionKind> kinds) {
    return sections.stream().filter(section -> kinds.test(section.kind()));
  }
}
