package dev.understudy.fuzz;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.Http2Script.Step;
import dev.understudy.fuzz.Http2Script.Stream;
import dev.understudy.fuzz.StrictServer.Seen;
import dev.understudy.traffic.RequestOutcome;
import java.io.IOException;
import java.util.List;

/** HTTP/2, to a proxy with TLS. */
public final class Http2Fuzz extends ScriptFuzz<Http2Script, Http2Play> {
  public Http2Fuzz(FuzzedProxy proxy, StrictServer server) {
    super(proxy, server);
  }

  @Override
  Http2Script script(long seed) {
    return Http2Grammar.script(seed);
  }

  @Override
  Http2Play play(Http2Script script, long deadlineNanos) {
    Http2Play play = new Http2Play(script, proxy, server, deadlineNanos);
    play.run();
    return play;
  }

  @Override
  String verdict(
      Http2Script script, Http2Play play, List<Seen> seen, List<RequestOutcome> outcomes) {
    return new Http2Verdict(script, play, seen, outcomes).failure();
  }

  /** Fewer streams, then fewer frames. */
  @Override
  void shrink(Shrinker<Http2Script> to) throws IOException {
    for (Stream each : to.smallest().streams()) {
      to.fails(to.smallest().without(each.id()));
    }
    for (Step each : to.smallest().steps()) {
      if (each.stream() == 0) {
        to.fails(to.smallest().without(each));
      }
    }
  }

  @Override
  List<String> details(Http2Script script, Http2Play play) {
    return play.frames();
  }
}
