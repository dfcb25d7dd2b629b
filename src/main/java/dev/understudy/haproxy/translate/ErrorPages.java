package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Error files become pages: their bodies, in files beside the dynamic file. */
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
    for (Statement statement : proxy.takeAll("errorfile")) {
      String status = statement.word(1);
      if (!status.matches("[2-5][0-9]{2}") || statement.word(2).isEmpty()) {
        context.ledger.problem(statement, "expected 'errorfile STATUS FILE'");
        continue;
      }
      Statement before = all.statements.remove(status);
      if (before != null) {
        proxy.replaced(before, statement);
      }
      all.statements.put(status, statement);
    }
    all.statements.forEach((status, statement) -> all.add(context, status, statement));
    return all;
  }

  private void add(Context context, String status, Statement statement) {
    String file = statement.word(2);
    if (status.charAt(0) < '4') {
      ledger.lost(statement, "pages have a status from 400 to 599");
      return;
    }
    Optional<String> content = context.files.apply(file);
    if (content.isEmpty()) {
      ledger.lost(
          statement,
          "left out: '"
              + file
              + "' cannot be read here; copy its body, without the head, to a file"
              + " and name that in error-pages");
      return;
    }
    String body = ErrorFile.body(content.get());
    if (body.isBlank()) {
      ledger.lost(statement, "left out: the file has no body; error pages have one");
      return;
    }
    pages.put(status, written(context, file, body));
    ledger.row(statement, "proxy", "errorfile");
  }

  /** The name of a file with this text beside the dynamic file: others may have the same name. */
  private static String written(Context context, String file, String body) {
    String end = body.stripLeading().startsWith("{") ? ".json" : ".html";
    String base =
        file.substring(file.lastIndexOf('/') + 1)
            .toLowerCase(Locale.ROOT)
            .replaceAll("\\.(http|html|htm|txt|json)$", "");
    String name = base + end;
    for (int i = 2; !context.extraFiles.getOrDefault(name, body).equals(body); i++) {
      name = base + "-" + i + end;
    }
    context.extraFiles.put(name, body);
    return name;
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
