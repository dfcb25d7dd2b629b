package dev.understudy.haproxy.translate;

import dev.understudy.condition.Template;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The error responses of a section. Those of one with servers become pages, their bodies in files
 * beside the dynamic file; where no pool has pages, filters respond with them.
 */
final class SectionErrorPages extends SectionTranslation {
  private static final List<String> LINES = List.of("errorfile", "errorfiles", "http-error");

  /**
   * An error response, and the section's own line that names it, not one of an {@code http-errors}
   * section.
   */
  private record Page(Statement statement, ErrorResponseSource source) {}

  /** The pages by status; the last line of each counts. */
  private final Map<String, Page> pages = new LinkedHashMap<>();

  SectionErrorPages(ProxySection proxy) {
    super(proxy);
    LINES.forEach(proxy::takeAll);
    for (Statement statement : proxy.statements()) {
      switch (statement.keyword()) {
        case "errorfiles" -> readSection(statement);
        case "errorfile", "http-error" -> read(statement);
        default -> {}
      }
    }
  }

  static boolean isOf(Statement statement) {
    return LINES.contains(statement.keyword());
  }

  private void read(Statement statement) {
    ErrorResponseSource source = ErrorResponseSource.of(statement, context.errorFiles);
    if (source.isDefault()) {
      ledger.notNeeded(statement, "the page of that status is the built-in one");
    } else if (!source.isComplete()) {
      ledger.problem(
          statement,
          "expected 'errorfile STATUS FILE' or 'http-error status STATUS file|string TEXT'");
    } else {
      put(statement, source);
    }
  }

  private void readSection(Statement statement) {
    Map<String, String> files = context.errorFiles.get(statement.word(1));
    if (files == null) {
      ledger.problem(
          statement,
          "expected the name of an http-errors section, found '" + statement.word(1) + "'");
      return;
    }
    List<String> codes = statement.from(2);
    files.forEach(
        (status, file) -> {
          if (codes.isEmpty() || codes.contains(status)) {
            put(statement, ErrorResponseSource.ofFile(status, file));
          }
        });
    if (pages.values().stream().noneMatch(each -> each.statement().equals(statement))) {
      ledger.notNeeded(statement, "the section has no such file");
    }
  }

  private void put(Statement statement, ErrorResponseSource source) {
    Page before = pages.remove(source.status());
    if (before != null && !before.statement().keyword().equals("errorfiles")) {
      proxy.replaced(before.statement(), statement);
    }
    pages.put(source.status(), new Page(statement, source));
  }

  /** Adds {@code error-pages}, of a pool or of all, if there is a page and none so far. */
  void addTo(YamlMap map) {
    boolean isTaken = map.has("error-pages");
    YamlMap yaml = YamlMap.flow();
    Set<String> comments = new LinkedHashSet<>();
    pages.forEach(
        (status, page) -> {
          Statement statement = page.statement();
          if (status.charAt(0) < '4') {
            ledger.unsupported(statement, "pages have a status from 400 to 599");
            return;
          }
          Optional<ErrorFile> response = response(page);
          if (response.isEmpty()) {
            return;
          }
          if (response.get().body().isBlank()) {
            ledger.unsupported(statement, "left out: the file has no body; error pages have one");
          } else if (isTaken) {
            ledger.approximated(
                statement, "all pools have the pages of the first frontend that has some");
          } else {
            yaml.put(status, written(status, page, response.get()));
            ledger.row(
                statement, "proxy", statement.keyword(), differences(status, response.get()));
            comments.add(statement.source());
          }
        });
    if (!yaml.isEmpty()) {
      map.put("error-pages", yaml, List.copyOf(comments));
    }
  }

  /** The response; absent, with a verdict, if it cannot be had. */
  private Optional<ErrorFile> response(Page page) {
    try {
      return Optional.of(page.source().response(context.files));
    } catch (SyntaxException e) {
      ledger.unsupported(page.statement(), "left out: " + e.text());
      return Optional.empty();
    }
  }

  /** What a page lacks of a response; empty: nothing. */
  private static String differences(String status, ErrorFile response) {
    String type = response.contentType();
    boolean isSame =
        type.isEmpty() || type.startsWith("text/html") || type.startsWith("application/json");
    String detail = isSame ? "" : "not as " + type;
    for (String name : response.otherFields().keySet()) {
      // No error response is cached here.
      if (!name.equalsIgnoreCase("Cache-Control")) {
        detail = RuleConditions.joined(detail, "without " + name);
      }
    }
    return response.status().equals(status)
        ? detail
        : RuleConditions.joined(detail, "with status " + status + ", not " + response.status());
  }

  /** The name of a file with this text beside the dynamic file: others may have the same name. */
  private String written(String status, Page page, ErrorFile response) {
    String file = page.source().isFile() ? page.source().text() : "error-" + status;
    String end = response.body().stripLeading().startsWith("{") ? ".json" : ".html";
    String base =
        file.substring(file.lastIndexOf('/') + 1)
            .toLowerCase(Locale.ROOT)
            .replaceAll("\\.(http|html|htm|txt|json)$", "");
    return context.addFile(base, end, response.body());
  }

  /**
   * The filters of a section without servers, where no pool has pages: those that deny respond with
   * the section's own responses.
   */
  List<ImportedFilter> instead(List<ImportedFilter> filters) {
    List<ImportedFilter> all = filters.stream().map(this::instead).toList();
    pages.values().stream()
        .map(Page::statement)
        .filter(each -> proxy.isOwn(each) && !ledger.isJudged(each))
        .forEach(each -> ledger.notNeeded(each, "no response of this section has that status"));
    return all;
  }

  private ImportedFilter instead(ImportedFilter filter) {
    Page page = pages.get(filter.arguments().getOrDefault("status", ""));
    if (page == null || !filter.name().equals("Deny")) {
      return filter;
    }
    Optional<ErrorFile> response = response(page);
    if (response.isEmpty()) {
      return filter;
    }
    if (response.get().body().length() > Template.LONGEST) {
      ledger.unsupported(
          page.statement(),
          "left out: texts of Respond have at most 16 KB; name the page in error-pages");
      return filter;
    }
    ErrorFile.FixedResponse local = response.get().fixed("");
    ledger.row(page.statement(), "proxy", "errorfile (no server)", local.detail());
    List<String> comments = new ArrayList<>(filter.comments());
    comments.add(page.statement().source());
    return new ImportedFilter("Respond", local.arguments(), filter.when(), comments);
  }
}
