package dev.understudy.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A connection over HTTP/2 with a number of streams at a time, each of which repeats one request
 * without a body. Of responses it reads no more than whether the status is 200.
 */
final class Multiplexer {
  private static final long RECONNECT_MILLIS = 10;

  private static final int FRAME_HEAD = 9;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int ACK = 1;
  private static final int END_STREAM = 1;

  /** What the connection's window is kept at half of: nothing that a proxy sends waits for it. */
  private static final int WINDOW = Integer.MAX_VALUE;

  private final Course course;
  private final Bootstrap bootstrap;
  private final RequestHead head;
  private final List<Stream> streams;

  private @Nullable Connection connection;
  private boolean connecting;
  private boolean closed;

  Multiplexer(Course course, Bootstrap shared, Traffic traffic, @Nullable SslContext tls) {
    this.course = course;
    head = RequestHead.of(traffic.request().apply(0));
    streams = IntStream.range(0, traffic.streams()).mapToObj(i -> new Stream()).toList();
    bootstrap =
        shared
            .clone()
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    if (tls != null) {
                      made.pipeline().addLast(tls.newHandler(made.alloc()));
                    }
                    made.pipeline().addLast(new Connection());
                  }
                });
  }

  List<Stream> streams() {
    return streams;
  }

  private void connect() {
    if (!connecting && !closed) {
      connecting = true;
      bootstrap.connect().addListener((ChannelFuture done) -> connected(done));
    }
  }

  private void connected(ChannelFuture done) {
    connecting = false;
    if (!done.isSuccess()) {
      later();
    }
  }

  private void later() {
    course.loop().schedule(this::connect, RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void lost() {
    connection = null;
    if (!closed) {
      streams.stream().filter(stream -> stream.awaiting).forEach(stream -> course.lost());
      later();
    }
  }

  /** One stream after the other. */
  final class Stream implements Requester {
    private long due;
    private boolean awaiting;
    private boolean open;

    /** Whether the head of the response that is awaited says 200. */
    private boolean good;

    @Override
    public void open() {
      connect();
    }

    @Override
    public void close() {
      closed = true;
      if (connection != null) {
        connection.close();
      }
    }

    @Override
    public void send(long dueNanos) {
      due = dueNanos;
      awaiting = true;
      good = false;
      if (connection != null) {
        connection.request(this);
      }
    }

    private void connected(Connection made) {
      if (awaiting) {
        made.request(this);
      } else if (!open) {
        open = true;
        course.ready(this);
      }
    }

    private void responded() {
      awaiting = false;
      course.responded(this, due, good);
    }
  }

  private final class Connection extends ByteToMessageDecoder {
    private final IntObjectMap<Stream> awaited = new IntObjectHashMap<>();
    private @Nullable ChannelHandlerContext ctx;
    private int next = 1;
    private int unacknowledged;
    private boolean reading;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      ctx = context;
      connection = this;
      ctx.write(RequestHead.preface(WINDOW));
      reading = true;
      streams.forEach(stream -> stream.connected(this));
      reading = false;
      ctx.flush();
    }

    void request(Stream stream) {
      ChannelHandlerContext to = ctx;
      if (to == null) {
        return;
      }
      awaited.put(next, stream);
      to.write(head.frame(to.alloc(), next), to.voidPromise());
      next += 2;
      if (!reading) {
        to.flush();
      }
    }

    void close() {
      if (ctx != null) {
        ctx.close();
      }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      if (in.readableBytes() < FRAME_HEAD) {
        return;
      }
      int start = in.readerIndex();
      int length = in.getUnsignedMedium(start);
      if (in.readableBytes() < FRAME_HEAD + length) {
        return;
      }
      reading = true;
      in.skipBytes(FRAME_HEAD + length);
      frame(context, in, start, length);
    }

    private void frame(ChannelHandlerContext context, ByteBuf in, int start, int length) {
      int flags = in.getByte(start + 4);
      int id = in.getInt(start + 5);
      switch (in.getByte(start + 3)) {
        case DATA -> {
          consumed(context, length);
          endIf((flags & END_STREAM) != 0, id);
        }
        case HEADERS -> {
          answered(id, RequestHead.isOk(in, start + FRAME_HEAD));
          endIf((flags & END_STREAM) != 0, id);
        }
        case RST_STREAM -> {
          answered(id, false);
          endIf(true, id);
        }
        case SETTINGS -> {
          if ((flags & ACK) == 0) {
            context.write(reply(SETTINGS, in.slice(start, 0)));
          }
        }
        case PING -> {
          if ((flags & ACK) == 0) {
            context.write(reply(PING, in.slice(start + FRAME_HEAD, length)));
          }
        }
        case GOAWAY -> context.close();
        default -> {}
      }
    }

    private static ByteBuf reply(int type, ByteBuf payload) {
      return Unpooled.buffer(FRAME_HEAD + payload.readableBytes())
          .writeMedium(payload.readableBytes())
          .writeByte(type)
          .writeByte(ACK)
          .writeInt(0)
          .writeBytes(payload);
    }

    private void consumed(ChannelHandlerContext context, int bytes) {
      unacknowledged += bytes;
      if (unacknowledged > WINDOW / 2) {
        context.write(RequestHead.windowUpdate(unacknowledged));
        unacknowledged = 0;
      }
    }

    private void answered(int id, boolean good) {
      Stream stream = awaited.get(id);
      if (stream != null) {
        stream.good = good;
      }
    }

    private void endIf(boolean last, int id) {
      Stream stream = last ? awaited.remove(id) : null;
      if (stream != null) {
        stream.responded();
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
      reading = false;
      context.flush();
      super.channelReadComplete(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
      super.channelInactive(context);
      if (connection == this) {
        lost();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
