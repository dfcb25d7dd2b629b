package dev.understudy.condition;

import dev.understudy.condition.ConditionLexer.Kind;
import dev.understudy.condition.ConditionLexer.Token;
import java.util.List;
import java.util.stream.Collectors;

/** Replaces {@code file(NAME)} among the arguments of terms by the values of the file. */
public final class FileValues {
  private static final String FILE = "file";

  private FileValues() {}

  /** The values of a file. */
  @FunctionalInterface
  public interface Files {
    /** At least one value. */
    List<String> values(String name) throws ExpressionException;
  }

  /** The condition without names of files; the same text if there are none. */
  public static String expanded(String condition, Files files) throws ExpressionException {
    if (!condition.contains(FILE)) {
      return condition;
    }
    List<Token> tokens = ConditionLexer.tokens(condition);
    StringBuilder expanded = new StringBuilder();
    int from = 0;
    for (int i = 0; i + 3 < tokens.size(); i++) {
      if (isFile(tokens, i)) {
        expanded.append(condition, from, tokens.get(i).at() - 1);
        expanded.append(
            files.values(tokens.get(i + 2).text()).stream()
                .map(FileValues::quoted)
                .collect(Collectors.joining(", ")));
        from = tokens.get(i + 3).end() - 1;
      }
    }
    return expanded.append(condition, from, condition.length()).toString();
  }

  /** The values in a file's text: its lines but empty ones and comments. */
  public static List<String> in(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  /**
   * Whether {@code file(NAME)} begins at a token, as an argument: after a parenthesis or a comma.
   */
  private static boolean isFile(List<Token> tokens, int at) {
    Kind name = tokens.get(at + 2).kind();
    return at > 1
        && tokens.get(at).is(FILE)
        && tokens.get(at + 1).kind() == Kind.OPEN
        && (name == Kind.WORD || name == Kind.QUOTED)
        && tokens.get(at + 3).kind() == Kind.CLOSE;
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
