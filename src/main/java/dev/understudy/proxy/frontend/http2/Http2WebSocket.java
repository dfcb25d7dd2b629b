package dev.understudy.proxy.frontend.http2;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/** A WebSocket over HTTP/2 (RFC 8441): its handshake, as one over HTTP/1.1 (RFC 6455 §4). */
final class Http2WebSocket {
  private static final int KEY_BYTES = 16;

  private final String key;

  Http2WebSocket() {
    byte[] bytes = new byte[KEY_BYTES];
    // Against caches and servers that know no WebSockets; it need not be secret (RFC 6455 §10.3).
    ThreadLocalRandom.current().nextBytes(bytes);
    key = Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * Returns the request as a handshake over HTTP/1.1, and as a whole: what follows it is no body.
   */
  HttpRequest whole(HttpRequest request) {
    HttpHeaders headers = request.headers();
    headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
    return Http2Fields.full(request.method(), request.uri(), headers);
  }

  /**
   * Whether the client can be given the response: no 2xx, which would say that there is a tunnel.
   */
  boolean accepts(HttpResponse response) {
    return response.status().codeClass() != HttpStatusClass.SUCCESS;
  }

  /**
   * Tells the client that the tunnel is open.
   *
   * @param switching the 101, which becomes the 200 of RFC 8441 §5
   */
  void open(Http2Stream stream, Http2FrameOutput output, HttpResponse switching) {
    HttpHeaders fields = switching.headers();
    fields.remove(HttpHeaderNames.CONNECTION);
    fields.remove(HttpHeaderNames.UPGRADE);
    fields.remove(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
    switching.setStatus(HttpResponseStatus.OK);
    output.head(stream, switching, false);
    output.flushSoon();
  }
}
