package dev.understudy.proxy.upstream;

import dev.understudy.proxy.http.HopByHop;
import dev.understudy.proxy.http.ResponseDecoder;
import dev.understudy.proxy.upstream.UpstreamConnection.User;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells the user of a connection what its decoder made of one response after the other. */
final class ResponseReader {
  private final ResponseDecoder decoder;
  private boolean skipEnd;
  private boolean endsWithConnection;
  private boolean keepAlive;
  private @Nullable HttpResponse switching;

  /** By the last head, for its trailers. */
  private List<String> nominated = List.of();

  ResponseReader(ResponseDecoder decoder) {
    this.decoder = decoder;
  }

  /** Whether nothing but the connection's end says that the last response is whole. */
  boolean endsWithConnection() {
    return endsWithConnection;
  }

  /** Whether the connection may be used again after the last response. */
  boolean isKeptAlive() {
    return keepAlive && !endsWithConnection;
  }

  void head(User user, HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      unreadable(user, response.decoderResult().cause());
      return;
    }
    nominated = HopByHop.takeNominated(response.headers());
    int status = response.status().code();
    if (status == 101) {
      switching = response;
    } else if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      skipEnd = true;
      user.informational(response);
    } else if (hasUnknownCoding(response)) {
      user.badResponse("a transfer coding that was not asked for");
    } else {
      keepAlive = HttpUtil.isKeepAlive(response);
      endsWithConnection =
          !decoder.isEmpty()
              && !response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
              && !response.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
      sayOurLength(response.headers());
      user.responseHead(response);
    }
  }

  /** Without the zeros that may lead, which not everybody reads alike. */
  private static void sayOurLength(HttpHeaders headers) {
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    if (length != null && length.length() > 1 && length.charAt(0) == '0') {
      int first = 0;
      while (first < length.length() - 1 && length.charAt(first) == '0') {
        first++;
      }
      headers.set(HttpHeaderNames.CONTENT_LENGTH, length.substring(first));
    }
  }

  private static void unreadable(User user, Throwable cause) {
    if (cause instanceof TooLongHttpHeaderException) {
      user.responseHeadTooLarge();
    } else if (!(cause instanceof PrematureChannelClosureException)) {
      // The end of the connection, which follows, tells more than a head that is not whole.
      user.badResponse("no HTTP: " + cause.getMessage());
    }
  }

  /** We say {@code TE: trailers} at most (RFC 9112 §6.1). */
  private static boolean hasUnknownCoding(HttpResponse response) {
    HttpHeaders headers = response.headers();
    return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        && !"chunked".equalsIgnoreCase(headers.get(HttpHeaderNames.TRANSFER_ENCODING));
  }

  /**
   * Takes over the reference to what Netty's decoder could read.
   *
   * @return whether the final response has ended
   */
  boolean content(User user, HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    if (content instanceof LastHttpContent end && !nominated.isEmpty()) {
      HopByHop.removeNominated(end.trailingHeaders(), nominated);
    }
    if (last && skipEnd) {
      skipEnd = false;
      return false;
    }
    HttpResponse agreed = switching;
    if (agreed != null) {
      switching = null;
      content.release();
      user.switching(agreed);
      return false;
    }
    if (content.content().isReadable()) {
      user.responseBody(content.content());
    } else {
      content.release();
    }
    return last;
  }
}
