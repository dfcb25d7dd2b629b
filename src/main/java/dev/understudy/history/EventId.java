package dev.understudy.history;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The id of an event for readers, {@code HISTORY-NUMBER}: unique over restarts and replicas.
 *
 * @param history see {@link History#name}
 * @param number the event's number in this history
 */
public record EventId(String history, long number) {
  private static final Pattern FORM = Pattern.compile("(?:([0-9a-z]{1,32})-)?([0-9]{1,18})");

  /**
   * Parses an id.
   *
   * @param history whose number a bare number is
   * @return null if the text is no id
   */
  public static @Nullable EventId parse(String text, String history) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return null;
    }
    String named = form.group(1);
    return new EventId(named == null ? history : named, Long.parseLong(form.group(2)));
  }

  @Override
  public String toString() {
    return history + "-" + number;
  }
}
