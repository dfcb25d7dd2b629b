package dev.understudy.config;

import dev.understudy.pool.ErrorPage;
import dev.understudy.pool.ErrorPages;
import dev.understudy.text.Suggestions;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Maps {@code error-pages}: by status, by class of status ({@code 4xx}, {@code 5xx}), or for {@code
 * maintenance}, a path or a map of paths ({@code html}, {@code json}). A path that ends in {@code
 * .json} is a JSON page, any other file an HTML page.
 */
record ErrorPagesMapper(ErrorPageFiles files, Problems problems) {
  private static final String MAINTENANCE = "maintenance";
  private static final String HTML = "html";
  private static final String JSON = "json";
  private static final List<String> KINDS = List.of(HTML, JSON);

  /**
   * Returns the page of each status, and of maintenance, that has one; reports the problems of the
   * others.
   */
  Map<Integer, ErrorPage> map(@Nullable Node node) {
    if (!(node instanceof MapNode map) || map.entries().size() > DynamicFileLimits.ERROR_PAGES) {
      return Map.of();
    }
    Map<String, ErrorPage> written = new HashMap<>();
    map.entries()
        .forEach(
            (key, value) -> {
              ErrorPage page = problems.isAnyIn(value.path()) ? null : page(value);
              if (page != null) {
                written.put(key, page);
              }
            });
    return byStatus(written);
  }

  private @Nullable ErrorPage page(Node node) {
    return switch (node) {
      case ScalarNode path ->
          path.text().toLowerCase(Locale.ROOT).endsWith(".json")
              ? new ErrorPage(null, files.json(path))
              : new ErrorPage(files.html(path), null);
      case MapNode map -> page(map);
      case ListNode list -> {
        problems.wrong(list, "the path of a file, or a map with html and json");
        yield null;
      }
    };
  }

  private @Nullable ErrorPage page(MapNode map) {
    if (map.entries().isEmpty()) {
      problems.wrong(map, "html, json or both");
    }
    for (String key : map.entries().keySet()) {
      if (!KINDS.contains(key)) {
        problems.key(map, key, null, Suggestions.unknown("key", key, KINDS));
      }
    }
    ScalarNode html = path(map, HTML);
    ScalarNode json = path(map, JSON);
    return new ErrorPage(
        html == null ? null : files.html(html), json == null ? null : files.json(json));
  }

  private @Nullable ScalarNode path(MapNode map, String kind) {
    Node node = map.get(kind);
    if (node == null || node instanceof ScalarNode) {
      return (ScalarNode) node;
    }
    problems.wrong(node, "the path of a file");
    return null;
  }

  private static Map<Integer, ErrorPage> byStatus(Map<String, ErrorPage> written) {
    Map<Integer, ErrorPage> pages = new HashMap<>();
    if (!written.isEmpty()) {
      for (int status = 400; status <= 599; status++) {
        ErrorPage exact = written.get(Integer.toString(status));
        ErrorPage ofClass = written.get(status / 100 + "xx");
        ErrorPage page = exact == null ? ofClass : exact.or(ofClass);
        if (page != null) {
          pages.put(status, page);
        }
      }
    }
    ErrorPage maintenance = written.get(MAINTENANCE);
    if (maintenance != null) {
      pages.put(ErrorPages.MAINTENANCE, maintenance);
    }
    return pages;
  }
}
