package dev.understudy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.flowcontrol.WindowBudget;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.testing.Await;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestRequests;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a connection after a response, and of one that could not be made. */
class UpstreamConnectionTest {
  private static final long FOUR_SECONDS = TimeUnit.SECONDS.toNanos(4);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final TestPools pools = TestPools.pool().master("a", 1).start();
  private final ConnectionPool pool = pool(NioSocketChannel.class);
  private final List<EmbeddedChannel> channels = new ArrayList<>();

  @AfterEach
  void everything_is_closed() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private ConnectionPool pool(Class<? extends Channel> type) {
    return new ConnectionPool(
        pools.server("a"),
        new InetSocketAddress("127.0.0.1", 1),
        pools.state(),
        loops.next(),
        type,
        settings -> {
          throw new AssertionError("no https here");
        },
        ServerLimits.DEFAULT,
        new UpstreamSockets(),
        WindowBudget.ofProcess());
  }

  /** A user that has the whole request sent before its response ends. */
  private static final class Asker {
    private final UpstreamConnection.User user =
        (UpstreamConnection.User)
            Proxy.newProxyInstance(
                Asker.class.getClassLoader(),
                new Class<?>[] {UpstreamConnection.User.class},
                this::call);
    private final List<String> told = new ArrayList<>();
    private Http1Connection connection;
    private ClientConnection client = client();

    /** What happens when the connection is broken. */
    private Runnable onBroken = () -> {};

    private @Nullable Object call(Object proxy, Method method, Object[] arguments) {
      String name = method.getName();
      if (name.equals("client")) {
        return client;
      }
      if (name.equals("wantsMore")) {
        return true;
      }
      told.add(
          name.equals("responseHead")
              ? "head " + ((HttpResponse) arguments[0]).status().code()
              : name);
      switch (name) {
        case "responseBody" -> ((ByteBuf) arguments[0]).release();
        case "responseEnded" -> connection.complete();
        case "badResponse", "responseHeadTooLarge", "tooManyFields" -> connection.leave();
        case "broken" -> onBroken.run();
        default -> {
          // It is told of it.
        }
      }
      return null;
    }
  }

  private EmbeddedChannel connect(Asker user) {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setAutoRead(false);
    channels.add(channel);
    user.connection = new Http1Connection(pool, user.user);
    user.connection.install(channel.pipeline());
    user.connection.opening(channel);
    user.connection.opened(null);
    return channel;
  }

  /** A head without the empty line at its end. */
  private static HeadWriter head(String text) {
    HeadWriter head = new HeadWriter();
    head.raw(HeadWriter.ascii(text));
    return head;
  }

  private static void respond(EmbeddedChannel channel, String... pieces) {
    for (String piece : pieces) {
      channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(piece, StandardCharsets.US_ASCII));
    }
    channel.pipeline().fireChannelReadComplete();
    channel.runPendingTasks();
  }

  private EmbeddedChannel asking(Asker user) {
    EmbeddedChannel channel = connect(user);
    user.connection.sendWhole(HttpMethod.GET, head("GET / HTTP/1.1\r\nhost: h\r\n"));
    return channel;
  }

  private EmbeddedChannel idle() {
    Asker user = new Asker();
    EmbeddedChannel channel = asking(user);
    respond(channel, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assertThat(user.told).containsExactly("connected", "head 200", "responseEnded");
    return channel;
  }

  @Test
  void connections_are_taken_newest_first_and_never_when_too_old() {
    EmbeddedChannel older = idle();
    EmbeddedChannel newer = idle();
    assertThat(pool.idle().take(client(), 0, System.nanoTime())).isNull();
    Http1Connection taken = pool.idle().take(client(), FOUR_SECONDS, System.nanoTime());
    taken.leave();
    assertThat(newer.isOpen()).isFalse();
    assertThat(older.isOpen()).isTrue();
  }

  @Test
  void a_sweep_closes_those_that_were_idle_for_four_seconds_and_no_others() {
    EmbeddedChannel old = idle();
    long later = System.nanoTime();
    EmbeddedChannel young = idle();
    pool.idle().sweep(later + FOUR_SECONDS - TimeUnit.SECONDS.toNanos(1));
    assertThat(old.isOpen()).isTrue();
    pool.idle().sweep(later + FOUR_SECONDS);
    assertThat(old.isOpen()).isFalse();
    assertThat(young.isOpen()).isTrue();
    pool.idle().sweep(System.nanoTime() + FOUR_SECONDS);
    assertThat(young.isOpen()).isFalse();
    assertThat(pool.idle().isEmpty()).isTrue();
  }

  @Test
  void after_two_hundred_and_fifty_six_the_oldest_makes_room() {
    EmbeddedChannel oldest = idle();
    EmbeddedChannel second = idle();
    for (int i = 0; i < 255; i++) {
      idle();
    }
    assertThat(oldest.isOpen()).isFalse();
    assertThat(second.isOpen()).isTrue();
  }

  @Test
  void an_idle_connection_whose_end_says_close_notify_is_not_used_again() {
    EmbeddedChannel channel = idle();
    channel.pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
    assertThat(pool.idle().take(client(), FOUR_SECONDS, System.nanoTime())).isNull();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void a_connection_on_which_part_of_a_request_still_waits_to_be_written_is_not_kept() {
    Asker user = new Asker();
    EmbeddedChannel channel = connect(user);
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void flush(ChannelHandlerContext ctx) {
                // The server reads no more.
              }
            });
    user.connection.sendHead(
        HttpMethod.POST, head("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n"), false);
    user.connection.sendBody(Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII));
    user.connection.sendEnd(EmptyHttpHeaders.INSTANCE);
    respond(channel, "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
    assertThat(user.told).contains("responseEnded");
    assertThat(channel.isOpen()).isFalse();
    assertThat(pool.idle().isEmpty()).isTrue();
  }

  /** What is sent is a head, then pieces of a body; "end" is the request's end. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
"""
a whole body                            | length 3  | abc end    | HTTP/1.1 200 | its client
a whole body in chunks                  | chunked   | abc end    | HTTP/1.1 200 | its client
a server of HTTP/1.0 that keeps it      | length 3  | abc end    | HTTP/1.0 200 | its client
a body that has not ended               | length 3  | ab         | HTTP/1.1 413 | nobody
a body of which only the end is missing | length 3  | abc        | HTTP/1.1 200 | nobody
chunks that have not ended              | chunked   | abc        | HTTP/1.1 413 | nobody
an early response of HTTP/1.0           | length 3  | ab         | HTTP/1.0 413 | nobody
an early one, and the rest after it     | length 3  | ab > c end | HTTP/1.1 200 | nobody
no body after Expect                    | length 3  |            | HTTP/1.1 417 | nobody
no body after Expect and 100            | length 3  | 100        | HTTP/1.1 413 | nobody
a body after Expect and 100             | length 3  | 100 abc end| HTTP/1.1 200 | its client
an upgrade that is refused              | upgrade   |            | HTTP/1.1 403 | anybody
""")
  void who_may_use_it_after(String what, String head, String sent, String response, String who) {
    Asker user = new Asker();
    EmbeddedChannel channel = connect(user);
    Http1Connection connection = user.connection;
    switch (head) {
      case "upgrade" ->
          connection.sendWhole(
              HttpMethod.GET,
              head("GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n"));
      case "chunked" ->
          connection.sendHead(
              HttpMethod.POST, head("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n"), true);
      default ->
          connection.sendHead(
              HttpMethod.POST, head("POST / HTTP/1.1\r\ncontent-length: 3\r\n"), false);
    }
    String[] around = (sent == null ? "" : sent).split(">");
    send(channel, connection, around[0]);
    String begun = response + " X\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n";
    respond(channel, begun);
    send(channel, connection, around.length == 1 ? "" : around[1]);
    respond(channel, "ok");
    assertThat(user.told)
        .endsWith("head " + response.substring(9), "responseBody", "responseEnded");
    boolean anybody = pool.idle().take(client(), FOUR_SECONDS, System.nanoTime()) != null;
    boolean own =
        !anybody && pool.idle().take(user.client, FOUR_SECONDS, System.nanoTime()) != null;
    assertThat(anybody ? "anybody" : own ? "its client" : "nobody").isEqualTo(who);
    assertThat(channel.isOpen()).isEqualTo(!who.equals("nobody"));
  }

  private static void send(EmbeddedChannel channel, Http1Connection connection, String pieces) {
    for (String piece : pieces.trim().split(" ")) {
      switch (piece) {
        case "" -> {}
        case "100" -> respond(channel, "HTTP/1.1 100 Continue\r\n\r\n");
        case "end" -> connection.sendEnd(EmptyHttpHeaders.INSTANCE);
        default -> connection.sendBody(Unpooled.copiedBuffer(piece, StandardCharsets.US_ASCII));
      }
      channel.runPendingTasks();
    }
  }

  @Test
  void a_server_that_takes_a_body_for_a_request_is_none_that_reads_on() {
    ClientConnection first = client();
    EmbeddedChannel channel = idleAfterPost(first);
    Asker again = new Asker();
    again.client = first;
    again.connection = (Http1Connection) pool.take(again.user, FOUR_SECONDS, System.nanoTime());
    again.connection.sendWhole(HttpMethod.GET, head("GET / HTTP/1.1\r\nhost: h\r\n"));
    respond(channel, "HTTP/1.1 400 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assertThat(again.told).containsExactly("head 400", "responseEnded");
    idleAfterPost(first);
    assertThat(pool.idle().take(client(), FOUR_SECONDS, System.nanoTime())).isNull();
  }

  private EmbeddedChannel idleAfterPost(ClientConnection client) {
    Asker user = new Asker();
    user.client = client;
    EmbeddedChannel channel = connect(user);
    post(user.connection, channel);
    return channel;
  }

  private static void post(Http1Connection connection, EmbeddedChannel channel) {
    connection.sendHead(
        HttpMethod.POST, head("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n"), false);
    connection.sendBody(Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII));
    connection.sendEnd(EmptyHttpHeaders.INSTANCE);
    channel.runPendingTasks();
    respond(channel, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }

  @Test
  void only_its_client_finds_out_whether_a_server_reads_on_after_a_body() {
    ClientConnection first = client();
    EmbeddedChannel channel = idleAfterPost(first);
    assertThat(pool.idle().take(client(), FOUR_SECONDS, System.nanoTime())).isNull();
    Asker again = new Asker();
    again.client = first;
    Http1Connection taken =
        (Http1Connection) pool.take(again.user, FOUR_SECONDS, System.nanoTime());
    again.connection = taken;
    post(taken, channel);
    assertThat(again.told).contains("head 200", "responseEnded");
    assertThat(pool.idle().take(client(), FOUR_SECONDS, System.nanoTime()))
        .as("the server reads on")
        .isSameAs(taken);
    EmbeddedChannel other = idleAfterPost(client());
    assertThat(pool.idle().take(client(), FOUR_SECONDS, System.nanoTime())).isNotNull();
    assertThat(other.isOpen()).isTrue();
  }

  private EmbeddedChannel idleOf(ClientConnection client) {
    Asker user = new Asker();
    EmbeddedChannel channel = asking(user);
    user.connection.belongTo(client);
    respond(channel, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    return channel;
  }

  private static ClientConnection client() {
    return TestRequests.client(new InetSocketAddress("127.0.0.1", 1), 80, false);
  }

  @Test
  void a_connection_that_belongs_to_a_client_is_given_to_no_other_and_ends_with_it() {
    ClientConnection alice = client();
    EmbeddedChannel channel = idleOf(alice);
    assertThat(pool.idle().take(client(), FOUR_SECONDS, System.nanoTime())).isNull();
    assertThat(pool.idle().takeOwned(client())).isNull();
    pool.idle().sweep(System.nanoTime() + 2 * FOUR_SECONDS);
    assertThat(channel.isOpen()).isTrue();
    alice.end();
    assertThat(channel.isOpen()).isFalse();
    assertThat(alice.owned()).isEmpty();
    assertThat(pool.idle().takeOwned(alice)).isNull();
    assertThat(idleOf(alice).isOpen()).as("a response after the client's end").isFalse();
  }

  @Test
  void a_connection_that_belongs_to_a_client_ends_with_its_pool() {
    ClientConnection alice = client();
    EmbeddedChannel channel = idleOf(alice);
    pool.close();
    assertThat(channel.isOpen()).isFalse();
    assertThat(alice.owned()).isEmpty();
    assertThat(idleOf(alice).isOpen()).isFalse();
  }

  @Test
  void five_connections_that_belong_to_a_client_are_kept_the_newest_out_first() {
    ClientConnection alice = client();
    EmbeddedChannel oldest = idleOf(alice);
    List<EmbeddedChannel> kept = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      kept.add(idleOf(alice));
    }
    assertThat(oldest.isOpen()).isFalse();
    assertThat(kept).allMatch(EmbeddedChannel::isOpen);
    pool.idle().takeOwned(alice).leave();
    assertThat(kept.getLast().isOpen()).isFalse();
    assertThat(alice.owned()).hasSize(4);
  }

  @Test
  void bytes_in_the_same_read_after_a_response_end_the_connection() {
    Asker user = new Asker();
    EmbeddedChannel channel = asking(user);
    respond(
        channel,
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    assertThat(user.told).containsExactly("connected", "head 200", "responseEnded");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void an_interim_response_with_a_length_has_no_body() {
    Asker user = new Asker();
    EmbeddedChannel channel = asking(user);
    respond(
        channel,
        "HTTP/1.1 103 Early\r\nContent-Length: 10\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assertThat(user.told)
        .containsExactly("connected", "informational", "head 200", "responseEnded");
  }

  /** A socket that cannot be made, as when this process has no file descriptor left. */
  public static final class NoSocket extends NioSocketChannel {
    public NoSocket() {
      throw new IllegalStateException("no file descriptor left");
    }
  }

  @Test
  void a_failure_to_make_a_socket_is_reported_on_the_loop_and_can_be_left() throws Exception {
    EventLoop loop = loops.next();
    CountDownLatch told = new CountDownLatch(1);
    AtomicReference<Boolean> onLoop = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Asker user = new Asker();
    user.onBroken =
        () -> {
          onLoop.set(loop.inEventLoop());
          try {
            user.connection.leave();
          } catch (RuntimeException e) {
            failure.set(e);
          }
          told.countDown();
        };
    ConnectionPool without = pool(NoSocket.class);
    user.connection = new Http1Connection(without, user.user);
    loop.submit(() -> without.open(user.connection)).syncUninterruptibly();
    Await.until("it is told", () -> told.getCount() == 0);
    assertThat(onLoop.get()).isTrue();
    assertThat(failure.get()).isNull();
  }
}
