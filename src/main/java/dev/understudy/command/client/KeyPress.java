package dev.understudy.command.client;

import java.io.IOException;

/**
 * A key that was pressed.
 *
 * @param character of a {@link Kind#CHARACTER}; 0 for other kinds
 */
record KeyPress(Kind kind, char character) {
  /** The keys that {@code top} knows. */
  enum Kind {
    /** No key within the time that the source waits. */
    NONE,
    CHARACTER,
    ENTER,
    ESCAPE,
    BACKSPACE,
    UP,
    DOWN
  }

  /** A source of bytes that gives -1 if none comes within a moment. */
  interface Source {
    int read() throws IOException;
  }

  private static final int ESCAPE_BYTE = 27;
  private static final int DELETE_BYTE = 127;

  static KeyPress of(Kind kind) {
    return new KeyPress(kind, (char) 0);
  }

  /** Reads one key; arrows are {@code ESC [ A} or {@code ESC O A} (ECMA-48). */
  static KeyPress read(Source source) throws IOException {
    int first = source.read();
    if (first == ESCAPE_BYTE) {
      return sequence(source);
    }
    if (first == '\r' || first == '\n') {
      return of(Kind.ENTER);
    }
    if (first == DELETE_BYTE || first == '\b') {
      return of(Kind.BACKSPACE);
    }
    return first < ' ' || first > '~' ? of(Kind.NONE) : new KeyPress(Kind.CHARACTER, (char) first);
  }

  private static KeyPress sequence(Source source) throws IOException {
    int second = source.read();
    if (second != '[' && second != 'O') {
      return of(Kind.ESCAPE);
    }
    int last = source.read();
    while (last >= ' ' && last < '@') {
      last = source.read();
    }
    return of(last == 'A' ? Kind.UP : last == 'B' ? Kind.DOWN : Kind.NONE);
  }
}
