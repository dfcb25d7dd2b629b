package dev.understudy.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * All that one client does on one HTTP/2 connection.
 *
 * @param window the first window of each stream, in bytes
 * @param mayEnd whether something in it is a connection error (RFC 9113 §5.4.1)
 */
record Http2Script(long seed, int window, List<Stream> streams, List<Step> steps, boolean mayEnd) {

  /**
   * One request.
   *
   * @param content of its body
   * @param flaw what is wrong with it; null: nothing
   */
  record Stream(int id, String method, String target, byte[] content, Http2Flaw flaw) {
    boolean isGood() {
      return flaw == null;
    }

    @Override
    public String toString() {
      return "stream %d %s %s, %d bytes%s"
          .formatted(id, method, target, content.length, flaw == null ? "" : ", " + flaw);
    }
  }

  /**
   * What is written in one call.
   *
   * @param stream 0: of the connection
   */
  record Step(int stream, String what, byte[] bytes) {}

  /** Without that stream. */
  Http2Script without(int stream) {
    List<Stream> others = new ArrayList<>(streams);
    others.removeIf(each -> each.id() == stream);
    List<Step> rest = new ArrayList<>(steps);
    rest.removeIf(each -> each.stream() == stream);
    return new Http2Script(seed, window, others, rest, mayEnd);
  }

  /** Without that step of the connection's. */
  Http2Script without(Step step) {
    List<Step> rest = new ArrayList<>(steps);
    rest.remove(step);
    return new Http2Script(seed, window, streams, rest, mayEnd);
  }

  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder("seed " + seed + ", window " + window + (mayEnd ? ", may end" : ""));
    streams.forEach(each -> text.append("\n  ").append(each));
    for (Step step : steps) {
      text.append("\n  ").append(step.stream()).append(' ').append(step.what()).append(' ');
      text.append(Script.quoted(step.bytes(), 250));
    }
    return text.toString();
  }
}
