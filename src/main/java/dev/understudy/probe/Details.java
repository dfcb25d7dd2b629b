package dev.understudy.probe;

import dev.understudy.text.FailureText;
import dev.understudy.text.Printable;
import dev.understudy.text.Words;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Short phrases for people, safe to log and to show although servers contribute to them. */
final class Details {
  /** Length of the longest detail, in characters: the limit of an {@code Observation}. */
  static final int MAX = 200;

  private static final int MAX_QUOTED = 80;

  private Details() {}

  /** In double quotes, cut to 80 characters, all but plain printable characters escaped. */
  static String quoted(CharSequence text) {
    return Printable.quoted(text, MAX_QUOTED);
  }

  /** The text cut to {@link #MAX} characters. */
  static String bounded(String text) {
    return Words.cut(text, MAX);
  }

  /** The duration as {@code "1 s"} or {@code "1500 ms"}. */
  static String of(Duration duration) {
    long millis = duration.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
  }

  static String of(Throwable cause) {
    return FailureText.of(cause, MAX_QUOTED * 2);
  }

  /** The innermost cause that has a message; TLS errors are wrapped several times. */
  static Throwable root(Throwable cause) {
    Throwable root = cause;
    // Bounded: a chain of causes may be a ring.
    for (int depth = 0; depth < 10; depth++) {
      @Nullable Throwable next = root.getCause();
      if (next == null || next.getMessage() == null) {
        return root;
      }
      root = next;
    }
    return root;
  }
}
