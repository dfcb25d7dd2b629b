package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import java.util.List;

/**
 * Where the body of an error response comes from, by {@code errorfile} or {@code http-error}.
 *
 * @param status empty: none is said
 * @param text the file's name, or the body itself; empty: neither is said
 * @param why it cannot be a page; empty if it can
 * @param detail what the page lacks; empty: nothing
 */
record ErrorSource(String status, String text, boolean isFile, String why, String detail) {
  private static final List<String> FILES = List.of("errorfile", "file", "lf-file");
  private static final List<String> TEXTS = List.of("string", "lf-string");

  static ErrorSource of(Statement statement) {
    if (statement.keyword().equals("errorfile")) {
      return new ErrorSource(statement.word(1), statement.word(2), true, "", "");
    }
    String status = "";
    String text = "";
    boolean file = false;
    String why = "";
    String detail = "";
    List<String> words = statement.from(1);
    for (int i = 0; i < words.size(); i += 2) {
      String word = words.get(i);
      String next = i + 1 < words.size() ? words.get(i + 1) : "";
      switch (word) {
        case "status" -> status = next;
        case "content-type" -> {
          boolean same = next.startsWith("text/html") || next.startsWith("application/json");
          detail = same ? detail : Rules.joined(detail, "not as " + next);
        }
        case "hdr" -> {
          detail = Rules.joined(detail, "without " + next);
          i++;
        }
        default -> {
          file = FILES.contains(word);
          text = file || TEXTS.contains(word) ? next : word;
          why = why(word, next);
        }
      }
    }
    return new ErrorSource(status, text, file, why, detail);
  }

  private static String why(String word, String value) {
    if (!FILES.contains(word) && !TEXTS.contains(word)) {
      return "expected errorfile, file or string, found '" + word + "'";
    }
    return word.equals("lf-file") || (word.equals("lf-string") && value.indexOf('%') >= 0)
        ? "error pages have no such values of the request"
        : "";
  }
}
