package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Error files and texts become pages: their bodies, in files beside the dynamic file. */
final class ErrorPages {
  private final Ledger ledger;

  /** The last line of each status counts. */
  private final Map<String, Statement> statements = new LinkedHashMap<>();

  private final Map<String, String> pages = new LinkedHashMap<>();

  private ErrorPages(Ledger ledger) {
    this.ledger = ledger;
  }

  static ErrorPages of(Context context, Proxy proxy) {
    ErrorPages all = new ErrorPages(context.ledger);
    List<Statement> lines = new ArrayList<>(proxy.takeAll("errorfile"));
    lines.addAll(proxy.takeAll("http-error"));
    for (Statement statement : proxy.inOrder(lines)) {
      ErrorSource source = ErrorSource.of(statement);
      if (!source.status().matches("[2-5][0-9]{2}") || source.text().isEmpty()) {
        context.ledger.problem(
            statement,
            "expected 'errorfile STATUS FILE' or 'http-error status STATUS file|string TEXT'");
        continue;
      }
      Statement before = all.statements.remove(source.status());
      if (before != null) {
        proxy.replaced(before, statement);
      }
      all.statements.put(source.status(), statement);
    }
    all.statements.values().forEach(each -> all.add(context, ErrorSource.of(each), each));
    return all;
  }

  private void add(Context context, ErrorSource source, Statement statement) {
    if (source.status().charAt(0) < '4') {
      ledger.lost(statement, "pages have a status from 400 to 599");
      return;
    }
    if (!source.why().isEmpty()) {
      ledger.lost(statement, "left out: " + source.why());
      return;
    }
    Optional<String> content =
        source.isFile() ? context.files.apply(source.text()) : Optional.of(source.text());
    if (content.isEmpty()) {
      ledger.lost(
          statement,
          "left out: '"
              + source.text()
              + "' cannot be read here; copy its body, without the head, to a file"
              + " and name that in error-pages");
      return;
    }
    String body = ErrorFile.body(content.get());
    if (body.isBlank()) {
      ledger.lost(statement, "left out: the file has no body; error pages have one");
      return;
    }
    String file = source.isFile() ? source.text() : "error-" + source.status();
    pages.put(source.status(), written(context, file, body));
    ledger.row(statement, "proxy", statement.keyword(), source.detail());
  }

  /** The name of a file with this text beside the dynamic file: others may have the same name. */
  private static String written(Context context, String file, String body) {
    String end = body.stripLeading().startsWith("{") ? ".json" : ".html";
    String base =
        file.substring(file.lastIndexOf('/') + 1)
            .toLowerCase(Locale.ROOT)
            .replaceAll("\\.(http|html|htm|txt|json)$", "");
    return context.addFile(base, end, body);
  }

  /** Adds {@code error-pages}, of a pool or of all, if there is a page and none so far. */
  void addTo(YamlMap map) {
    if (pages.isEmpty()) {
      return;
    }
    if (map.has("error-pages")) {
      pages.keySet().stream()
          .map(statements::get)
          .forEach(
              each ->
                  ledger.differently(
                      each, "pages of all pools are those of the first frontend that has some"));
      return;
    }
    YamlMap yaml = YamlMap.flow();
    pages.forEach(yaml::put);
    List<String> comments =
        pages.keySet().stream().map(statements::get).map(Statement::source).toList();
    map.put("error-pages", yaml, comments);
  }
}
