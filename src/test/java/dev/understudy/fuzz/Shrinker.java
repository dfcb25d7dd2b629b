package dev.understudy.fuzz;

import dev.understudy.fuzz.Script.Segment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes a failing script smaller: fewer segments, then fewer bytes, as long as it fails alike. */
final class Shrinker {
  private static final int MOST_TRIALS = 400;
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Http1Fuzz fuzz;
  private final long deadline = System.nanoTime() + MOST_NANOS;
  private int trials;

  Shrinker(Http1Fuzz fuzz) {
    this.fuzz = fuzz;
  }

  /** The smallest that was found. */
  Failure shrink(Script script, Failure first) throws IOException {
    Failure found = trial(script, first);
    if (found == null) {
      return new Failure(first.what() + " (not each time)", first.script(), first.details());
    }
    Script smaller = script;
    for (int size = smaller.segments().size() / 2; size > 0; size /= 2) {
      int from = 0;
      while (from + size <= smaller.segments().size()) {
        Script without = dropped(smaller, from, size);
        Failure again = trial(without, first);
        if (again == null && size > 1) {
          without = joined(smaller, from, size);
          again = trial(without, first);
        }
        if (again == null) {
          from += size;
        } else {
          found = again;
          smaller = without;
        }
      }
    }
    return bytes(smaller, found, first);
  }

  private Failure bytes(Script script, Failure last, Failure first) throws IOException {
    Script smaller = script;
    Failure found = last;
    for (int at = 0; at < smaller.segments().size(); at++) {
      for (int size = smaller.segments().get(at).bytes().length / 2; size > 0; size /= 2) {
        int from = 0;
        while (from + size <= smaller.segments().get(at).bytes().length) {
          Script candidate = without(smaller, at, from, size);
          Failure again = trial(candidate, first);
          if (again == null) {
            from += size;
          } else {
            smaller = candidate;
            found = again;
          }
        }
      }
    }
    return found;
  }

  private static Script dropped(Script script, int from, int size) {
    List<Segment> segments = new ArrayList<>(script.segments());
    segments.subList(from, from + size).clear();
    return script.with(segments);
  }

  private static Script joined(Script script, int from, int size) {
    List<Segment> segments = new ArrayList<>(script.segments());
    List<Segment> one = segments.subList(from, from + size);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    one.forEach(segment -> bytes.writeBytes(segment.bytes()));
    Segment joined = new Segment(bytes.toByteArray(), one.getFirst().before());
    one.clear();
    one.add(joined);
    return script.with(segments);
  }

  private static Script without(Script script, int at, int from, int size) {
    Segment segment = script.segments().get(at);
    byte[] bytes = new byte[segment.bytes().length - size];
    System.arraycopy(segment.bytes(), 0, bytes, 0, from);
    System.arraycopy(segment.bytes(), from + size, bytes, from, bytes.length - from);
    List<Segment> segments = new ArrayList<>(script.segments());
    segments.set(at, new Segment(bytes, segment.before()));
    return script.with(segments);
  }

  private Failure trial(Script candidate, Failure first) throws IOException {
    if (trials++ > MOST_TRIALS || System.nanoTime() - deadline > 0) {
      return null;
    }
    Failure found = fuzz.failure(candidate, TIMEOUT_NANOS);
    return found != null && found.kind().equals(first.kind()) ? found : null;
  }
}
