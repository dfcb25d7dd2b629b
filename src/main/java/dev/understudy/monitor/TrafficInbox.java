package dev.understudy.monitor;

import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Inbox of reports on live traffic, from any thread. For each server at most one report of each
 * kind of trouble waits: further ones before it is read would say nothing new.
 */
final class TrafficInbox implements TrafficReports {
  // By identity: a server's counters are the same object for as long as it is monitored.
  private final Map<ServerTraffic, Desk> desks = new ConcurrentHashMap<>();

  @Override
  public void trouble(ServerState server, Trouble trouble, Instant started, String detail) {
    Desk desk = desks.get(server.traffic());
    if (desk != null && desk.incarnation == server.incarnation()) {
      desk.put(new Traffic(started, trouble, detail));
    }
  }

  @Override
  public void called(ServerState server, boolean failed, Duration took) {
    Desk desk = desks.get(server.traffic());
    if (desk != null && desk.incarnation == server.incarnation()) {
      Circuit circuit = desk.circuit;
      if (circuit != null) {
        circuit.called(failed, took);
      }
    }
  }

  /** Opens the desk of one server; {@code reader} is called on the monitor's thread. */
  Desk open(ServerTraffic traffic, Scheduler scheduler, Consumer<Traffic> reader) {
    Desk desk = new Desk(scheduler, reader);
    desks.put(traffic, desk);
    return desk;
  }

  /** Closes the desk of one server; later reports on it are dropped. */
  void close(ServerTraffic traffic) {
    desks.remove(traffic);
  }

  /** One server's reports. The monitor's thread sets the incarnation and breaker they concern. */
  static final class Desk {
    private final Scheduler scheduler;
    private final Consumer<Traffic> reader;
    private final Map<Trouble, Traffic> waiting = new ConcurrentHashMap<>();
    private volatile long incarnation;
    private volatile @Nullable Circuit circuit;

    private Desk(Scheduler scheduler, Consumer<Traffic> reader) {
      this.scheduler = scheduler;
      this.reader = reader;
    }

    void incarnation(long value) {
      incarnation = value;
    }

    void circuit(@Nullable Circuit value) {
      circuit = value;
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
