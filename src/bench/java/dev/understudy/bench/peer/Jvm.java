package dev.understudy.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a JVM of a peer is run.
 *
 * @param options in order; later ones win
 */
public record Jvm(List<String> options) {
  /** The image's options, in the form of a file of arguments. */
  public static final Path IMAGE_OPTIONS = Path.of("deploy/java.options").toAbsolutePath();

  /**
   * The memory and the processors of {@code deploy/kubernetes}: what a container's limits would say
   * has to be said by options here.
   */
  public static final List<String> LIMITS =
      List.of("-XX:MaxRAM=640m", "-XX:ActiveProcessorCount=2");

  public Jvm {
    options = List.copyOf(options);
  }

  /** The image's options but for its AOT cache, within the container's limits. */
  public static Jvm container() {
    try {
      return new Jvm(LIMITS).and(withoutCacheAndJar(Files.readString(IMAGE_OPTIONS)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> withoutCacheAndJar(String file) {
    return file.lines()
        .map(String::trim)
        .filter(line -> Stream.of("#", "-XX:AOTCache=", "-jar ").noneMatch(line::startsWith))
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** The same with further options. */
  public Jvm and(List<String> more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(more);
    return new Jvm(all);
  }
}
