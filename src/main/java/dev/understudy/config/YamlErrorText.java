package dev.understudy.config;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Describes a YAML syntax error for the file's author, at the position to correct: an unclosed
 * bracket or quote is reported where it begins, not where the parser gave up.
 *
 * <p>Recognises the exceptions of SnakeYAML 2.6 by their texts; other texts are shown unchanged.
 */
public final class YamlErrorText {
  /** A position and the message about it. */
  record Fault(Position at, String expected) {}

  private static final Pattern STARTS = Pattern.compile("found character '(.+)' that cannot .*");
  private static final Pattern ESCAPE = Pattern.compile("found unknown escape character (.).*");
  private static final String ALIAS = "found undefined alias";

  /** Stands for a line or an indentation that was not found. */
  private static final int NOT_FOUND = -1;

  private final List<String> lines;

  private YamlErrorText(List<String> lines) {
    this.lines = lines;
  }

  /** The problem of a file with that text. */
  public static Problem problem(String file, String text, MarkedYAMLException e) {
    Fault fault = of(e, text);
    return new Problem(
        file, fault.at().line(), fault.at().column(), "", null, "not YAML: " + fault.expected());
  }

  /** Describes the error. */
  static Fault of(MarkedYAMLException e, String text) {
    Mark at = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
    String problem = String.valueOf(e.getProblem());
    if (at == null) {
      return new Fault(Position.WHOLE_FILE, problem);
    }
    return new YamlErrorText(text.lines().toList())
        .fault(problem, at, e.getContextMark(), context(e));
  }

  private static String context(MarkedYAMLException e) {
    return String.valueOf(e.getContext());
  }

  private Fault fault(String problem, Mark at, @Nullable Mark from, String context) {
    Position here = Position.of(at);
    Position begin = from == null ? here : Position.of(from);
    if (problem.startsWith("mapping values are not allowed")) {
      return new Fault(here, unexpectedColon(at));
    }
    if (problem.startsWith("expected <block end>")) {
      return new Fault(here, misplaced(problem, at, from));
    }
    if (problem.startsWith("could not find expected ':'")) {
      return new Fault(
          begin, "expected a ':' after this key, or spaces before it that make it part of a value");
    }
    if (problem.startsWith("expected ',' or")) {
      String open = problem.contains("'}'") ? "{" : "[";
      return new Fault(
          begin, "the " + open + " in this line is not closed before line " + here.line());
    }
    if (context.contains("quoted scalar") && problem.contains("end of stream")) {
      return new Fault(begin, "the quote in this line is not closed");
    }
    if (problem.contains("<stream end>")) {
      return new Fault(here, "the file ends within a value: expected a closing bracket or quote");
    }
    return new Fault(here, inOneLine(problem));
  }

  /** The message for a problem that needs no other position than its own. */
  private static String inOneLine(String problem) {
    Matcher starts = STARTS.matcher(problem);
    if (starts.matches()) {
      return starts.group(1).contains("TAB")
          ? "a tab: expected spaces, also for indentation"
          : "a text that begins with " + starts.group(1) + ": expected quotes around it";
    }
    Matcher escape = ESCAPE.matcher(problem);
    if (escape.matches()) {
      return "unknown escape \\"
          + escape.group(1)
          + ": expected '\\\\' for a backslash, or single quotes";
    }
    // The alias may be a secret that begins with an asterisk.
    return problem.startsWith(ALIAS)
        ? ALIAS + ": expected quotes around a text that begins with '*'"
        : problem;
  }

  private String unexpectedColon(Mark at) {
    int line = at.getLine();
    int before = before(line);
    String quotes = "quotes around a text with ': ' in it";
    String key = line < lines.size() ? lines.get(line) : "";
    boolean second = key.substring(0, Math.min(at.getColumn(), key.length())).contains(": ");
    if (second || before == NOT_FOUND || indentation(line) <= indentation(before)) {
      return "a second ':' in one line: expected " + quotes;
    }
    return "indented too far, as part of line "
        + (before + 1)
        + ": expected "
        + spaces(textStart(before))
        + " before it, or a ':' at the end of line "
        + (before + 1)
        + ", or "
        + quotes;
  }

  private String misplaced(String problem, Mark at, @Nullable Mark from) {
    boolean list = from != null && at(from).startsWith("- ");
    if (problem.endsWith("'}'") || problem.endsWith("']'")) {
      return "a closing bracket without an opening one";
    }
    if (from == null || at.getLine() == from.getLine() || at.getColumn() != indentationOf(at)) {
      return "expected the line to end before this, or quotes around a text";
    }
    if (at.getColumn() == from.getColumn()) {
      return list
          ? "a key among the items of a list (line "
              + (from.getLine() + 1)
              + "): expected '- ' or"
              + " more spaces before it"
          : "an item of a list among keys (line " + (from.getLine() + 1) + "): expected a key";
    }
    return "indented by "
        + spaces(at.getColumn())
        + ", which matches no open key above it: expected "
        + spaces(from.getColumn())
        + " as in line "
        + (from.getLine() + 1)
        + ", or the indentation of the key that it belongs to";
  }

  private String at(Mark mark) {
    String line = mark.getLine() < lines.size() ? lines.get(mark.getLine()) : "";
    return line.substring(Math.min(mark.getColumn(), line.length())) + " ";
  }

  private int indentationOf(Mark mark) {
    return mark.getLine() < lines.size() ? indentation(mark.getLine()) : NOT_FOUND;
  }

  /** The nearest earlier line that is neither empty nor a comment. */
  private int before(int line) {
    for (int i = Math.min(line, lines.size()) - 1; i >= 0; i--) {
      String text = lines.get(i).strip();
      if (!text.isEmpty() && !text.startsWith("#")) {
        return i;
      }
    }
    return NOT_FOUND;
  }

  private int indentation(int line) {
    String text = line < lines.size() ? lines.get(line) : "";
    int i = 0;
    while (i < text.length() && text.charAt(i) == ' ') {
      i++;
    }
    return i;
  }

  /** The column at which the line's key begins, after the dashes of lists. */
  private int textStart(int line) {
    String text = lines.get(line);
    int i = indentation(line);
    while (text.startsWith("- ", i)) {
      i += 2;
      while (i < text.length() && text.charAt(i) == ' ') {
        i++;
      }
    }
    return i;
  }

  private static String spaces(int count) {
    return count == 1 ? "1 space" : count + " spaces";
  }
}
