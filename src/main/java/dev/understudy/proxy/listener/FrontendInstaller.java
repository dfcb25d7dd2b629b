package dev.understudy.proxy.listener;

import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.PriorKnowledge;
import dev.understudy.proxy.frontend.TlsNegotiation;
import dev.understudy.proxy.frontend.http1.Http1Handler;
import dev.understudy.proxy.frontend.http1.RequestCodec;
import dev.understudy.proxy.frontend.http2.Http2ClientConnection;
import dev.understudy.proxy.frontend.http2.Http2RequestCodec;
import dev.understudy.proxy.http.ReadSize;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import org.jspecify.annotations.Nullable;
import reactor.netty.ConnectionObserver;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpRequestDecoderSpec;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerConfig;

/**
 * Installs the frontend's handlers in the pipelines that Reactor Netty builds.
 *
 * <ul>
 *   <li>HTTP/1, plain or TLS: right before Reactor Netty's first own HTTP handler.
 *   <li>TLS that offers HTTP/2: during TLS negotiation, {@link TlsNegotiation} before the handler
 *       that builds the rest of the pipeline; afterwards as for HTTP/1, or behind the codec of an
 *       HTTP/2 connection. Server names and client certificates make no difference.
 *   <li>Plain HTTP/2 by prior knowledge: as for HTTP/1, with {@link PriorKnowledge} before all,
 *       which has them replaced by the pipeline that Reactor Netty builds of HTTP/2 alone. Its own
 *       detection would also honour {@code Upgrade: h2c}, which RFC 9113 §3.1 dropped.
 * </ul>
 */
record FrontendInstaller(Frontend frontend) {
  private static final String NAME = NettyPipeline.LEFT + "understudyFront";
  private static final String NEGOTIATION = NAME + "TlsNegotiation";
  private static final String PRIOR_KNOWLEDGE = NAME + "PriorKnowledge";

  /**
   * The largest piece of a body in bytes, as much as a read; Netty's default would cut it in eight.
   */
  private static final int LARGEST_PIECE = 64 * 1024;

  /**
   * Has a server's connections go through the frontend.
   *
   * @param cleartext the same server with HTTP/2 alone, whose pipeline plain connections get that
   *     begin so; null if none may
   */
  HttpServer apply(HttpServer server, @Nullable HttpServer cleartext) {
    HttpDecoderConfig decoding = decoding(server.configuration().decoder());
    HttpServerConfig http2 = cleartext == null ? null : cleartext.configuration();
    return server.doOnChannelInit(
        (observer, channel, address) -> {
          initialised(ReadSize.on(channel), decoding);
          if (http2 != null) {
            channel
                .pipeline()
                .addFirst(
                    PRIOR_KNOWLEDGE,
                    new PriorKnowledge(
                        frontend,
                        pipeline -> cleartextHttp2(pipeline, observer, http2),
                        pipeline -> chosen(pipeline, decoding)));
          }
        });
  }

  /** Copies Reactor Netty's settings of the codec that is replaced. */
  private static HttpDecoderConfig decoding(HttpRequestDecoderSpec spec) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(spec.maxInitialLineLength())
        .setMaxHeaderSize(spec.maxHeaderSize())
        .setValidateHeaders(spec.validateHeaders())
        .setInitialBufferSize(spec.initialBufferSize())
        .setMaxChunkSize(LARGEST_PIECE)
        .setAllowDuplicateContentLengths(spec.allowDuplicateContentLengths())
        .setAllowPartialChunks(spec.allowPartialChunks());
  }

  private void initialised(Channel channel, HttpDecoderConfig decoding) {
    ChannelPipeline pipeline = channel.pipeline();
    if (pipeline.get(NettyPipeline.H2OrHttp11Codec) == null) {
      http1(pipeline, decoding);
    } else {
      pipeline.addBefore(
          NettyPipeline.H2OrHttp11Codec,
          NEGOTIATION,
          new TlsNegotiation(frontend, chosen -> chosen(chosen, decoding)));
    }
  }

  private void chosen(ChannelPipeline pipeline, HttpDecoderConfig decoding) {
    if (pipeline.get(NettyPipeline.H2MultiplexHandler) != null) {
      Http2RequestCodec codec =
          Http2RequestCodec.replace(
              pipeline, NettyPipeline.HttpCodec, frontend.connections().windows());
      if (codec != null) {
        // Which would make channels of streams.
        pipeline.replace(
            NettyPipeline.H2MultiplexHandler, NAME, new Http2ClientConnection(frontend, codec));
      }
    } else if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
      http1(pipeline, decoding);
    }
  }

  /** Replaces the handlers of HTTP/1 by those of HTTP/2. */
  private static void cleartextHttp2(
      ChannelPipeline pipeline, ConnectionObserver observer, HttpServerConfig http2) {
    ServerNameChoice.removeAllAfter(pipeline, PRIOR_KNOWLEDGE);
    pipeline.addLast(http2.channelInitializer(observer, null, true));
  }

  private void http1(ChannelPipeline pipeline, HttpDecoderConfig decoding) {
    RequestCodec codec = new RequestCodec(decoding, frontend.limits().maxHeaders());
    codec.replace(pipeline, NettyPipeline.HttpCodec);
    pipeline.addBefore(NettyPipeline.HttpTrafficHandler, NAME, new Http1Handler(frontend, codec));
  }
}
