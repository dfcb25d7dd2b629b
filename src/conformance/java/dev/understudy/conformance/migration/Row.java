package dev.understudy.conformance.migration;

import java.util.List;
import java.util.stream.Stream;

/**
 * A line of a {@code .requests} file: a request, or after {@code !} an event. The first request
 * after an event has another response because of it, since that is awaited of both proxies.
 *
 * <pre>
 * PORT[@SERVER-NAME] METHOD TARGET [| Name: value]...
 * ! kill|restore|unhealthy SERVER
 * </pre>
 *
 * @param port the variable with the port's number
 * @param serverName for the TLS handshake; {@code localhost} if none is given
 */
record Row(
    String text,
    boolean event,
    String port,
    String serverName,
    String method,
    String target,
    List<String> headers) {

  static Row of(String line) {
    if (line.startsWith("! ")) {
      String[] words = line.substring(2).split(" ");
      return new Row(line, true, "", "", words[0], words[1], List.of());
    }
    String[] parts = line.split(" \\| ");
    String[] words = parts[0].strip().split(" ");
    int at = words[0].indexOf('@');
    return new Row(
        line,
        false,
        at < 0 ? words[0] : words[0].substring(0, at),
        at < 0 ? "localhost" : words[0].substring(at + 1),
        words[1],
        words[2],
        Stream.of(parts).skip(1).map(String::strip).toList());
  }

  boolean tls() {
    return port.equals("SECURE");
  }
}
