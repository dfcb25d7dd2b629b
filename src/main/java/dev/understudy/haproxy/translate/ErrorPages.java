package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Error files become pages: their bodies, in files beside the dynamic file. */
final class ErrorPages {
  private final YamlMap pages = YamlMap.flow();
  private final List<String> comments = new ArrayList<>();

  private ErrorPages() {}

  static ErrorPages of(Context context, Proxy proxy) {
    ErrorPages all = new ErrorPages();
    proxy.takeAll("errorfile").forEach(each -> all.add(context, each));
    return all;
  }

  private void add(Context context, Statement statement) {
    Ledger ledger = context.ledger;
    String status = statement.word(1);
    String file = statement.word(2);
    if (!status.matches("[2-5][0-9]{2}") || file.isEmpty()) {
      ledger.problem(statement, "expected 'errorfile STATUS FILE'");
      return;
    }
    if (status.charAt(0) < '4' || pages.has(status)) {
      ledger.lost(statement, "pages have a status from 400 to 599, one for each");
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
    boolean json = body.stripLeading().startsWith("{");
    String name = file.substring(file.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    name = name.replaceAll("\\.(http|html|htm|txt|json)$", "") + (json ? ".json" : ".html");
    context.extraFiles.put(name, body);
    pages.put(status, name);
    comments.add(statement.source());
    ledger.row(statement, "proxy", "errorfile");
  }

  /** Adds {@code error-pages}, of a pool or of all, if there is a page and none so far. */
  void addTo(YamlMap map) {
    if (!pages.isEmpty() && !map.has("error-pages")) {
      map.put("error-pages", pages, comments);
    }
  }
}
