package dev.understudy.scenario;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.CharsetUtil;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A stateful component as its own process: answers with its name, and writes down each order that
 * it executes, so that what was done can be counted after it was killed.
 *
 * <p>Stops gracefully at SIGTERM: it takes no new connection, finishes the requests that it has and
 * those that still come on its connections, announces with each response the end of its connection,
 * and exits once the last one has ended. Until then it closes none that might bring a request.
 *
 * <p>Arguments: name, port, ledger file. Prints {@code ready} once it listens.
 */
public final class StatefulServer {
  private final String name;
  private final FileChannel ledger;

  /** Has a party for each connection, and one for the process. */
  private final Phaser connections = new Phaser(1);

  private volatile boolean stopping;

  private StatefulServer(String name, FileChannel ledger) {
    this.name = name;
    this.ledger = ledger;
  }

  public static void main(String[] args) throws Exception {
    FileChannel ledger =
        FileChannel.open(
            Path.of(args[2]),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND);
    new StatefulServer(args[0], ledger).listen(Integer.parseInt(args[1]));
    System.out.println("ready");
    // Never outlives the test that started it: standard input ends with its parent.
    while (System.in.read() >= 0) {
      continue;
    }
    System.exit(0);
  }

  private void listen(int port) throws InterruptedException {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    Channel listener =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    connections.register();
                    channel.closeFuture().addListener(done -> connections.arriveAndDeregister());
                    channel.pipeline().addLast(new HttpServerCodec(), new Handler());
                  }
                })
            .bind("127.0.0.1", port)
            .sync()
            .channel();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> finish(listener)));
  }

  private void finish(Channel listener) {
    listener.close().awaitUninterruptibly();
    stopping = true;
    try {
      connections.awaitAdvanceInterruptibly(connections.arrive(), 20, TimeUnit.SECONDS);
    } catch (InterruptedException | TimeoutException e) {
      System.err.println("Connections are still open: " + e);
    }
  }

  private void execute(String id) throws IOException {
    ledger.write(StandardCharsets.US_ASCII.encode(id + "\n"));
  }

  private final class Handler extends SimpleChannelInboundHandler<HttpObject> {
    private HttpRequest request;
    private long received;

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message)
        throws Exception {
      if (message instanceof HttpRequest head) {
        request = head;
        received = 0;
        if (isUpgrade(head)) {
          upgrade(context, head);
          return;
        }
      }
      if (message instanceof HttpContent content) {
        received += content.content().readableBytes();
      }
      if (message instanceof LastHttpContent && request != null) {
        answer(context, request);
      }
    }

    private static boolean isUpgrade(HttpRequest head) {
      return head.headers()
              .containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
          && head.headers()
              .containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    }

    private void answer(ChannelHandlerContext context, HttpRequest head) throws IOException {
      QueryStringDecoder target = new QueryStringDecoder(head.uri());
      switch (target.path()) {
        case "/status" -> text(context, head, "version 1.0 of " + name);
        case "/orders" -> {
          execute(parameter(target, "id"));
          later(context, head, target);
        }
        case "/slow" -> later(context, head, target);
        case "/sink" -> text(context, head, Long.toString(received));
        case "/big" -> stream(context, head, Long.parseLong(parameter(target, "bytes")), true);
        case "/chunks" -> stream(context, head, Long.parseLong(parameter(target, "bytes")), false);
        case "/echo" -> text(context, head, dump(head));
        default -> text(context, head, name);
      }
    }

    /** Answers after {@code ms}, if the target has it. */
    private void later(ChannelHandlerContext context, HttpRequest head, QueryStringDecoder target) {
      List<String> millis = target.parameters().get("ms");
      if (millis == null) {
        text(context, head, name);
        return;
      }
      context
          .executor()
          .schedule(
              () -> text(context, head, name),
              Long.parseLong(millis.get(0)),
              TimeUnit.MILLISECONDS);
    }

    private String dump(HttpRequest head) {
      List<String> lines = new ArrayList<>();
      lines.add(head.method() + " " + head.uri());
      for (Map.Entry<String, String> header : head.headers()) {
        lines.add(header.getKey().toLowerCase(java.util.Locale.ROOT) + ": " + header.getValue());
      }
      lines.add("server: " + name);
      return String.join("\n", lines);
    }

    private void text(ChannelHandlerContext context, HttpRequest head, String text) {
      DefaultFullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.OK,
              Unpooled.copiedBuffer(text, CharsetUtil.UTF_8));
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
      response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
      boolean last = isLast(head);
      HttpUtil.setKeepAlive(response, !last);
      end(context, response, last);
    }

    /** Whether the connection ends with the response. */
    private boolean isLast(HttpRequest head) {
      return stopping || !HttpUtil.isKeepAlive(head);
    }

    private void end(ChannelHandlerContext context, LastHttpContent message, boolean last) {
      var written = context.writeAndFlush(message);
      if (last) {
        written.addListener(ChannelFutureListener.CLOSE);
      }
    }

    /** Says the length beforehand, or sends chunks. */
    private void stream(
        ChannelHandlerContext context, HttpRequest request, long bytes, boolean lengthFirst) {
      DefaultHttpResponse head =
          new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      if (lengthFirst) {
        head.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes);
      } else {
        head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
      boolean last = isLast(request);
      HttpUtil.setKeepAlive(head, !last);
      context.write(head);
      ByteBuf chunk = Unpooled.wrappedBuffer(new byte[64 * 1024]);
      streamRest(context, chunk, bytes, last);
    }

    private void streamRest(ChannelHandlerContext context, ByteBuf chunk, long left, boolean last) {
      if (left == 0) {
        end(context, LastHttpContent.EMPTY_LAST_CONTENT, last);
        return;
      }
      int size = (int) Math.min(left, chunk.readableBytes());
      context
          .writeAndFlush(new DefaultHttpContent(chunk.retainedSlice(0, size)))
          .addListener(
              written -> {
                if (written.isSuccess()) {
                  streamRest(context, chunk, left - size, last);
                }
              });
    }

    private void upgrade(ChannelHandlerContext context, HttpRequest head) {
      String url = "ws://" + head.headers().get(HttpHeaderNames.HOST) + head.uri();
      WebSocketServerHandshaker handshaker =
          new WebSocketServerHandshakerFactory(url, null, true).newHandshaker(head);
      if (handshaker == null) {
        WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(context.channel());
        return;
      }
      handshaker
          .handshake(context.channel(), head)
          .addListener(done -> context.writeAndFlush(new TextWebSocketFrame(name)));
      context.pipeline().replace(this, "echo", new Echo(handshaker));
    }

    private static String parameter(QueryStringDecoder target, String name) {
      return target.parameters().get(name).get(0);
    }
  }

  private static final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
    private final WebSocketServerHandshaker handshaker;

    Echo(WebSocketServerHandshaker handshaker) {
      this.handshaker = handshaker;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      if (frame instanceof CloseWebSocketFrame close) {
        handshaker.close(context.channel(), close.retain());
      } else {
        context.writeAndFlush(frame.retain());
      }
    }
  }
}
