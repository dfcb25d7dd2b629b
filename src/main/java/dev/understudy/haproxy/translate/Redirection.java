package dev.understudy.haproxy.translate;

import java.util.List;
import java.util.Set;

/**
 * Where a redirect leads. Its options come in any order, and the last kind of target counts, as in
 * HAProxy.
 *
 * @param kind {@code location}, {@code prefix} or {@code scheme}
 * @param appendsSlash whether a path without a slash at its end gets one
 * @param detail what is left out of it; empty: nothing
 * @param wrong what HAProxy refuses in it; empty: nothing
 */
record Redirection(
    String kind,
    String target,
    String code,
    boolean dropsQuery,
    boolean appendsSlash,
    String detail,
    String wrong) {
  private static final Set<String> CODES = Set.of("301", "302", "303", "307", "308");
  private static final Set<String> PERMANENT = Set.of("301", "308");

  /** The words of a redirect without its condition. */
  static Redirection of(List<String> words) {
    String kind = "";
    String target = "";
    String code = "302";
    String detail = "";
    String wrong = "";
    boolean drops = false;
    boolean slash = false;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      String next = i + 1 < words.size() ? words.get(i + 1) : "";
      switch (word) {
        case "location", "prefix", "scheme" -> {
          kind = word;
          target = next;
          i++;
        }
        case "code" -> {
          code = next;
          i++;
        }
        case "set-cookie", "set-cookie-fmt", "clear-cookie" -> {
          detail = Rules.joined(detail, "'" + word + "' is left out");
          i++;
        }
        case "ignore-empty" -> detail = Rules.joined(detail, "'" + word + "' is left out");
        case "append-slash" -> slash = true;
        case "drop-query" -> drops = true;
        default -> wrong = wrong.isEmpty() ? word : wrong;
      }
    }
    boolean appends = slash && drops && kind.equals("prefix");
    return new Redirection(kind, target, code, drops, appends, detail, wrong(wrong, target, code));
  }

  private static String wrong(String word, String target, String code) {
    if (!word.isEmpty() || target.isEmpty()) {
      return "expected 'redirect location|prefix|scheme TARGET', found '" + word + "'";
    }
    return CODES.contains(code)
        ? ""
        : "expected code 301, 302, 303, 307 or 308, found '" + code + "'";
  }

  /** Whether a {@code RedirectToHttps} can say it. */
  boolean isHttps() {
    return kind.equals("scheme") && target.equalsIgnoreCase("https") && !code.equals("303");
  }

  /** Whether what it redirects is not meant for the servers, instead of better named. */
  boolean mayLeadToLogin() {
    return kind.equals("scheme") || !PERMANENT.contains(code);
  }

  /** The same for a path that has its slash. */
  Redirection withoutSlash() {
    return new Redirection(kind, target, code, dropsQuery, false, detail, wrong);
  }

  /** The value of {@code Location}. */
  String location(String to) {
    String path = dropsQuery ? "{path}" : "{target}";
    return switch (kind) {
      case "scheme" -> to + "://{host}" + path;
      case "prefix" -> (to.equals("/") ? "" : to) + path + (appendsSlash ? "/" : "");
      default -> to;
    };
  }
}
