package dev.understudy.config;

import dev.understudy.pool.ErrorPage;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the files of error pages, each once, and reports those that cannot be used at the value
 * that names them. A path is relative to the dynamic file's directory.
 */
final class ErrorPageFiles {
  /** The content of a file, or what was expected instead. */
  private record Reading(@Nullable String text, String expected) {}

  private static final String PATH = "the path of a file";

  private final Placeholders placeholders;
  private final NamedFiles.Reader files;
  private final Problems problems;
  private final Map<Path, Reading> readings = new LinkedHashMap<>();

  ErrorPageFiles(Placeholders placeholders, NamedFiles.Reader files, Problems problems) {
    this.placeholders = placeholders;
    this.files = files;
    this.problems = problems;
  }

  /** Returns the content of the HTML page at the path, or null after reporting a problem. */
  @Nullable String html(ScalarNode path) {
    Reading reading;
    try {
      String name = placeholders.resolve(path.text());
      reading = name.isBlank() ? new Reading(null, PATH) : read(name);
    } catch (Placeholders.Unresolved e) {
      reading = new Reading(null, e.expected());
    } catch (InvalidPathException e) {
      reading = new Reading(null, PATH);
    }
    if (reading.text() == null) {
      problems.wrong(path, reading.expected());
    }
    return reading.text();
  }

  /** Returns the content of the JSON page at the path, or null after reporting a problem. */
  @Nullable String json(ScalarNode path) {
    String text = html(path);
    String problem = text == null ? null : jsonProblem(text);
    if (problem != null) {
      problems.wrong(path, problem);
      return null;
    }
    return text;
  }

  private Reading read(String name) {
    Path file = files.path(name);
    Reading known = readings.get(file);
    if (known != null) {
      return known;
    }
    if (readings.size() == DynamicFileLimits.ERROR_PAGES) {
      return new Reading(
          null,
          "at most " + DynamicFileLimits.ERROR_PAGES + " different files of error pages in all");
    }
    Reading fresh = fresh(name);
    readings.put(file, fresh);
    return fresh;
  }

  private Reading fresh(String name) {
    try {
      String text = files.text(name);
      return text.isEmpty() ? new Reading(null, "a file that is not empty") : new Reading(text, "");
    } catch (NamedFiles.UnusableTextException e) {
      return new Reading(null, e.expected("file"));
    }
  }

  /** What is expected of a file that is no JSON object once its placeholders are replaced. */
  private static @Nullable String jsonProblem(String template) {
    String text = template;
    for (ErrorPage.Placeholder each : ErrorPage.Placeholder.values()) {
      text = text.replace(each.text(), sample(each));
    }
    try {
      return JsonMapper.shared().readTree(text).isObject() ? null : "a file with a JSON object";
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      return "a file with a JSON object"
          + (line > 0 ? " (line " + line + " of the file is not JSON)" : "");
    }
  }

  private static String sample(ErrorPage.Placeholder placeholder) {
    return switch (placeholder) {
      case REQUEST_ID, REASON -> "a";
      case STATUS, RETRY_AFTER, REFRESH -> "1";
    };
  }
}
