package dev.understudy.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One client: a connection at a time, and on it one request at a time. */
final class Client implements Requester {
  private static final long RECONNECT_MILLIS = 10;

  /** Client addresses, so that connections in TIME_WAIT do not use up the ports of one. */
  private static final int ADDRESSES = 250;

  private final Course course;
  private final Bootstrap bootstrap;
  private final Traffic traffic;
  private final List<ByteBuf> requests;

  private @Nullable Channel channel;
  private boolean awaiting;

  /** Whether the course has been told that there is nothing to do, and nothing came since. */
  private boolean ready;

  private boolean closed;
  private long due;
  private int turn;

  Client(Course course, Bootstrap shared, Traffic traffic, @Nullable SslContext tls, int number) {
    this.course = course;
    this.traffic = traffic;
    requests =
        IntStream.range(0, traffic.requests())
            .mapToObj(i -> traffic.request().apply(number * traffic.requests() + i))
            .toList();
    bootstrap =
        shared
            .clone()
            .localAddress(new InetSocketAddress("127.0.1." + (1 + number % ADDRESSES), 0))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    if (tls != null) {
                      made.pipeline().addLast(tls.newHandler(made.alloc()));
                    }
                    made.pipeline()
                        .addLast(new ResponseCounter(Client.this, traffic, requests.getFirst()));
                  }
                });
  }

  @Override
  public void open() {
    if (traffic.reuse()) {
      connect();
    } else {
      beReady();
    }
  }

  private void beReady() {
    if (!ready) {
      ready = true;
      course.ready(this);
    }
  }

  @Override
  public void close() {
    closed = true;
    requests.forEach(ByteBuf::release);
    if (channel != null) {
      channel.close();
    }
  }

  @Override
  public void send(long dueNanos) {
    due = dueNanos;
    ready = false;
    awaiting = true;
    if (channel == null) {
      connect();
    } else {
      write(channel);
    }
  }

  private void write(Channel to) {
    turn = (turn + 1) % requests.size();
    to.writeAndFlush(requests.get(turn).retainedDuplicate(), to.voidPromise());
  }

  private void connect() {
    bootstrap.connect().addListener((ChannelFuture done) -> connected(done));
  }

  private void connected(ChannelFuture done) {
    if (!done.isSuccess()) {
      lost(null);
      return;
    }
    Channel made = done.channel();
    channel = made;
    if (closed) {
      made.close();
    } else if (traffic.responses() == Traffic.Responses.FRAMES) {
      made.writeAndFlush(Traffic.handshake());
    } else if (awaiting) {
      write(made);
    } else {
      beReady();
    }
  }

  /** The WebSocket is open. */
  void upgraded() {
    if (awaiting) {
      send(due);
    } else {
      beReady();
    }
  }

  /**
   * Has a response.
   *
   * @param last whether the server ends the connection with it: no request is sent on it any more
   */
  void responded(Channel from, boolean good, boolean last) {
    if (from != channel || !awaiting) {
      return;
    }
    awaiting = false;
    ready = true;
    if (!traffic.reuse()) {
      channel = null;
    } else if (last) {
      channel = null;
      from.close();
    }
    course.responded(this, due, good);
  }

  /**
   * A connection ended, or could not be made. A server may close one that has nothing to do: that
   * is no failure.
   */
  void lost(@Nullable Channel from) {
    if (from != channel || closed) {
      return;
    }
    channel = null;
    if (awaiting) {
      course.lost();
    }
    course.loop().schedule(this::reconnect, RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void reconnect() {
    if (!closed && (traffic.reuse() || awaiting)) {
      connect();
    }
  }
}
