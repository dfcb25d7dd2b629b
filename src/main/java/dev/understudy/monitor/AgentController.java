package dev.understudy.monitor;

import dev.understudy.health.AgentReport;
import dev.understudy.health.Observation;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.probe.Prober;
import dev.understudy.recurring.Recurring;
import dev.understudy.snapshot.ServerState;
import dev.understudy.text.Printable;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server's agent again and again, one question at a time. An agent that does not respond, or
 * says nothing that is understood, changes nothing: the server's own probes judge whether it can be
 * reached.
 */
final class AgentController {
  private static final int MAX_SHOWN = 100;

  private final MonitorContext context;
  private final Supplier<@Nullable InetAddress> probed;
  private final BiConsumer<@Nullable AgentReport, Instant> replied;
  private Server server;
  private @Nullable AgentCheck check;
  private Duration timeout = Duration.ZERO;
  private final ProbeHost host;

  /** When it last said what is understood; null if it never did. */
  private @Nullable Instant saidAt;

  private @Nullable String said;

  /** What is wrong with its last reply; null if nothing is, or it never replied. */
  private @Nullable String problem;

  private boolean running;

  /** Null before it is started, and without an agent. */
  private @Nullable Recurring questions;

  /**
   * Creates a controller that asks nothing before it is started.
   *
   * @param probed the address that the server's probes connect to; null while it is not known
   * @param replied called after each reply with what it says, and when the agent was asked; with
   *     null if it is not understood
   */
  AgentController(
      MonitorContext context,
      Pool pool,
      Server server,
      Supplier<@Nullable InetAddress> probed,
      BiConsumer<@Nullable AgentReport, Instant> replied) {
    this.context = context;
    this.probed = probed;
    this.replied = replied;
    this.server = server;
    this.host = new ProbeHost(context, () -> {});
    this.check = pool.health().agent();
    this.timeout = pool.health().timeout();
  }

  void start() {
    running = true;
    begin();
  }

  void stop() {
    running = false;
    end();
  }

  /**
   * Takes new settings.
   *
   * @param another whether the server has another address: its agent's last reply is void
   * @return whether what the agent said so far is void
   */
  boolean reconfigure(Pool pool, Server next, boolean another) {
    AgentCheck before = check;
    server = next;
    check = pool.health().agent();
    timeout = pool.health().timeout();
    if (!another && Objects.equals(before, check)) {
      return false;
    }
    boolean same = !another && AgentCheck.isSame(before, check);
    if (!same) {
      saidAt = null;
      said = null;
      problem = null;
    }
    if (running) {
      end();
      begin();
    }
    return !same && before != null;
  }

  /**
   * What the agent said last; null if it never did, or there is none.
   *
   * @param inForce whether its state is that of the server
   * @param overridden whether an operator overrode it
   */
  ServerState.@Nullable AgentState state(boolean inForce, boolean overridden) {
    return saidAt == null && problem == null
        ? null
        : new ServerState.AgentState(saidAt, said, problem, inForce, overridden);
  }

  private void begin() {
    AgentCheck asked = check;
    if (asked == null) {
      return;
    }
    host.follow(asked.host());
    questions =
        new Recurring(context.scheduler(), asked.interval(), null, piece -> ask(asked, piece));
    // A task of its own: the server's own name is resolved by then if it is an address.
    questions.startAfter(Duration.ZERO);
  }

  private void end() {
    if (questions != null) {
      questions.stop();
    }
    questions = null;
    host.stop();
  }

  private Runnable ask(AgentCheck asked, Recurring.Piece piece) {
    InetAddress to = host.or(probed.get());
    Duration next = asked.interval().plus(Jitter.of(asked.interval(), context.random()));
    if (to == null) {
      piece.ended(next);
      return () -> {};
    }
    Instant started = context.now();
    return context
            .prober()
            .probe(
                new Prober.Request(server, UpstreamTls.DEFAULT, asked, to, timeout, started, null),
                reply ->
                    context.scheduler().execute(() -> replied(piece, reply, started.plus(next))))
        ::cancel;
  }

  private void replied(Recurring.Piece piece, Observation.Probe reply, Instant next) {
    if (!piece.isInFlight()) {
      return;
    }
    Instant now = context.now();
    Duration wait = next.isAfter(now) ? Duration.between(now, next) : Duration.ZERO;
    piece.ended(wait);
    String text = Printable.escapedAndCut(reply.detail().strip(), MAX_SHOWN);
    AgentReport report = reply.outcome().good() ? AgentReport.parse(reply.detail()) : null;
    if (report != null && report.isUnderstood()) {
      saidAt = now;
      said = text;
      problem = null;
    } else {
      problem = report == null ? text : "not understood: \"" + text + '"';
      report = null;
    }
    replied.accept(report, reply.started());
  }
}
