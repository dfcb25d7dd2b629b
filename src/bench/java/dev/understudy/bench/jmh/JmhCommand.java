package dev.understudy.bench.jmh;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jmh}. */
@Command(
    name = "jmh",
    description =
        "Time and allocation of single methods: the choice, the route table, counting a request.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class JmhCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", description = "benchmarks, as a regular expression")
  private String include = "Benchmark";

  @Option(names = "--quick", description = "a fifth of the time")
  private boolean quick;

  @Override
  public Integer call() throws RunnerException {
    TimeValue time = TimeValue.milliseconds(quick ? 200 : 1000);
    new Runner(
            new OptionsBuilder()
                .include(include)
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .warmupIterations(5)
                .warmupTime(time)
                .measurementIterations(5)
                .measurementTime(time)
                .addProfiler(GCProfiler.class)
                .build())
        .run();
    return 0;
  }
}
