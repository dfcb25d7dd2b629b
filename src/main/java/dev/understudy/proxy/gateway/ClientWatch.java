package dev.understudy.proxy.gateway;

import dev.understudy.proxy.front.RefusedRequest;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.netty.NettyPipeline;

/**
 * Sees on a client's channel what Reactor Netty keeps to itself: that it can be written to again
 * (there, more is asked for only every hundred pieces), the request's trailers, and that the front
 * refuses the rest of the request. Puts back what WebFlux can't express or Reactor Netty removes: a
 * response's reason phrase, the length with a 304.
 */
final class ClientWatch extends ChannelDuplexHandler {
  private static final String NAME = NettyPipeline.LEFT + "understudyWatch";

  private Runnable writable = () -> {};
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
  private Consumer<RefusedRequest> refused = refusal -> {};
  private @Nullable RefusedRequest refusal;

  /** Ends whatever reads the present request's body; null: it has none. */
  private Sinks.@Nullable Empty<Void> bodyEnd;

  /** Of the server's response; null: the status says all. */
  private @Nullable HttpResponseStatus status;

  /** Of the content that a 304 stands for; null: it doesn't say, or it is no 304. */
  private @Nullable String length;

  private ClientWatch() {}

  /**
   * The channel's own, from now on for another request.
   *
   * @param writable told of changes until the next call: requests come one after the other
   * @param refused told once if the request is refused
   */
  static ClientWatch follow(Channel channel, Runnable writable, Consumer<RefusedRequest> refused) {
    ClientWatch watch = on(channel);
    watch.writable = writable;
    watch.refused = refused;
    return watch;
  }

  /** Of the channel's present request; null: it has not been refused. */
  static @Nullable RefusedRequest refusal(Channel channel) {
    ClientWatch watch = present(channel);
    return watch == null ? null : watch.refusal;
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

  /** The same request, whose body ends with an error as soon as it is refused. */
  ServerHttpRequest guard(ServerHttpRequest request) {
    Sinks.Empty<Void> end = Sinks.empty();
    bodyEnd = end;
    return new ServerHttpRequestDecorator(request) {
      @Override
      public Flux<DataBuffer> getBody() {
        return super.getBody().takeUntilOther(end.asMono());
      }
    };
  }

  /**
   * The 304 that is to be written has this length, which Reactor Netty would leave out (RFC 9110
   * §15.4.5).
   *
   * @param length null: it has none
   */
  static void keepLength(Channel channel, @Nullable String length) {
    ClientWatch watch = present(channel);
    if (watch != null) {
      watch.length = length;
    }
  }

  /** The head that is to be written has this reason phrase, unless a filter changes its code. */
  void answers(HttpResponseStatus servers) {
    status = servers;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof HttpResponse response) {
      restore(response);
    }
    var unused = ctx.write(message, promise);
  }

  private void restore(HttpResponse head) {
    HttpResponseStatus servers = status;
    if (servers != null && head.status().code() == servers.code()) {
      status = null;
      head.setStatus(servers);
    }
    String kept = length;
    if (kept != null && head.status().code() == 304) {
      length = null;
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, kept);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest) {
      trailers = EmptyHttpHeaders.INSTANCE;
      refused = ignored -> {};
      refusal = null;
      bodyEnd = null;
      status = null;
      length = null;
    }
    if (message instanceof LastHttpContent last) {
      trailers = last.trailingHeaders();
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof RefusedRequest now) {
      refusal = now;
      tell(now);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  /** First the engine, if it has the request: it says how that ends. */
  private void tell(RefusedRequest now) {
    refused.accept(now);
    if (bodyEnd != null) {
      bodyEnd.tryEmitError(now);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    writable.run();
    ctx.fireChannelWritabilityChanged();
  }
}
