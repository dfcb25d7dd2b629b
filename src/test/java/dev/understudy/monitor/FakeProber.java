package dev.understudy.monitor;

import dev.understudy.database.DataHistory;
import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.ServerId;
import dev.understudy.probe.Prober;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Servers as they can be, in the scheduler's time. Healthy unless the test says otherwise. */
final class FakeProber implements Prober {
  /** What a server does to a probe. */
  enum Behaviour {
    /** Answers well after 5 ms. */
    HEALTHY,
    /** Answers 503 after 5 ms. */
    ILL,
    /** A database that says after 5 ms that it is not primary. */
    STANDBY,
    /** Refuses connections at once: the process was killed. */
    KILLED,
    /** Accepts connections and closes them at once: a relay does so for a killed process. */
    KILLED_BEHIND_RELAY,
    /** Accepts connections and answers nothing. */
    FROZEN,
    /** Its packets are lost. */
    BLACK_HOLED,
    /** Answers well after 400 ms. */
    SLOW,
    /** A prober that fails. */
    BROKEN_PROBER,
    /** A prober that has no means to make a probe. */
    NO_MEANS,
    /** A prober that has no local port or address for it. */
    NO_PORT,
    /** A prober that never answers. */
    LOST,
    /** A prober that responds twice. */
    DOUBLE
  }

  private final FakeScheduler scheduler;
  private final Map<String, Behaviour> behaviours = new HashMap<>();
  private final Map<ServerId, @Nullable String> agents = new HashMap<>();
  private final Map<ServerId, DataHistory> histories = new HashMap<>();
  private final Map<ServerId, String> positions = new HashMap<>();
  final List<Request> requests = new ArrayList<>();

  FakeProber(FakeScheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** From now on that server, at whatever address, behaves so. */
  void set(ServerId server, Behaviour behaviour) {
    behaviours.put(server.value(), behaviour);
  }

  /** From now on whoever is at that address behaves so. */
  void set(String address, Behaviour behaviour) {
    behaviours.put(address, behaviour);
  }

  /** What that server's good probes show of its data from now on. */
  void data(ServerId server, DataHistory history) {
    histories.put(server, history);
  }

  /** What that server's probes show of how far its data has come, whether they are good or not. */
  void position(ServerId server, String stored) {
    positions.put(server, stored);
  }

  long probes(ServerId server) {
    return requests.stream().filter(request -> request.server().id().equals(server)).count();
  }

  /** When that server's probes were started, in ms since the beginning. */
  List<Long> starts(ServerId server) {
    return requests.stream()
        .filter(request -> request.server().id().equals(server))
        .map(request -> Duration.between(FakeScheduler.START, request.started()).toMillis())
        .toList();
  }

  /** What that server's agent says from now on, one line; null if it refuses connections. */
  void agentSays(ServerId server, @Nullable String line) {
    agents.put(server, line);
  }

  private void agent(Request request, Consumer<Observation.Probe> done) {
    String line = agents.get(request.server().id());
    if (line == null) {
      respond(5, request, done, ProbeOutcome.CONNECT_FAILED, "connection refused");
    } else {
      respond(5, request, done, ProbeOutcome.OK, line);
    }
  }

  @Override
  public InFlight probe(Request request, Consumer<Observation.Probe> done) {
    Asked asked = new Asked();
    begin(request, observation -> asked.end(() -> done.accept(observation)));
    return asked;
  }

  private void begin(Request request, Consumer<Observation.Probe> done) {
    if (request.check() instanceof AgentCheck) {
      agent(request, done);
      return;
    }
    requests.add(request);
    Behaviour behaviour =
        behaviours.getOrDefault(
            request.address().getHostAddress(),
            behaviours.getOrDefault(request.server().id().value(), Behaviour.HEALTHY));
    switch (behaviour) {
      case HEALTHY -> respond(5, request, done, ProbeOutcome.OK, "status 200");
      case SLOW -> respond(400, request, done, ProbeOutcome.OK, "status 200");
      case STANDBY -> respond(5, request, done, ProbeOutcome.WRONG_ROLE, "a standby");
      case ILL -> respond(5, request, done, ProbeOutcome.BAD_STATUS, "status 503");
      case KILLED -> respond(0, request, done, ProbeOutcome.CONNECT_FAILED, "connection refused");
      case KILLED_BEHIND_RELAY -> respond(1, request, done, ProbeOutcome.BROKEN, "closed");
      case FROZEN, BLACK_HOLED ->
          respond(request.timeout().toMillis(), request, done, ProbeOutcome.TIMED_OUT, "no answer");
      case NO_MEANS -> respond(0, request, done, ProbeOutcome.LOCAL_FAILURE, "too many open files");
      case NO_PORT -> scheduler.schedule(Duration.ZERO, () -> done.accept(withoutPort(request)));
      case LOST -> {}
      case DOUBLE -> {
        respond(5, request, done, ProbeOutcome.OK, "status 200");
        respond(6, request, done, ProbeOutcome.BAD_STATUS, "status 503");
      }
      case BROKEN_PROBER -> throw new IllegalStateException("as the test wants");
    }
  }

  /** One that goes on its way at once. */
  private static final class Asked implements InFlight {
    private boolean cancelled;

    private void end(Runnable report) {
      if (!cancelled) {
        report.run();
      }
    }

    @Override
    public boolean isWaiting() {
      return false;
    }

    @Override
    public void hasten() {}

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private static Observation.Probe withoutPort(Request request) {
    return new Observation.Probe(
        request.started(), ProbeOutcome.LOCAL_FAILURE, "no port", null, LocalFailure.PORTS);
  }

  private void respond(
      long afterMillis,
      Request request,
      Consumer<Observation.Probe> done,
      ProbeOutcome outcome,
      String detail) {
    DataHistory history = outcome.good() ? histories.get(request.server().id()) : null;
    Observation.Probe probe =
        new Observation.Probe(
            request.started(),
            request.started(),
            outcome,
            detail,
            history == null ? null : history.stored(),
            outcome.hasResponse() ? positions.get(request.server().id()) : null,
            null);
    scheduler.schedule(Duration.ofMillis(afterMillis), () -> done.accept(probe));
  }
}
