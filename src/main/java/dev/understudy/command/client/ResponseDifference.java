package dev.understudy.command.client;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * A difference between two responses.
 *
 * @param of {@code response}, {@code status}, {@code body}, or {@code header} and a name
 */
record ResponseDifference(String of, String first, String second) {
  /**
   * Fields that are not compared: of the moment, of the connection, or of the proxy's own. The
   * length is compared by the body; of responses to HEAD the field is.
   */
  static final Set<String> IGNORED =
      Set.of(
          "age",
          "connection",
          "content-length",
          "date",
          "keep-alive",
          "proxy-connection",
          "server",
          "transfer-encoding",
          "via",
          "x-request-id");

  private static final String COOKIE = "set-cookie";
  private static final String NONE = "(none)";
  private static final int DIGITS = 12;
  private static final int EXCERPT = 40;

  /**
   * Compares two responses to the same request.
   *
   * @param ignored further fields that do not count, in lower case
   */
  static List<ResponseDifference> between(
      ComparedRequest request,
      ComparedResponse first,
      ComparedResponse second,
      Set<String> ignored) {
    if (!first.isWhole() || !second.isWhole()) {
      return first.failure().equals(second.failure())
          ? List.of()
          : List.of(new ResponseDifference("response", outcome(first), outcome(second)));
    }
    List<ResponseDifference> found = new ArrayList<>();
    if (first.status() != second.status()) {
      found.add(
          new ResponseDifference(
              "status", Integer.toString(first.status()), Integer.toString(second.status())));
    }
    Set<String> names = new TreeSet<>(first.fields().keySet());
    names.addAll(second.fields().keySet());
    for (String name : names) {
      boolean counts =
          !IGNORED.contains(name)
              || (name.equals("content-length") && request.method().equals("HEAD"));
      String one = values(first, name);
      String other = values(second, name);
      if (counts && !ignored.contains(name) && !one.equals(other)) {
        found.add(new ResponseDifference("header " + name, one, other));
      }
    }
    if (first.isCut() != second.isCut() || !Arrays.equals(first.body(), second.body())) {
      found.add(bodies(first, second));
    }
    return found;
  }

  private static String outcome(ComparedResponse response) {
    return response.isWhole() ? "status " + response.status() : response.failure();
  }

  private static String values(ComparedResponse response, String name) {
    List<String> values = response.fields().get(name);
    if (values == null) {
      return NONE;
    }
    return String.join(
        ", ",
        name.equals(COOKIE) ? values.stream().map(ResponseDifference::cookie).toList() : values);
  }

  /** A cookie without its value and the time of its end; attributes in lower case. */
  private static String cookie(String value) {
    String[] parts = value.split(";", -1);
    StringBuilder text = new StringBuilder(parts[0].replaceFirst("=.*", "").strip()).append("=…");
    Arrays.stream(parts)
        .skip(1)
        .map(each -> each.strip().toLowerCase(Locale.ROOT))
        .filter(each -> !each.startsWith("expires="))
        .sorted()
        .forEach(each -> text.append("; ").append(each));
    return text.toString();
  }

  private static ResponseDifference bodies(ComparedResponse first, ComparedResponse second) {
    int at = Arrays.mismatch(first.body(), second.body());
    return new ResponseDifference("body", body(first, at), body(second, at));
  }

  /**
   * @param at where the first difference is; -1: behind the bound
   */
  private static String body(ComparedResponse response, int at) {
    byte[] body = response.body();
    String size = (response.isCut() ? "more than " : "") + body.length + " bytes";
    String place =
        at < 0
            ? ""
            : ", from byte %d on '%s'"
                .formatted(
                    at,
                    new String(
                        body,
                        Math.min(at, body.length),
                        Math.min(EXCERPT, body.length - Math.min(at, body.length)),
                        StandardCharsets.UTF_8));
    return size + " (SHA-256 " + digest(body) + ")" + place;
  }

  private static String digest(byte[] body) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(body);
      return HexFormat.of().formatHex(digest).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
