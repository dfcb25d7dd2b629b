package dev.understudy.command;

import dev.understudy.config.DynamicConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checked files as one JSON document.
 *
 * @param good whether all files are
 */
record ValidationDocument(boolean good, List<File> files) {
  /**
   * One file.
   *
   * @param pools the number of pools, as {@code servers} and {@code listeners} are of theirs; null,
   *     as {@code routes}, unless it is a good dynamic file
   */
  record File(
      String file,
      boolean good,
      List<Problem> problems,
      List<Problem> warnings,
      @Nullable Integer pools,
      @Nullable Integer servers,
      @Nullable Integer listeners,
      @Nullable List<Lane> routes) {
    static File of(CheckedFile checked) {
      CheckedFile.Contents contents = checked.contents();
      DynamicConfig config = contents == null ? null : contents.config();
      return new File(
          checked.file(),
          checked.good(),
          checked.problems().stream().map(Problem::of).toList(),
          checked.warnings().stream().map(Problem::of).toList(),
          config == null ? null : config.pools().size(),
          contents == null ? null : contents.servers(),
          config == null ? null : config.listeners().size(),
          contents == null
              ? null
              : contents.lanes().stream()
                  .map(lane -> new Lane(lane.id(), lane.name(), lane.why()))
                  .toList());
    }
  }

  /**
   * A problem or a warning.
   *
   * @param line counts from 1, as {@code column}; null for the file as a whole, or if not known
   * @param property the path of the setting; null if there is none
   * @param message all but the place and the property
   * @param expected the expectation by itself; null if the message is of another form
   * @param found the value as written, masked if it may be a secret; null if there is none to show
   */
  record Problem(
      String file,
      @Nullable Integer line,
      @Nullable Integer column,
      @Nullable String property,
      String message,
      @Nullable String expected,
      @Nullable String found) {
    private static final String EXPECTED = "expected ";

    static Problem of(dev.understudy.config.Problem problem) {
      String expected = problem.expected();
      return new Problem(
          problem.file(),
          problem.line() == 0 ? null : problem.line(),
          problem.column() == 0 ? null : problem.column(),
          problem.property().isEmpty() ? null : problem.property(),
          problem.message(),
          expected.startsWith(EXPECTED) ? expected.substring(EXPECTED.length()) : null,
          problem.value());
    }
  }

  /** A route's lane, as {@code GET /api/routes} has it. */
  record Lane(String id, String lane, String why) {}

  static ValidationDocument of(List<CheckedFile> files) {
    return new ValidationDocument(
        files.stream().allMatch(CheckedFile::good), files.stream().map(File::of).toList());
  }
}
