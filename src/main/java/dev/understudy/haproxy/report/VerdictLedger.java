package dev.understudy.haproxy.report;

import dev.understudy.haproxy.report.DirectiveTable.Directive;
import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxyFile.SkippedLine;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.SourceSecrets;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxProblem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Collects the verdicts on each line; the worst one counts. A line without any is unsupported. */
public final class VerdictLedger {
  private static final class Line {
    private final int number;
    private final String source;
    private @Nullable Verdict verdict;
    private boolean guard;
    private final Set<String> texts = new LinkedHashSet<>();

    Line(int number, String source) {
      this.number = number;
      this.source = source;
    }

    void judge(Verdict next, boolean isGuard, String text) {
      verdict = verdict == null || next.compareTo(verdict) > 0 ? next : verdict;
      guard |= isGuard && next.compareTo(Verdict.NOT_NEEDED) > 0;
      texts.add(SourceSecrets.withoutKeys(text));
    }

    LineVerdict verdict() {
      return verdict == null
          ? new LineVerdict(
              number,
              source,
              Verdict.UNSUPPORTED,
              false,
              "the import cannot read this line: please report it")
          : new LineVerdict(
              number,
              source,
              verdict,
              guard,
              String.join("; ", texts.stream().filter(each -> !each.isEmpty()).toList()));
    }
  }

  private final Map<Integer, Line> lines = new TreeMap<>();
  private final List<SyntaxProblem> problems = new ArrayList<>();

  /** Begins with the lines of a configuration, none of them judged. */
  public VerdictLedger(HaproxyFile file) {
    for (HaproxySection section : file.sections()) {
      line(section.header());
      section.statements().forEach(this::line);
    }
    for (SkippedLine skipped : file.skipped()) {
      Line line = new Line(skipped.line(), skipped.source());
      boolean isGuard =
          skipped.isAssumed() && GuardLines.isRule(skipped.source().split("\\s", 2)[0]);
      line.judge(skippedVerdict(skipped, isGuard), isGuard, skipped.why());
      lines.put(skipped.line(), line);
    }
  }

  private static Verdict skippedVerdict(SkippedLine skipped, boolean isGuard) {
    boolean isCondition = skipped.isAssumed() && skipped.source().startsWith(".");
    return isGuard ? Verdict.UNSUPPORTED : isCondition ? Verdict.APPROXIMATED : Verdict.NOT_NEEDED;
  }

  private Line line(Statement statement) {
    return lines.computeIfAbsent(statement.line(), number -> new Line(number, statement.source()));
  }

  /** Gives a line the verdict and text of the table's row for it. */
  public void row(Statement statement, String place, String keyword) {
    row(statement, place, keyword, "");
  }

  /** The same, with a detail after the row's text. */
  public void row(Statement statement, String place, String keyword, String detail) {
    judge(statement, PartialVerdict.row(place, keyword, detail));
  }

  /** Gives a line the verdicts of its parameters: one that is not needed spoils nothing. */
  public void parameters(Statement statement, String place, Iterable<String> names) {
    for (String name : names) {
      Directive row = DirectiveTable.find(place, name);
      if (row == null) {
        unsupported(statement, "'" + name + "' is not a parameter that this import knows");
      } else if (row.verdict() != Verdict.EXACT) {
        Verdict verdict = row.verdict() == Verdict.NOT_NEEDED ? Verdict.EXACT : row.verdict();
        judge(statement, verdict, row.guard(), "`" + name + "`: " + row.text());
      }
    }
  }

  /** The line is translated exactly. */
  public void exact(Statement statement, String how) {
    judge(statement, Verdict.EXACT, false, how);
  }

  /** The line is translated with a difference. */
  public void approximated(Statement statement, String how) {
    judge(statement, Verdict.APPROXIMATED, false, how);
  }

  /** The line needs no translation. */
  public void notNeeded(Statement statement, String why) {
    judge(statement, Verdict.NOT_NEEDED, false, why);
  }

  /** The line, or a part of it, is left out. */
  public void unsupported(Statement statement, String why) {
    judge(statement, Verdict.UNSUPPORTED, false, why);
  }

  /** The line denies, limits or authenticates, and is translated with a difference. */
  public void guardApproximated(Statement statement, String how) {
    judge(statement, Verdict.APPROXIMATED, true, how);
  }

  /** The line denies, limits or authenticates, and is left out. */
  public void guardUnsupported(Statement statement, String why) {
    judge(statement, Verdict.UNSUPPORTED, true, why);
  }

  /**
   * Some lines are left out; those that deny, limit or authenticate count as guards.
   *
   * @param why by the line's number
   */
  public void leaveOut(HaproxyFile file, Map<Integer, String> why) {
    for (HaproxySection section : file.sections()) {
      for (Statement each : section.statements()) {
        String text = why.get(each.line());
        if (text != null) {
          judge(each, Verdict.UNSUPPORTED, GuardLines.isGuard(each), "left out: " + text);
        }
      }
    }
  }

  /** HAProxy itself refuses the line. */
  public void problem(Statement statement, String expected) {
    problems.add(new SyntaxProblem(statement.line(), 0, SourceSecrets.withoutKeys(expected)));
    judge(statement, Verdict.UNSUPPORTED, false, expected);
  }

  /** Gives a line a verdict. */
  public void judge(Statement statement, PartialVerdict judgement) {
    if (judgement.problem()) {
      problem(statement, judgement.text());
    } else {
      judge(statement, judgement.verdict(), judgement.guard(), judgement.text());
    }
  }

  private void judge(Statement statement, Verdict verdict, boolean guard, String text) {
    line(statement).judge(verdict, guard, text);
  }

  /** Whether a line has a verdict. */
  public boolean isJudged(Statement statement) {
    return line(statement).verdict != null;
  }

  /** Whether HAProxy itself refuses a line. */
  public boolean isProblem(Statement statement) {
    return problems.stream().anyMatch(each -> each.line() == statement.line());
  }

  /** What HAProxy itself refuses, in the order of lines. */
  public List<SyntaxProblem> problems() {
    return problems.stream()
        .distinct()
        .sorted(Comparator.comparingInt(SyntaxProblem::line))
        .toList();
  }

  /** One verdict for each line, in the file's order. */
  public List<LineVerdict> verdicts() {
    return lines.values().stream().map(Line::verdict).toList();
  }
}
