package dev.understudy.proxy.route;

import io.netty.handler.codec.http.HttpMethod;
import java.util.List;

/** Request methods by number, and sets of them as bits. */
final class Methods {
  /**
   * The methods that the Gateway's predicate can match; it compares others by identity, in vain.
   */
  private static final List<String> NAMED =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

  /**
   * The number of {@linkplain #index indexes}: one for each of {@link #NAMED}, and one for all
   * others together.
   */
  static final int COUNT = NAMED.size() + 1;

  static final int ALL = (1 << COUNT) - 1;

  private Methods() {}

  /** The set of that method alone; 0 if it is not one of {@link #NAMED}. */
  static int named(String name) {
    int index = NAMED.indexOf(name);
    return index < 0 ? 0 : 1 << index;
  }

  /** The number of a method: its position in {@link #NAMED}, found without a search. */
  static int index(HttpMethod method) {
    return switch (method.name()) {
      case "GET" -> 0;
      case "HEAD" -> 1;
      case "POST" -> 2;
      case "PUT" -> 3;
      case "PATCH" -> 4;
      case "DELETE" -> 5;
      case "OPTIONS" -> 6;
      case "TRACE" -> 7;
      default -> 8;
    };
  }
}
