package dev.understudy.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a file of bounded size, and gives the reason why a file cannot be read or written. */
public final class BoundedFile {
  private BoundedFile() {}

  /**
   * Reads a whole file, or {@code max + 1} bytes of one that is larger.
   *
   * @param max in bytes
   */
  public static byte[] read(Path file, int max) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(max + 1);
    }
  }

  /** The reason of a failure, without the path, which the message around it names. */
  public static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException none -> "it does not exist";
      case AccessDeniedException denied -> "permission denied";
      case FileSystemException other -> phrase(other.getReason(), other);
      default -> phrase(null, failure);
    };
  }

  private static String phrase(@Nullable String reason, IOException failure) {
    String text = reason == null ? String.valueOf(failure.getMessage()) : reason;
    return text.equals("Is a directory") ? "it is a directory" : text;
  }
}
