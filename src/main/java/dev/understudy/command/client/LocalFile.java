package dev.understudy.command.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Small files that options name. */
final class LocalFile {
  private static final int MAX_TOKEN = 4096;

  private LocalFile() {}

  /**
   * Reads a token: the only content of a file, with optional white space around it.
   *
   * @throws ClientFailure if the file cannot be read, is empty or holds anything else
   */
  static String token(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_TOKEN + 1);
    } catch (IOException e) {
      throw ClientFailure.usage(unreadable("--token-file", file, e));
    }
    String token = new String(bytes, StandardCharsets.UTF_8).strip();
    boolean one = token.chars().noneMatch(c -> c < ' ' || c > '~');
    if (bytes.length > MAX_TOKEN || token.isEmpty() || !one) {
      throw ClientFailure.usage(
          "--token-file "
              + file
              + ": expected one token of printable ASCII characters, and no more");
    }
    return token;
  }

  static String unreadable(String option, Path file, IOException failure) {
    return option + " " + file + ": cannot be read: " + reason(failure);
  }

  /** Why a file cannot be read or written; the message around it names the file. */
  static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "there is no such file or folder";
    }
    return failure instanceof AccessDeniedException
        ? "permission denied"
        : UnreachableReason.message(failure);
  }
}
