package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads texts as if they were {@code gateway.yaml}. */
final class Texts {
  static final String POOL =
      """
      pools:
        sense:
          servers:
            sen2: { url: "http://a:1" }
      """;
  static final String ROUTE =
      """
      routes:
        - { id: all, uri: "pool://sense", predicates: ["Path=/**"] }
      """;

  private Texts() {}

  static LoadResult read(String text) {
    return read(text, Map.of(), RouteChecker.NONE);
  }

  static LoadResult read(String text, Map<String, String> variables, RouteChecker checker) {
    return read(text.getBytes(StandardCharsets.UTF_8), variables, checker);
  }

  static LoadResult read(byte[] content, Map<String, String> variables, RouteChecker checker) {
    return new ConfigLoader(variables::get, checker).load(Path.of("gateway.yaml"), content);
  }

  static DynamicConfig good(String text) {
    return good(read(text));
  }

  static DynamicConfig good(LoadResult result) {
    return switch (result) {
      case LoadResult.Loaded loaded -> loaded.config();
      case LoadResult.Rejected rejected ->
          throw new AssertionError("rejected: " + rejected.problems());
    };
  }

  static List<Problem> problems(String text) {
    return problems(read(text));
  }

  static List<Problem> problems(LoadResult result) {
    return result instanceof LoadResult.Rejected rejected ? rejected.problems() : List.of();
  }

  /** The stable one-line forms. */
  static List<String> lines(String text) {
    return problems(text).stream().map(Problem::toString).toList();
  }

  /** Requires the problems that stand in their lines, each after {@code #!}, and no others. */
  static void check(String text) {
    assertThat(lines(text)).containsExactlyElementsOf(marked(text, "gateway.yaml:%d: %s"));
  }

  /** What the lines have after each {@code #!}, with the line's number before it. */
  static List<String> marked(String text, String form) {
    List<String> marked = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      int number = i + 1;
      Stream.of(lines.get(i).split(" +#! "))
          .skip(1)
          .map(each -> form.formatted(number, each))
          .forEach(marked::add);
    }
    return marked;
  }
}
