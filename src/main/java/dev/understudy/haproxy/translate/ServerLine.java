package dev.understudy.haproxy.translate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Parameters of {@code server}, {@code server-template} and {@code default-server} lines. */
final class ServerLine {
  private static final Set<String> FLAGS =
      Set.of(
          "agent-check",
          "allow-0rtt",
          "backup",
          "check",
          "check-send-proxy",
          "check-reuse-pool",
          "check-ssl",
          "disabled",
          "enabled",
          "force-sslv3",
          "force-tlsv10",
          "force-tlsv11",
          "force-tlsv12",
          "force-tlsv13",
          "log-bufsize",
          "no-agent-check",
          "no-backup",
          "no-check",
          "no-check-reuse-pool",
          "no-check-send-proxy",
          "no-check-ssl",
          "no-send-proxy",
          "no-send-proxy-v2",
          "no-send-proxy-v2-ssl",
          "no-send-proxy-v2-ssl-cn",
          "no-ssl",
          "no-ssl-reuse",
          "no-sslv3",
          "no-tfo",
          "no-tls-tickets",
          "no-tlsv10",
          "no-tlsv11",
          "no-tlsv12",
          "no-tlsv13",
          "no-verifyhost",
          "non-stick",
          "send-proxy",
          "send-proxy-v2",
          "send-proxy-v2-ssl",
          "send-proxy-v2-ssl-cn",
          "ssl",
          "ssl-reuse",
          "stick",
          "tfo",
          "tls-tickets",
          "tlsv1");

  private static final String NO = "no-";

  private final Map<String, String> parameters = new LinkedHashMap<>();

  private ServerLine() {}

  /** The parameters of a line, on top of others. */
  static ServerLine of(ServerLine defaults, List<String> words) {
    ServerLine line = new ServerLine();
    line.parameters.putAll(defaults.parameters);
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      String value = FLAGS.contains(word) || i + 1 >= words.size() ? "" : words.get(++i);
      line.add(word, value);
    }
    return line;
  }

  /** Whether a parameter has no value. */
  static boolean isFlag(String name) {
    return FLAGS.contains(name);
  }

  static ServerLine none() {
    return new ServerLine();
  }

  private void add(String word, String value) {
    switch (word) {
      case "enabled" -> parameters.remove("disabled");
      case "stick" -> parameters.remove("non-stick");
      case "source" -> {
        // Its own options, such as usesrc, follow as parameters without effect on ours.
        parameters.put(word, value);
      }
      default -> {
        if (word.startsWith(NO) && FLAGS.contains(word.substring(NO.length()))) {
          parameters.remove(word.substring(NO.length()));
        }
        parameters.put(word, value);
        if (FLAGS.contains(NO + word)) {
          parameters.remove(NO + word);
        }
      }
    }
  }

  boolean has(String name) {
    return parameters.containsKey(name);
  }

  String value(String name) {
    return parameters.getOrDefault(name, "");
  }

  Optional<String> find(String name) {
    return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
  }

  Map<String, String> parameters() {
    return parameters;
  }
}
