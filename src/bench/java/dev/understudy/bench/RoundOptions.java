package dev.understudy.bench;

import java.time.Duration;
import picocli.CommandLine.Option;

/** How often is measured, and how warm the JVMs are. */
public final class RoundOptions {
  private static final int QUICK_ROUNDS = 2;
  private static final int QUICK_PART = 4;

  @Option(
      names = {"--rounds", "--runs"},
      description = "of all that is measured")
  private int rounds = 5;

  @Option(names = "--warm-up", description = "seconds of CPU time of each JVM before it counts")
  private double warmUp = 40;

  @Option(
      names = "--quick",
      description = "two rounds, a quarter of the warm-up: to see that it works")
  private boolean quick;

  public boolean quick() {
    return quick;
  }

  public int rounds() {
    return quick ? QUICK_ROUNDS : rounds;
  }

  /** Of CPU time. */
  public Duration warmUp() {
    return Duration.ofNanos((long) (1e9 * (quick ? warmUp / QUICK_PART : warmUp)));
  }
}
