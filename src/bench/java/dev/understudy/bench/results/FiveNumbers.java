package dev.understudy.bench.results;

import static dev.understudy.bench.report.Spread.number;

import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Spread;
import dev.understudy.bench.report.Table;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** The five numbers that the repository's first page shows, and a sentence about each. */
final class FiveNumbers {
  /** The heading on the page of results. */
  static final String HEADING = "## Five numbers";

  /** Around the same table on the first page. */
  static final String BEGIN = "<!-- five numbers -->";

  static final String END = "<!-- /five numbers -->";

  private static final String KB = "1 KB";
  private static final String KILLED = "master killed";
  private static final String FROZEN = "master frozen";
  private static final String IMAGE = "image's options, AOT cache";

  /**
   * One of them.
   *
   * @param sentence about both values
   */
  private record Line(
      String what, Spread ours, Spread theirs, int decimals, String unit, String sentence) {
    String text(Spread spread) {
      String number = number(spread.median(), decimals);
      return number.equals("-") ? number : number + " " + unit;
    }
  }

  private final Measured measured;
  private final String haproxy;
  private final List<Line> lines;

  FiveNumbers(Measured measured) {
    this.measured = measured;
    List<String> versions = measured.versions(Measured.HAPROXY);
    haproxy = versions.isEmpty() ? Measured.HAPROXY : versions.getLast();
    lines = List.of(cpu(), killed(), frozen(), start(), memory());
  }

  private Line cpu() {
    Spread ours = ours(Measured.REQUESTS, KB, Figure.CPU_MICROS);
    Spread theirs = measured.haproxy(Measured.REQUESTS, KB, Figure.CPU_MICROS);
    Spread ratio = ours(Measured.REQUESTS, KB, Figure.CPU_OF_NEWEST);
    if (Double.isNaN(ratio.median())) {
      ratio = ours(Measured.REQUESTS, KB, Figure.CPU_OF_INSTALLED);
    }
    return new Line(
        "CPU of a request of 1 KB",
        ours,
        theirs,
        1,
        "µs",
        "A request of 1 KB takes %s times the CPU that %s takes, round by round."
            .formatted(ratio.text(2), haproxy));
  }

  private Line killed() {
    Spread ours = worst(ours(Measured.FAILURES, KILLED, Figure.GAP_SECONDS));
    return new Line(
        "Master killed: longest time without a response",
        ours,
        worst(measured.haproxy(Measured.FAILURES, KILLED, Figure.GAP_SECONDS)),
        2,
        "s",
        "When the master is killed, clients wait %s s at the longest: %s."
            .formatted(number(ours.median(), 2), lost(KILLED)));
  }

  /** Of all runs. */
  private static Spread worst(Spread spread) {
    return new Spread(spread.max(), spread.max(), spread.max());
  }

  /** What is lost in a failure, ours and then theirs. */
  private String lost(String run) {
    return "of %s requests %s are lost, %s of them for nothing and %s executed twice; with %s %s, %s and %s"
        .formatted(
            ours(run, Figure.REQUESTS),
            ours(run, Figure.LOST),
            ours(run, Figure.LOST_FOR_NOTHING),
            ours(run, Figure.TWICE),
            haproxy,
            theirs(run, Figure.LOST),
            theirs(run, Figure.LOST_FOR_NOTHING),
            theirs(run, Figure.TWICE));
  }

  private String ours(String run, Figure figure) {
    return number(ours(Measured.FAILURES, run, figure).median(), 0);
  }

  private String theirs(String run, Figure figure) {
    return number(measured.haproxy(Measured.FAILURES, run, figure).median(), 0);
  }

  private Line frozen() {
    Spread ours = worst(ours(Measured.FAILURES, FROZEN, Figure.GAP_SECONDS));
    return new Line(
        "Master frozen: longest time without a response",
        ours,
        worst(measured.haproxy(Measured.FAILURES, FROZEN, Figure.GAP_SECONDS)),
        2,
        "s",
        "When it freezes, they wait %s s: %s.".formatted(number(ours.median(), 2), lost(FROZEN)));
  }

  private Line start() {
    Spread ours = measured.value(Measured.STARTUP, "1 pool", IMAGE, Figure.FIRST_RESPONSE_SECONDS);
    return new Line(
        "Start to the first response",
        ours,
        measured.haproxy(Measured.STARTUP, "1 pool", Figure.FIRST_RESPONSE_SECONDS),
        2,
        "s",
        "The image's first response comes %s s after the start of its process."
            .formatted(ours.text(2)));
  }

  private Line memory() {
    Spread ours = measured.value(Measured.STARTUP, "1 pool", IMAGE, Figure.LOADED_RSS_MB);
    Spread theirs = measured.haproxy(Measured.STARTUP, "1 pool", Figure.LOADED_RSS_MB);
    return new Line(
        "Memory after requests of 1 KB at full load",
        ours,
        theirs,
        0,
        "MB",
        "The price is memory: %s MB of the image beside %s MB."
            .formatted(number(ours.median(), 0), number(theirs.median(), 0)));
  }

  private Spread ours(String command, String topic, Figure figure) {
    return measured.value(command, topic, Measured.UNDERSTUDY, figure);
  }

  /**
   * Requires that Understudy has all of them.
   *
   * @throws IOException with the first that it has not
   */
  void requireAll() throws IOException {
    for (Line line : lines) {
      if (Double.isNaN(line.ours().median())) {
        throw new IOException("not measured: " + line.what());
      }
    }
  }

  /** The table, the same on both pages. */
  String table() {
    Table table = new Table("", Measured.UNDERSTUDY, haproxy);
    lines.forEach(line -> table.add(line.what(), line.text(line.ours()), line.text(line.theirs())));
    return table.toString();
  }

  /** A sentence about each, as a list. */
  String sentences() {
    return lines.stream().map(line -> "- " + line.sentence() + "\n").collect(Collectors.joining());
  }

  /** What stands between the marks of the first page. */
  String block() {
    Figures requests = measured.of(Measured.REQUESTS);
    return """

    %s
    Measured on %s with Understudy %s: %s, %d cores. [All results](src/bench/RESULTS.md).
    Start and memory are the image's. HAProxy checks as often as Understudy does by default, and repeats all but POST; shorter
    intervals make both quicker.
    """
        .formatted(
            table(),
            requests.date(),
            requests.machine().understudy(),
            requests.machine().processor(),
            requests.machine().cores());
  }

  /**
   * The first page with these numbers.
   *
   * @throws IOException if it lacks the marks
   */
  String into(String page) throws IOException {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException("README.md needs the lines " + BEGIN + " and, below it, " + END);
    }
    return page.substring(0, begin + BEGIN.length())
        + "\n"
        + block().strip()
        + "\n"
        + page.substring(end);
  }
}
