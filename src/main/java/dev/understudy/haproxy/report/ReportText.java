package dev.understudy.haproxy.report;

import dev.understudy.haproxy.syntax.SyntaxProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The report of an import, for operators: first what denies, limits or authenticates and is
 * weakened or changed, then what is unsupported, then what is approximated, then the rest, and
 * counts at the end.
 */
public final class ReportText {
  private static final int LONGEST_SOURCE = 200;

  /** A criterion or a value of the path. */
  private static final Pattern PATHS = Pattern.compile("\\b(path|url|pathq)(_[a-z]+)?[ ,]");

  private static final String ON_PATHS =
      "Paths: conditions see them normalised (/%61 is /a, /x/../a is /a). Conditions of filters"
          + " that deny, limit, redirect or respond also hold for every other form that a server"
          + " may take for that path, such as //a, /x/..;/a or /a;b. HAProxy compares paths as they"
          + " came.";

  private static final List<Verdict> VERDICTS =
      List.of(Verdict.EXACT, Verdict.APPROXIMATED, Verdict.NOT_NEEDED, Verdict.UNSUPPORTED);

  private final String file;
  private final List<LineVerdict> lines;
  private final List<String> out = new ArrayList<>();

  private ReportText(String file, List<LineVerdict> lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * Returns the report.
   *
   * @param missing environment variables that are not set
   * @param settings static settings that the import needs
   * @param others lines that other versions of HAProxy need than the one that is read
   * @param version says as which one the file is read
   */
  public static String of(
      String file,
      List<LineVerdict> lines,
      Set<String> missing,
      Map<String, String> settings,
      List<String> others,
      String version) {
    return new ReportText(file, lines).text(missing, settings, others, version);
  }

  /**
   * Returns the report of a file that cannot be read.
   *
   * @param missing environment variables that are not set
   */
  public static String problems(String file, List<SyntaxProblem> problems, Set<String> missing) {
    StringBuilder text = new StringBuilder();
    problems.forEach(each -> text.append(each.in(file)).append('\n'));
    if (!missing.isEmpty()) {
      text.append(notSet(missing)).append('\n');
    }
    return text.toString();
  }

  private static String notSet(Set<String> missing) {
    return "Environment variables that are not set here, and are read as empty, as HAProxy does: "
        + String.join(", ", missing.stream().sorted().toList())
        + ". Set them and import again.";
  }

  private String text(
      Set<String> missing, Map<String, String> settings, List<String> others, String version) {
    if (!others.isEmpty()) {
      out.add(
          "LINES OF ANOTHER VERSION OF HAPROXY: defaults differ, so import again with the right"
              + " one:");
      others.forEach(each -> out.add("  " + file + ":" + printable(each)));
      out.add("");
    }
    if (!missing.isEmpty()) {
      out.add(notSet(missing));
      out.add("");
    }
    section(
        "LINES THAT DENY, LIMIT OR AUTHENTICATE, AND ARE WEAKENED OR CHANGED: check each",
        LineVerdict::guard,
        true);
    section("Unsupported", each -> !each.guard() && each.verdict() == Verdict.UNSUPPORTED, false);
    section("Approximated", each -> !each.guard() && each.verdict() == Verdict.APPROXIMATED, false);
    section("Not needed", each -> each.verdict() == Verdict.NOT_NEEDED, false);
    section("Exact", each -> each.verdict() == Verdict.EXACT, false);
    if (!settings.isEmpty()) {
      out.add("Static settings that the import needs:");
      settings.forEach((name, value) -> out.add("  --" + name + "=" + value));
      out.add("");
    }
    if (lines.stream().anyMatch(each -> PATHS.matcher(each.source()).find())) {
      out.add(ON_PATHS);
      out.add("");
    }
    out.add(version);
    out.add(counts());
    return String.join("\n", out) + "\n";
  }

  private void section(String title, Predicate<LineVerdict> which, boolean verdict) {
    List<LineVerdict> chosen = lines.stream().filter(which).toList();
    if (chosen.isEmpty()) {
      return;
    }
    out.add(title + ":");
    for (LineVerdict each : chosen) {
      out.add("  " + file + ":" + each.line() + ": " + printable(each.source()));
      String text = each.text().replace("`", "");
      if (!text.isEmpty()) {
        out.add("      " + (verdict ? each.verdict().text() + ": " : "") + printable(text));
      }
    }
    out.add("");
  }

  private static String printable(String text) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(text.length() > LONGEST_SOURCE * 4 ? LONGEST_SOURCE * 4L : text.length())
        .forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
    return line.toString();
  }

  private String counts() {
    List<String> counts = new ArrayList<>();
    for (Verdict verdict : VERDICTS) {
      long count = lines.stream().filter(each -> each.verdict() == verdict).count();
      counts.add(count + " " + verdict.text());
    }
    return file + ": " + lines.size() + " lines: " + String.join(", ", counts);
  }
}
