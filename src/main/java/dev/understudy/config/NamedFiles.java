package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files that a dynamic file takes content from, and folders of such files, each with the digest
 * of what was read of it, by which a later change is noticed even if it happens while the dynamic
 * file is being read.
 *
 * @param digests see {@link Fingerprint#digest}; {@link #RESTLESS} of a file that changed while it
 *     was read several times
 */
public record NamedFiles(Map<Path, String> digests) {
  public static final NamedFiles NONE = new NamedFiles(Map.of());

  /** Equals no digest. */
  private static final String RESTLESS = "restless";

  public NamedFiles {
    digests = Map.copyOf(digests);
  }

  public Set<Path> paths() {
    return digests.keySet();
  }

  /** The same files as they are now. */
  NamedFiles now() {
    Reader reader = new Reader();
    for (Path file : paths()) {
      try {
        if (Files.isDirectory(file)) {
          reader.list(file);
        } else {
          reader.read(file);
        }
      } catch (IOException e) {
        // Counts as unreadable.
      }
    }
    return reader.files();
  }

  /** Paths only: digests of short secrets could be guessed. */
  @Override
  public String toString() {
    return "NamedFiles" + paths();
  }

  /** Reads files for one load of the dynamic file. */
  static final class Reader {
    private final Map<Path, String> digests = new LinkedHashMap<>();

    /**
     * Reads a file, or one byte more than {@link DynamicFileLimits#NAMED_FILE_BYTES} of a larger
     * one.
     */
    byte[] read(Path file) throws IOException {
      byte[] content = null;
      try {
        content = BoundedFile.read(file, DynamicFileLimits.NAMED_FILE_BYTES);
        return content;
      } finally {
        note(file, content);
      }
    }

    /**
     * Lists the names in a folder in their order, or one more than {@link
     * DynamicFileLimits#NAMED_FILES} of a larger one.
     */
    List<String> list(Path folder) throws IOException {
      byte[] content = null;
      try (Stream<Path> files = Files.list(folder)) {
        List<String> names =
            files
                .map(file -> file.getFileName().toString())
                .limit(DynamicFileLimits.NAMED_FILES + 1)
                .sorted()
                .toList();
        content = String.join("/", names).getBytes(StandardCharsets.UTF_8);
        return names;
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } finally {
        note(folder, content);
      }
    }

    private void note(Path file, byte @Nullable [] content) {
      digests.merge(
          file, Fingerprint.digest(content), (one, other) -> one.equals(other) ? one : RESTLESS);
    }

    /** The files read so far, also those that could not be read. */
    NamedFiles files() {
      return new NamedFiles(digests);
    }
  }
}
