package dev.understudy.conformance.migration;

import dev.understudy.testing.RawClient;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request as bytes, on a connection of its own.
 *
 * @param from the client's address
 * @param fields without {@code Host} if there is to be none
 * @param body empty: none
 * @param plain whether its path has one form only
 */
record GuardRequest(
    String from, String method, String target, List<String> fields, String body, boolean plain) {
  /** Who answered: a server's letter, a rule of HAProxy's, or a proxy for another reason. */
  record Answer(int status, String server, int rule) {
    boolean reachesServer() {
      return !server.isEmpty();
    }
  }

  private static final Pattern SERVER = Pattern.compile("(?i)\r\nx-server: ([A-C])\r\n");
  private static final Pattern RULE =
      Pattern.compile(
          "(?i)\r\n(?:x-rule: |location: [^\r]*rule=|www-authenticate: [^\r]*\"r)(\\d+)");

  String text() {
    return method
        + " "
        + target
        + " HTTP/1.1\r\n"
        + String.join("", fields.stream().map(each -> each + "\r\n").toList())
        + "Connection: close\r\n\r\n"
        + body;
  }

  /** Whether its host has one form only: no port, no final dot, small letters. */
  boolean hasPlainHost() {
    return fields.getFirst().matches("Host: [a-z.]*[a-z]");
  }

  /** Requests with one thing less each. */
  List<GuardRequest> simpler() {
    List<GuardRequest> all = new ArrayList<>();
    int query = target.indexOf('?');
    if (query >= 0) {
      all.add(with(method, target.substring(0, query), fields));
    }
    if (!method.equals("GET") && body.isEmpty()) {
      all.add(with("GET", target, fields));
    }
    if (!from.equals("127.0.0.1")) {
      all.add(new GuardRequest("127.0.0.1", method, target, fields, body, plain));
    }
    for (int i = 1; i < fields.size(); i++) {
      String field = fields.get(i);
      List<String> fewer = GuardRule.without(fields, i);
      if (field.startsWith("Content-Length") || field.startsWith("Transfer-Encoding")) {
        all.add(new GuardRequest(from, method, target, fewer, "", plain));
      } else {
        all.add(with(method, target, fewer));
      }
    }
    return all;
  }

  private GuardRequest with(String newMethod, String newTarget, List<String> newFields) {
    return new GuardRequest(from, newMethod, newTarget, newFields, body, plain);
  }

  Answer to(int port) {
    try (RawClient client = new RawClient(port, from)) {
      client.write(text().getBytes(StandardCharsets.ISO_8859_1));
      return answer(client.readAll());
    } catch (UncheckedIOException e) {
      return new Answer(0, "", 0);
    }
  }

  private static Answer answer(String text) {
    int status = text.startsWith("HTTP/1.") ? Integer.parseInt(text.substring(9, 12)) : 0;
    Matcher server = SERVER.matcher(text);
    Matcher rule = RULE.matcher(text.substring(0, Math.max(0, text.indexOf("\r\n\r\n"))));
    return new Answer(
        status,
        server.find() ? server.group(1) : "",
        rule.find() ? Integer.parseInt(rule.group(1)) : 0);
  }

  @Override
  public String toString() {
    return text().replace("\r\n", "\\r\\n") + (from.equals("127.0.0.1") ? "" : " from " + from);
  }
}
