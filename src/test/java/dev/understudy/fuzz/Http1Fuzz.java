package dev.understudy.fuzz;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.Script.Segment;
import dev.understudy.fuzz.StrictServer.Seen;
import dev.understudy.traffic.RequestOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** HTTP/1 with TLS or without. */
public final class Http1Fuzz extends ScriptFuzz<Script, Http1Play> {
  private final boolean tls;

  public Http1Fuzz(FuzzedProxy proxy, StrictServer server, boolean tls) {
    super(proxy, server);
    this.tls = tls;
  }

  @Override
  Script script(long seed) {
    return Script.random(seed);
  }

  @Override
  Http1Play play(Script script, long deadlineNanos) throws IOException {
    if (script.held()) {
      proxy.serveHeld(false);
    }
    Http1Play play = new Http1Play(script, proxy, server, tls, deadlineNanos);
    try {
      play.run();
    } finally {
      play.release();
    }
    return play;
  }

  @Override
  String verdict(Script script, Http1Play play, List<Seen> seen, List<RequestOutcome> outcomes) {
    return new Http1Verdict(script, play, seen, outcomes, tls).failure();
  }

  /** Fewer segments, then fewer bytes. */
  @Override
  void shrink(Shrinker<Script> to) throws IOException {
    for (int size = to.smallest().segments().size() / 2; size > 0; size /= 2) {
      int from = 0;
      while (from + size <= to.smallest().segments().size()) {
        List<Segment> segments = to.smallest().segments();
        Segment joined = Segment.joined(segments.subList(from, from + size));
        if (!to.fails(replaced(to.smallest(), from, size, List.of()))
            && !(size > 1 && to.fails(replaced(to.smallest(), from, size, List.of(joined))))) {
          from += size;
        }
      }
    }
    for (int at = 0; at < to.smallest().segments().size(); at++) {
      for (int size = bytes(to, at) / 2; size > 0; size /= 2) {
        int from = 0;
        while (from + size <= bytes(to, at)) {
          Segment less = to.smallest().segments().get(at).without(from, size);
          if (!to.fails(replaced(to.smallest(), at, 1, List.of(less)))) {
            from += size;
          }
        }
      }
    }
  }

  private static int bytes(Shrinker<Script> to, int at) {
    return to.smallest().segments().get(at).bytes().length;
  }

  private static Script replaced(Script script, int from, int size, List<Segment> by) {
    List<Segment> segments = new ArrayList<>(script.segments());
    segments.subList(from, from + size).clear();
    segments.addAll(from, by);
    return script.with(segments);
  }

  @Override
  List<String> details(Script script, Http1Play play) {
    Model model = Model.of(script.bytes());
    List<String> lines = new ArrayList<>();
    for (Model.Request each : model.requests()) {
      lines.add("sent " + each.method() + " " + each.target() + " " + each.body());
    }
    lines.add("sent to its end: " + model.end() + " " + model.why());
    play.responses().forEach(each -> lines.add("client " + each));
    lines.add("client " + (play.tunnel() ? "tunnel, " : "") + (play.ended ? "ended" : "open"));
    return lines;
  }
}
