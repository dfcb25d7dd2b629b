package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The files that a dynamic file takes content from, each with the digest of what was read of it, by
 * which a later change is noticed even if it happens while the dynamic file is being read.
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
        reader.read(file);
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

    /** Reads a file, or one byte more than {@link Limits#NAMED_FILE_BYTES} of a larger one. */
    byte[] read(Path file) throws IOException {
      byte[] content = null;
      try {
        content = BoundedFile.read(file, Limits.NAMED_FILE_BYTES);
        return content;
      } finally {
        digests.merge(
            file, Fingerprint.digest(content), (one, other) -> one.equals(other) ? one : RESTLESS);
      }
    }

    /** The files read so far, also those that could not be read. */
    NamedFiles files() {
      return new NamedFiles(digests);
    }
  }
}
