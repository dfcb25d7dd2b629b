package dev.understudy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.monitor.Monitor;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.telemetry.EventLogger;
import dev.understudy.testing.Await;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RetryReason;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The whole application before one server, with what shows what it did. Targets below {@code /e}
 * take the express lane, those below {@code /g} the Gateway's; the next segment says what the route
 * does: {@code plain}, {@code redirect} (a local 301 unless by TLS), {@code guard/ws} (403 unless a
 * WebSocket is asked for) and {@code held} (a pool of which a test says whether somebody serves).
 */
public final class FuzzedProxy implements AutoCloseable {
  private static final String FILE =
      """
      pools:
        main:
          servers:
            a: { url: "http://127.0.0.1:%d", role: master }
          health: { type: tcp, interval: 10m }
          timeouts: { response: 20s, idle: 20s }
        held:
          servers:
            a: { url: "http://127.0.0.1:%<d", role: master }
          health: { type: tcp, interval: 10m }
          timeouts: { response: 20s, idle: 20s }
          hold: { time: 20s }
      routes:
      """
          + route("redirect", "main", "[ 'RedirectToHttps=301' ]")
          + route("guard", "main", "[ 'RequireWebSocketUpgrade=/LANE/guard/ws' ]")
          + route("held", "held", "[ ]")
          + route("plain", "main", "[ ]");

  private static final PoolId HELD = new PoolId("held");
  private static final Logger ROOT = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);

  private static final Logger EVENTS = (Logger) LoggerFactory.getLogger(EventLogger.LOGGER);

  private final TestProxy proxy;
  private final Witness witness = new Witness();
  private final Monitor monitor;
  private final Frontend frontend;
  private final LogLines log = new LogLines();

  /**
   * Starts it.
   *
   * @param serverPort of the one server
   */
  public FuzzedProxy(Path folder, boolean tls, int serverPort) throws Exception {
    proxy =
        new TestProxy(
            SpringProxy.application(witness.instrumentation()),
            folder,
            FILE.formatted(serverPort),
            tls ? TestProxy.tls(folder) : new String[0]);
    monitor = proxy.bean(Monitor.class);
    frontend = proxy.bean(Frontend.class);
    proxy.requireLanesAsNamed();
    log.start();
    ROOT.addAppender(log);
    // Tests move the pool "held" all the time.
    EVENTS.setLevel(Level.OFF);
  }

  /** Targets begin with a lane's first letter. */
  private static String route(String name, String pool, String filters) {
    return TestProxy.routes(name, pool, "'Path=/LANE/" + name + "/**'", filters)
        .replace("/express/", "/e/")
        .replace("/gateway/", "/g/");
  }

  public int port() {
    return proxy.port();
  }

  /** How many bytes of that client's, by its port, were read and worked on. */
  public long read(int clientPort) {
    ReadCount count = witness.reads.get(clientPort);
    return count == null ? 0 : count.bytes;
  }

  /** Keeps nothing of that client any more. */
  public void forget(int clientPort) {
    witness.reads.remove(clientPort);
  }

  /** Whether the proxy will read what that client sends next. */
  public boolean isReading(int clientPort) {
    ReadCount count = witness.reads.get(clientPort);
    return count == null || (count.wanted && !count.ended);
  }

  /** The requests of that client that have ended; those of others are forgotten. */
  public List<RequestOutcome> outcomes(int clientPort) {
    witness.outcomes.removeIf(each -> each.client().getPort() != clientPort);
    return List.copyOf(witness.outcomes);
  }

  /** What was logged since this was asked last, warnings and worse. */
  public List<String> takeLog() {
    List<String> taken = new ArrayList<>();
    for (String next = log.lines.poll(); next != null; next = log.lines.poll()) {
      taken.add(next);
    }
    return taken;
  }

  public int held() {
    return witness.held.get();
  }

  /** Whether anybody serves in the pool {@code held}. */
  public void serveHeld(boolean serve) {
    OperatorState state = serve ? OperatorState.READY : OperatorState.MAINTENANCE;
    monitor
        .commands()
        .setState(HELD, new ServerId("a"), state, true, null)
        .toCompletableFuture()
        .join();
    Await.until("somebody serves: " + serve, () -> isServed(HELD) == serve);
  }

  private boolean isServed(PoolId pool) {
    return monitor.current().byId().get(pool).serving() != null;
  }

  /**
   * Returns once no client is connected, nothing waits or runs, and that holds too; null: all is
   * so, else what is not.
   */
  public String awaitRest(BooleanSupplier also, long deadlineNanos) {
    while (true) {
      String busy = busy(also);
      if (busy == null || System.nanoTime() - deadlineNanos > 0) {
        return busy;
      }
      java.util.concurrent.locks.LockSupport.parkNanos(100_000);
    }
  }

  /** Every event loop has done what it had to do by now. */
  public void passLoops() {
    for (EventLoop loop : witness.loops) {
      loop.submit(() -> {}).syncUninterruptibly();
    }
  }

  /** Requests that are with the server. */
  public long running() {
    return monitor.current().byId().values().stream()
        .flatMap(pool -> pool.servers().stream())
        .mapToLong(server -> server.traffic().requests().get())
        .sum();
  }

  private String busy(BooleanSupplier also) {
    int connections = frontend.connections().connections();
    if (connections != 0) {
      return connections + " clients are still connected";
    }
    if (witness.held.get() != 0) {
      return witness.held.get() + " requests still wait";
    }
    if (running() != 0) {
      return running() + " requests still run";
    }
    long unread = frontend.connections().memory().held();
    if (unread != 0) {
      return unread + " bytes still count as unread";
    }
    return also.getAsBoolean() ? null : "the server is not at rest";
  }

  @Override
  public void close() {
    ROOT.detachAppender(log);
    EVENTS.setLevel(null);
    proxy.close();
  }

  private static final class LogLines extends AppenderBase<ILoggingEvent> {
    final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent event) {
      boolean bad = event.getLevel().isGreaterOrEqual(Level.WARN);
      if (bad) {
        lines.add(
            event.getLoggerName()
                + " "
                + event.getFormattedMessage()
                + (event.getThrowableProxy() == null
                    ? ""
                    : " " + ThrowableProxyUtil.asString(event.getThrowableProxy())));
      }
    }
  }

  /** First in a client's pipeline: counts what went through it. */
  private static final class ReadCount extends ChannelDuplexHandler {
    private final Set<EventLoop> loops;
    private volatile long bytes;
    private volatile boolean wanted;
    private volatile boolean ended;

    ReadCount(Set<EventLoop> loops) {
      this.loops = loops;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      loops.add(ctx.channel().eventLoop());
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
      wanted = true;
      ctx.read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      wanted = false;
      ctx.fireChannelReadComplete();
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // Written on its event loop alone.
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      int more = msg instanceof io.netty.buffer.ByteBuf in ? in.readableBytes() : 0;
      ctx.fireChannelRead(msg);
      bytes += more;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      ended = true;
      ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      ended = true;
    }
  }

  /** Hears of what happens, beside telemetry. */
  private static final class Witness {
    final ConcurrentLinkedQueue<RequestOutcome> outcomes = new ConcurrentLinkedQueue<>();
    final AtomicInteger held = new AtomicInteger();
    final Map<Integer, ReadCount> reads = new ConcurrentHashMap<>();
    final Set<EventLoop> loops = ConcurrentHashMap.newKeySet();

    Instrumentation instrumentation() {
      return new Instrumentation(
          OutputStream.nullOutputStream(),
          Witnessed::new,
          http -> http.doOnChannelInit((observer, channel, any) -> count(channel)),
          new GuardRegistry());
    }

    private void count(Channel channel) {
      ReadCount count = new ReadCount(loops);
      InetSocketAddress client = (InetSocketAddress) channel.remoteAddress();
      reads.put(client.getPort(), count);
      channel.pipeline().addFirst(count);
    }

    private final class Witnessed implements TrafficListener {
      private final TrafficListener telemetry;

      Witnessed(TrafficListener telemetry) {
        this.telemetry = telemetry;
      }

      @Override
      public void endedForwarded(
          RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
        telemetry.endedForwarded(outcome, request, response);
        outcomes.add(outcome);
      }

      @Override
      public void retried(PoolId pool, RetryReason reason) {
        telemetry.retried(pool, reason);
      }

      @Override
      public void held(PoolId pool, int delta) {
        telemetry.held(pool, delta);
        held.addAndGet(delta);
      }

      @Override
      public void limited(Limit limit) {
        telemetry.limited(limit);
      }
    }
  }
}
