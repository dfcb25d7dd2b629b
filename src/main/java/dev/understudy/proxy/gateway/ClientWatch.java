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
 * Reports the events of a client's channel that Reactor Netty does not pass on: writability
 * (Reactor Netty requests more only every hundred pieces), the request's trailers, and the front's
 * refusal of the rest of a request. Restores the parts of a response that WebFlux cannot express or
 * Reactor Netty removes: the reason phrase, and the length of a 304.
 */
final class ClientWatch extends ChannelDuplexHandler {
  private static final String NAME = NettyPipeline.LEFT + "understudyWatch";

  private Runnable writable = () -> {};
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
  private Consumer<RefusedRequest> refused = refusal -> {};
  private @Nullable RefusedRequest refusal;

  /** Fails the subscriber of the present request's body; null if the request has no body. */
  private Sinks.@Nullable Empty<Void> bodyEnd;

  /**
   * The status of the server's response with its reason phrase; null if there is none to restore.
   */
  private @Nullable HttpResponseStatus status;

  /**
   * The length of the content that a 304 stands for; null if unknown or if the response is no 304.
   */
  private @Nullable String length;

  private ClientWatch() {}

  /**
   * Returns the channel's watch and directs its events to another request.
   *
   * @param writable called on changes of writability until the next call: requests come one after
   *     the other
   * @param refused called once if the request is refused
   */
  static ClientWatch follow(Channel channel, Runnable writable, Consumer<RefusedRequest> refused) {
    ClientWatch watch = on(channel);
    watch.writable = writable;
    watch.refused = refused;
    return watch;
  }

  /** The refusal of the channel's present request; null if it has not been refused. */
  static @Nullable RefusedRequest refusal(Channel channel) {
    ClientWatch watch = present(channel);
    return watch == null ? null : watch.refusal;
  }

  /**
   * Returns the channel's watch and installs it if it is missing. It must be in place before
   * filters run: during a slow filter the request's end would pass unseen.
   */
  static ClientWatch on(Channel channel) {
    ClientWatch watch = present(channel);
    if (watch == null) {
      watch = new ClientWatch();
      // Before the handler that responds to a malformed body by itself and then ends it as if it
      // were whole.
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

  /** The trailers of the request whose end was read last. */
  HttpHeaders trailers() {
    return trailers;
  }

  /** Wraps the request so that its body ends with an error as soon as the request is refused. */
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
   * Sets the length of the 304 that is written next, which Reactor Netty would leave out (RFC 9110
   * §15.4.5).
   *
   * @param length null if the response has none
   */
  static void keepLength(Channel channel, @Nullable String length) {
    ClientWatch watch = present(channel);
    if (watch != null) {
      watch.length = length;
    }
  }

  /**
   * Sets the reason phrase of the head that is written next; ignored if a filter changes the code.
   */
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

  /**
   * Tells the engine first, if it has the request, because the engine decides how the exchange
   * ends.
   */
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
