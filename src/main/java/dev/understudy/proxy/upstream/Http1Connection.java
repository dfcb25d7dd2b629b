package dev.understudy.proxy.upstream;

import dev.understudy.proxy.eventloop.FailedWrites;
import dev.understudy.proxy.eventloop.PendingBytes;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.EarlyBytes;
import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.ResponseDecoder;
import dev.understudy.snapshot.ServerState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 connection to a server; the last handler of its pipeline.
 *
 * <p>It has a user from the moment it is opened, or taken from the idle connections, until {@link
 * #leave}, {@link #complete} or {@link #toTunnel}. Without a user, or before a request was sent,
 * every byte is stray and closes the connection (such as the 408 of a server that gives up an idle
 * connection). Reads are requested one by one: one is always outstanding while the connection is
 * idle or a response is awaited, none while the user wants no more.
 */
// exceptionCaught and channelInactive report failed writes and closes; users and connections are
// compared by identity.
@SuppressWarnings({"FutureReturnValueIgnored", "ReferenceEquality"})
final class Http1Connection extends UpstreamConnection implements ClientConnection.Owned {
  private final ConnectionPool pool;
  private final ResponseDecoder decoder;
  private final ResponseReader responses;
  private @Nullable Channel channel;
  private @Nullable RequestWriter writer;

  /** Whether it is one of {@link IdleConnections}. */
  boolean idle;

  /** The client to which it belongs; null if any may use it. */
  @Nullable ClientConnection owner;

  /**
   * The client whose request on this connection had a body, while it is not known whether the
   * server reads bodies to their end; null if it does, or there was none.
   */
  @Nullable ClientConnection bodyFrom;

  /** Whether the response will show if the server has read the body of the request before. */
  private boolean onTrial;

  /** Whether the whole request was given to the channel. */
  private boolean requestEnded;

  /**
   * Whether the response began before all of the request was written. Such a server may have
   * stopped reading, and a next request would wait behind the rest.
   */
  private boolean early;

  private boolean asked;
  private boolean parting;
  private boolean closeNotified;
  private @Nullable Throwable failure;

  Http1Connection(ConnectionPool pool, User user) {
    super(user);
    this.pool = pool;
    ServerLimits limits = pool.limits();
    this.decoder =
        new ResponseDecoder(limits.maxHeaderBytes(), limits.maxHeaders(), this::bytesArrived);
    this.responses = new ResponseReader(decoder);
  }

  /** Adds the HTTP handlers to a new channel, after TLS. */
  void install(ChannelPipeline pipeline) {
    pipeline.addLast(decoder, this);
  }

  @Override
  public void open() {
    pool.open(this);
  }

  void opening(Channel channel) {
    this.channel = channel;
    this.writer = new RequestWriter(channel);
  }

  /** Continues on an open channel, after TLS. */
  void begin(Channel open) {
    opening(open);
    install(open.pipeline());
    if (user != null) {
      user.connected(this);
    }
  }

  /**
   * Completes the opening of the TCP connection.
   *
   * @param cause why it failed; null if it is open
   */
  void opened(@Nullable Throwable cause) {
    User current = user;
    if (current == null) {
      close();
    } else if (cause != null) {
      user = null;
      current.broken(cause);
    } else if (pool.tls()) {
      channel().read();
    } else {
      current.connected(this);
    }
  }

  @Override
  Channel channel() {
    return Objects.requireNonNull(channel, "not opened");
  }

  @Override
  public boolean isUsable() {
    return channel().isActive() && failure == null && !closeNotified;
  }

  /** Gives an idle connection to its next user. */
  void take(User next) {
    user = next;
    reused = true;
    onTrial = bodyFrom != null;
    bodyFrom = null;
    requestEnded = false;
    asked = false;
    anyByte = false;
  }

  ServerState server() {
    return pool.server();
  }

  @Override
  public void belongTo(ClientConnection client) {
    if (owner == null) {
      owner = client;
      client.own(this);
    }
  }

  @Override
  public void clientEnded() {
    if (idle) {
      close();
    }
  }

  private void disown() {
    if (owner != null) {
      owner.disown(this);
    }
  }

  @Override
  public void sendWhole(HttpMethod method, HeadWriter head) {
    requestEnded = true;
    writer().whole(head.end(ByteBufAllocator.DEFAULT));
    await(method);
  }

  @Override
  public void sendHead(HttpMethod method, HeadWriter head, boolean chunked) {
    if (user != null && !pool.idle().readsBodies()) {
      bodyFrom = user.client();
    }
    writer().head(head.end(ByteBufAllocator.DEFAULT), chunked);
    await(method);
  }

  private void await(HttpMethod method) {
    decoder.expect(method);
    asked = true;
    read();
  }

  @Override
  public void sendBody(ByteBuf data) {
    writer().body(data);
  }

  @Override
  public void sendEnd(HttpHeaders trailers) {
    requestEnded = true;
    writer().end(trailers);
  }

  private RequestWriter writer() {
    return Objects.requireNonNull(writer, "not opened");
  }

  @Override
  public void leave() {
    user = null;
    close();
  }

  /** Mostly known without another look at the clock, which is expensive. */
  @Override
  public long endedNanos() {
    return responses.endsWithConnection() ? System.nanoTime() : readNanos;
  }

  @Override
  public void complete() {
    user = null;
    // A server that takes the body for a request closes after its response to that.
    if (onTrial && responses.isKeptAlive()) {
      pool.idle().bodyRead();
    }
    if (responses.isKeptAlive() && !early) {
      parting = true;
    } else {
      close();
    }
  }

  @Override
  public Channel toTunnel() {
    user = null;
    disown();
    Channel given = channel();
    ChannelPipeline pipeline = given.pipeline();
    pipeline.addLast(new EarlyBytes());
    pipeline.remove(this);
    pipeline.remove(decoder);
    return given;
  }

  void close() {
    // A channel that never got an event loop, for want of a file descriptor, cannot be closed.
    if (channel != null && channel.isRegistered()) {
      channel.close();
    }
  }

  private void bytesArrived() {
    readNanos = pool.bytesArrived();
    anyByte |= asked;
    if (idle || !asked) {
      close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    User current = user;
    if (current == null || !asked) {
      ReferenceCountUtil.release(msg);
      parting = false;
      ctx.close();
    } else if (msg instanceof HttpResponse response) {
      early |=
          response.status().codeClass() != HttpStatusClass.INFORMATIONAL
              && !(requestEnded && unsent() == 0);
      responses.head(current, response);
    } else if (msg instanceof ByteBuf data) {
      current.responseBody(data);
    } else if (msg instanceof HttpContent content) {
      content(current, content);
    } else {
      ReferenceCountUtil.release(msg);
    }
  }

  private void content(User current, HttpContent content) {
    if (content.decoderResult().isFailure()) {
      content.release();
      user = null;
      close();
      current.broken(content.decoderResult().cause());
    } else if (responses.content(current, content) && user == current) {
      end(current, (LastHttpContent) content);
    }
  }

  private void end(User current, LastHttpContent last) {
    if (responses.endsWithConnection() && !channel().isActive() && !isProperEnd()) {
      user = null;
      current.broken(failure);
    } else {
      current.responseEnded(last.trailingHeaders());
    }
  }

  /**
   * Whether the connection's end completes a response: a reset does not and, over TLS, neither does
   * an end without close_notify (RFC 9112 §9.8).
   */
  private boolean isProperEnd() {
    return failure == null && (!pool.tls() || closeNotified);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (user != null) {
      readMore(user);
    } else if (parting) {
      parting = false;
      if (decoder.isClean() && isUsable()) {
        read();
        pool.idle().add(this, readNanos);
      } else {
        ctx.close();
      }
    }
  }

  @Override
  public long unsent() {
    return channel == null ? 0 : PendingBytes.of(channel);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (user != null && ctx.channel().isWritable()) {
      user.serverWritable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      User current = user;
      if (current != null && handshake.isSuccess()) {
        current.connected(this);
      } else if (current != null) {
        user = null;
        ctx.close();
        current.broken(handshake.cause());
      }
    } else if (event instanceof SslCloseCompletionEvent close && close.isSuccess()) {
      // Nothing more comes, though the server may leave its TCP connection open.
      closeNotified = true;
      ctx.close();
    }
  }

  /**
   * Closes the channel after a failed read, and reads on after a {@linkplain FailedWrites write}.
   */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failure = failure == null ? cause : failure;
    if (user != null && FailedWrites.isOne(ctx.channel(), false)) {
      resume();
    } else {
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    pool.idle().remove(this);
    disown();
    User current = user;
    user = null;
    parting = false;
    if (current != null) {
      current.broken(failure);
    }
  }
}
