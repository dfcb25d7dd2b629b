package dev.understudy.bench.network;

import dev.understudy.testing.Http2Connector;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client's connection over HTTP/2 and TLS. */
final class Http2 implements AutoCloseable {
  private static final Http2Connector CONNECTOR =
      new Http2Connector(List.of("TLS_AES_128_GCM_SHA256"));

  private final Channel connection;
  private final List<Stream> streams = new ArrayList<>();

  private Http2(Channel connection) {
    this.connection = connection;
  }

  /**
   * Connects; the handshake of TLS is done.
   *
   * @param window of each stream in bytes; the connection's holds back nobody
   */
  static Http2 connect(int port, int window) {
    Channel connection =
        CONNECTOR.connect(
            port,
            Http2FrameCodecBuilder.forClient()
                .initialSettings(Http2Settings.defaultSettings().initialWindowSize(window)));
    connection.writeAndFlush(new DefaultHttp2WindowUpdateFrame(Servers.WINDOW));
    return new Http2(connection);
  }

  /** Sends a request without a body. */
  Stream get(String path) {
    return send("GET", path, true);
  }

  /** Sends a request whose response is not read. */
  Stream getUnread(String path) {
    Stream stream = open();
    stream.channel.config().setAutoRead(false);
    return stream.send("GET", path, true);
  }

  /** Sends a request with a large body. */
  Stream post(String path) {
    Stream stream = send("POST", path, false);
    HttpServer.bulk(piece -> stream.channel.writeAndFlush(new DefaultHttp2DataFrame(piece)));
    stream.channel.writeAndFlush(new DefaultHttp2DataFrame(true));
    return stream;
  }

  private Stream send(String method, String path, boolean last) {
    return open().send(method, path, last);
  }

  private Stream open() {
    Stream made = new Stream();
    made.channel =
        new Http2StreamChannelBootstrap(connection)
            .handler(made)
            .open()
            .syncUninterruptibly()
            .getNow();
    streams.add(made);
    return made;
  }

  @Override
  public void close() {
    // What is unread of a stream goes with the stream alone.
    streams.forEach(stream -> stream.channel.close().awaitUninterruptibly(5, TimeUnit.SECONDS));
    connection.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /** A request and its response. */
  static final class Stream extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Long> first = new CompletableFuture<>();
    private final CompletableFuture<Integer> all = new CompletableFuture<>();
    private Http2StreamChannel channel;
    private int received;

    private Stream send(String method, String path, boolean last) {
      Http2Headers headers =
          new DefaultHttp2Headers()
              .method(method)
              .scheme("https")
              .authority("bench.example")
              .path(path);
      if (!last) {
        headers.setInt("content-length", Sizes.LARGE);
      }
      channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, last));
      return this;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      boolean last = false;
      if (frame instanceof Http2HeadersFrame head) {
        last = head.isEndStream();
        if (!"200".contentEquals(head.headers().status())) {
          all.completeExceptionally(new IOException("status " + head.headers().status()));
        }
      } else if (frame instanceof Http2DataFrame data) {
        ByteBuf content = data.content();
        if (content.isReadable()) {
          first.complete(System.nanoTime());
        }
        received += content.readableBytes();
        last = data.isEndStream();
      }
      ReferenceCountUtil.release(frame);
      if (last) {
        all.complete(received);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        all.completeExceptionally(new IOException("reset " + reset.errorCode()));
      }
      ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      all.completeExceptionally(new IOException("the end came before"));
    }

    /** Awaits the whole response: the length of its body. */
    int response() throws IOException, InterruptedException {
      return await(all);
    }

    /** Awaits the first byte of the body. */
    void awaitFirst() throws IOException, InterruptedException {
      await(first);
    }

    /** Reads until the end, never more bytes each second than that. */
    void readAt(double perSecond) throws IOException, InterruptedException {
      long start = System.nanoTime();
      while (!all.isDone()) {
        long due = start + (long) (received / perSecond * 1e9);
        TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
        channel.read();
        TimeUnit.MICROSECONDS.sleep(500);
        if (System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(Plain.PATIENCE_MILLIS)) {
          throw new IOException("stalled");
        }
      }
      response();
    }

    private static <T> T await(CompletableFuture<T> what) throws IOException, InterruptedException {
      try {
        return what.get(Plain.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      } catch (TimeoutException e) {
        throw new IOException("stalled", e);
      }
    }
  }
}
