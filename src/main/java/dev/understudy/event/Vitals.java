package dev.understudy.event;

import java.util.Locale;

/**
 * The state of this process, which may explain what it believes of servers.
 *
 * @param loopLagMillis the longest time that a task recently waited for its event loop
 * @param cpuPercent of one processor
 * @param processors that the process may use
 * @param openFiles file descriptors; -1 if the operating system does not say
 * @param maxFiles their limit; -1 if the operating system does not say
 * @param clientMemory the client that left too much unread, for people; empty if none did
 */
public record Vitals(
    double loopLagMillis,
    double cpuPercent,
    int processors,
    long openFiles,
    long maxFiles,
    String clientMemory) {
  /** For people: {@code "loop lag 12 ms, CPU 180 % of 2 processors, 398 of 400 descriptors"}. */
  public String words() {
    String files = openFiles < 0 ? "" : ", %d of %d descriptors".formatted(openFiles, maxFiles);
    return String.format(
        Locale.ROOT,
        "loop lag %.0f ms, CPU %.0f %% of %d processors%s%s",
        loopLagMillis,
        cpuPercent,
        processors,
        files,
        clientMemory.isEmpty() ? "" : ", " + clientMemory);
  }

  /** The same with a lag that is as long at least. */
  public Vitals withLag(double millis) {
    return new Vitals(
        Math.max(loopLagMillis, millis), cpuPercent, processors, openFiles, maxFiles, clientMemory);
  }
}
