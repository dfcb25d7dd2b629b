package dev.understudy.bench.peer;

import java.util.ArrayList;
import java.util.List;

/**
 * How a JVM of a peer is run.
 *
 * @param options in order; later ones win
 */
public record Jvm(List<String> options) {
  /**
   * As in the Dockerfile, within the memory and the processors of {@code deploy/kubernetes}; what a
   * container's limits would say has to be said by options here.
   */
  public static final Jvm CONTAINER =
      new Jvm(
          List.of(
              "-XX:+UseSerialGC",
              "-XX:MaxRAM=640m",
              "-XX:MaxRAMPercentage=35",
              "-Xmn16m",
              "-XX:MinHeapFreeRatio=10",
              "-XX:MaxHeapFreeRatio=20",
              "-XX:TrimNativeHeapInterval=5000",
              "-XX:Tier3InvocationThreshold=1000",
              "-XX:Tier3MinInvocationThreshold=500",
              "-XX:Tier3CompileThreshold=4000",
              "-Djdk.reflect.useNativeAccessorOnly=true",
              "-XX:ActiveProcessorCount=2",
              "--enable-native-access=ALL-UNNAMED",
              "--sun-misc-unsafe-memory-access=allow",
              "-XX:+ExitOnOutOfMemoryError"));

  public Jvm {
    options = List.copyOf(options);
  }

  /** The same with further options. */
  public Jvm and(List<String> more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(more);
    return new Jvm(all);
  }
}
