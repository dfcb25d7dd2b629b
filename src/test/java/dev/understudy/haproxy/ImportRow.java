package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Result;
import dev.understudy.haproxy.HaproxyImport.Unreadable;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A row of a table of configurations and what becomes of them.
 *
 * <p>The configuration: lines divided by {@code ;} between blanks. If the first begins a section,
 * they are the whole file; else they are the frontend's of {@link Imports#front}, and from {@code
 * backend app} on those of its backend. The lines in question are those behind {@code >}, or else
 * the last one.
 *
 * <p>What becomes of it: parts divided by {@code &&}, most of which are in the dynamic file, in
 * this order; it is compared without its escapes. But {@code EXACT} and the other verdicts are that
 * on each line in question, with {@code !} if it is a guard, and others begin with a word:
 *
 * <ul>
 *   <li>{@code says}: the words of the verdict;
 *   <li>{@code report}: those of the whole report;
 *   <li>{@code setting}: a static setting and its value;
 *   <li>{@code once}: what is there once;
 *   <li>{@code file}: the name or the text of a file beside it; {@code files}: all texts;
 *   <li>{@code problem}: why the file is refused;
 *   <li>{@code no}: what is not in the dynamic file; {@code says no}: not in the verdict.
 * </ul>
 */
final class ImportRow {
  private static final String SECTIONS =
      "(defaults|frontend|backend|listen|userlist|global|peers|resolvers|http-errors|healthcheck)\\b.*";

  private final String named;
  private final List<String> lines;
  private final Result result;
  private final List<String> written = new ArrayList<>();

  private ImportRow(
      String configuration, Map<String, String> files, @Nullable HaproxyVersion version) {
    named = configuration;
    lines = lines(configuration);
    result = Imports.of(text(configuration), Map.of(), files, version);
  }

  static void check(String configuration, String expected) {
    check(configuration, expected, Map.of());
  }

  static void check(String configuration, String expected, Map<String, String> files) {
    check(configuration, expected, files, null);
  }

  /**
   * @param version null: nobody names it
   */
  static void check(
      String configuration,
      String expected,
      Map<String, String> files,
      @Nullable HaproxyVersion version) {
    ImportRow row = new ImportRow(configuration, files, version);
    for (String part : expected.split(" && ")) {
      row.require(part.strip());
    }
    if (!row.written.isEmpty()) {
      assertThat(row.yaml()).as(configuration).containsSubsequence(row.written);
    }
  }

  private static List<String> lines(String configuration) {
    return Arrays.stream(configuration.split(" ; ")).map(String::strip).toList();
  }

  /** The file that a row's first cell stands for. */
  static String text(String configuration) {
    List<String> plain =
        lines(configuration).stream().map(line -> line.replaceFirst("^> ", "")).toList();
    if (plain.getFirst().matches(SECTIONS) && !plain.getFirst().equals("backend app")) {
      return joined(plain);
    }
    int front = 0;
    while (front < plain.size() && !plain.get(front).matches(SECTIONS)) {
      front++;
    }
    boolean goesOn = front < plain.size() && plain.get(front).equals("backend app");
    return Imports.front(plain.subList(0, front).toArray(String[]::new))
        + joined(plain.subList(goesOn ? front + 1 : front, plain.size()));
  }

  private static String joined(List<String> lines) {
    return lines.stream()
        .map(line -> (line.matches(SECTIONS) ? "" : "  ") + line + "\n")
        .collect(Collectors.joining());
  }

  private void require(String part) {
    String words = part.substring(part.indexOf(' ') + 1);
    switch (part.replaceFirst("!?( .*|$)", "")) {
      case "EXACT", "APPROXIMATED", "UNSUPPORTED", "NOT_NEEDED" ->
          assertThat(verdicts())
              .allSatisfy(
                  each ->
                      assertThat(each.verdict() + (each.guard() ? "!" : ""))
                          .as("%s: %s", named, each)
                          .isEqualTo(part));
      case "says" -> assertThat(verdicts()).allSatisfy(verdict -> contains(verdict.text(), words));
      case "report" -> contains(imported().report(), words);
      case "setting" -> contains(imported().settings().toString(), words);
      case "once" -> assertThat(yaml()).containsOnlyOnce(words);
      case "files" -> assertThat(List.copyOf(imported().extraFiles().values())).hasToString(words);
      case "file" -> contains(imported().extraFiles().toString(), words);
      case "problem" -> contains(problems(), words);
      case "no" -> contains(yaml(), part);
      default -> written.add(part);
    }
  }

  private static void contains(String text, String words) {
    if (words.startsWith("no ")) {
      assertThat(text).doesNotContain(words.substring("no ".length()));
    } else {
      assertThat(text).contains(words);
    }
  }

  private String problems() {
    assertThat(result).as(named).isInstanceOf(Unreadable.class);
    return result.report();
  }

  private Imported imported() {
    assertThat(result).as("%s: %s", named, result.report()).isInstanceOf(Imported.class);
    return (Imported) result;
  }

  private String yaml() {
    return imported().yaml().replace("\\\"", "\"").replace("\\\\", "\\");
  }

  private List<LineVerdict> verdicts() {
    List<String> marked = lines.stream().filter(line -> line.startsWith("> ")).toList();
    return (marked.isEmpty() ? List.of(lines.getLast()) : marked)
        .stream().map(line -> Imports.verdict(imported(), line.replaceFirst("^> ", ""))).toList();
  }
}
