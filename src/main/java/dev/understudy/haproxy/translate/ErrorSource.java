package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where an error response comes from, by {@code errorfile} or {@code http-error}.
 *
 * @param status empty: none is said
 * @param text the file's name, or the body itself; empty: neither is said
 * @param isWhole whether the file has a head, too
 * @param fields of the response, beside those of a file's head
 * @param why it cannot be had; empty if it can
 */
record ErrorSource(
    String status,
    String text,
    boolean isFile,
    boolean isWhole,
    Map<String, String> fields,
    String why) {
  private static final List<String> FILES = List.of("errorfile", "file", "lf-file");
  private static final List<String> TEXTS = List.of("string", "lf-string");

  /**
   * Reads a line.
   *
   * @param sections the files of {@code http-errors} sections by their names, by status
   */
  static ErrorSource of(Statement statement, Map<String, Map<String, String>> sections) {
    return statement.keyword().equals("errorfile")
        ? ofFile(statement.word(1), statement.word(2))
        : ofError(statement.from(1), sections);
  }

  /** The response that a file holds. */
  static ErrorSource ofFile(String status, String file) {
    return new ErrorSource(status, file, true, true, Map.of(), "");
  }

  private static ErrorSource ofError(
      List<String> words, Map<String, Map<String, String>> sections) {
    String status = "";
    String source = "";
    String text = "";
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < words.size(); i += 2) {
      String next = i + 1 < words.size() ? words.get(i + 1) : "";
      switch (words.get(i)) {
        case "status" -> status = next;
        case "content-type" -> fields.put("Content-Type", next);
        case "hdr" -> {
          fields.put(next, i + 2 < words.size() ? words.get(i + 2) : "");
          i++;
        }
        default -> {
          source = words.get(i);
          text = next;
        }
      }
    }
    if (source.equals("errorfiles")) {
      String file = sections.getOrDefault(text, Map.of()).getOrDefault(status, "");
      return file.isEmpty()
          ? new ErrorSource(
              status, text, false, false, fields, "'" + text + "' has no page of " + status)
          : ofFile(status, file);
    }
    boolean file = FILES.contains(source);
    return new ErrorSource(
        status,
        file || TEXTS.contains(source) ? text : source,
        file,
        source.equals("errorfile"),
        fields,
        why(source, text));
  }

  private static String why(String source, String text) {
    if (!FILES.contains(source) && !TEXTS.contains(source)) {
      return "expected errorfile, file or string, found '" + source + "'";
    }
    return source.equals("lf-file") || (source.equals("lf-string") && text.indexOf('%') >= 0)
        ? "error pages have no such values of the request"
        : "";
  }

  /** Whether no other response than the proxy's own is named. */
  boolean isDefault() {
    return !isFile && text.isEmpty() && status.matches("[2-5][0-9]{2}");
  }

  /** The response; absent if its file cannot be read. */
  Optional<ErrorFile> response(Function<String, Optional<String>> files) {
    Optional<String> content = isFile ? files.apply(text) : Optional.of(text);
    return content.map(
        each -> {
          ErrorFile whole = isWhole ? ErrorFile.of(each) : new ErrorFile("", Map.of(), each);
          Map<String, String> all = new LinkedHashMap<>(whole.fields());
          all.putAll(fields);
          return new ErrorFile(
              whole.status().isEmpty() ? status : whole.status(), all, whole.body());
        });
  }
}
