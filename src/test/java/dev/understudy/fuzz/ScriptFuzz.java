package dev.understudy.fuzz;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.StrictServer.Seen;
import dev.understudy.traffic.RequestOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Plays scripts one after the other, and judges each. */
abstract class ScriptFuzz<S, P extends Play> implements Fuzz {
  /** For one script, and for everything to come to rest after it. */
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(8);

  final FuzzedProxy proxy;
  final StrictServer server;

  ScriptFuzz(FuzzedProxy proxy, StrictServer server) {
    this.proxy = proxy;
    this.server = server;
  }

  abstract S script(long seed);

  abstract P play(S script, long deadlineNanos) throws IOException;

  /** What is wrong with what came of it; null: nothing. */
  abstract String verdict(S script, P play, List<Seen> seen, List<RequestOutcome> outcomes);

  /** Offers smaller scripts. */
  abstract void shrink(Shrinker<S> to) throws IOException;

  /** What the client sent and saw. */
  abstract List<String> details(S script, P play);

  @Override
  public final Failure failure(long seed) throws IOException {
    S script = script(seed);
    Failure found = failure(script);
    return found == null ? null : new Shrinker<>(this, script, found).shrink();
  }

  final Failure failure(S script) throws IOException {
    return failure(script, TIMEOUT_NANOS);
  }

  final Failure failure(S script, long patienceNanos) throws IOException {
    P play = play(script, System.nanoTime() + patienceNanos);
    String busy = rest(System.nanoTime() + patienceNanos);
    List<Seen> seen = server.takeSeen();
    List<RequestOutcome> outcomes = proxy.outcomes(play.port);
    String wrong = wrong(script, play, busy, seen, outcomes);
    if (wrong == null) {
      return null;
    }
    List<String> details = new ArrayList<>(details(script, play));
    seen.forEach(each -> details.add("server " + each));
    for (RequestOutcome each : outcomes) {
      details.add(
          "counted %s %s %d %s attempts %d"
              .formatted(each.method(), each.target(), each.status(), each.end(), each.attempts()));
    }
    return new Failure(wrong, script.toString(), String.join("\n", details));
  }

  private String wrong(
      S script, P play, String busy, List<Seen> seen, List<RequestOutcome> outcomes) {
    List<String> violations = server.takeViolations();
    List<String> log = proxy.takeLog();
    if (!violations.isEmpty()) {
      return "not HTTP to the server: " + violations.getFirst();
    }
    if (busy != null) {
      return "not at rest: " + busy;
    }
    if (!log.isEmpty()) {
      return "logged: " + log.getFirst();
    }
    if (play.hung != null) {
      return "hung: " + play.hung;
    }
    return play.violation == null
        ? verdict(script, play, seen, outcomes)
        : "response that is malformed: " + play.violation;
  }

  /** Null: all is at rest. */
  private String rest(long deadlineNanos) {
    String busy = proxy.awaitRest(server::isQuiet, deadlineNanos);
    // What the end of the connection brought about may not have begun before.
    proxy.passLoops();
    proxy.passLoops();
    return busy == null ? proxy.awaitRest(server::isQuiet, deadlineNanos) : busy;
  }
}
