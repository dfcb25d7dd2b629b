package dev.understudy.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a command measured, kept for the page of results: {@code target/bench/results/COMMAND.json},
 * whose form is that of these records.
 *
 * @param date of its end, in UTC
 * @param quick whether it only was to show that it works
 */
public record Figures(
    String command, String date, boolean quick, Machine.Facts machine, List<Row> rows) {
  /** Where commands leave them. */
  public static final Path FOLDER = Path.of("target", "bench", "results");

  /** Events that Understudy keeps: of more, one more needs nothing. */
  public static final int KEPT = 10_000;

  private static final JsonMapper JSON = JsonMapper.shared();

  /**
   * All figures of one subject.
   *
   * @param topic the scenario, fault or size
   * @param subject the proxy, with its version where it is not ours
   */
  public record Row(String topic, String subject, Map<Figure, Spread> values) {
    public Row {
      values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    public Row(String topic, String subject) {
      this(topic, subject, Map.of());
    }

    /** The same with a figure more, unless it was not measured. */
    public Row and(Figure figure, Spread spread) {
      if (!Double.isFinite(spread.median())) {
        return this;
      }
      Map<Figure, Spread> all = new TreeMap<>(values);
      all.put(figure, spread);
      return new Row(topic, subject, all);
    }

    /** The same with a figure more that was measured once. */
    public Row and(Figure figure, double value) {
      return and(figure, new Spread(value, value, value));
    }

    /** NaN where it was not measured. */
    public Spread value(Figure figure) {
      return values.getOrDefault(figure, new Spread(Double.NaN, Double.NaN, Double.NaN));
    }
  }

  public Figures {
    rows = List.copyOf(rows);
  }

  /** Leaves what was measured just now to the page of results. */
  public static void leave(String command, boolean quick, List<Row> rows) throws IOException {
    String today = LocalDate.now(ZoneOffset.UTC).toString();
    new Figures(command, today, quick, Machine.facts(), rows).write(FOLDER);
  }

  /** Writes its file into a folder, in place of an older one. */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        file(folder, command),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
  }

  /** Reads a command's; empty if it has left none. */
  public static Optional<Figures> read(Path folder, String command) throws IOException {
    Path file = file(folder, command);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readString(file), Figures.class));
    } catch (JacksonException e) {
      throw new IOException(
          file + " is not what src/bench/run " + command + " writes: " + e.getOriginalMessage(), e);
    }
  }

  private static Path file(Path folder, String command) {
    return folder.resolve(command + ".json");
  }

  /** The rows of one topic. */
  public List<Row> of(String topic) {
    return rows.stream().filter(row -> row.topic().equals(topic)).toList();
  }

  /** All topics in order. */
  public List<String> topics() {
    return rows.stream().map(Row::topic).distinct().toList();
  }

  /**
   * What one more needs, between the first reading and the last that has no more than {@link
   * #KEPT}; NaN of a single one.
   */
  public static <T> double slope(
      List<T> rows, ToDoubleFunction<T> count, ToDoubleFunction<T> value) {
    T first = rows.getFirst();
    T last =
        rows.stream()
            .filter(row -> count.applyAsDouble(row) <= KEPT)
            .reduce(first, (one, next) -> next);
    double more = count.applyAsDouble(last) - count.applyAsDouble(first);
    return more == 0 ? Double.NaN : (value.applyAsDouble(last) - value.applyAsDouble(first)) / more;
  }
}
