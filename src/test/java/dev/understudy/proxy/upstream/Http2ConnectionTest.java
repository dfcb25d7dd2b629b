package dev.understudy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.flowcontrol.WindowBudget;
import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.TestPools;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a connection takes for a sign of life. */
class Http2ConnectionTest {
  private static final int STATUS_200 = 0x88; // RFC 7541, appendix A

  private final DefaultEventLoop loop = new DefaultEventLoop();
  private final TestPools pools = TestPools.pool().master("a", 1).http2().start();
  private final ConnectionPool pool =
      new ConnectionPool(
          pools.server("a"),
          new InetSocketAddress("127.0.0.1", 1),
          pools.state(),
          loop,
          LocalChannel.class,
          settings -> {
            throw new AssertionError("no https here");
          },
          ServerLimits.DEFAULT,
          new UpstreamSockets(),
          WindowBudget.ofProcess());
  private final Http2Connections connections = new Http2Connections(pool);
  private final Http2Connection connection =
      new Http2Connection(pool, connections, System.nanoTime());
  private final EmbeddedChannel channel = new EmbeddedChannel();

  @BeforeEach
  void open() {
    connection.install(channel);
    // As if a stream were awaiting it, which keeps it open.
    Http2Stream first = new Http2Stream(pool, connections, new Asker().user, false);
    connection.join(first);
    frame(RawHttp2.SETTINGS, 0, 0, "");
    first.leave();
    channel.runPendingTasks();
    sent();
  }

  @AfterEach
  void everything_is_closed() {
    channel.finishAndReleaseAll();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** A user that reads its response when the test says so. */
  private static final class Asker {
    private final UpstreamConnection.User user =
        (UpstreamConnection.User)
            Proxy.newProxyInstance(
                Asker.class.getClassLoader(),
                new Class<?>[] {UpstreamConnection.User.class},
                this::call);
    private final List<String> told = new ArrayList<>();

    private @Nullable Object call(Object proxy, Method method, Object[] arguments) {
      switch (method.getName()) {
        case "wantsMore" -> {
          return false;
        }
        case "responseHead" -> told.add("head " + ((HttpResponse) arguments[0]).status().code());
        case "responseBody" -> {
          ByteBuf data = (ByteBuf) arguments[0];
          told.add("body " + data.readableBytes());
          data.release();
        }
        default -> told.add(method.getName());
      }
      return null;
    }
  }

  private Http2Stream ask(Asker asker) {
    Http2Stream stream = new Http2Stream(pool, connections, asker.user, false);
    assertThat(connection.begin(stream, System.nanoTime())).isTrue();
    channel.runPendingTasks();
    HeadWriter head = new HeadWriter();
    head.raw(HeadWriter.ascii("GET / HTTP/1.1\r\nhost: h\r\n"));
    stream.sendWhole(HttpMethod.GET, head);
    channel.runPendingTasks();
    return stream;
  }

  private void frame(int type, int flags, int stream, String payload) {
    ByteBuf one = Unpooled.buffer();
    one.writeMedium(payload.length()).writeByte(type).writeByte(flags).writeInt(stream);
    one.writeCharSequence(payload, StandardCharsets.ISO_8859_1);
    channel.writeInbound(one);
  }

  /** The types of the frames sent since the last call. */
  private List<Integer> sent() {
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      all.writeBytes(each);
      each.release();
    }
    List<Integer> types = new ArrayList<>();
    while (all.isReadable()) {
      if (all.getByte(all.readerIndex()) == 'P') {
        all.skipBytes(24); // the preface
        continue;
      }
      int length = all.readMedium();
      types.add((int) all.readByte());
      all.skipBytes(5 + length);
    }
    return types;
  }

  private List<Integer> sentBySweep() {
    channel.runPendingTasks();
    sent();
    connection.sweep(System.nanoTime() + TimeUnit.SECONDS.toNanos(1));
    channel.runPendingTasks();
    return sent();
  }

  @Test
  void a_server_that_says_nothing_after_a_request_is_pinged() {
    ask(new Asker());
    assertThat(sentBySweep()).containsExactly(RawHttp2.PING);
  }

  @Test
  void a_server_that_says_anything_is_not() {
    ask(new Asker());
    frame(RawHttp2.SETTINGS, 0, 0, "");
    assertThat(sentBySweep()).isEmpty();
  }

  @Test
  void joined_data_that_a_client_reads_later_is_no_sign_of_life() {
    Asker slow = new Asker();
    Http2Stream read = ask(slow);
    frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, read.id(), "" + (char) STATUS_200);
    frame(RawHttp2.DATA, 0, read.id(), "x".repeat(10));
    frame(RawHttp2.DATA, 0, read.id(), "x".repeat(10));
    frame(RawHttp2.DATA, 0, read.id(), "x".repeat(10));
    ask(new Asker());
    read.resume();
    read.resume();
    channel.runPendingTasks();
    assertThat(slow.told).containsExactly("head 200", "body 10", "body 20");
    assertThat(sentBySweep()).containsExactly(RawHttp2.PING);
  }

  @Test
  void content_before_the_head_is_no_response() {
    Asker asker = new Asker();
    Http2Stream stream = ask(asker);
    frame(RawHttp2.DATA, 0, stream.id(), "x");
    channel.runPendingTasks();
    assertThat(asker.told).containsExactly("badResponse");
  }

  @Test
  void content_after_an_informational_head_is_no_response() {
    Asker asker = new Asker();
    Http2Stream stream = ask(asker);
    // Literal without indexing, the name ":status" from the static table.
    frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream.id(), "\u0008\u0003103");
    stream.resume();
    frame(RawHttp2.DATA, 0, stream.id(), "x");
    channel.runPendingTasks();
    assertThat(asker.told).containsExactly("informational", "badResponse");
  }
}
