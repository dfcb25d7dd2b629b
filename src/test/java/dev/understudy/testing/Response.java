package dev.understudy.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * A response as a client saw it.
 *
 * @param status 0: there was no head
 * @param head status line and fields, as they came; of HTTP/2 written as of HTTP/1
 * @param body with trailers behind it, each as {@code [name: value]}
 * @param reset whether it broke off before its end
 */
public record Response(int status, String head, String body, boolean reset) {
  public List<String> headers(String field) {
    return headers(head, field);
  }

  public String header(String field) {
    return header(head, field);
  }

  /** All values of that field in a head, in order. */
  static List<String> headers(String head, String field) {
    List<String> values = new ArrayList<>();
    for (String line : head.split("\r\n")) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(field)) {
        values.add(line.substring(colon + 1).trim());
      }
    }
    return values;
  }

  /** The first value of that field in a head; null if there is none. */
  static String header(String head, String field) {
    List<String> values = headers(head, field);
    return values.isEmpty() ? null : values.get(0);
  }
}
