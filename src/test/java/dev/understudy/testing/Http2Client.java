package dev.understudy.testing;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP/2 client over TLS, chosen by ALPN, or in the clear; one stream for each request, whose
 * responses wait.
 */
public final class Http2Client implements TestClient {
  private final Channel connection;
  private final Deque<Http2Exchange> unanswered = new ArrayDeque<>();
  private Http2Exchange newest;

  public Http2Client(int port) {
    this(port, true);
  }

  /**
   * @param secure false: without TLS, by prior knowledge
   */
  public Http2Client(int port, boolean secure) {
    // Rows send what no good client would.
    connection =
        (secure ? Http2Connector.OF_TESTS : Http2Connector.CLEAR)
            .connect(port, Http2FrameCodecBuilder.forClient().validateHeaders(false));
  }

  @Override
  public Http2Client request(String method, String target, String... fields) {
    return head(headers(method, target, fields), true);
  }

  @Override
  public Http2Client request(String method, String target, byte[] body, String... fields) {
    begin(method, target, body.length, fields);
    newest.data(body, true);
    return this;
  }

  @Override
  public Http2Client begin(String method, String target, long length, String... fields) {
    Http2Headers headers = headers(method, target, fields);
    if (length >= 0) {
      headers.setLong("content-length", length);
    }
    return head(headers, false);
  }

  /** Sends that head, whatever it says. */
  public Http2Client head(Http2Headers headers, boolean last) {
    newest =
        new Http2Exchange(
            new Http2StreamChannelBootstrap(connection)
                .handler(new ChannelInboundHandlerAdapter())
                .open()
                .syncUninterruptibly()
                .getNow());
    unanswered.add(newest);
    newest.head(headers, last);
    return this;
  }

  /** A request's head; {@code Host} becomes the authority. */
  public static Http2Headers headers(String method, String target, String... fields) {
    Http2Headers headers =
        new DefaultHttp2Headers(false)
            .method(method)
            .scheme("https")
            .authority("example.test")
            .path(target);
    for (String field : fields) {
      int colon = field.indexOf(':');
      String name = field.substring(0, colon).toLowerCase(Locale.ROOT);
      String value = field.substring(colon + 1).trim();
      if (name.equals("host")) {
        headers.authority(value);
      } else {
        headers.add(name, value);
      }
    }
    return headers;
  }

  @Override
  public Http2Client body(byte[] piece) {
    // Who was answered already is not listened to any more; what became of it, the response tells.
    newest.data(piece, false).awaitUninterruptibly();
    return this;
  }

  @Override
  public Http2Client end(String... trailers) {
    if (trailers.length == 0) {
      newest.data(new byte[0], true);
    } else {
      newest.head(Http2Server.Call.fields(trailers), true);
    }
    return this;
  }

  @Override
  public Response response(String method) {
    Response response = unanswered.element().response();
    if (response.status() < 100 || response.status() >= 200) {
      unanswered.remove();
    }
    return response;
  }

  @Override
  public void awaitBody(int bytes) {
    unanswered.element().awaitBody(bytes);
  }

  @Override
  public void skip(long bytes) {
    unanswered.element().skip(bytes);
  }

  /** Whether the server has closed the connection. */
  public boolean isEnded() {
    return !connection.isOpen();
  }

  @Override
  public void abort() {
    unanswered.forEach(Http2Exchange::reset);
    unanswered.clear();
  }

  @Override
  public void close() {
    abort();
    connection.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
