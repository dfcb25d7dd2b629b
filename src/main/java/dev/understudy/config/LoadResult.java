package dev.understudy.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What came of reading the dynamic file: all of it, or nothing but its problems. */
public sealed interface LoadResult {
  /** Files that its <code>${file:…}</code> placeholders name; a change of one is a change of it. */
  Set<Path> secretFiles();

  /**
   * The file is good.
   *
   * @param warnings what it says that is hardly meant, in the file's order
   */
  record Loaded(GatewayConfig config, List<Problem> warnings, Set<Path> secretFiles)
      implements LoadResult {
    public Loaded {
      warnings = List.copyOf(warnings);
      secretFiles = Set.copyOf(secretFiles);
    }
  }

  /**
   * The file is not.
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
