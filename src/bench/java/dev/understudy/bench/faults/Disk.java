package dev.understudy.bench.faults;

import dev.understudy.scenario.Processes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A small file system in memory, which can be filled. */
final class Disk implements AutoCloseable {
  private static final byte[] BLOCK = new byte[4096];

  private final Path folder;

  private Disk(Path folder) {
    this.folder = folder;
  }

  /** Mounts one; null if this user may not. */
  static @Nullable Disk mount(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    if (!Processes.succeeds(
        List.of("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder.toString()))) {
      return null;
    }
    return new Disk(folder);
  }

  Path folder() {
    return folder;
  }

  void fill() throws IOException {
    try (OutputStream out = Files.newOutputStream(ballast())) {
      while (true) {
        out.write(BLOCK);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space")) {
        throw e;
      }
    }
  }

  void free() throws IOException {
    Files.deleteIfExists(ballast());
  }

  private Path ballast() {
    return folder.resolve("ballast");
  }

  @Override
  public void close() {
    try {
      Processes.succeeds(List.of("umount", "-l", folder.toString()));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
