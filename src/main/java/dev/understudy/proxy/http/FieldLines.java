package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Counts the lines of a head, or of trailers, as their bytes come and before they are parsed: a
 * line of three bytes becomes objects of 140, and lines that are folded (RFC 9112 §5.2) cost the
 * square of their number. Reads the bytes without consuming them.
 */
public final class FieldLines {
  /**
   * What a field takes as objects beside its characters, in bytes: 144 by a heap of 600 heads with
   * 3,000 fields each ({@code CountedMemoryIT}).
   */
  private static final int FIELD = 160;

  /** A head, or trailers, with more fields than are allowed. */
  public static final class TooMany extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Creates the cause of a failed decoder result; without a stack trace. */
    public TooMany() {
      super("too many fields", null, false, false);
    }
  }

  private enum Part {
    NOTHING,
    HEAD,
    TRAILERS
  }

  private final int most;

  /** What is counted at present. */
  private Part part = Part.HEAD;

  private int lines;

  /** The bytes behind the reader index that were looked at. */
  private int ahead;

  /** The bytes of the present line, and whether the first is a CR. */
  private int length;

  private boolean cr;

  /**
   * Creates it for one connection.
   *
   * @param most fields of a head, or of trailers
   */
  public FieldLines(int most) {
    this.most = most;
  }

  /**
   * What fields that were parsed take, in bytes.
   *
   * @param size the bytes of their names and values
   */
  public static int costBytes(int fields, int size) {
    return FIELD * fields + size;
  }

  /** Begins another head at the reader index. */
  public void beginHead() {
    begin(Part.HEAD);
  }

  /** Begins trailers at the reader index, unless they have begun. */
  public void inTrailers() {
    if (part != Part.TRAILERS) {
      begin(Part.TRAILERS);
    }
  }

  private void begin(Part next) {
    part = next;
    lines = 0;
    ahead = 0;
    length = 0;
    cr = false;
  }

  /** Counts nothing more until {@link #beginHead} or {@link #inTrailers}. */
  public void end() {
    part = Part.NOTHING;
  }

  /** Whether so many fields are allowed. */
  public boolean allow(int fields) {
    return fields <= most;
  }

  /**
   * Counts the lines that have come since the last call, up to the empty line that ends them all.
   *
   * @return false if there are too many
   */
  public boolean take(ByteBuf in) {
    int at = in.readerIndex() + ahead;
    int to = in.writerIndex();
    while (at < to && part != Part.NOTHING) {
      int end = in.indexOf(at, to, (byte) '\n');
      take(in, at, end < 0 ? to : end);
      at = end < 0 ? to : end + 1;
      if (end >= 0 && !endLine()) {
        return false;
      }
    }
    ahead = at - in.readerIndex();
    return true;
  }

  private void take(ByteBuf in, int from, int to) {
    if (length == 0 && to > from) {
      cr = in.getByte(from) == '\r';
    }
    length += to - from;
  }

  private boolean endLine() {
    boolean empty = length == 0 || (length == 1 && cr);
    length = 0;
    if (!empty) {
      lines++;
      return lines - (part == Part.HEAD ? 1 : 0) <= most;
    }
    // Empty lines before a head are skipped.
    if (part == Part.TRAILERS || lines > 0) {
      part = Part.NOTHING;
    }
    return true;
  }

  /** Notes that bytes at the reader index were consumed. */
  public void consumed(int bytes) {
    ahead = Math.max(0, ahead - bytes);
  }
}
