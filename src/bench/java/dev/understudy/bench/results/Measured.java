package dev.understudy.bench.results;

import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Figures.Row;
import dev.understudy.bench.report.Machine;
import dev.understudy.bench.report.Spread;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What all commands that the page shows have left. */
record Measured(Map<String, Figures> commands) {
  static final String REQUESTS = "requests";
  static final String STARTUP = "startup";
  static final String FAILURES = "failures";
  static final String PEAK = "peak";
  static final String GROWTH = "growth";

  /** In the order of the page. */
  static final List<String> COMMANDS = List.of(REQUESTS, FAILURES, STARTUP, PEAK, GROWTH);

  static final String HAPROXY = "HAProxy";
  static final String UNDERSTUDY = "Understudy";

  /**
   * Reads all of them.
   *
   * @throws IOException if one is not there; with the command that makes it. Also if they are of
   *     different machines or versions
   */
  static Measured read(Path folder) throws IOException {
    Map<String, Figures> all = new LinkedHashMap<>();
    for (String command : COMMANDS) {
      Optional<Figures> figures = Figures.read(folder, command);
      if (figures.isEmpty()) {
        throw new IOException(
            "%s has no %s.json: first run src/bench/run %s".formatted(folder, command, command));
      }
      all.put(command, figures.get());
    }
    if (all.values().stream().map(Figures::machine).map(Measured::withoutLoad).distinct().count()
        > 1) {
      throw new IOException(
          folder
              + " has figures of different machines or versions: measure all of them anew, by"
              + " src/bench/run "
              + String.join(", ", COMMANDS));
    }
    return new Measured(all);
  }

  private static Machine.Facts withoutLoad(Machine.Facts facts) {
    return new Machine.Facts(
        facts.processor(),
        facts.cores(),
        facts.memoryMegabytes(),
        facts.kernel(),
        0,
        facts.jdk(),
        facts.understudy());
  }

  /** Whether one of them was only to show that it works. */
  boolean quick() {
    return commands.values().stream().anyMatch(Figures::quick);
  }

  Figures of(String command) {
    Figures figures = commands.get(command);
    if (figures == null) {
      throw new IllegalArgumentException("no command " + command + " in " + commands.keySet());
    }
    return figures;
  }

  /** All subjects that begin with a name and a version, in the order of their versions. */
  List<String> versions(String name) {
    return commands.values().stream()
        .flatMap(figures -> figures.rows().stream())
        .map(Row::subject)
        .filter(subject -> subject.matches(name + " [0-9.]+"))
        .distinct()
        .sorted(Comparator.comparing(Measured::version, Arrays::compare))
        .toList();
  }

  private static int[] version(String subject) {
    String version = subject.substring(subject.indexOf(' ') + 1);
    return Stream.of(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
  }

  /** The figure of a subject; not a number where it was not measured. */
  Spread value(String command, String topic, String subject, Figure figure) {
    return of(command).of(topic).stream()
        .filter(row -> row.subject().equals(subject))
        .findFirst()
        .orElse(new Row(topic, subject))
        .value(figure);
  }

  /** That of the newest HAProxy that has one. */
  Spread haproxy(String command, String topic, Figure figure) {
    return versions(HAPROXY).reversed().stream()
        .map(subject -> value(command, topic, subject, figure))
        .filter(spread -> Double.isFinite(spread.median()))
        .findFirst()
        .orElse(new Row(topic, HAPROXY).value(figure));
  }
}
