package dev.understudy.haproxy.syntax;

import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of HAProxy. Keywords and defaults depend on 3.4 of 3.4.1, and so does its order; only
 * conditional blocks ask for the release.
 *
 * @param patch 1 of 3.4.1; absent if the release is not named
 */
public record HaproxyVersion(int major, int minor, OptionalInt patch)
    implements Comparable<HaproxyVersion> {
  /** The version of a configuration whose version nobody names. */
  public static final HaproxyVersion ASSUMED = new HaproxyVersion(3, 2);

  public static final HaproxyVersion OLDEST = new HaproxyVersion(1, 8);
  public static final HaproxyVersion NEWEST = new HaproxyVersion(3, 4);

  private static final int LAST_OF_1 = 9;
  private static final int LAST_OF_2 = 9;

  /** As {@code haproxy -v} prints it, with the packager's part behind it. */
  private static final Pattern FORM =
      Pattern.compile("v?([0-9])\\.([0-9]{1,2})(?:\\.([0-9]{1,3}))?([.+~-]\\S*)?");

  private static final Comparator<HaproxyVersion> ORDER =
      Comparator.comparingInt(HaproxyVersion::major).thenComparingInt(HaproxyVersion::minor);

  /** A version whose release is not named. */
  public HaproxyVersion(int major, int minor) {
    this(major, minor, OptionalInt.empty());
  }

  /** Reads a version from {@link #OLDEST} to {@link #NEWEST}; absent if the text is none. */
  public static Optional<HaproxyVersion> parse(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches()
        ? Optional.of(
                new HaproxyVersion(
                    Integer.parseInt(form.group(1)),
                    Integer.parseInt(form.group(2)),
                    form.group(3) == null
                        ? OptionalInt.empty()
                        : OptionalInt.of(Integer.parseInt(form.group(3)))))
            .filter(HaproxyVersion::exists)
        : Optional.empty();
  }

  private boolean exists() {
    return isAtLeast(OLDEST)
        && NEWEST.isAtLeast(this)
        && (major != 1 || minor <= LAST_OF_1)
        && (major != 2 || minor <= LAST_OF_2);
  }

  public boolean isAtLeast(HaproxyVersion other) {
    return compareTo(other) >= 0;
  }

  /** The release: the first one if none is named. */
  public String release() {
    return this + "." + patch.orElse(0);
  }

  @Override
  public int compareTo(HaproxyVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
