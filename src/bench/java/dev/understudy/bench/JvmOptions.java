package dev.understudy.bench;

import dev.understudy.bench.peer.Jvm;
import java.util.List;
import picocli.CommandLine.Option;

/** How JVMs of proxies are run. */
public final class JvmOptions {
  @Option(
      names = "--jvm",
      paramLabel = "OPTIONS",
      description =
          "further options for the JVMs, after those of the image; such as"
              + " --jvm=\"-XX:+UseSerialGC -Dreactor.netty.ioWorkerCount=1\"")
  private String more = "";

  /** The image's, with those that were given. */
  public Jvm jvm() {
    return Jvm.container().and(more());
  }

  /** Those that were given. */
  public List<String> more() {
    return more.isBlank() ? List.of() : List.of(more.trim().split("\\s+"));
  }
}
