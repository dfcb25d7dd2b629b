package dev.understudy.haproxy.report;

import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.Section;
import dev.understudy.haproxy.syntax.SkippedLine;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxProblem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Collects what is said of each line. The worst verdict of a line counts; a line of which nothing
 * was said has none of our words, and is lost.
 */
public final class Ledger {
  private static final class Line {
    private final String source;
    private Verdict verdict = Verdict.SAID;
    private boolean guard;
    private final Set<String> texts = new LinkedHashSet<>();
    private boolean judged;

    Line(String source) {
      this.source = source;
    }

    void judge(Verdict next, boolean isGuard, String text) {
      if (!judged || next.compareTo(verdict) > 0) {
        verdict = next;
        if (next != Verdict.SAID) {
          texts.removeIf(each -> each.isEmpty());
        }
      }
      judged = true;
      guard |= isGuard && next.compareTo(Verdict.NOT_NEEDED) > 0;
      texts.add(text);
    }
  }

  private final Map<Integer, Line> lines = new TreeMap<>();
  private final List<SyntaxProblem> problems = new ArrayList<>();

  /** Begins with the lines of a configuration, none of them judged. */
  public Ledger(HaproxyFile file) {
    for (Section section : file.sections()) {
      lines.put(section.line(), new Line(section.header().source()));
      for (Statement statement : section.statements()) {
        lines.put(statement.line(), new Line(statement.source()));
      }
    }
    for (SkippedLine skipped : file.skipped()) {
      Line line = new Line(skipped.source());
      line.judge(Verdict.NOT_NEEDED, false, skipped.why());
      lines.put(skipped.line(), line);
    }
  }

  /** Gives a line the verdict and words of the table's row for it. */
  public void row(Statement statement, String place, String keyword) {
    row(statement, place, keyword, "");
  }

  /** The same, with a detail after the row's words. */
  public void row(Statement statement, String place, String keyword, String detail) {
    Directive row = Directives.all().find(place, keyword);
    if (row == null) {
      judge(
          statement,
          Verdict.LOST,
          false,
          "'" + keyword + "' is no keyword that this import knows in " + place);
    } else {
      judge(
          statement,
          row.verdict(),
          row.guard(),
          detail.isEmpty() ? row.text() : row.text() + " (" + detail + ")");
    }
  }

  /** Gives a line the verdict of one of its parameters: one that is not needed spoils nothing. */
  public void parameter(Statement statement, String place, String name) {
    Directive row = Directives.all().find(place, name);
    if (row == null) {
      judge(
          statement, Verdict.LOST, false, "'" + name + "' is no parameter that this import knows");
    } else {
      Verdict verdict = row.verdict() == Verdict.NOT_NEEDED ? Verdict.SAID : row.verdict();
      judge(statement, verdict, row.guard(), "`" + name + "`: " + row.text());
    }
  }

  /** Whether the table says that a parameter is said as it was meant. */
  public boolean isSaid(String place, String name) {
    Directive row = Directives.all().find(place, name);
    return row != null && row.verdict() == Verdict.SAID;
  }

  /** The line is said as it was meant. */
  public void said(Statement statement, String ours) {
    judge(statement, Verdict.SAID, false, ours);
  }

  /** The line is said with a difference. */
  public void differently(Statement statement, String how) {
    judge(statement, Verdict.DIFFERENTLY, false, how);
  }

  /** The line needs no words. */
  public void notNeeded(Statement statement, String why) {
    judge(statement, Verdict.NOT_NEEDED, false, why);
  }

  /** The line has no words. */
  public void lost(Statement statement, String why) {
    judge(statement, Verdict.LOST, false, why);
  }

  /** The line denies, limits or authenticates, and is said differently. */
  public void guardDifferently(Statement statement, String how) {
    judge(statement, Verdict.DIFFERENTLY, true, how);
  }

  /** The line denies, limits or authenticates, and has no words. */
  public void guardLost(Statement statement, String why) {
    judge(statement, Verdict.LOST, true, why);
  }

  /** The line is wrong also for HAProxy. */
  public void problem(Statement statement, String expected) {
    problems.add(new SyntaxProblem(statement.line(), 0, expected));
    judge(statement, Verdict.LOST, false, expected);
  }

  private void judge(Statement statement, Verdict verdict, boolean guard, String text) {
    lines
        .computeIfAbsent(statement.line(), line -> new Line(statement.source()))
        .judge(verdict, guard, text);
  }

  /** Whether something was said of a line. */
  public boolean isJudged(Statement statement) {
    Line line = lines.get(statement.line());
    return line != null && line.judged;
  }

  /** Whether a line, or a part of it, has no words. */
  public boolean isLost(Statement statement) {
    Line line = lines.get(statement.line());
    return line != null && line.judged && line.verdict == Verdict.LOST;
  }

  /** Whether a line is wrong also for HAProxy. */
  public boolean isProblem(Statement statement) {
    return problems.stream().anyMatch(each -> each.line() == statement.line());
  }

  /** What is wrong also for HAProxy, in the order of lines. */
  public List<SyntaxProblem> problems() {
    return problems.stream()
        .distinct()
        .sorted(Comparator.comparingInt(SyntaxProblem::line))
        .toList();
  }

  /** One verdict for each line, in the file's order. */
  public List<LineVerdict> verdicts() {
    List<LineVerdict> verdicts = new ArrayList<>();
    lines.forEach((number, line) -> verdicts.add(verdict(number, line)));
    return verdicts;
  }

  private static LineVerdict verdict(int number, Line line) {
    if (!line.judged) {
      return new LineVerdict(
          number, line.source, Verdict.LOST, false, "no part of this import reads this line");
    }
    String text = String.join("; ", line.texts.stream().filter(each -> !each.isEmpty()).toList());
    return new LineVerdict(number, line.source, line.verdict, line.guard, text);
  }
}
