package dev.understudy.proxy.front;

import dev.understudy.proxy.RequestIds;
import dev.understudy.proxy.TickClock;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The clients' connections of one event loop, and one coarse tick that stands for all their timers.
 * Touched on that loop only.
 */
// A connection is itself, not a value.
@SuppressWarnings("ReferenceEquality")
final class FrontLoop {
  static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** A connection whose waits are judged. */
  interface Member {
    /** Where the loop keeps it; negative: nowhere. */
    int slot();

    void slot(int slot);

    /** Judges what it waits for. */
    void sweep(long nowClock);

    /** We are stopping: it ends as soon as nothing would be lost. */
    void drain();
  }

  private final EventLoop loop;
  private final RequestIds ids = new RequestIds();
  private final TickClock ticks = new TickClock(TICK_NANOS);
  private final List<Member> members = new ArrayList<>();
  private boolean ticking;

  FrontLoop(EventLoop loop) {
    this.loop = loop;
  }

  EventLoop loop() {
    return loop;
  }

  RequestIds ids() {
    return ids;
  }

  /** A moment to measure a wait from, against what {@link Member#sweep} is given. */
  long mark() {
    return ticks.mark();
  }

  void enter(Member member) {
    member.slot(members.size());
    members.add(member);
    if (!ticking) {
      ticking = true;
      ticks.start(System.nanoTime());
      plan();
    }
  }

  /** Without effect if it has left. */
  void leave(Member member) {
    int slot = member.slot();
    if (slot < 0) {
      return;
    }
    Member moved = members.removeLast();
    if (moved != member) {
      members.set(slot, moved);
      moved.slot(slot);
    }
    member.slot(-1);
  }

  void drain() {
    for (Member member : List.copyOf(members)) {
      member.drain();
    }
  }

  private void plan() {
    var unused = loop.schedule(this::tick, TICK_NANOS, TimeUnit.NANOSECONDS);
  }

  private void tick() {
    // Whatever fails, above all a listener: time goes on.
    try {
      judge();
    } finally {
      ticking = !members.isEmpty() && !loop.isShuttingDown();
      if (ticking) {
        plan();
      }
    }
  }

  private void judge() {
    boolean valid = ticks.tick(System.nanoTime());
    for (int i = members.size() - 1; i >= 0 && valid; i--) {
      if (i < members.size()) {
        members.get(i).sweep(ticks.now());
      }
    }
  }
}
