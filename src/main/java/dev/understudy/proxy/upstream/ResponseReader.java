package dev.understudy.proxy.upstream;

import dev.understudy.proxy.http.FieldLines;
import dev.understudy.proxy.http.HopByHop;
import dev.understudy.proxy.http.ResponseDecoder;
import dev.understudy.proxy.upstream.UpstreamConnection.User;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessageDecoderResult;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import org.jspecify.annotations.Nullable;

/** Passes each response that a connection's decoder has read to the connection's user. */
final class ResponseReader {
  private final ResponseDecoder decoder;
  private boolean skipEnd;
  private boolean endsWithConnection;
  private boolean keepAlive;
  private @Nullable HttpResponse switching;

  /** Fields that the last head's {@code Connection} names, for removal from its trailers. */
  private HopByHop.Nominated nominated = HopByHop.Nominated.NONE;

  ResponseReader(ResponseDecoder decoder) {
    this.decoder = decoder;
  }

  /** Whether only the connection's end completes the last response. */
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
      setContentLength(response.headers());
      user.responseHead(response, costBytes(response));
    }
  }

  private static int costBytes(HttpResponse response) {
    return response.decoderResult() instanceof HttpMessageDecoderResult size
        ? FieldLines.costBytes(response.headers().size(), size.headerSize())
        : 0;
  }

  /** Removes leading zeros of {@code Content-Length}, which not every recipient reads alike. */
  private static void setContentLength(HttpHeaders headers) {
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
    } else if (cause instanceof FieldLines.TooMany) {
      user.tooManyFields();
    } else if (!(cause instanceof PrematureChannelClosureException)) {
      // The connection's end, which follows, says more than an incomplete head.
      user.badResponse("no HTTP: " + cause.getMessage());
    }
  }

  /**
   * Whether the response has a transfer coding other than chunked: our requests say {@code TE:
   * trailers} at most (RFC 9112 §6.1).
   */
  private static boolean hasUnknownCoding(HttpResponse response) {
    HttpHeaders headers = response.headers();
    return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        && !"chunked".equalsIgnoreCase(headers.get(HttpHeaderNames.TRANSFER_ENCODING));
  }

  /**
   * Passes on a piece of a response that was decoded without an error. Takes over the reference.
   *
   * @return whether the final response has ended
   */
  boolean content(User user, HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    if (content instanceof LastHttpContent end) {
      nominated.removeFrom(end.trailingHeaders());
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
