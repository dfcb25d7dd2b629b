package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where an error response comes from, by {@code errorfile} or {@code http-error}.
 *
 * @param status empty: the line has none
 * @param kind the word before the text, such as {@code errorfile}, {@code file} or {@code string};
 *     empty: the line has none
 * @param text the file's name, or the body itself; empty: the line has neither
 * @param fields of the response, beside those of a file's head
 */
record ErrorResponseSource(String status, String kind, String text, Map<String, String> fields) {
  /** A file with head and body. */
  static final String WHOLE = "errorfile";

  /**
   * Reads a line.
   *
   * @param sections the files of {@code http-errors} sections by their names, by status
   */
  static ErrorResponseSource of(Statement statement, Map<String, Map<String, String>> sections) {
    return statement.keyword().equals(WHOLE)
        ? ofFile(statement.word(1), statement.word(2))
        : ofWords(statement.from(1), "", sections);
  }

  /** The response that a file holds. */
  static ErrorResponseSource ofFile(String status, String file) {
    return new ErrorResponseSource(status, WHOLE, file, Map.of());
  }

  /**
   * Reads the words of {@code http-error}, {@code return} or {@code deny}.
   *
   * @param standard the status if none is named
   */
  static ErrorResponseSource ofWords(
      List<String> words, String standard, Map<String, Map<String, String>> sections) {
    String status = standard;
    String kind = "";
    String text = "";
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < words.size(); i += 2) {
      String next = i + 1 < words.size() ? words.get(i + 1) : "";
      switch (words.get(i)) {
        case "status", "deny_status" -> status = next.isEmpty() ? status : next;
        case "content-type" -> fields.put("Content-Type", next);
        case "hdr" -> {
          fields.put(next, i + 2 < words.size() ? words.get(i + 2) : "");
          i++;
        }
        default -> {
          kind = words.get(i);
          text = next;
        }
      }
    }
    String file =
        kind.equals("errorfiles")
            ? sections.getOrDefault(text, Map.of()).getOrDefault(status, "")
            : "";
    return file.isEmpty()
        ? new ErrorResponseSource(status, kind, text, fields)
        : ofFile(status, file);
  }

  boolean isFile() {
    return kind.equals(WHOLE) || kind.equals("file") || kind.equals("lf-file");
  }

  /** Whether no other response than the proxy's own is named. */
  boolean isDefault() {
    return text.isEmpty() && (kind.isEmpty() || kind.endsWith("string")) && hasStatus();
  }

  /** Whether the line has all that it needs. */
  boolean isComplete() {
    return hasStatus() && !(text.isEmpty() && (kind.isEmpty() || isFile()));
  }

  private boolean hasStatus() {
    return status.matches("[2-5][0-9]{2}");
  }

  /**
   * The response.
   *
   * @throws SyntaxException if it cannot be had; the message says why
   */
  ErrorFile response(Function<String, Optional<String>> files) {
    if (kind.equals("lf-file") || (kind.equals("lf-string") && text.indexOf('%') >= 0)) {
      throw new SyntaxException("error pages have no such values of the request");
    }
    if (kind.equals("errorfiles")) {
      throw new SyntaxException("'" + text + "' has no page of " + status);
    }
    if (!isFile() && !kind.endsWith("string")) {
      throw new SyntaxException("expected errorfile, file or string, found '" + kind + "'");
    }
    Optional<String> content = isFile() ? files.apply(text) : Optional.of(text);
    if (content.isEmpty()) {
      throw new SyntaxException(
          "'%s' cannot be read here; copy its body, without the head, to a file and name that in"
                  .formatted(text)
              + " error-pages");
    }
    ErrorFile file =
        kind.equals(WHOLE)
            ? ErrorFile.of(content.get())
            : new ErrorFile("", Map.of(), content.get());
    Map<String, String> all = new LinkedHashMap<>(file.fields());
    all.putAll(fields);
    return new ErrorFile(file.status().isEmpty() ? status : file.status(), all, file.body());
  }
}
