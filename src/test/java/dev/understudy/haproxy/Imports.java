package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Result;
import dev.understudy.haproxy.HaproxyImport.Surroundings;
import dev.understudy.haproxy.HaproxyImport.Unreadable;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Imports of texts. */
final class Imports {
  /** Lines 1 to 9 of {@link #with}. */
  private static final String HEAD =
      """
      defaults
        mode http
        timeout connect 1s
        timeout client 1s
        timeout server 1s
      frontend web
        bind :80
        default_backend app
      """;

  private static final String BACKEND =
      """
      backend app
        server one 127.0.0.1:81
      """;

  private Imports() {}

  static Result of(String text) {
    return of(text, Map.of(), Map.of());
  }

  static Result of(String text, Map<String, String> variables, Map<String, String> files) {
    return of(text, variables, files, null);
  }

  static Result of(
      String text,
      Map<String, String> variables,
      Map<String, String> files,
      @Nullable HaproxyVersion version) {
    return HaproxyImport.of(
        text,
        new Surroundings(
            "haproxy.cfg",
            variables::get,
            name -> Optional.ofNullable(files.get(name)),
            name -> false,
            version));
  }

  static Imported good(String text) {
    Result result = of(text);
    assertThat(result).as(result.report()).isInstanceOf(Imported.class);
    return (Imported) result;
  }

  static String problems(String text) {
    Result result = of(text);
    assertThat(result).as(text).isInstanceOf(Unreadable.class);
    return result.report();
  }

  /** A frontend with more lines, before a backend with one server. */
  static String front(String... lines) {
    return HEAD + lines(lines) + BACKEND;
  }

  /** A backend with more lines, behind a frontend. */
  static String back(String... lines) {
    return HEAD + BACKEND + lines(lines);
  }

  private static String lines(String... lines) {
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      text.append("  ").append(line).append('\n');
    }
    return text.toString();
  }

  static LineVerdict verdict(Imported imported, String line) {
    return imported.lines().stream()
        .filter(each -> each.source().equals(line))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no verdict of " + line));
  }
}
