package dev.understudy.condition;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The forms of one path as different servers may read it, so that an unusual form does not lead
 * around a rule.
 *
 * <ol>
 *   <li>normalised, as routes match it: dot segments removed, unreserved characters decoded
 *   <li>as the client sent it
 *   <li>decoded once, with each combination of what servers do beside: slashes stay encoded, or do
 *       not; parameters ({@code ;name=value}) are kept, cut before decoding, or after it; a
 *       backslash is itself or a slash; several slashes are kept or made one; dot segments are
 *       kept, or removed before or after all this
 * </ol>
 *
 * <p>Most requests have one form, and others two or three. One that has {@linkplain #areTooMany too
 * many} is meant to lead around a rule: all guards act on it.
 */
public final class PathForms {
  /** Stands for more forms than are tried. No path is empty. */
  private static final List<String> TOO_MANY = List.of("");

  private static final int MOST_FORMS = 24;
  private static final int MOST_CHARACTERS = 1 << 16;

  /** No server decodes so often. */
  private static final int MOST_DECODINGS = 8;

  private static final String HEX = "0123456789ABCDEF";

  private static final String NOT_PLAIN = "%\"#<>?[\\]^`{|}";

  /** What stays encoded in any form, as it would begin something else. */
  private static final String NOT_READ = "%?#";

  private static final String SLASHES = "/\\";

  /** What some servers leave encoded beside. */
  private static final List<String> KEPT =
      List.of(NOT_READ + "/", NOT_READ + "\\", NOT_READ + SLASHES);

  private PathForms() {}

  /**
   * The forms that differ from the normalised one, unless they {@linkplain #areTooMany are too
   * many}.
   *
   * @param path as the client sent it, without a query
   * @param normal the same, normalised
   */
  public static List<String> others(String path, String normal) {
    if (hasOneReading(path)) {
      return path.equals(normal) ? List.of() : List.of(path);
    }
    if (path.length() > MOST_CHARACTERS) {
      return TOO_MANY;
    }
    Set<String> forms = new LinkedHashSet<>();
    addDecoded(path, forms);
    String resolved = withoutDotSegments(path);
    if (!resolved.equals(path)) {
      addDecoded(resolved, forms);
    }
    forms.add(path);
    forms.remove(normal);
    int characters = 0;
    for (String form : forms) {
      characters += form.length();
    }
    return forms.size() > MOST_FORMS || characters > MOST_CHARACTERS
        ? TOO_MANY
        : List.copyOf(forms);
  }

  /** Whether a path has more forms than are tried: 24, or 65,536 characters. */
  public static boolean areTooMany(List<String> forms) {
    return forms.equals(TOO_MANY);
  }

  /** Whether all servers read the path in one way, but for dot segments. */
  private static boolean hasOneReading(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' || c == ';' || c == '\\' || (c == '/' && path.startsWith("//", i))) {
        return false;
      }
    }
    return true;
  }

  private static void addDecoded(String path, Set<String> forms) {
    String plain = decoded(path, NOT_READ);
    addDecoded(path, NOT_READ, plain, forms);
    if (path.indexOf('%') >= 0) {
      for (String kept : KEPT) {
        String decoded = decoded(path, kept);
        if (!decoded.equals(plain)) {
          addDecoded(path, kept, decoded, forms);
        }
      }
    }
  }

  private static void addDecoded(String path, String kept, String decoded, Set<String> forms) {
    if (forms.size() > MOST_FORMS + 1) {
      return;
    }
    addWithSlashes(decoded, forms);
    if (decoded.indexOf(';') >= 0) {
      addWithSlashes(decoded(withoutParameters(path), kept), forms);
      addWithSlashes(withoutParameters(decoded), forms);
      addWithSlashes(withoutParameters(decoded.replace('\\', '/')), forms);
    }
  }

  private static void addWithSlashes(String path, Set<String> forms) {
    addMerged(path, forms);
    addMerged(path.replace('\\', '/'), forms);
  }

  private static void addMerged(String path, Set<String> forms) {
    addResolved(path, forms);
    addResolved(merged(path), forms);
  }

  private static void addResolved(String path, Set<String> forms) {
    if (forms.size() <= MOST_FORMS + 1 && forms.add(path)) {
      String resolved = withoutDotSegments(path);
      forms.add(resolved);
      forms.add(merged(resolved));
    }
  }

  /** With each parameter cut from its semicolon to the next slash. */
  private static String withoutParameters(String path) {
    if (path.indexOf(';') < 0) {
      return path;
    }
    StringBuilder bare = new StringBuilder(path.length());
    int from = 0;
    for (int cut = path.indexOf(';'); cut >= 0; cut = path.indexOf(';', from)) {
      bare.append(path, from, cut);
      int slash = path.indexOf('/', cut);
      from = slash < 0 ? path.length() : slash;
    }
    return bare.append(path, from, path.length()).toString();
  }

  /** With several slashes as one. */
  private static String merged(String path) {
    if (!path.contains("//")) {
      return path;
    }
    StringBuilder single = new StringBuilder(path.length());
    int from = 0;
    for (int two = path.indexOf("//"); two >= 0; two = path.indexOf("//", from)) {
      single.append(path, from, two);
      from = two + 1;
    }
    return single.append(path, from, path.length()).toString();
  }

  /** The path without dot segments (RFC 3986 §5.2.4). */
  public static String withoutDotSegments(String path) {
    if (!path.startsWith("/") || !path.contains("/.")) {
      return path;
    }
    StringBuilder result = new StringBuilder(path.length());
    int start = 0;
    while (start < path.length()) {
      int slash = path.indexOf('/', start + 1);
      int end = slash < 0 ? path.length() : slash;
      String segment = path.substring(start + 1, end);
      if (segment.equals("..")) {
        result.setLength(Math.max(result.lastIndexOf("/"), 0));
      } else if (!segment.equals(".")) {
        result.append(path, start, end);
      }
      if (slash < 0 && (segment.equals(".") || segment.equals(".."))) {
        result.append('/');
      }
      start = end;
    }
    return result.isEmpty() ? "/" : result.toString();
  }

  /**
   * The path with its escapes decoded once, as UTF-8. Control characters, those that are kept, and
   * what is not UTF-8 stay encoded, in capitals.
   */
  private static String decoded(String path, String kept) {
    if (path.indexOf('%') < 0) {
      return path;
    }
    String octets = decoded(path, kept, 0x100);
    if (isAscii(octets)) {
      return octets;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(StandardCharsets.ISO_8859_1.newEncoder().encode(CharBuffer.wrap(octets)))
          .toString();
    } catch (CharacterCodingException e) {
      return decoded(path, kept, 0x80);
    }
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /** Each octet below the limit as a character. */
  private static String decoded(String path, String kept, int limit) {
    StringBuilder plain = new StringBuilder(path.length());
    int from = 0;
    for (int percent = path.indexOf('%'); percent >= 0; percent = path.indexOf('%', from)) {
      plain.append(path, from, percent);
      int octet = octet(path, percent);
      from = percent + (octet < 0 ? 1 : 3);
      if (octet < 0) {
        plain.append('%');
      } else if (octet < ' ' || octet == 0x7f || octet >= limit || kept.indexOf(octet) >= 0) {
        escape(octet, plain);
      } else {
        plain.append((char) octet);
      }
    }
    return plain.append(path, from, path.length()).toString();
  }

  private static void escape(int octet, StringBuilder to) {
    to.append('%').append(HEX.charAt(octet >> 4)).append(HEX.charAt(octet & 0xf));
  }

  /**
   * The ways to write a path of a rule: as it is, decoded, and as the normalised path has it. What
   * would have another meaning if it were decoded stays encoded.
   */
  public static Stream<String> spellings(String written) {
    String plain = decoded(written, NOT_READ + SLASHES + ";");
    String decoded =
        Stream.of(plain.split("/", -1)).anyMatch(each -> each.equals(".") || each.equals(".."))
            ? decoded(written, NOT_READ + SLASHES + ";.")
            : plain;
    return Stream.of(written, decoded, encoded(decoded)).distinct();
  }

  /** With all encoded that a path cannot have plain (RFC 3986 §3.3). */
  public static String encoded(String path) {
    if (isEncoded(path)) {
      return path;
    }
    StringBuilder encoded = new StringBuilder(path.length() + 16);
    String octets = new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    for (int i = 0; i < octets.length(); i++) {
      char c = octets.charAt(i);
      boolean escape = c == '%' && octet(octets, i) >= 0;
      if (escape || isPlain(c)) {
        encoded.append(c);
      } else {
        escape(c, encoded);
      }
    }
    return encoded.toString();
  }

  private static boolean isEncoded(String path) {
    for (int i = 0; i < path.length(); i++) {
      if (!isPlain(path.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlain(char c) {
    return c > ' ' && c < 0x7f && NOT_PLAIN.indexOf(c) < 0;
  }

  /** What is percent-encoded there; negative if nothing is. */
  private static int octet(String text, int percent) {
    if (percent + 2 >= text.length()) {
      return -1;
    }
    int high = Character.digit(text.charAt(percent + 1), 16);
    int low = Character.digit(text.charAt(percent + 2), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  /**
   * Whether a path, or what some server may decode it to, has a dot segment. One that needs more
   * decoding than any server does counts as such.
   */
  public static boolean hasDotSegment(String path) {
    return mayHaveDotSegment(path)
        && anyDecoded(
            path,
            form -> {
              for (String segment : withoutParameters(form.replace('\\', '/')).split("/", -1)) {
                if (segment.equals(".") || segment.equals("..")) {
                  return true;
                }
              }
              return false;
            });
  }

  /** Whether a segment begins with a dot, or something is encoded. */
  private static boolean mayHaveDotSegment(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' || (c == '.' && (i == 0 || "/\\".indexOf(path.charAt(i - 1)) >= 0))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a value, or what some server may decode it to, has a slash or a backslash. */
  public static boolean hasSlash(String value) {
    return anyDecoded(value, form -> form.indexOf('/') >= 0 || form.indexOf('\\') >= 0);
  }

  private static boolean anyDecoded(String text, Predicate<String> test) {
    String form = text;
    for (int i = 0; i < MOST_DECODINGS; i++) {
      if (test.test(form)) {
        return true;
      }
      String decoded = form.indexOf('%') < 0 ? form : decoded(form, "", 0x100);
      if (decoded.equals(form)) {
        return false;
      }
      form = decoded;
    }
    return true;
  }
}
