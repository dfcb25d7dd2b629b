package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map.Entry;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The names of request fields that routes change or decide by, and the look-alikes of these and of
 * the proxy's own. A server that reads fields as variables takes {@code X_Real_IP} for {@code
 * X-Real-IP} (CGI, RFC 3875 §4.1.18; WSGI, PHP and others), some take {@code X.Real.IP} for it too:
 * what a client sends in such a form would pass for the proxy's own.
 *
 * <p>Immutable.
 */
public final class RequestFields {
  /** The proxy's own alone. */
  public static final RequestFields OWN = new RequestFields(Set.of());

  private static final String WEB_SOCKET = "sec-websocket-";

  /** The names as routes have them, in small letters. */
  private final Set<String> names = new HashSet<>();

  /** The names in their common form. */
  private final Set<String> common = new HashSet<>();

  /** Whether a name has a look-alike without marks. */
  private final boolean marks;

  private final Predicate<CharSequence> lookAlike = this::isLookAlike;

  /**
   * @param ofRoutes names of fields that filters set, change or remove, or by which conditions,
   *     values and other filters decide
   */
  public RequestFields(Set<String> ofRoutes) {
    for (String name : ofRoutes) {
      names.add(name.toLowerCase(Locale.ROOT));
      common.add(common(name));
    }
    marks = names.stream().anyMatch(RequestFields::hasMarks);
  }

  /** Removes a client's look-alikes, whoever the client is. */
  void removeLookAlikes(HttpHeaders headers) {
    if (headers instanceof PlainHeaders plain && plain.isPlain()) {
      HeadLines lines = plain.lines();
      for (int i = lines.count() - 1; (marks || lines.haveMarks()) && i >= 0; i--) {
        if (isLookAlike(lines.name(i))) {
          lines.remove(i);
        }
      }
      return;
    }
    remove(headers, lookAlike);
  }

  /** Removes the fields with such names from headers of any form. */
  static void remove(HttpHeaders headers, Predicate<CharSequence> which) {
    List<String> found = null;
    Iterator<Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
    while (all.hasNext()) {
      CharSequence name = all.next().getKey();
      if (which.test(name)) {
        found = found == null ? new ArrayList<>() : found;
        found.add(name.toString());
      }
    }
    if (found != null) {
      found.forEach(headers::remove);
    }
  }

  /**
   * Removes trailers that a server might take for fields which routes change or decide by: these
   * were decided before the trailers came.
   */
  void removeFrom(HttpHeaders trailers) {
    if (!common.isEmpty()) {
      for (String name : Set.copyOf(trailers.names())) {
        if (common.contains(common(name))) {
          trailers.remove(name);
        }
      }
    }
  }

  private boolean isLookAlike(CharSequence name) {
    boolean marked = hasMarks(name);
    if (!marked && !marks) {
      return false;
    }
    String form = common(name);
    return (marked && isOwn(form))
        || (common.contains(form) && !names.contains(name.toString().toLowerCase(Locale.ROOT)));
  }

  /** Whether the field, or one for which a server might take it, is the proxy's own. */
  static boolean isLikeOwn(CharSequence name) {
    return isOwn(hasMarks(name) ? common(name) : name);
  }

  private static boolean isOwn(CharSequence name) {
    return UpstreamRequestHead.isOurs(name)
        || ForwardedHeaders.isOne(name)
        || AsciiString.regionMatches(name, true, 0, WEB_SOCKET, 0, WEB_SOCKET.length());
  }

  private static boolean hasMarks(CharSequence name) {
    for (int i = 0; i < name.length(); i++) {
      if (isMark(name.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a character of a name is no letter, digit or hyphen. */
  static boolean isMark(int c) {
    return !HttpToken.isLetterOrDigit(c) && c != '-';
  }

  /** The form that a name has in common with its look-alikes. */
  private static String common(CharSequence name) {
    StringBuilder form = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      form.append(isMark(c) ? '-' : c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c);
    }
    return form.toString();
  }
}
