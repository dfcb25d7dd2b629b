package dev.understudy.fuzz;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.Http2Script.Step;
import dev.understudy.fuzz.Http2Script.Stream;
import dev.understudy.fuzz.StrictServer.Seen;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Plays scripts of HTTP/2 one after the other, and judges each. */
public final class Http2Fuzz implements Fuzz {
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(8);

  private final FuzzedProxy proxy;
  private final StrictServer server;

  /**
   * @param proxy with TLS
   */
  public Http2Fuzz(FuzzedProxy proxy, StrictServer server) {
    this.proxy = proxy;
    this.server = server;
  }

  @Override
  public Failure failure(long seed) throws IOException {
    Http2Script script = Http2Grammar.script(seed);
    Failure found = failure(script);
    return found == null ? null : shrink(script, found);
  }

  /** Fewer streams, then fewer frames, as long as it fails alike. */
  private Failure shrink(Http2Script script, Failure first) throws IOException {
    Http2Script smaller = script;
    Failure last = first;
    List<Http2Script> candidates = new ArrayList<>();
    for (Stream each : script.streams()) {
      candidates.clear();
      candidates.add(smaller.without(each.id()));
      Failure again = failure(candidates.getFirst());
      if (again != null && again.kind().equals(first.kind())) {
        smaller = candidates.getFirst();
        last = again;
      }
    }
    for (Step each : script.steps()) {
      if (each.stream() == 0) {
        Http2Script candidate = smaller.without(each);
        Failure again = failure(candidate);
        if (again != null && again.kind().equals(first.kind())) {
          smaller = candidate;
          last = again;
        }
      }
    }
    return last;
  }

  private Failure failure(Http2Script script) throws IOException {
    Http2Play play = Http2Play.play(script, proxy, server, System.nanoTime() + TIMEOUT_NANOS);
    String busy = rest(System.nanoTime() + TIMEOUT_NANOS);
    List<Seen> seen = server.takeSeen();
    List<String> violations = server.takeViolations();
    List<String> log = proxy.takeLog();
    String wrong;
    if (!violations.isEmpty()) {
      wrong = "not HTTP to the server: " + violations.getFirst();
    } else if (busy != null) {
      wrong = "not at rest: " + busy;
    } else if (!log.isEmpty()) {
      wrong = "logged: " + log.getFirst();
    } else {
      wrong = new Http2Verdict(script, play, seen, proxy.outcomes(play.port())).failure();
    }
    if (wrong == null) {
      return null;
    }
    List<String> details = new ArrayList<>();
    seen.forEach(each -> details.add("server " + each));
    details.addAll(play.frames());
    proxy
        .outcomes(play.port())
        .forEach(
            each ->
                details.add(
                    "counted %s %s %d %s attempts %d"
                        .formatted(
                            each.method(),
                            each.target(),
                            each.status(),
                            each.end(),
                            each.attempts())));
    return new Failure(wrong, script.toString(), String.join("\n", details));
  }

  private String rest(long deadlineNanos) {
    String busy = proxy.awaitRest(server::isQuiet, deadlineNanos);
    proxy.passLoops();
    proxy.passLoops();
    return busy == null ? proxy.awaitRest(server::isQuiet, deadlineNanos) : busy;
  }
}
