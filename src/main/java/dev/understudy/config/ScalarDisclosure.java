package dev.understudy.config;

import dev.understudy.pool.Disclosure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides how much of a scalar a problem shows, by its property path and its text; {@link
 * Disclosure#MASK} stands for the rest.
 *
 * <p>Problems reach the log, the events and the API. {@link Disclosure} decides what is open.
 * Beyond that, a problem shows what an ordinary mistake looks like and no secret does: one word, a
 * number with a unit, an address without user, path and query, and a text of at most 3 characters.
 */
final class ScalarDisclosure {
  /** In characters. */
  private static final int SHORT = 3;

  /** Words that suggest a secret, in the name of a setting or in a text. */
  private static final Pattern TELLING =
      Pattern.compile(
          Disclosure.SECRET_WORDS + "|cookie=|basic |bearer ", Pattern.CASE_INSENSITIVE);

  private static final Pattern WORD = Pattern.compile("[A-Za-z_-]{1,20}");
  private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9][0-9A-Za-z.,_:% -]{0,29}");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]{1,253}(:[0-9]{0,5})?");

  /** A placeholder, closed or not, whose default is a word or a short number. */
  private static final Pattern REFERENCE =
      Pattern.compile(
          "\\$\\{(file:)?[A-Za-z0-9_./-]{1,100}(:([A-Za-z-]{0,20}|[0-9][0-9A-Za-z]{0,7}))?}?");

  private static final Pattern ORIGIN =
      Pattern.compile("(?<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}:/{1,2})[^/?#@\\s\\\\]{0,262}");

  /** The name of a predicate or a filter, and a separator other than {@code =}. */
  private static final Pattern PART = Pattern.compile("(?s)\\s*(?<name>[A-Za-z]{2,60})[\\s:,(].*");

  private static final Set<String> PARTS = Set.of("filters", "predicates", "default-filters");

  /** What checks send, which may be a login. */
  private static final Set<String> SENT = Set.of("send", "send-hex", "content");

  private ScalarDisclosure() {}

  /** Whether a name or a text suggests a secret. */
  static boolean suggestsSecret(String text) {
    return TELLING.matcher(text).find();
  }

  /** The text, or the part of it that may be shown. */
  static String shown(String path, String text) {
    List<String> names = names(path);
    String name = names.isEmpty() ? "" : names.getLast();
    if (suggestsSecret(name) || suggestsSecret(text)) {
      return Disclosure.MASK;
    }
    if (text.length() <= SHORT || isOpenFieldOf(names, name)) {
      return text;
    }
    if (isFree(names)) {
      return Disclosure.MASK;
    }
    int parts = indexOf(names, PARTS);
    if (parts < 0) {
      return setting(names, name, text);
    }
    List<String> below = names.subList(parts + 1, names.size());
    return below.isEmpty() || below.equals(List.of("name")) ? part(text) : Disclosure.MASK;
  }

  /** Whether the value is a header field or the like, whose names are the operator's own. */
  static boolean isFree(String path) {
    return isFree(names(path));
  }

  private static boolean isFree(List<String> names) {
    return names.contains("headers") || names.contains("metadata") || names.contains("arguments");
  }

  private static boolean isOpenFieldOf(List<String> names, String name) {
    return names.contains("headers") && Disclosure.isOpenHeader(name);
  }

  /** The names of the settings on a path, without indexes and the names of pools and servers. */
  private static List<String> names(String path) {
    List<String> names = new ArrayList<>();
    String at = path;
    while (!at.isEmpty()) {
      String parent = PropertyPaths.parent(at);
      String name = at.substring(parent.length());
      if (!name.startsWith("[")) {
        names.addFirst(name.startsWith(".") ? name.substring(1) : name);
      }
      at = parent;
    }
    if (names.size() > 1 && names.getFirst().equals("pools")) {
      names.remove(1);
    }
    if (names.size() > 2 && names.get(1).equals("servers")) {
      names.remove(2);
    }
    return names;
  }

  private static int indexOf(List<String> names, Set<String> any) {
    for (int i = 0; i < names.size(); i++) {
      if (any.contains(names.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static String setting(List<String> names, String name, String text) {
    if (isOpen(names, name, text) || REFERENCE.matcher(text).matches()) {
      return text;
    }
    if (name.equals("path")) {
      return upToQuery(text);
    }
    if (name.equals("url") || name.equals("uri")) {
      return address(name, text);
    }
    boolean expected = names.contains("expect") && !name.equals("status");
    if (expected || SENT.contains(name)) {
      return Disclosure.MASK;
    }
    return WORD.matcher(text).matches() || NUMBER.matcher(text).matches()
        ? text
        : address(name, text);
  }

  private static boolean isOpen(List<String> names, String name, String text) {
    if (name.equals("uri")) {
      return text.indexOf('@') < 0 && text.indexOf('?') < 0 && Disclosure.isOpen(name, text);
    }
    return names.contains("error-pages") || Disclosure.isOpen(name, text);
  }

  private static String upToQuery(String text) {
    int query = text.indexOf('?');
    return query < 0 ? text : text.substring(0, query + 1) + Disclosure.MASK;
  }

  /** A URL without its user and query, and without its path unless it is a server's. */
  private static String address(String name, String text) {
    Matcher origin = ORIGIN.matcher(text);
    boolean found = origin.lookingAt();
    if (text.indexOf('@') >= 0) {
      return found ? origin.group("scheme") + Disclosure.MASK : Disclosure.MASK;
    }
    if (name.equals("url")) {
      return upToQuery(text);
    }
    if (name.equals("uri") && HOST.matcher(text).matches()) {
      return text;
    }
    if (!found) {
      return Disclosure.MASK;
    }
    String rest = text.substring(origin.end());
    if (rest.length() <= 1) {
      return text;
    }
    return origin.group() + (rest.startsWith("/") ? "/" : "") + Disclosure.MASK;
  }

  /** A predicate or a filter in short form; of a malformed one, its name alone. */
  private static String part(String text) {
    String shown = Disclosure.shortForm(text);
    Matcher named = PART.matcher(text);
    if (!shown.equals(Disclosure.MASK) || !named.matches()) {
      return shown;
    }
    String name = named.group("name");
    return Disclosure.isOpenArgument(name, "", text) ? text : name + " " + Disclosure.MASK;
  }
}
