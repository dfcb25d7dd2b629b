package dev.understudy.bench.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Figures.Row;
import dev.understudy.bench.report.Machine;
import dev.understudy.bench.report.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** With made-up figures. */
class ResultsCommandTest {
  private static final Machine.Facts MACHINE =
      new Machine.Facts("Abacus", 2, 4_096, "Linux 1.2", 0.5, "25", "9.9.9");
  private static final String OLD = "HAProxy 2.6.12";
  private static final String NEW = "HAProxy 3.12.1";
  private static final String OURS = "Understudy";

  private static final Map<String, List<Row>> FIGURES =
      Map.of(
          "requests",
          List.of(
              new Row("1 KB", OLD).and(Figure.CPU_MICROS, 12).and(Figure.RSS_MB, 21),
              new Row("1 KB", NEW).and(Figure.CPU_MICROS, 10).and(Figure.RSS_MB, 22),
              new Row("1 KB", "nginx 1.30.6").and(Figure.CPU_MICROS, 9),
              new Row("1 KB", OURS)
                  .and(Figure.CPU_MICROS, 11)
                  .and(Figure.CPU_OF_NEWEST, new Spread(1, 1.1, 1.2))
                  .and(Figure.PER_SECOND, 54_321)
                  .and(Figure.FAILED, 3)
                  .and(Figure.RSS_MB, 170),
              new Row("1 KB, many hosts", OURS)
                  .and(Figure.CPU_MICROS, 12)
                  .and(Figure.CPU_OF_INSTALLED, 1.3)),
          "failures",
          List.of(
              failure("master killed", OURS, 0.1)
                  .and(Figure.GAP_SECONDS, new Spread(0.1, 0.11, 0.12)),
              failure("master killed", NEW, 0.8),
              failure("master frozen", OURS, 1.9),
              failure("master frozen", NEW, 4.9)),
          "startup",
          List.of(
              new Row("1 pool", "image's options, AOT cache")
                  .and(Figure.FIRST_RESPONSE_SECONDS, new Spread(0.4, 0.5, 0.7))
                  .and(Figure.LOADED_RSS_MB, 170),
              new Row("1 pool", OLD)
                  .and(Figure.FIRST_RESPONSE_SECONDS, 0.03)
                  .and(Figure.LOADED_RSS_MB, 22)),
          "peak",
          List.of(new Row("500 requests/s", OURS).and(Figure.PEAK_SECONDS, 17)),
          "growth",
          List.of(
              new Row("pools", OURS).and(Figure.COUNT, 10).and(Figure.RSS_MB, 150),
              new Row("pools", OURS).and(Figure.COUNT, 2_010).and(Figure.RSS_MB, 190)));

  @TempDir private Path folder;

  private static Row failure(String run, String subject, double gap) {
    return new Row(run, subject)
        .and(Figure.REQUESTS, 2_400)
        .and(Figure.LOST, 0)
        .and(Figure.TWICE, 0)
        .and(Figure.GAP_SECONDS, gap);
  }

  private Path page() {
    return folder.resolve("RESULTS.md");
  }

  private Path readme() {
    return folder.resolve("README.md");
  }

  private void leave(String command, boolean quick) throws IOException {
    new Figures(command, "2030-01-02", quick, MACHINE, FIGURES.getOrDefault(command, List.of()))
        .write(folder);
  }

  @BeforeEach
  void leaveAll() throws IOException {
    for (String command : FIGURES.keySet()) {
      leave(command, false);
    }
    Files.writeString(
        readme(), "# R\n\n<!-- five numbers -->\nold\n<!-- /five numbers -->\nrest\n");
  }

  private int run() {
    return new CommandLine(new ResultsCommand())
        .setExecutionExceptionHandler(
            (e, line, parsed) -> {
              throw e;
            })
        .execute("--figures=" + folder, "--page=" + page(), "--readme=" + readme());
  }

  private static List<String> rows(String text) {
    return text.lines().filter(line -> line.startsWith("|")).map(String::strip).toList();
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  @Test
  void both_pages_have_the_same_five_numbers_with_the_newest_haproxy_that_has_one()
      throws Exception {
    assertThat(run()).isZero();
    String first = Files.readString(readme());
    assertThat(first).startsWith("# R\n\n<!-- five numbers -->\n|").endsWith("-->\nrest\n");
    assertThat(first).contains("Measured on 2030-01-02 with Understudy 9.9.9: Abacus, 2 cores.");
    List<String> numbers = rows(first);
    assertThat(numbers.stream().map(row -> row.replaceAll(" +", " ")))
        .containsExactly(
            "| | Understudy | HAProxy 3.12.1 |",
            numbers.get(1),
            "| CPU of a request of 1 KB | 11.0 µs | 10.0 µs |",
            "| Master killed: longest time without a response | 0.12 s | 0.80 s |",
            "| Master frozen: longest time without a response | 1.90 s | 4.90 s |",
            "| Start to the first response | 0.50 s | 0.03 s |",
            "| Memory after requests of 1 KB at full load | 170 MB | 22 MB |");
    assertThat(rows(between(Files.readString(page()), "## Five numbers", "\n## ")))
        .isEqualTo(numbers);
  }

  @Test
  void the_page_has_the_machine_all_versions_sentences_and_slopes() throws Exception {
    assertThat(run()).isZero();
    assertThat(Files.readString(page()).replaceAll(" +", " "))
        .contains(
            "beside HAProxy 2.6.12, HAProxy 3.12.1, nginx 1.30.6 and a plain Spring Cloud Gateway.",
            "| processor | Abacus, 2 cores |",
            "| `peak` | 2030-01-02, load at the end 0.5 |",
            "- A request of 1 KB takes 1.10 (1.00-1.20) times the CPU that HAProxy 3.12.1 takes",
            "- When the master is killed, clients wait 0.12 s at the longest: of 2,400 requests 0"
                + " are lost, - of them for nothing and 0 executed twice; with HAProxy 3.12.1 0, -"
                + " and 0.",
            "| 1 KB: Understudy | 11.0 | 1.10 (1.00-1.20) | 54,321 | - | - | 3 |",
            "| 1 KB, many hosts: Understudy | 12.0 | 1.30 (1.30-1.30) of the installed one's |",
            "| 500 requests/s: Understudy | 17 |",
            "| each more of pools: Understudy | 20.00 | - |");
  }

  @Test
  void figures_of_a_quick_run_are_not_written() throws Exception {
    leave("peak", true);
    assertThat(run()).isZero();
    assertThat(page()).doesNotExist();
    assertThat(Files.readString(readme())).contains("old");
  }

  @Test
  void what_is_missing_is_named_with_what_makes_it() throws Exception {
    Files.delete(folder.resolve("growth.json"));
    assertThatThrownBy(() -> Measured.read(folder))
        .hasMessageContaining("growth.json: first run src/bench/run growth");
    Files.writeString(folder.resolve("growth.json"), "{\"rows\": 1}");
    assertThatThrownBy(() -> Measured.read(folder))
        .hasMessageContaining("growth.json is not what src/bench/run growth writes");
    leave("growth", false);
    new Figures("startup", "2030-01-02", false, MACHINE, List.of()).write(folder);
    FiveNumbers numbers = new FiveNumbers(Measured.read(folder));
    assertThatThrownBy(numbers::requireAll).hasMessage("not measured: Start to the first response");
    assertThatThrownBy(() -> numbers.into("# R\n")).hasMessageContaining("<!-- five numbers -->");
  }

  @Test
  void figures_of_another_version_or_machine_are_not_mixed() throws Exception {
    Machine.Facts later = new Machine.Facts("Abacus", 2, 4_096, "Linux 1.2", 7, "25", "9.9.10");
    new Figures("peak", "2030-01-02", false, later, List.of()).write(folder);
    assertThatThrownBy(() -> Measured.read(folder))
        .hasMessageContaining("figures of different machines or versions");
  }

  @Test
  void a_page_without_a_newer_haproxy_says_so() throws Exception {
    Measured all = Measured.read(folder);
    List<Row> installed =
        FIGURES.getOrDefault("requests", List.of()).stream()
            .filter(row -> !row.subject().equals(NEW))
            .toList();
    new Figures("requests", "2030-01-02", false, MACHINE, installed).write(folder);
    new Figures("failures", "2030-01-02", false, MACHINE, List.of()).write(folder);
    assertThat(new ResultsPage(all).text()).doesNotContain("as installed");
    assertThat(new ResultsPage(Measured.read(folder)).text()).contains("as installed");
  }

  @Test
  void figures_are_read_as_they_were_written() throws Exception {
    Figures read = Figures.read(folder, "requests").orElseThrow();
    assertThat(read.rows()).isEqualTo(FIGURES.get("requests"));
    assertThat(read.machine()).isEqualTo(MACHINE);
    assertThat(Figures.read(folder, "nothing")).isEmpty();
  }
}
