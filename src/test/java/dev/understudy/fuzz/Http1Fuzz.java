package dev.understudy.fuzz;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.StrictServer.Seen;
import dev.understudy.traffic.RequestOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Plays scripts one after the other, and judges each. */
public final class Http1Fuzz implements Fuzz {
  /** For one script, and for everything to come to rest after it. */
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(8);

  private final FuzzedProxy proxy;
  private final StrictServer server;
  private final boolean tls;

  public Http1Fuzz(FuzzedProxy proxy, StrictServer server, boolean tls) {
    this.proxy = proxy;
    this.server = server;
    this.tls = tls;
  }

  @Override
  public Failure failure(long seed) throws IOException {
    Script script = Script.random(seed);
    Failure found = failure(script);
    return found == null ? null : new Shrinker(this).shrink(script, found);
  }

  Failure failure(Script script) throws IOException {
    return failure(script, TIMEOUT_NANOS);
  }

  Failure failure(Script script, long patienceNanos) throws IOException {
    Played played = Http1Play.play(script, proxy, server, tls, System.nanoTime() + patienceNanos);
    String busy = rest(System.nanoTime() + patienceNanos);
    List<Seen> seen = server.takeSeen();
    List<String> violations = server.takeViolations();
    List<String> log = proxy.takeLog();
    if (!violations.isEmpty()) {
      return failure("not HTTP to the server: " + violations.getFirst(), script, played, seen);
    }
    if (busy != null) {
      return failure("not at rest: " + busy, script, played, seen);
    }
    if (!log.isEmpty()) {
      return failure("logged: " + log.getFirst(), script, played, seen);
    }
    String wrong =
        new Http1Verdict(script, played, seen, proxy.outcomes(played.port()), tls).failure();
    return wrong == null ? null : failure(wrong, script, played, seen);
  }

  /** Null: all is at rest. */
  private String rest(long deadlineNanos) {
    String busy = proxy.awaitRest(server::isQuiet, deadlineNanos);
    // What the end of the connection brought about may not have begun before.
    proxy.passLoops();
    proxy.passLoops();
    return busy == null ? proxy.awaitRest(server::isQuiet, deadlineNanos) : busy;
  }

  private Failure failure(String what, Script script, Played played, List<Seen> seen) {
    return new Failure(
        what, script.toString(), details(script, played, seen, proxy.outcomes(played.port())));
  }

  private static String details(
      Script script, Played played, List<Seen> seen, List<RequestOutcome> outcomes) {
    Model model = Model.of(script.bytes());
    List<String> lines = new ArrayList<>();
    for (Model.Request each : model.requests()) {
      lines.add("sent " + each.method() + " " + each.target() + " " + each.body());
    }
    lines.add("sent to its end: " + model.end() + " " + model.why());
    seen.forEach(each -> lines.add("server " + each));
    played.responses().forEach(each -> lines.add("client " + each));
    lines.add(
        "client " + (played.tunnel() ? "tunnel, " : "") + (played.ended() ? "ended" : "open"));
    for (RequestOutcome each : outcomes) {
      lines.add(
          "counted %s %s %d %s attempts %d"
              .formatted(each.method(), each.target(), each.status(), each.end(), each.attempts()));
    }
    return String.join("\n", lines);
  }
}
