package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The request of a check: that of {@code option httpchk}, with what {@code send} changes. */
final class CheckRequest {
  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");

  /** Fields that the check sets itself. */
  private static final Set<String> OWN =
      Set.of("connection", "content-length", "transfer-encoding", "upgrade", "te");

  /** Settings of {@code health} by the name that {@code send} has for them. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "meth", "method", "uri", "path", "uri-lf", "path", "body", "content", "body-lf",
          "content");

  private static final Pattern URL = Pattern.compile("(?i)(https?://[^/?]*).*");

  private static final String FIELD = "hdr ";

  /** Settings except {@code headers}; empty ones are not written. */
  private final Map<String, String> values = new HashMap<>(Map.of("method", "OPTIONS"));

  private final YamlMap headers = YamlMap.flow();
  private final List<Statement> sends;

  /** What is left out of the first of the {@code send} lines, as it has values. */
  private final List<String> leftOut = new ArrayList<>();

  /**
   * @param option {@code option httpchk [METHOD] URI [VERSION]}
   */
  CheckRequest(Statement option, List<Statement> sends) {
    this.sends = sends;
    if (option.size() > 3) {
      set("meth", option.word(2));
      set("uri", option.word(3));
      version(String.join(" ", option.from(4)));
    } else if (option.word(2).matches("[A-Z]+")) {
      set("meth", option.word(2));
    } else {
      set("uri", option.word(2));
    }
    sends.forEach(this::send);
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

  private void send(Statement line) {
    List<String> words = line.from(2);
    boolean first = line.equals(sends.getFirst());
    for (int i = 0; i + 1 < words.size(); i += 2) {
      String name = words.get(i);
      String text = words.get(i + 1);
      if (name.equals("hdr")) {
        i++;
        name = FIELD + text;
        text = i + 1 < words.size() ? words.get(i + 1) : "";
      }
      boolean formatted = name.startsWith(FIELD) || name.endsWith("-lf");
      if (formatted && text.replace("%%", "").indexOf('%') >= 0) {
        if (first) {
          leftOut.add(name);
        }
      } else {
        set(name, formatted ? text.replace("%%", "%") : text);
      }
    }
  }

  private void set(String name, String text) {
    if (name.startsWith(FIELD)) {
      field(name.substring(FIELD.length()), text);
    } else if (SETTINGS.containsKey(name)) {
      values.put(SETTINGS.getOrDefault(name, name), text);
    }
  }

  private void field(String name, String value) {
    if (name.equalsIgnoreCase("Host")) {
      // An empty one, or a text that is no host, is not sent: checks then name the server's.
      values.put("host", HOST.matcher(value).matches() ? value : "");
    } else if (!OWN.contains(name.toLowerCase(Locale.ROOT)) && !headers.has(name)) {
      headers.put(name, value);
    }
  }

  /** The request target: a path, which of HAProxy's may be a whole URL, an asterisk or any text. */
  String target() {
    String asked = values.getOrDefault("path", "");
    Matcher url = URL.matcher(asked);
    String path = url.matches() ? asked.substring(url.end(1)) : asked;
    return path.startsWith("/") ? path : path.startsWith("?") ? "/" + path : "/";
  }

  /** How the target differs from HAProxy's; empty if it does not. */
  String difference() {
    String asked = values.getOrDefault("path", "");
    return asked.isEmpty() || asked.startsWith("/")
        ? ""
        : "the check asks for '" + target() + "', in HAProxy for '" + asked + "'";
  }

  /** Judges the {@code send} lines. */
  void judge(VerdictLedger ledger) {
    for (Statement line : sends) {
      if (!line.equals(sends.getFirst())) {
        ledger.unsupported(
            line, "one request is sent for each check; this one takes the place of those before");
      } else if (leftOut.isEmpty()) {
        ledger.row(line, "http-check", "send");
      } else {
        ledger.unsupported(
            line, "without " + String.join(", ", leftOut) + ": texts of checks have no values");
      }
    }
  }

  /** Adds the request to a pool's health. */
  void addTo(YamlMap health) {
    put("method", health);
    health.put("path", target());
    put("host", health);
    if (!headers.isEmpty()) {
      health.put("headers", headers);
    }
    put("content", health);
  }

  private void put(String setting, YamlMap health) {
    String value = values.getOrDefault(setting, "");
    if (!value.isEmpty()) {
      health.put(setting, value);
    }
  }
}
