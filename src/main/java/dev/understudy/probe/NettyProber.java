package dev.understudy.probe;

import dev.understudy.api.HealthCheck;
import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.ExtensionCheck;
import dev.understudy.pool.GrpcCheck;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.proxyprotocol.ProxyHeaderSender;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Prober on Netty: one fresh connection for each probe, all on one event loop thread of its own.
 * Safe for any thread.
 *
 * <p>No more of them begin in a turn of the loop than it can take the results of: {@value
 * #MOST_IN_TURN}, between two reads. The rest waits ({@link CheckQueue}), so that a thread that has
 * too little time is late with all of them, and has begun no more than it can read.
 *
 * <p>A probe's time is over by its {@link Deadline}: a thread that comes late has not read yet what
 * the server sent.
 *
 * <p>Connections are closed by a reset ({@code SO_LINGER} 0), as HAProxy ends its TCP checks: by
 * then the verdict stands and no byte is awaited, and neither side keeps a port in TIME_WAIT for a
 * minute, which would add up at four probes a second for each server.
 */
public final class NettyProber implements Prober, AutoCloseable {
  static final int MOST_IN_TURN = 8;

  /** The longest wait for a turn of a thread that has the time for its probes. */
  static final Duration LONGEST_WAIT = Duration.ofMillis(50);

  /** One long wait, as for a collection of garbage, hinders the overlap of probes no longer. */
  private static final long CROWDED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final ProbeResult UNJUDGED =
      new ProbeResult(ProbeOutcome.VOIDED, "the connection ended unjudged");

  private final ProbeEventLoop io = new ProbeEventLoop("understudy-probe");
  private final Function<TlsOffer, SslContext> contexts;
  private final Consumer<LocalFailure> failures;
  private final ExtensionProber extensions;

  /** Probes in flight. Used on the event loop only. */
  private final Set<ProbeRun> running = new HashSet<>();

  /** Those that wait for their turn. Used on the event loop only. */
  private final CheckQueue<Asked> queue = new CheckQueue<>();

  private boolean turnComes;
  private boolean closing;

  /** Until when it counts that a probe had to wait for long, by {@link System#nanoTime}. */
  private volatile long crowdedUntil = System.nanoTime();

  /** Starts the thread of a prober without extensions. */
  public NettyProber(Function<TlsOffer, SslContext> contexts, Consumer<LocalFailure> failures) {
    this(contexts, failures, Map.of());
  }

  /**
   * Starts the thread.
   *
   * @param contexts gives the client context for https servers; called for each probe, on the event
   *     loop, so it must return at once and cache. An exception that it throws becomes TLS_FAILED
   * @param failures called for each probe that failed because a resource of this machine was used
   *     up, except for PORTS, which the reader of the observation counts, as it may be the way to
   *     one server; called on the event loop
   * @param checks those of extensions, by name
   */
  public NettyProber(
      Function<TlsOffer, SslContext> contexts,
      Consumer<LocalFailure> failures,
      Map<String, HealthCheck> checks) {
    this.contexts = contexts;
    this.failures = failures;
    this.extensions = new ExtensionProber(io, checks, failures);
  }

  /** Probes as {@link Prober#probe}; ignored after {@link #close}. */
  @Override
  public InFlight probe(Request request, Consumer<Observation.Probe> done) {
    Asked asked = new Asked(request, done);
    io.execute(asked::await);
    return asked;
  }

  @Override
  public boolean isCrowded() {
    return System.nanoTime() - crowdedUntil < 0;
  }

  private void turn() {
    turnComes = false;
    for (int begun = 0; begun < MOST_IN_TURN; begun++) {
      Asked next = queue.poll();
      if (next == null) {
        return;
      }
      next.begin();
    }
    awaitTurn();
  }

  private void awaitTurn() {
    if (!turnComes) {
      turnComes = true;
      inNextTurn(this::turn);
    }
  }

  /** By a timer, as the loop reads before it runs those that are due. */
  private void inNextTurn(Runnable task) {
    var unused = io.loop().schedule(task, 0, TimeUnit.NANOSECONDS);
  }

  /** One that was asked for. Used on the event loop, but for what is said of {@link InFlight}. */
  private final class Asked implements InFlight {
    private final Request request;
    private final Consumer<Observation.Probe> done;
    private final long nanos = System.nanoTime();
    private Urgency urgency;
    private Runnable end = () -> {};
    private volatile boolean waiting = true;

    Asked(Request request, Consumer<Observation.Probe> done) {
      this.request = request;
      this.done = done;
      this.urgency = request.urgency();
    }

    private void await() {
      if (!closing && waiting) {
        queue.add(this, urgency);
        awaitTurn();
      }
    }

    private void begin() {
      waiting = false;
      Duration waited = Duration.ofNanos(System.nanoTime() - nanos);
      if (waited.compareTo(LONGEST_WAIT) > 0) {
        crowdedUntil = System.nanoTime() + CROWDED_NANOS;
      }
      end = start(request.after(waited), done);
    }

    @Override
    public boolean isWaiting() {
      return waiting;
    }

    @Override
    public void hasten() {
      io.execute(
          () -> {
            if (urgency != Urgency.SUSPECTED && queue.remove(this, urgency)) {
              urgency = Urgency.SUSPECTED;
              queue.add(this, urgency);
            }
          });
    }

    @Override
    public void cancel() {
      io.execute(
          () -> {
            waiting = false;
            queue.remove(this, urgency);
            end.run();
          });
    }
  }

  /** Begins a probe; returns what ends it. */
  private Runnable start(Request request, Consumer<Observation.Probe> done) {
    if (closing) {
      return () -> {};
    }
    return switch (request.check()) {
      case HttpCheck check -> start(request, new HttpProbe(request, check, done));
      case TcpCheck check -> start(request, new TcpProbe(request, check, done));
      case GrpcCheck check -> start(request, new GrpcProbe(request, check, done));
      case PostgresqlCheck check -> start(request, new PostgresqlProbe(request, check, done));
      case RedisCheck check -> start(request, new RedisProbe(request, check, done));
      case MysqlCheck check -> start(request, new MysqlProbe(request, check, done));
      case AgentCheck check -> start(request, new AgentProbe(request, check, done));
      case ExtensionCheck check -> extensions.probe(request, check, done);
    };
  }

  private Runnable start(Request request, ProbeRun run) {
    run.reportFailures(failures);
    try {
      return connect(request, run);
    } catch (RuntimeException | OutOfMemoryError e) {
      run.report(e, ProbeRun.notConnected(e), Details.of(Details.root(e)));
      return () -> {};
    }
  }

  private Runnable connect(Request request, ProbeRun run) {
    SslContext context;
    try {
      context = usesTls(request) ? contexts.apply(offer(request)) : null;
    } catch (RuntimeException e) {
      String why = "TLS cannot be set up: " + Details.of(Details.root(e));
      run.report(e, ProbeOutcome.TLS_FAILED, why);
      return () -> {};
    }
    SocketChannel channel = io.socket(request.address());
    ChannelFuture connected = null;
    try {
      prepare(channel, request, run, context);
      if (io.loop().register(channel).isSuccess()) {
        connected = channel.connect(new InetSocketAddress(request.address(), request.port()));
      }
    } finally {
      if (connected == null) {
        channel.unsafe().closeForcibly();
      }
    }
    if (connected == null) {
      run.report(UNJUDGED);
      return () -> {};
    }
    running.add(run);
    ProbeTimer timer =
        new ProbeTimer(io.loop(), request.timeout(), run, () -> run.timedOut(channel));
    channel
        .closeFuture()
        .addListener(
            closed -> {
              timer.cancel();
              running.remove(run);
              if (!run.reported()) {
                // For want of any other verdict, after all who may have one: each probe ends.
                inNextTurn(() -> run.report(UNJUDGED));
              }
            });
    connected.addListener(
        (ChannelFutureListener)
            result -> {
              if (!result.isSuccess()) {
                run.connectFailed(channel, result.cause());
              }
            });
    return () -> {
      run.silence();
      ProbeRun.close(channel);
    };
  }

  private static void prepare(
      SocketChannel channel, Request request, ProbeRun run, @Nullable SslContext context) {
    // The probe's own time-out covers the connect.
    channel.config().setConnectTimeoutMillis(0);
    channel.config().setSoLinger(0);
    ChannelPipeline pipeline = channel.pipeline();
    if (request.check().connection().proxyProtocol()) {
      ProxyHeaderSender.addForProbe(pipeline, request.header());
    }
    if (context != null) {
      SslHandler tls = tls(context, channel.alloc(), request);
      if (!run.negotiatesTls(tls)) {
        pipeline.addLast(tls);
      }
    }
    pipeline.addLast(run);
  }

  /** TLS of one connection: the server name sent and the verification. */
  private static SslHandler tls(SslContext context, ByteBufAllocator allocator, Request request) {
    UpstreamTls tls = request.tls();
    String name = tls.peerName(request.server().address());
    SslHandler handler = context.newHandler(allocator, name, request.port());
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setServerNames(UpstreamTls.sni(name));
    // RFC 9110 §4.3.4; for the JDK, the empty name means no verification of the endpoint.
    parameters.setEndpointIdentificationAlgorithm(tls.verify() ? "HTTPS" : "");
    handler.engine().setSSLParameters(parameters);
    // The probe's own time-out covers the handshake.
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  /** What a probe offers; gRPC servers require HTTP/2 (RFC 9113 §3.2). */
  private static TlsOffer offer(Request request) {
    return request.check() instanceof GrpcCheck
        ? new TlsOffer(request.tls(), List.of(ApplicationProtocolNames.HTTP_2))
        : TlsOffer.of(request.tls());
  }

  /** Whether the server is probed through TLS. */
  static boolean usesTls(Request request) {
    Boolean own = request.check().connection().tls();
    return own == null ? request.server().address().tls() : own;
  }

  /**
   * Ends the thread and all connections. Probes in flight are not reported, as they would blame
   * servers for it. Not to be called by a {@code done}.
   */
  @Override
  public void close() {
    try {
      // Awaited, because a loop that ends closes its channels before it runs its last tasks.
      io.loop().submit(this::silence).awaitUninterruptibly();
    } catch (RejectedExecutionException e) {
      // Already closed.
      return;
    }
    io.close();
  }

  private void silence() {
    closing = true;
    running.forEach(ProbeRun::silence);
    extensions.close();
  }
}
