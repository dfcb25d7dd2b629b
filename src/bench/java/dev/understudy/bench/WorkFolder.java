package dev.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folder for configurations, logs and certificates; deleted at the end. */
public record WorkFolder(Path path) implements AutoCloseable {
  public static WorkFolder make() throws IOException {
    return new WorkFolder(Files.createTempDirectory("understudy-bench"));
  }

  @Override
  public void close() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(path)) {
      files = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
