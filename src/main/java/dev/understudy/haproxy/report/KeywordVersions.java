package dev.understudy.haproxy.report;

import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.haproxy.syntax.ResourceRows;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The versions of HAProxy that know a keyword, of those from 1.8 on.
 *
 * <p>The resource {@code versions.txt} has a row on each line: place, keywords and versions, parted
 * by {@code |}. Places are those of {@link DirectiveTable}, and {@code action} for the actions of
 * all rules. {@code 3.3-} is from 3.3 on, {@code -2.0} is up to 2.0. Keywords without a row are
 * known to all versions, as far as this table goes.
 */
public final class KeywordVersions {
  /**
   * Versions in a row.
   *
   * @param since null: the oldest
   * @param until null: the newest
   */
  public record Range(@Nullable HaproxyVersion since, @Nullable HaproxyVersion until) {
    /** Whether a version is older than all of these. */
    public boolean isNewerThan(HaproxyVersion version) {
      return since != null && !version.isAtLeast(since);
    }

    /** Whether a version is newer than all of these. */
    public boolean isOlderThan(HaproxyVersion version) {
      return until != null && !until.isAtLeast(version);
    }

    /** In words: {@code from 3.3 on}. */
    public String text() {
      return since != null ? "from " + since + " on" : "up to " + until;
    }
  }

  private static final Map<String, Range> ROWS =
      ResourceRows.byKeyword(
          KeywordVersions.class, "versions.txt", 3, (row, keyword) -> range(row.get(2)));

  private KeywordVersions() {}

  /** The versions that know a keyword; absent if all do. */
  public static Optional<Range> of(String place, String keyword) {
    return Optional.ofNullable(ROWS.get(place + ' ' + keyword));
  }

  /** Every place and keyword of the table, with a blank between. */
  public static Iterable<String> keywords() {
    return ROWS.keySet();
  }

  private static Range range(String text) {
    int dash = text.indexOf('-');
    return new Range(version(text.substring(0, dash)), version(text.substring(dash + 1)));
  }

  private static @Nullable HaproxyVersion version(String text) {
    return text.isEmpty()
        ? null
        : HaproxyVersion.parse(text)
            .orElseThrow(() -> new IllegalStateException("expected a version, found " + text));
  }
}
