package dev.understudy.proxy.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Sees on a client's channel what Reactor Netty keeps to itself: that it can be written to again
 * (there, more is asked for only every hundred pieces), the request's trailers, and that its body
 * was malformed, which there looks like its end. Puts back what WebFlux can't express: a response's
 * reason phrase.
 */
final class ClientWatch extends ChannelDuplexHandler {
  private static final String NAME = NettyPipeline.LEFT + "understudyWatch";

  private Runnable writable = () -> {};
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
  private boolean malformed;

  /** Of the server's response; null: the status says all. */
  private @Nullable HttpResponseStatus status;

  private ClientWatch() {}

  /**
   * The channel's own, from now on for another request.
   *
   * @param writable told of changes until the next call: requests come one after the other
   */
  static ClientWatch follow(Channel channel, Runnable writable) {
    ClientWatch watch = on(channel);
    watch.writable = writable;
    return watch;
  }

  /**
   * The channel's own, put there if need be: before filters run, as one that takes its time would
   * let the request's end pass unseen.
   */
  static ClientWatch on(Channel channel) {
    ClientWatch watch = present(channel);
    if (watch == null) {
      watch = new ClientWatch();
      // Before what answers a malformed body by itself, and then ends it as if it were whole.
      if (channel.pipeline().get(NettyPipeline.HttpTrafficHandler) != null) {
        channel.pipeline().addBefore(NettyPipeline.HttpTrafficHandler, NAME, watch);
      } else if (channel.pipeline().get(NettyPipeline.ReactiveBridge) != null) {
        channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, NAME, watch);
      }
    }
    return watch;
  }

  private static @Nullable ClientWatch present(Channel channel) {
    return (ClientWatch) channel.pipeline().get(NAME);
  }

  /** Of the request whose end has come. */
  HttpHeaders trailers() {
    return trailers;
  }

  /** Whether what ended the request's body was no proper end (RFC 9112 §7.1). */
  boolean isMalformed() {
    return malformed;
  }

  /** The head that is to be written has this reason phrase, unless a filter changes its code. */
  void answers(HttpResponseStatus servers) {
    status = servers;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    HttpResponseStatus servers = status;
    if (servers != null
        && message instanceof HttpResponse response
        && response.status().code() == servers.code()) {
      status = null;
      response.setStatus(servers);
    }
    var unused = ctx.write(message, promise);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest) {
      trailers = EmptyHttpHeaders.INSTANCE;
      malformed = false;
      status = null;
    }
    if (message instanceof LastHttpContent last) {
      trailers = last.trailingHeaders();
      malformed = last.decoderResult().isFailure();
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    writable.run();
    ctx.fireChannelWritabilityChanged();
  }
}
