package dev.understudy.monitor;

import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.snapshot.TrafficReports;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Inbox of reports on live traffic, from any thread. For each server at most one report of each
 * kind of trouble waits: further ones before it is read would say nothing new. Ends of calls go to
 * the circuit breaker at once.
 */
final class TrafficInbox {
  // By identity: a server's counters are the same object for as long as it is monitored.
  private final Map<ServerTraffic, ServerInbox> inboxes = new ConcurrentHashMap<>();

  /** Takes a report as {@link TrafficReports#trouble}. */
  void trouble(ServerState server, Trouble trouble, Instant started, String detail) {
    ServerInbox inbox = inboxes.get(server.traffic());
    if (inbox != null && inbox.incarnation == server.incarnation()) {
      inbox.put(new Traffic(started, trouble, detail));
    }
  }

  /** Takes a report as {@link TrafficReports#called}. */
  void called(ServerState server, boolean failed, Duration took) {
    ServerInbox inbox = inboxes.get(server.traffic());
    if (inbox != null && inbox.incarnation == server.incarnation()) {
      ServerCircuitBreaker circuit = inbox.circuit;
      if (circuit != null) {
        circuit.called(failed, took);
      }
    }
  }

  /** Opens the inbox of one server; {@code reader} is called on the monitor's thread. */
  ServerInbox open(ServerTraffic traffic, Scheduler scheduler, Consumer<Traffic> reader) {
    ServerInbox inbox = new ServerInbox(scheduler, reader);
    inboxes.put(traffic, inbox);
    return inbox;
  }

  /** Closes the inbox of one server; later reports on it are dropped. */
  void close(ServerTraffic traffic) {
    inboxes.remove(traffic);
  }

  /** One server's reports. The monitor's thread sets the incarnation and breaker they concern. */
  static final class ServerInbox {
    private final Scheduler scheduler;
    private final Consumer<Traffic> reader;
    private final Map<Trouble, Traffic> waiting = new ConcurrentHashMap<>();
    private volatile long incarnation;
    private volatile @Nullable ServerCircuitBreaker circuit;

    private ServerInbox(Scheduler scheduler, Consumer<Traffic> reader) {
      this.scheduler = scheduler;
      this.reader = reader;
    }

    /** From now on reports concern this incarnation and this breaker. */
    void concerns(long newIncarnation, @Nullable ServerCircuitBreaker newCircuit) {
      incarnation = newIncarnation;
      circuit = newCircuit;
    }

    private void put(Traffic report) {
      if (waiting.putIfAbsent(report.trouble(), report) == null) {
        scheduler.execute(() -> take(report.trouble()));
      }
    }

    private void take(Trouble trouble) {
      Traffic report = waiting.remove(trouble);
      if (report != null) {
        reader.accept(report);
      }
    }
  }
}
