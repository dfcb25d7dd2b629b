package dev.understudy.proxy.front.http1;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * HTTP/1 on a client's connection: as Netty's {@code HttpServerCodec}, which cannot be extended,
 * but for the rules of {@link RequestDecoder}. Two handlers, as Netty's own WebSocket handshake
 * knows them.
 */
public final class RequestCodec {
  private final RequestDecoder decoder;
  private final Encoder encoder;

  /**
   * Creates one for a connection.
   *
   * @param config strict line parsing is set in it: the rules rely on it
   */
  public RequestCodec(HttpDecoderConfig config) {
    Queue<HttpMethod> asked = new ArrayDeque<>(4);
    decoder = new RequestDecoder(config.setStrictLineParsing(true), asked);
    encoder = new Encoder(asked);
  }

  /** Puts the decoder in the place and name of another codec, and the encoder before it. */
  public void replace(ChannelPipeline pipeline, String name) {
    pipeline.addBefore(name, name + "Encoder", encoder);
    pipeline.replace(name, name, decoder);
  }

  /** Takes what is left of it off; the rest of what was read goes to the handlers behind. */
  static void remove(ChannelPipeline pipeline) {
    pipeline.remove(Encoder.class);
    pipeline.remove(RequestDecoder.class);
  }

  /**
   * For responses that are written past the encoder, each of which it has to be told of.
   *
   * @return the encoder's context
   */
  static ChannelHandlerContext encoder(ChannelPipeline pipeline) {
    return pipeline.context(Encoder.class);
  }

  /** A final response is written past that encoder. */
  static void passedBy(ChannelHandlerContext encoder) {
    ((Encoder) encoder.handler()).asked.poll();
  }

  /** Whether that is a part of one. */
  static boolean isPart(Object handler) {
    return handler instanceof RequestDecoder || handler instanceof Encoder;
  }

  /**
   * Knows which responses are to {@code HEAD}, as responses are written in the order of requests.
   */
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
}
