package dev.understudy.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The result of reading the dynamic file: the whole configuration, or its problems. */
public sealed interface LoadResult {
  /**
   * The files that <code>${file:…}</code> placeholders name; a change of one counts as a change of
   * the dynamic file.
   */
  Set<Path> secretFiles();

  /**
   * A valid file.
   *
   * @param warnings statements that are valid but probably not intended, in the file's order
   */
  record Loaded(GatewayConfig config, List<Problem> warnings, Set<Path> secretFiles)
      implements LoadResult {
    public Loaded {
      warnings = List.copyOf(warnings);
      secretFiles = Set.copyOf(secretFiles);
    }
  }

  /**
   * An invalid file.
   *
   * @param problems at least one, in the file's order
   */
  record Rejected(List<Problem> problems, Set<Path> secretFiles) implements LoadResult {
    public Rejected {
      problems = List.copyOf(problems);
      secretFiles = Set.copyOf(secretFiles);
      if (problems.isEmpty()) {
        throw new IllegalArgumentException("rejected without a problem");
      }
    }
  }
}
