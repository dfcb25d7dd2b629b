package dev.understudy.proxy.front;

import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * HTTP/1 on a client's connection: as Netty's {@code HttpServerCodec}, which cannot be extended,
 * but for the rules of {@link RequestDecoder}.
 */
public final class RequestCodec
    extends CombinedChannelDuplexHandler<RequestDecoder, HttpResponseEncoder> {

  /**
   * Creates one for a connection.
   *
   * @param config strict line parsing is set in it: the rules rely on it
   */
  public RequestCodec(HttpDecoderConfig config) {
    Queue<HttpMethod> asked = new ArrayDeque<>(4);
    init(new RequestDecoder(config.setStrictLineParsing(true), asked), new Encoder(asked));
  }

  /** Knows which answers are to {@code HEAD}, as answers are written in the order of requests. */
  private static final class Encoder extends HttpResponseEncoder {
    private final Queue<HttpMethod> asked;

    Encoder(Queue<HttpMethod> asked) {
      this.asked = asked;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse answer) {
      if (answer.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        return super.isContentAlwaysEmpty(answer);
      }
      return HttpMethod.HEAD.equals(asked.poll()) || super.isContentAlwaysEmpty(answer);
    }
  }
}
