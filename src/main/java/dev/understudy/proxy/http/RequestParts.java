package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Iterator;

/**
 * How many objects Spring makes of a request's target and cookies, counted in one scan of its
 * characters before anything is parsed. Never below the number that Spring's parsers make: its path
 * separators are {@code /}, {@code ;} and, in the value of a matrix parameter, a comma; that of
 * parameters is {@code &}, that of cookies {@code ;}. Percent-encoded ones separate nothing.
 *
 * @param segments of the path, with its matrix parameters and the further values of these
 * @param parameters of the query
 * @param cookies of all {@code Cookie} fields
 */
public record RequestParts(int segments, int parameters, int cookies) {
  /**
   * What the objects of one part take in bytes, at most, as measured after a collection: see {@code
   * src/bench/findings.md}. The path is parsed twice, for the request and for predicates on it.
   */
  private static final int SEGMENT = 2 * 256;

  /** None. */
  public static final RequestParts NONE = new RequestParts(0, 0, 0);

  private static final int PARAMETER = 192;
  private static final int COOKIE = 640;

  /**
   * Most parts of a request of which Spring makes objects.
   *
   * @param segments 256 by default
   * @param parameters 512 by default
   * @param cookies 200 by default: a browser keeps 180 for a domain
   */
  public record Limits(int segments, int parameters, int cookies) {
    public static final Limits DEFAULT = new Limits(256, 512, 200);
  }

  /** Counts those of a request. */
  public static RequestParts of(HttpRequest request) {
    return of(request.uri(), request.headers());
  }

  /**
   * Counts those of a request.
   *
   * @param target in the form in which Spring gets it
   */
  public static RequestParts of(String target, HttpHeaders fields) {
    int question = target.indexOf('?');
    int path = question < 0 ? target.length() : question;
    int cookies = 0;
    Iterator<? extends CharSequence> lines =
        fields.valueCharSequenceIterator(HttpHeaderNames.COOKIE);
    while (lines.hasNext()) {
      CharSequence line = lines.next();
      cookies += pieces(line, 0, ';');
    }
    return new RequestParts(segments(target, path), pieces(target, path + 1, '&'), cookies);
  }

  private static int segments(String target, int end) {
    int count = target.startsWith("/") ? 0 : 1;
    boolean parameter = false;
    boolean value = false;
    for (int i = 0; i < end; i++) {
      switch (target.charAt(i)) {
        case '/' -> {
          count++;
          parameter = false;
          value = false;
        }
        case ';' -> {
          count++;
          parameter = true;
          value = false;
        }
        case '=' -> value = parameter;
        case ',' -> count += value ? 1 : 0;
        default -> {}
      }
    }
    return count;
  }

  /** The pieces between separators in which there is more than blanks. */
  private static int pieces(CharSequence text, int from, char separator) {
    int count = 0;
    boolean empty = true;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == separator) {
        empty = true;
      } else if (empty && c > ' ') {
        empty = false;
        count++;
      }
    }
    return count;
  }

  /**
   * Returns the status with which a request is refused that has more parts than may be: 414 for its
   * target, 431 for its cookies; 0 if it has not.
   */
  public int refusal(Limits most) {
    if (segments > most.segments || parameters > most.parameters) {
      return 414;
    }
    return cookies > most.cookies ? 431 : 0;
  }

  /** What the objects take in bytes, at most. */
  public int bytes() {
    return segments * SEGMENT + parameters * PARAMETER + cookies * COOKIE;
  }
}
