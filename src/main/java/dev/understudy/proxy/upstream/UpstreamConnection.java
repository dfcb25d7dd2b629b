package dev.understudy.proxy.upstream;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.HeadWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server as one exchange uses it: an HTTP/1 connection of its own, or one stream
 * of a shared HTTP/2 connection.
 *
 * <p>It has a user from the moment it is opened or taken until {@link #leave}, {@link #complete} or
 * {@link #toTunnel}. Used on the pool's event loop only.
 */
// An abstract class: calls on it are direct while only one of its subclasses is loaded.
public abstract class UpstreamConnection extends ChannelInboundHandlerAdapter {
  /** Null before the connection is taken, and after its use. */
  @Nullable User user;

  private boolean reading = true;

  /** Whether it served a request before this one. */
  boolean reused;

  /** Whether anything came in response to the request. */
  boolean anyByte;

  /** The time since which it had no request, by {@link System#nanoTime}. */
  long idleSinceNanos;

  /** The time of the last bytes, by {@link System#nanoTime}. */
  long readNanos;

  UpstreamConnection(@Nullable User user) {
    this.user = user;
  }

  /**
   * The exchange whose request the connection carries. At most one of {@code broken}, {@code
   * refused} and {@code responseEnded} is called.
   */
  public interface User {
    /** The client from which the request came. */
    ClientConnection client();

    /**
     * The connection is open.
     *
     * @param on what to send the request on; not what was opened if the server speaks another
     *     version of HTTP
     */
    void connected(UpstreamConnection on);

    /** No connection could be made, or it ended before the response did. */
    void broken(@Nullable Throwable cause);

    /**
     * The server reports that it did not process the request, and will not (RFC 9113 §8.7).
     *
     * @param detail how it did so
     */
    void refused(String detail);

    /** A 1xx response other than 101 arrived. */
    void informational(HttpResponse response);

    /** A 101 arrived, whether or not it agrees to a WebSocket. */
    void switching(HttpResponse response);

    /**
     * The head of the final response arrived.
     *
     * @param costBytes what it takes as long as anybody keeps it; 0 for one of the plain form,
     *     which takes little
     */
    void responseHead(HttpResponse response, int costBytes);

    /** A piece of the response's body arrived. Takes over the reference. */
    void responseBody(ByteBuf data);

    void responseEnded(HttpHeaders trailers);

    /** The response is not HTTP, or not one that was asked for. */
    void badResponse(String detail);

    /** The response's head is larger than {@link ServerLimits} allow. */
    void responseHeadTooLarge();

    /** The response's head has more fields than {@link ServerLimits} allow. */
    void tooManyFields();

    /** Ends a batch of the calls above; returns whether more is welcome. */
    boolean wantsMore();

    /** The server takes more of the request's body again. */
    void serverWritable();
  }

  /** Opens the connection; its user is called, possibly before this method returns. */
  public abstract void open();

  /** Whether the connection is open, as far as is known. */
  public abstract boolean isUsable();

  /** Whether the connection is a reused one on which the server has sent nothing since. */
  public final boolean isStale() {
    return reused && !anyByte;
  }

  /**
   * When a connection that was taken had become idle, by {@link System#nanoTime}; in the future of
   * that if it was in use.
   */
  public final long idleSinceNanos() {
    return idleSinceNanos;
  }

  /** Sends a request without a body. */
  public abstract void sendWhole(HttpMethod method, HeadWriter head);

  /**
   * Sends a request's head; its body follows.
   *
   * @param chunked whether the head announces a chunked body
   */
  public abstract void sendHead(HttpMethod method, HeadWriter head, boolean chunked);

  /** Sends a piece of the request's body. Takes over the reference. */
  public abstract void sendBody(ByteBuf data);

  /** Ends the request; the trailers are sent only after a body without an announced length. */
  public abstract void sendEnd(HttpHeaders trailers);

  /** Whether the server takes more of the request, by write watermarks and flow control. */
  public final boolean isWritable() {
    return channel().isWritable();
  }

  /** Bytes of the request that were given and not sent, with Netty's cost of each piece. */
  public abstract long unsent();

  /** Whether reading was stopped by {@link User#wantsMore}. */
  public final boolean isStopped() {
    return !reading;
  }

  /** Resumes reading, if it was stopped. */
  public final void resume() {
    if (!reading) {
      read();
    }
  }

  /** Requests one read. */
  final void read() {
    reading = true;
    channel().read();
  }

  /** Ends a batch of what the user is given: reads on if more is welcome. */
  final void readMore(User current) {
    reading = false;
    if (current.wantsMore() && user != null) {
      read();
    }
  }

  /**
   * Keeps the connection for one client from now on, as its server has authenticated it, or may: no
   * other client is given it, and it is closed with the client's. No effect over HTTP/2, where
   * servers authenticate requests (IIS has NTLM over HTTP/1.1 only).
   */
  public void belongTo(ClientConnection client) {}

  /**
   * The server of the pool to which the newest of the client's own connections leads; null if none.
   */
  public static @Nullable ServerId ownServer(ClientConnection client, PoolId pool) {
    for (ClientConnection.Owned each : client.owned().reversed()) {
      if (each instanceof Http1Connection own && own.server().pool().equals(pool)) {
        return own.server().server().id();
      }
    }
    return null;
  }

  /** The channel, once there is one. */
  abstract Channel channel();

  /** Ends the use of the connection before the end of the response: closes or resets it. */
  public abstract void leave();

  /**
   * Ends the use of the connection after a whole response; unless all of the request has been
   * written before it, the connection is closed or the stream reset.
   */
  public abstract void complete();

  /** The end of the response that has just ended, by {@link System#nanoTime}. */
  public long endedNanos() {
    return readNanos;
  }

  /**
   * Removes HTTP from the connection and gives its channel away; bytes that follow the 101 are
   * kept.
   */
  public abstract Channel toTunnel();
}
