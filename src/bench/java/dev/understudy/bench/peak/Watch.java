package dev.understudy.bench.peak;

import dev.understudy.bench.load.Clients;
import dev.understudy.bench.load.Latencies;
import dev.understudy.bench.load.Measured;
import dev.understudy.bench.peer.ProcFs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Watches a proxy second by second while its clients send at a fixed rate. */
final class Watch {
  private final List<Latencies> latencies = new ArrayList<>();

  /** CPU time of each thread when it was last read; one that has ended keeps what it used. */
  private final Map<Long, Long> used = new LinkedHashMap<>();

  private final int seconds;

  private Watch(int seconds) {
    this.seconds = seconds;
    for (int i = 0; i < seconds; i++) {
      latencies.add(new Latencies());
    }
  }

  /**
   * Watches for so many seconds.
   *
   * @param processes that serve, asked for each second
   */
  static Ascent of(Clients clients, int rate, int seconds, Supplier<List<Long>> processes)
      throws InterruptedException {
    Watch watch = new Watch(seconds);
    try (ExecutorService sampler = Executors.newSingleThreadExecutor()) {
      long start = System.nanoTime();
      Future<List<Long>> cpu = sampler.submit(() -> watch.sample(start, processes));
      Measured measured = clients.pace(rate, Duration.ofSeconds(seconds), watch::responded);
      return watch.ascent(cpu.get(), measured.failed());
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private void responded(long dueNanos, long latencyNanos) {
    int second = (int) TimeUnit.NANOSECONDS.toSeconds(dueNanos);
    latencies.get(Math.min(second, seconds - 1)).record(latencyNanos);
  }

  /** CPU time so far, at the beginning and after each second. */
  private List<Long> sample(long start, Supplier<List<Long>> processes) {
    List<Long> samples = new ArrayList<>(List.of(read(processes.get())));
    for (int second = 1; second <= seconds; second++) {
      long due = start + TimeUnit.SECONDS.toNanos(second);
      while (System.nanoTime() - due < 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      samples.add(read(processes.get()));
    }
    return samples;
  }

  private long read(List<Long> processes) {
    processes.forEach(process -> used.putAll(ProcFs.threadNanos(process)));
    return used.values().stream().mapToLong(Long::longValue).sum();
  }

  private Ascent ascent(List<Long> cpu, long failed) {
    List<Second> all = new ArrayList<>();
    for (int second = 0; second < seconds; second++) {
      all.add(new Second(cpu.get(second + 1) - cpu.get(second), latencies.get(second)));
    }
    return new Ascent(all, Ascent.FIRST, failed);
  }
}
