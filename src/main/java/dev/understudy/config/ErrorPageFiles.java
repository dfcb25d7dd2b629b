package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import dev.understudy.pool.ErrorPage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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
  /** The content of a file, or what would be expected of it. */
  private record Reading(@Nullable String text, String expected) {}

  private final Path directory;
  private final Placeholders placeholders;
  private final NamedFiles.Reader files;
  private final Problems problems;
  private final Map<Path, Reading> readings = new LinkedHashMap<>();

  ErrorPageFiles(
      Path directory, Placeholders placeholders, NamedFiles.Reader files, Problems problems) {
    this.directory = directory;
    this.placeholders = placeholders;
    this.files = files;
    this.problems = problems;
  }

  /** Returns the content of the HTML page at the path, or null after reporting a problem. */
  @Nullable String html(ScalarNode path) {
    Reading reading = read(path);
    return reading == null ? null : reading.text();
  }

  /** Returns the content of the JSON page at the path, or null after reporting a problem. */
  @Nullable String json(ScalarNode path) {
    Reading reading = read(path);
    String text = reading == null ? null : reading.text();
    String problem = text == null ? null : jsonProblem(text);
    if (problem != null) {
      problems.wrong(path, problem);
      return null;
    }
    return text;
  }

  private @Nullable Reading read(ScalarNode path) {
    Reading reading = null;
    try {
      String name = placeholders.resolve(path.text());
      reading = name.isBlank() ? new Reading(null, "the path of a file") : read(name);
    } catch (Placeholders.Unresolved e) {
      problems.wrong(path, e.expected());
    } catch (InvalidPathException e) {
      problems.wrong(path, "the path of a file");
    }
    if (reading != null && reading.text() == null) {
      problems.wrong(path, reading.expected());
    }
    return reading;
  }

  private Reading read(String name) {
    Path file = directory.resolve(name);
    Reading known = readings.get(file);
    if (known != null) {
      return known;
    }
    if (readings.size() == DynamicFileLimits.ERROR_PAGES) {
      return new Reading(
          null,
          "at most " + DynamicFileLimits.ERROR_PAGES + " different files of error pages in all");
    }
    Reading fresh = read(file);
    readings.put(file, fresh);
    return fresh;
  }

  private Reading read(Path file) {
    byte[] content;
    try {
      content = files.read(file);
    } catch (IOException e) {
      return new Reading(null, "a readable file (" + BoundedFile.reason(e) + ")");
    }
    if (content.length > DynamicFileLimits.NAMED_FILE_BYTES) {
      return new Reading(null, "a file of at most 64 KB");
    }
    if (content.length == 0) {
      return new Reading(null, "a file that is not empty");
    }
    try {
      ByteBuffer in = ByteBuffer.wrap(content);
      return new Reading(StandardCharsets.UTF_8.newDecoder().decode(in).toString(), "");
    } catch (CharacterCodingException e) {
      return new Reading(null, "a file in UTF-8");
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
