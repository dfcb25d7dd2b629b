package dev.understudy.config;

import java.util.List;

/** The result of reading the dynamic file: the whole configuration, or its problems. */
public sealed interface LoadResult {
  /**
   * The files that the dynamic file takes content from: those of <code>${file:…}</code>
   * placeholders, of error pages, of certificates, of conditions and of users. A change of one
   * counts as a change of the dynamic file.
   */
  NamedFiles namedFiles();

  /**
   * A valid file.
   *
   * @param warnings statements that are valid but probably not intended, in the file's order
   */
  record Loaded(DynamicConfig config, List<Problem> warnings, NamedFiles namedFiles)
      implements LoadResult {
    public Loaded {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * An invalid file.
   *
   * @param problems at least one, in the file's order
   */
  record Rejected(List<Problem> problems, NamedFiles namedFiles) implements LoadResult {
    public Rejected {
      problems = List.copyOf(problems);
      if (problems.isEmpty()) {
        throw new IllegalArgumentException("rejected without a problem");
      }
    }
  }
}
