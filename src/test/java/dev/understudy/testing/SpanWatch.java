package dev.understudy.testing;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.TraceContext;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * Spans that watch how they are used: each is ended once, attempts run one after the other, and
 * nothing is told of one that has ended.
 */
public final class SpanWatch {
  private final AtomicInteger begun = new AtomicInteger();
  private final Set<RequestSpan> running = ConcurrentHashMap.newKeySet();
  private final List<String> faults = new CopyOnWriteArrayList<>();

  RequestSpan begin() {
    Watched span = new Watched(begun.incrementAndGet());
    running.add(span);
    return span;
  }

  /** How many have begun. */
  public int begun() {
    return begun.get();
  }

  /** Returns once all have ended; fails if one was used in a wrong way. */
  public void awaitEnds() {
    Await.until("all spans have ended", running::isEmpty);
    if (!faults.isEmpty()) {
      throw new AssertionError("spans: " + faults);
    }
  }

  private final class Watched implements RequestSpan {
    private final TraceContext context;
    private boolean attempted;
    private boolean runs;
    private boolean responded;
    private boolean ended;

    Watched(int number) {
      context = new TraceContext("%032x".formatted(number), "%016x".formatted(number), true);
    }

    @Override
    public TraceContext context() {
      return context;
    }

    @Override
    public void attempt(
        PoolId pool, Server server, String method, String target, boolean reused, int sends) {
      if (ended) {
        faults.add("an attempt began after the end of its request");
      }
      if (runs) {
        faults.add("an attempt began before the end of the one before");
      }
      attempted = true;
      runs = true;
      responded = false;
    }

    private void use(String what) {
      if (!runs) {
        faults.add(what + " without an attempt");
      }
    }

    @Override
    public void propagate(BiConsumer<CharSequence, CharSequence> fields) {
      use("propagated");
      if (responded) {
        faults.add("propagated after a response");
      }
    }

    @Override
    public void responded(int status) {
      use("responded");
      responded = true;
    }

    @Override
    public void tunnelled() {
      use("tunnelled");
      runs = false;
    }

    @Override
    public void attemptFailed(String failure, String detail) {
      use("failed with " + failure);
      runs = false;
    }

    @Override
    public void end(RequestOutcome outcome) {
      if (ended) {
        faults.add("a request ended twice, the second time with " + outcome.end());
      }
      if (runs && !responded && outcome.end() == RequestEnd.COMPLETED) {
        faults.add("ended well without a response");
      }
      if (outcome.attempts() > 0 && !attempted) {
        faults.add("a request was sent without an attempt, " + outcome.end());
      }
      ended = true;
      running.remove(this);
    }
  }
}
