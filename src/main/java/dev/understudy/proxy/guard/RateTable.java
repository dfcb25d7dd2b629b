package dev.understudy.proxy.guard;

import dev.understudy.handover.TableText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The counts of all limiters as text for the next process, those seen last first. */
final class RateTable {
  private static final String FORM = "rates";
  private static final int VERSION = 1;

  /**
   * The row of a limiter: its number in this table, {@code route} or {@code table} and that one's
   * name, requests, milliseconds of the period, kind and name of the key, entries.
   */
  private static final String LIMITER = "limiter";

  /**
   * The row of a count: number of the limiter, key, milliseconds since its last request and since
   * its period began, events in that period and in the one before.
   */
  private static final String COUNT = "n";

  private static final char NUMBER = '#';
  private static final char TEXT = '=';

  /** Finds a limiter. */
  interface Limiters {
    /** Null if there is none. */
    @Nullable RateLimiter find(String place, boolean table, RateSettings settings);
  }

  private record Row(int limiter, RateLimiter.Entry entry) {
    String words() {
      RateCounter.Reading reading = entry.reading();
      return String.join(
          " ",
          COUNT,
          Integer.toString(limiter),
          word(entry.key()),
          Long.toString(entry.ageMillis()),
          Long.toString(reading.ageMillis()),
          Long.toString(reading.current()),
          Long.toString(reading.previous()));
    }

    static Row of(List<String> words) {
      return new Row(
          Integer.parseInt(words.get(1)),
          new RateLimiter.Entry(
              key(words.get(2)),
              Long.parseLong(words.get(3)),
              new RateCounter.Reading(
                  Long.parseLong(words.get(4)),
                  Long.parseLong(words.get(5)),
                  Long.parseLong(words.get(6)))));
    }

    private static String word(Object key) {
      return key instanceof Long number
          ? NUMBER + Long.toHexString(number)
          : TEXT + TableText.word(key.toString());
    }

    private static Object key(String word) {
      String rest = word.substring(1);
      return switch (word.charAt(0)) {
        case NUMBER -> Long.parseUnsignedLong(rest, 16);
        case TEXT -> TableText.textOf(rest);
        default -> throw new IllegalArgumentException("expected a key, found " + word);
      };
    }
  }

  private final TableText text = new TableText(FORM, VERSION);
  private final List<Row> rows = new ArrayList<>();
  private int limiters;

  void add(String place, boolean table, RateSettings settings, List<RateLimiter.Entry> entries) {
    int number = limiters++;
    text.add(
        String.join(
            " ",
            LIMITER,
            Integer.toString(number),
            table ? "table" : "route",
            TableText.word(place),
            Long.toString(settings.requests()),
            Long.toString(settings.period().toMillis()),
            settings.key().kind().name(),
            TableText.word(settings.key().name()),
            Integer.toString(settings.entries())));
    entries.forEach(entry -> rows.add(new Row(number, entry)));
  }

  String text() {
    rows.sort(Comparator.comparingLong(row -> row.entry().ageMillis()));
    for (Row row : rows) {
      if (!text.add(row.words())) {
        break;
      }
    }
    return text.text();
  }

  /** Restores the counts in a text for those limiters that are found. */
  static void read(@Nullable String text, Limiters limiters) {
    Map<Integer, RateLimiter> found = new HashMap<>();
    List<Row> rows = new ArrayList<>();
    TableText.read(
        FORM,
        VERSION,
        text,
        words -> {
          switch (words.get(0)) {
            case LIMITER -> {
              RateLimiter limiter =
                  limiters.find(
                      TableText.textOf(words.get(3)),
                      words.get(2).equals("table"),
                      settings(words));
              if (limiter != null) {
                found.put(Integer.valueOf(words.get(1)), limiter);
              }
            }
            case COUNT -> rows.add(Row.of(words));
            default -> {
              // Of a later version.
            }
          }
        });
    for (Row row : rows.reversed()) {
      RateLimiter limiter = found.get(row.limiter());
      if (limiter != null) {
        limiter.restore(row.entry());
      }
    }
  }

  private static RateSettings settings(List<String> words) {
    return new RateSettings(
        Long.parseLong(words.get(4)),
        Duration.ofMillis(Long.parseLong(words.get(5))),
        new RateLimitKey(RateLimitKey.Kind.valueOf(words.get(6)), TableText.textOf(words.get(7))),
        Integer.parseInt(words.get(8)));
  }
}
