package dev.understudy.pool;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A setting that has another name now. The earlier one is read for two minor versions more, with a
 * warning that names the present one.
 *
 * @param before The path with the earlier name: of a static setting as {@code understudy.a.b}; of a
 *     setting of the dynamic file as {@code pools.*.a.b}, where {@code *} stands for any name, and
 *     a list for each of its items. What is below it moves with it.
 * @param now The path with the present name; in the dynamic file all but the last name are those of
 *     {@code before}.
 * @param since The minor version that renamed it, such as 1.1.
 */
public record RenamedSetting(String before, String now, String since) {
  private static final Pattern MINOR = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");
  private static final int MINORS = 2;

  /** Of static settings; a row goes when the version comes that does not read it. */
  public static final List<RenamedSetting> OF_STATIC_SETTINGS = List.of();

  /** Of settings of the dynamic file. */
  public static final List<RenamedSetting> OF_THE_DYNAMIC_FILE = List.of();

  public RenamedSetting {
    if (!MINOR.matcher(since).matches()) {
      throw new IllegalArgumentException("expected a minor version such as 1.1, found " + since);
    }
  }

  /** The first minor version that does not read the earlier name. */
  public String until() {
    Matcher minor = MINOR.matcher(since);
    if (!minor.matches()) {
      throw new IllegalStateException(since);
    }
    return minor.group(1) + "." + (Integer.parseInt(minor.group(2)) + MINORS + 1);
  }

  /** The warning to whoever uses the earlier name. */
  public String warning() {
    return "is named %s since version %s; version %s does not read this name any more"
        .formatted(now, since, until());
  }
}
