package dev.understudy.haproxy.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The table of HAProxy's directives: the words of reports and of the page {@code
 * config/from-haproxy.md}.
 *
 * <p>The resource {@code directives.txt} has a row on each line: place, keyword, verdict and text,
 * parted by {@code |}. Verdicts are {@code =} (said), {@code ~} (differently), {@code -} (not
 * needed) and {@code x} (cannot be said); a second character {@code !} marks a guard. A row may be
 * for several keywords, parted by commas; a keyword may end with {@code *}: all that begin so.
 */
public final class Directives {
  private static final String RESOURCE = "directives.txt";
  private static final Directives ALL = read();

  private final List<Directive> rows = new ArrayList<>();
  private final Map<String, Directive> byKey = new HashMap<>();
  private final List<Directive> prefixes = new ArrayList<>();

  private Directives() {}

  /** The table. */
  public static Directives all() {
    return ALL;
  }

  /** Every row, in the order of the table. */
  public List<Directive> rows() {
    return List.copyOf(rows);
  }

  /** The row of a directive; null if the table has none. */
  public @Nullable Directive find(String place, String keyword) {
    Directive exact = byKey.get(place + ' ' + keyword);
    if (exact != null) {
      return exact;
    }
    for (Directive prefix : prefixes) {
      String begin = prefix.keyword().substring(0, prefix.keyword().length() - 1);
      if (prefix.place().equals(place) && keyword.startsWith(begin)) {
        return prefix;
      }
    }
    return null;
  }

  private static Directives read() {
    Directives table = new Directives();
    try (InputStream in = Directives.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + RESOURCE);
      }
      new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(table::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return table;
  }

  private void add(String line) {
    if (line.isBlank() || line.startsWith("#")) {
      return;
    }
    List<String> cells = List.of(line.split("\\|", 4));
    if (cells.size() < 4) {
      throw new IllegalStateException("expected place | keyword | verdict | text: " + line);
    }
    String verdict = cells.get(2).strip();
    for (String keyword : List.of(cells.get(1).split(",", -1))) {
      add(
          new Directive(
              cells.get(0).strip(),
              keyword.strip(),
              verdict(verdict),
              verdict.endsWith("!"),
              cells.get(3).strip()));
    }
  }

  private void add(Directive row) {
    rows.add(row);
    if (row.keyword().endsWith("*")) {
      prefixes.add(row);
    } else if (byKey.put(row.place() + ' ' + row.keyword(), row) != null) {
      throw new IllegalStateException("a second row for " + row.place() + ' ' + row.keyword());
    }
  }

  private static Verdict verdict(String text) {
    return switch (text.charAt(0)) {
      case '=' -> Verdict.SAID;
      case '~' -> Verdict.DIFFERENTLY;
      case '-' -> Verdict.NOT_NEEDED;
      case 'x' -> Verdict.LOST;
      default -> throw new IllegalStateException("expected =, ~, - or x, found " + text);
    };
  }
}
