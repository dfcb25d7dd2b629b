package dev.understudy.haproxy;

import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.ReportText;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxyParser;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.SyntaxProblem;
import dev.understudy.haproxy.translate.Translator;
import dev.understudy.haproxy.translate.VersionCheck;
import dev.understudy.haproxy.yaml.YamlWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Translates HAProxy's configuration into a dynamic file. Keeps no state; safe for any thread. */
public final class HaproxyImport {
  /** Longest configuration, in characters. */
  public static final int LONGEST = 8 * 1024 * 1024;

  private HaproxyImport() {}

  /**
   * What a configuration asks of its surroundings.
   *
   * @param file name for messages
   * @param variables the value of an environment variable; null if it is not set
   * @param files the text of a file that the configuration names; absent if it cannot be read
   * @param taken whether the name of a file beside the dynamic file belongs to another one's
   * @param version of HAProxy; null: nobody names it
   */
  public record Surroundings(
      String file,
      Function<String, @Nullable String> variables,
      Function<String, Optional<String>> files,
      Predicate<String> taken,
      @Nullable HaproxyVersion version) {
    /** Of a version that nobody names. */
    public Surroundings(
        String file,
        Function<String, @Nullable String> variables,
        Function<String, Optional<String>> files,
        Predicate<String> taken) {
      this(file, variables, files, taken, null);
    }

    /** The version as which the configuration is read. */
    HaproxyVersion read() {
      return version == null ? HaproxyVersion.ASSUMED : version;
    }
  }

  /** An import's result. */
  public sealed interface Result {
    /** The report for operators. */
    String report();
  }

  /**
   * A configuration that is translated.
   *
   * @param yaml the dynamic file
   * @param lines the verdict of each line
   * @param settings static settings that it needs, by name
   * @param extraFiles files to be written beside it, by name
   * @param isOfOtherVersion whether the version that was named lacks a keyword of it
   */
  public record Imported(
      String yaml,
      String report,
      List<LineVerdict> lines,
      Map<String, String> settings,
      Map<String, String> extraFiles,
      boolean isOfOtherVersion)
      implements Result {
    /**
     * Whether a line is left out, one that guards is translated with a difference, or the version
     * is another one.
     */
    public boolean isLossy() {
      return isOfOtherVersion
          || lines.stream().anyMatch(each -> each.guard() || each.verdict() == Verdict.UNSUPPORTED);
    }
  }

  /** A configuration that cannot be read. */
  public record Unreadable(String report, List<SyntaxProblem> problems) implements Result {}

  /** Imports a configuration. */
  public static Result of(String text, Surroundings surroundings) {
    return of(text, surroundings, Map.of());
  }

  /**
   * Imports a configuration without some of its lines.
   *
   * @param leftOut why each is left out, by its number
   */
  public static Result of(String text, Surroundings surroundings, Map<Integer, String> leftOut) {
    HaproxyFile file = HaproxyParser.parse(text, surroundings.variables(), surroundings.version());
    return file.problems().isEmpty()
        ? translate(file, surroundings, leftOut)
        : unreadable(surroundings, file.problems(), Set.of());
  }

  private static Result unreadable(
      Surroundings surroundings, List<SyntaxProblem> problems, Set<String> missing) {
    return new Unreadable(ReportText.problems(surroundings.file(), problems, missing), problems);
  }

  private static Result translate(
      HaproxyFile file, Surroundings surroundings, Map<Integer, String> leftOut) {
    VerdictLedger ledger = new VerdictLedger(file);
    ledger.leaveOut(file, leftOut);
    Translator.Translation translation =
        Translator.translate(
            file.without(leftOut.keySet()),
            ledger,
            surroundings.files(),
            surroundings.taken(),
            surroundings.read());
    VersionCheck versions = VersionCheck.of(file, ledger, surroundings.version());
    if (!ledger.problems().isEmpty()) {
      return unreadable(surroundings, ledger.problems(), file.missing());
    }
    List<LineVerdict> lines = ledger.verdicts();
    return new Imported(
        YamlWriter.write(head(surroundings.file(), lines, translation), translation.document()),
        (translation.first().isEmpty() ? "" : translation.first() + "\n\n")
            + ReportText.of(
                surroundings.file(),
                lines,
                file.missing(),
                translation.settings(),
                versions.lines(),
                versions.text()),
        lines,
        translation.settings(),
        translation.extraFiles(),
        surroundings.version() != null && !versions.lines().isEmpty());
  }

  /** The beginning of the dynamic file: the guards that are not translated exactly. */
  private static List<String> head(
      String name, List<LineVerdict> lines, Translator.Translation translation) {
    List<String> head = new ArrayList<>();
    if (!translation.first().isEmpty()) {
      head.add(translation.first());
    }
    head.add(
        "Imported from HAProxy's "
            + name
            + ". Above each setting stands the line from which it comes.");
    for (LineVerdict each : lines) {
      if (each.guard()) {
        head.add("");
        head.add("CHECK line " + each.line() + ": " + each.source());
        head.add("  " + each.verdict().text() + ": " + each.text().replace("`", ""));
      }
    }
    for (String remark : translation.head()) {
      head.add("");
      head.add(remark);
    }
    return head;
  }

  /** Whether a text is HAProxy's configuration and no YAML. */
  public static boolean isHaproxy(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#") && !line.startsWith("."))
        .findFirst()
        .filter(HaproxyImport::isHeader)
        .isPresent();
  }

  private static boolean isHeader(String line) {
    String word = line.split("\\s", 2)[0];
    return !line.contains(": ") && !word.endsWith(":") && SectionKind.of(word) != null;
  }
}
