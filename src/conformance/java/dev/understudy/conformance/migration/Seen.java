package dev.understudy.conformance.migration;

import dev.understudy.scenario.HttpConnection.Answer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a client saw of a response, without what differs between the two proxies by design.
 *
 * @param headers of a server's response all but those, of a local one those that lead on
 * @param request as the server got it; empty for a local response
 * @param text of a local response with its media type; empty for an error page of HAProxy's own
 */
record Seen(int status, Map<String, String> headers, List<String> request, String text) {
  /** Set by one of the two only, or another each time. */
  private static final Set<String> OWN =
      Set.of("x-request-id", "connection", "keep-alive", "date", "server", "content-length");

  private static final Set<String> OF_LOCAL =
      Set.of(
          "access-control-allow-methods",
          "access-control-max-age",
          "location",
          "retry-after",
          "strict-transport-security",
          "www-authenticate",
          "x-frame-options");

  /** Statuses of which Understudy's error pages say when to try again. */
  private static final Set<Integer> PAGES_WITH_RETRY = Set.of(429, 503);

  /** How an error page of HAProxy's own begins. */
  private static final String ERROR_PAGE = "<html><body><h1>";

  /** Fields that Understudy always adds, and HAProxy's own, sent upstream. */
  private static final List<String> OWN_UPSTREAM =
      List.of(
          "x-request-id:",
          "x-forwarded-",
          "forwarded:",
          "understudy-",
          "connection:",
          "x-haproxy-");

  static Seen of(Answer response) {
    List<String> request = request(response.body());
    Map<String, String> headers = new TreeMap<>(response.headers());
    headers.keySet().removeAll(OWN);
    if (request.isEmpty()) {
      headers.keySet().retainAll(OF_LOCAL);
    }
    // RFC 7617 §2.1: names are in UTF-8, which HAProxy does not say.
    headers.computeIfPresent(
        "www-authenticate", (name, value) -> value.replace(", charset=\"UTF-8\"", ""));
    headers.computeIfPresent("set-cookie", (name, cookie) -> cookie.replaceFirst("=.*", ""));
    return new Seen(response.status(), headers, request, request.isEmpty() ? text(response) : "");
  }

  /**
   * The same for a comparison with what HAProxy responded: error pages are each proxy's own, and
   * only Understudy's say when to try again.
   */
  Seen besides(Seen other) {
    if (!other.text.isEmpty()) {
      return this;
    }
    Map<String, String> compared = new TreeMap<>(headers);
    if (PAGES_WITH_RETRY.contains(status) && !other.headers.containsKey("retry-after")) {
      compared.remove("retry-after");
    }
    return new Seen(status, compared, request, "");
  }

  private static String text(Answer response) {
    String body = response.body();
    boolean redirect = response.status() / 100 == 3;
    String type = response.headers().getOrDefault("content-type", "").replaceFirst(" *;.*", "");
    return redirect || body.isEmpty() || body.startsWith(ERROR_PAGE) ? "" : type + ": " + body;
  }

  private static List<String> request(String body) {
    List<String> lines = body.lines().toList();
    return lines.isEmpty() || !lines.getFirst().matches("[A-D]")
        ? List.of()
        : lines.stream().filter(Seen::isCompared).map(Seen::lowerName).sorted().toList();
  }

  private static boolean isCompared(String line) {
    String lower = line.toLowerCase(Locale.ROOT);
    return OWN_UPSTREAM.stream().noneMatch(lower::startsWith);
  }

  /** HAProxy writes names in small letters. */
  private static String lowerName(String line) {
    int colon = line.indexOf(": ");
    return colon < 0 || line.indexOf(' ') < colon
        ? line
        : line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon);
  }

  /** Who responded: a server's name, or nobody. */
  String by() {
    return Stream.concat(request.stream().filter(line -> line.matches("[A-D]")), Stream.of("-"))
        .findFirst()
        .orElseThrow();
  }
}
