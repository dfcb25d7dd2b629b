package dev.understudy.handover;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table as text for the next process: a line with its form and version, then a line of words for
 * each row. A version says how known rows are read; rows of unknown kinds may be added without a
 * new one.
 */
public final class TableText {
  private static final Logger log = LoggerFactory.getLogger(TableText.class);

  /** Rows beyond it are left out. */
  static final int MOST_CHARACTERS = 16 << 20;

  /** Takes the words of one row; there is at least one, and any of them may be empty. */
  public interface Row {
    /**
     * Takes them; unknown rows are left.
     *
     * @throws RuntimeException if the row is damaged; it is left out
     */
    void read(List<String> words);
  }

  private final StringBuilder text;
  private final int most;

  /** Begins a table of that form, one word, and version. */
  public TableText(String form, int version) {
    this(form, version, MOST_CHARACTERS);
  }

  TableText(String form, int version, int most) {
    this.text = new StringBuilder(first(form, version));
    this.most = most;
  }

  private static String first(String form, int version) {
    return form + " " + version;
  }

  /**
   * Adds a row. The rows that matter most come first, since there is room for so many only.
   *
   * @param words without spaces, see {@link #word}
   * @return false if there is no room for it
   */
  public boolean add(String words) {
    if (text.length() + 1 + words.length() > most) {
      return false;
    }
    text.append('\n').append(words);
    return true;
  }

  /** The table so far. */
  public String text() {
    return text.toString();
  }

  /** Any text as one word. */
  public static String word(String any) {
    return URLEncoder.encode(any, StandardCharsets.UTF_8);
  }

  /** The text that was made a {@link #word}. */
  public static String textOf(String word) {
    return URLDecoder.decode(word, StandardCharsets.UTF_8);
  }

  /**
   * Reads a table. Ignores a table of another form or version, and damaged rows; logs that once.
   *
   * @param text null if the other process has no such table
   */
  public static void read(String form, int version, @Nullable String text, Row row) {
    if (text == null) {
      return;
    }
    String first = text.lines().findFirst().orElse("");
    if (!first.equals(first(form, version))) {
      log.warn("The {} of the previous process are not taken over: their format differs", form);
      return;
    }
    Reading reading = new Reading(row);
    text.lines().skip(1).forEach(reading::line);
    if (reading.damaged > 0) {
      log.warn(
          "{} of {} rows of the previous process's {} are damaged, and left out",
          reading.damaged,
          reading.rows,
          form);
    }
  }

  private static final class Reading {
    private final Row row;
    private int rows;
    private int damaged;

    Reading(Row row) {
      this.row = row;
    }

    void line(String line) {
      rows++;
      try {
        row.read(List.of(line.split(" ", -1)));
      } catch (RuntimeException e) {
        // Its message may have a client's secret.
        damaged++;
      }
    }
  }
}
