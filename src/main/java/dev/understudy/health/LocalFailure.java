package dev.understudy.health;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A resource of this machine that is used up, or that this process may use no more of: the label
 * {@code resource} of {@code understudy_local_failures_total}. What fails for want of it says
 * nothing about a server.
 */
public enum LocalFailure {
  /** No file descriptor, of this process (EMFILE) or of the system (ENFILE). */
  DESCRIPTORS("too many open files"),
  /**
   * No local port for a connection, or no local address from which to reach the server
   * (EADDRNOTAVAIL): of the machine, or of the way to one server alone.
   */
  PORTS("no local port or address"),
  /** No room for a socket's buffers (ENOBUFS). */
  BUFFERS("no buffer space"),
  /** No memory, of the process or of the system (ENOMEM, OutOfMemoryError). */
  MEMORY("out of memory"),
  /** No thread could be started. */
  THREADS("no thread could be started"),
  /** No memory for what waits for clients or their servers: {@code understudy.client.memory}. */
  CLIENT_MEMORY("memory for clients");

  /** Netty's native transport: {@code connect(..) failed with error(-99): words}. */
  private static final Pattern NATIVE =
      Pattern.compile("\\(\\.\\.\\) failed with error\\(-(\\d+)\\)");

  /** Longest chain of causes that is followed; a chain may be a ring. */
  private static final int MOST_CAUSES = 10;

  /** Linux's numbers, which do not depend on the language as words do. */
  private static final Map<Integer, LocalFailure> NUMBERS =
      Map.of(12, MEMORY, 23, DESCRIPTORS, 24, DESCRIPTORS, 99, PORTS, 105, BUFFERS);

  /** The system's words, as the JDK's exceptions have them. */
  private static final Map<String, LocalFailure> WORDS =
      Map.of(
          "Cannot allocate memory", MEMORY,
          "Too many open files in system", DESCRIPTORS,
          "Too many open files", DESCRIPTORS,
          "Cannot assign requested address", PORTS,
          "Can't assign requested address", PORTS,
          "No buffer space available", BUFFERS);

  private final String words;

  LocalFailure(String words) {
    this.words = words;
  }

  /** For people: {@code "too many open files"}. */
  public String words() {
    return words;
  }

  /**
   * Classifies an exception by itself and its causes: those of NIO, of the JDK's files and of
   * Netty's native transports.
   *
   * @return null if it does not show that a resource of this machine is used up
   */
  public static @Nullable LocalFailure of(@Nullable Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++) {
      LocalFailure found = ofOne(cause);
      if (found != null) {
        return found;
      }
      cause = cause.getCause();
    }
    return null;
  }

  private static @Nullable LocalFailure ofOne(Throwable failure) {
    String message = failure.getMessage();
    if (failure instanceof OutOfMemoryError) {
      return message != null && message.contains("native thread") ? THREADS : MEMORY;
    }
    if (message == null) {
      return null;
    }
    LocalFailure found = WORDS.get(message);
    if (found != null) {
      return found;
    }
    Matcher number = NATIVE.matcher(message);
    return number.find() ? ofNumber(number.group(1)) : ofFile(message);
  }

  private static @Nullable LocalFailure ofNumber(String digits) {
    return digits.length() > 3 ? null : NUMBERS.get(Integer.parseInt(digits));
  }

  /** A file's exception has the words in brackets behind its name. */
  private static @Nullable LocalFailure ofFile(String message) {
    int bracket = message.endsWith(")") ? message.lastIndexOf('(') : -1;
    return bracket < 0 ? null : WORDS.get(message.substring(bracket + 1, message.length() - 1));
  }
}
