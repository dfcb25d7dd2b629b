package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The request of a check: that of {@code option httpchk}, with what {@code send} changes. */
final class CheckRequest {
  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");

  /** Fields that the check sets itself. */
  private static final Set<String> OURS =
      Set.of("connection", "content-length", "transfer-encoding", "upgrade", "te");

  private String method;
  private String uri;
  private String host = "";
  private String content = "";
  private final YamlMap headers = YamlMap.flow();
  private boolean sent;

  private CheckRequest(String method, String uri) {
    this.method = method;
    this.uri = uri;
  }

  /** The request that the option describes: {@code [METHOD] URI [VERSION]}. */
  static CheckRequest of(Statement option) {
    if (option.size() > 3) {
      CheckRequest request = new CheckRequest(option.word(2), option.word(3));
      request.version(String.join(" ", option.from(4)));
      return request;
    }
    return option.word(2).matches("[A-Z]+")
        ? new CheckRequest(option.word(2), "")
        : new CheckRequest("", option.word(2));
  }

  /** Fields that an old form appends to the version: {@code HTTP/1.1\r\nHost:\ www}. */
  private void version(String version) {
    for (String line : List.of(version.split("\r\n", -1))) {
      int colon = line.indexOf(':');
      if (colon > 0 && !line.startsWith("HTTP/")) {
        field(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
  }

  /** The request target. */
  String target() {
    return uri.startsWith("/") ? uri : "/";
  }

  /** Applies {@code http-check send}, and judges it. */
  void send(Statement statement, Ledger ledger) {
    List<String> words = statement.from(2);
    List<String> left = new ArrayList<>();
    for (int i = 0; i + 1 < words.size(); i += 2) {
      String text = words.get(i + 1);
      switch (words.get(i)) {
        case "meth" -> method = text;
        case "uri" -> uri = text;
        case "body" -> content = text;
        case "uri-lf" -> uri = isText(text) ? plain(text) : left("uri-lf", uri, left);
        case "body-lf" -> content = isText(text) ? plain(text) : left("body-lf", content, left);
        case "hdr" -> {
          String value = i + 2 < words.size() ? words.get(i + 2) : "";
          if (isText(value)) {
            field(text, plain(value));
          } else {
            left.add("hdr " + text);
          }
          i++;
        }
        default -> {}
      }
    }
    judge(statement, left, ledger);
    sent = true;
  }

  private void judge(Statement statement, List<String> left, Ledger ledger) {
    if (sent) {
      ledger.unsupported(
          statement,
          "one request is sent for each check; this one takes the place of those before");
    } else if (left.isEmpty()) {
      ledger.row(statement, "http-check", "send");
    } else {
      ledger.unsupported(
          statement, "without " + String.join(", ", left) + ": texts of checks have no values");
    }
  }

  private static String left(String name, String before, List<String> left) {
    left.add(name);
    return before;
  }

  /** Whether a log format has no values. */
  private static boolean isText(String format) {
    return format.replace("%%", "").indexOf('%') < 0;
  }

  private static String plain(String format) {
    return format.replace("%%", "%");
  }

  private void field(String name, String value) {
    if (name.equalsIgnoreCase("Host")) {
      // An empty one, or a text that is no host, is not sent: checks then name the server's.
      host = HOST.matcher(value).matches() ? value : "";
    } else if (!OURS.contains(name.toLowerCase(Locale.ROOT)) && !headers.has(name)) {
      headers.put(name, value);
    }
  }

  /** Adds the request to a pool's health. */
  void addTo(YamlMap health) {
    health.put("method", method.isEmpty() ? "OPTIONS" : method);
    health.put("path", target());
    if (!host.isEmpty()) {
      health.put("host", host);
    }
    if (!headers.isEmpty()) {
      health.put("headers", headers);
    }
    if (!content.isEmpty()) {
      health.put("content", content);
    }
  }
}
