package dev.understudy.proxy.http;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map.Entry;
import java.util.stream.Stream;

/** Header fields that end at an intermediary (RFC 9110 §7.6.1). */
public final class HopByHop {
  private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
  private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

  /** The fields of one connection, whether or not {@code Connection} nominates them. */
  private static final AsciiString[] FIELDS = {
    HttpHeaderNames.CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    HttpHeaderNames.TRANSFER_ENCODING,
    HttpHeaderNames.UPGRADE,
    HttpHeaderNames.TE
  };

  /**
   * The trailers that end here because the message's {@code Connection} nominates them.
   *
   * @param names at most {@value #MOST}, as many as a request may have fields; usually empty
   * @param all whether more names are nominated: then all trailers of the message end here
   */
  public record Nominated(List<String> names, boolean all) {
    static final int MOST = 100;

    /** None. */
    public static final Nominated NONE = new Nominated(List.of(), false);

    /** Removes them (RFC 9110 §7.6.1). */
    public void removeFrom(HttpHeaders trailers) {
      if (trailers.isEmpty()) {
        return; // Perhaps Netty's own, which cannot be changed.
      }
      if (all) {
        trailers.clear();
      } else {
        names.forEach(trailers::remove);
      }
    }
  }

  private HopByHop() {}

  static Stream<AsciiString> fields() {
    return Stream.of(FIELDS);
  }

  /** Removes the fields of one connection. */
  static void remove(HttpHeaders headers) {
    for (AsciiString name : FIELDS) {
      headers.remove(name);
    }
  }

  /** Whether a {@code Connection} value is a list of options, and so nominates nothing. */
  private static boolean isOptions(String connection) {
    // By far the most frequent value is a single option.
    return isOption(connection)
        || Stream.of(connection.split(",", -1)).allMatch(part -> isOption(part.trim()));
  }

  private static boolean isOption(CharSequence part) {
    return AsciiString.contentEqualsIgnoreCase(part, "keep-alive")
        || AsciiString.contentEqualsIgnoreCase(part, "close")
        || AsciiString.contentEqualsIgnoreCase(part, "upgrade");
  }

  /**
   * Removes the fields that a received message's {@code Connection} nominates, and the nominations
   * themselves. Called before anything else works on the message: a later reader of {@code
   * Connection} finds no nomination, so it cannot remove fields that were set since.
   *
   * @return what is to be removed from the message's trailers too
   */
  public static Nominated takeNominated(HttpHeaders headers) {
    if (!headers.contains(HttpHeaderNames.CONNECTION)) {
      return Nominated.NONE;
    }
    List<String> values = headers.getAll(HttpHeaderNames.CONNECTION);
    for (String value : values) {
      if (!isOptions(value)) {
        return takeNominated(headers, values);
      }
    }
    return Nominated.NONE;
  }

  private static Nominated takeNominated(HttpHeaders headers, List<String> values) {
    List<String> options = new ArrayList<>(2);
    List<String> nominated = new ArrayList<>();
    boolean all = false;
    for (String value : values) {
      for (String part : value.split(",", -1)) {
        String name = part.trim();
        if (isOption(name)) {
          options.add(name);
        } else if (!name.isEmpty() && !isProtected(name)) {
          if (nominated.size() < Nominated.MOST) {
            nominated.add(name);
          } else {
            all = true;
          }
          headers.remove(name);
        }
      }
    }
    headers.remove(HttpHeaderNames.CONNECTION);
    if (!options.isEmpty()) {
      headers.set(HttpHeaderNames.CONNECTION, String.join(", ", options));
    }
    return new Nominated(nominated, all);
  }

  /**
   * Whether a nomination is ignored: fields that the proxy sets or judges itself, that frame or
   * direct the message, that a trusted proxy sends about its client, and {@code Expect}.
   */
  private static boolean isProtected(String name) {
    return UpstreamRequestHead.isOurs(name)
        || ForwardedHeaders.isOne(name)
        || AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.HOST)
        || AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.EXPECT);
  }

  /**
   * Copies the trailers that are relayed: no framing, routing, hop-by-hop, cookie or authorization
   * fields (RFC 9110 §6.5.1).
   */
  public static HttpHeaders trailers(HttpHeaders trailers) {
    if (trailers.isEmpty()) {
      return EmptyHttpHeaders.INSTANCE;
    }
    HttpHeaders copy =
        DefaultHttpHeadersFactory.trailersFactory().withValidation(false).newHeaders();
    Iterator<Entry<CharSequence, CharSequence>> all = trailers.iteratorCharSequence();
    while (all.hasNext()) {
      Entry<CharSequence, CharSequence> field = all.next();
      CharSequence name = field.getKey();
      if (!RequestFields.isLikeOwn(name)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.HOST)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.TRAILER)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.COOKIE)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.SET_COOKIE)
          && !AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.AUTHORIZATION)) {
        copy.add(name, field.getValue());
      }
    }
    return copy;
  }
}
