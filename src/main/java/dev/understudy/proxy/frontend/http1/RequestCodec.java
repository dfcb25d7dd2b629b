package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.http.EarlyBytes;
import dev.understudy.proxy.http.TlsCloseNotify;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * The HTTP/1 codec of a client's connection: like Netty's {@code HttpServerCodec}, which cannot be
 * extended, with the rules of {@link RequestDecoder}. Consists of two handlers, which Netty's own
 * WebSocket handshake recognises.
 */
public final class RequestCodec {
  private final RequestDecoder decoder;
  private final Encoder encoder;

  /**
   * Creates the codec of one connection.
   *
   * @param config changed to strict line parsing, on which the rules rely
   * @param maxFields the most fields of a head or of trailers of which Netty makes objects
   */
  public RequestCodec(HttpDecoderConfig config, int maxFields) {
    Queue<HttpMethod> asked = new ArrayDeque<>(4);
    decoder = new RequestDecoder(config.setStrictLineParsing(true), maxFields, asked);
    encoder = new Encoder(asked);
  }

  RequestDecoder decoder() {
    return decoder;
  }

  /** Replaces another codec by the decoder, under the same name, and puts the encoder before it. */
  public void replace(ChannelPipeline pipeline, String name) {
    pipeline.addBefore(name, name + "Encoder", encoder);
    pipeline.replace(name, name, decoder);
  }

  /** Removes both handlers; undecoded bytes go to the next handler. */
  private static void remove(ChannelPipeline pipeline) {
    pipeline.remove(Encoder.class);
    pipeline.remove(RequestDecoder.class);
  }

  /** Returns the encoder's context, to write past it; report each with {@link #passedBy}. */
  static ChannelHandlerContext encoder(ChannelPipeline pipeline) {
    return pipeline.context(Encoder.class);
  }

  /** Tells the encoder of a final response that bypasses it. */
  static void passedBy(ChannelHandlerContext encoder) {
    ((Encoder) encoder.handler()).asked.poll();
  }

  private static boolean isPart(Object handler) {
    return handler instanceof RequestDecoder || handler instanceof Encoder;
  }

  /** Finds the responses to {@code HEAD}, since responses are written in the order of requests. */
  private static final class Encoder extends HttpResponseEncoder {
    private final Queue<HttpMethod> asked;

    Encoder(Queue<HttpMethod> asked) {
      this.asked = asked;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
      if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        return super.isContentAlwaysEmpty(response);
      }
      return HttpMethod.HEAD.equals(asked.poll()) || super.isContentAlwaysEmpty(response);
    }
  }

  /**
   * Turns a client's HTTP/1 channel into a tunnel's (RFC 9110 §7.8), once the 101 is written:
   * removes all HTTP handlers from it; only TLS, if any, and the handler that keeps early bytes
   * remain.
   *
   * @return the channel
   */
  @SuppressWarnings("FutureReturnValueIgnored") // A failed close leaves the channel closed.
  static Channel removeHttp(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    Http1Handler http = pipeline.get(Http1Handler.class);
    boolean ended = http != null && http.front().isInputEnded();
    ChannelClose.forbid(channel);
    EarlyBytes early = new EarlyBytes();
    pipeline.addLast(early);
    for (String name : List.copyOf(pipeline.names())) {
      ChannelHandler handler = pipeline.get(name);
      // TLS is found by type: with server names its handler has another name.
      if (handler != null
          && handler != early
          && !(handler instanceof SslHandler)
          && !(handler instanceof TlsCloseNotify)
          && !isPart(handler)) {
        pipeline.remove(handler);
      }
    }
    // Removed last, since its undecoded bytes go to the tunnel. Absent from a channel that was
    // closed.
    if (pipeline.get(RequestDecoder.class) != null) {
      remove(pipeline);
    }
    if (ended) {
      // The end of input was reported before: the tunnel would wait for it forever.
      channel.close();
    }
    return channel;
  }
}
