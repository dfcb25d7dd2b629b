package dev.understudy.proxy.flowcontrol;

import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that flow-control windows of all HTTP/2 connections of clients, or to servers, may
 * take beyond their first ones: a peer that is not read leaves as much here as its window holds.
 * Thread-safe.
 *
 * <p>Who takes gets at most a quarter of what is left, so that others still find some (dynamic
 * thresholds, Choudhury and Hahne 1998). What nobody has shown to need it comes out of the first
 * half.
 */
public final class WindowBudget {
  /** The most for one connection, half of the budget, in bytes at most 256 MB. */
  private static final int MAX_OF_CONNECTION = 256 << 20;

  private final long most;
  private final AtomicLong left;

  /**
   * @param most bytes
   */
  WindowBudget(long most) {
    this.most = most;
    this.left = new AtomicLong(most);
  }

  /** An eighth of the direct memory that Netty may use: unread data may keep twice its size. */
  public static WindowBudget ofProcess() {
    return new WindowBudget(PlatformDependent.maxDirectMemory() / 8);
  }

  /**
   * Takes bytes, to be given back.
   *
   * @param wanted by a connection
   * @param taken by the same connection, before
   * @param needed whether it is known that they are; else half of the budget stays
   * @return how many were taken; 0 if none are left
   */
  int take(int wanted, int taken, boolean needed) {
    long own = Math.min(most / 2, MAX_OF_CONNECTION) - taken;
    // Further streams of the connection find some, too.
    long allowed = Math.min(wanted, own - own / 4);
    long stays = needed ? 0 : most / 2;
    long before = left.getAndUpdate(bytes -> bytes - part(allowed, bytes, stays));
    return (int) part(allowed, before, stays);
  }

  private static long part(long allowed, long left, long stays) {
    return Math.max(0, Math.min(allowed, Math.min(left / 4, left - stays)));
  }

  void giveBack(int bytes) {
    left.addAndGet(bytes);
  }

  /** Bytes that can still be taken. */
  long left() {
    return left.get();
  }
}
