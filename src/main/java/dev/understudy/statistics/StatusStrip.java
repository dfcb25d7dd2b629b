package dev.understudy.statistics;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * The health of one server over the last 15 minutes: {@value #CELLS} cells of 15 s, each one
 * character.
 *
 * <table>
 * <caption>Characters; of several in one cell the first of this table stays</caption>
 * <tr><td>{@code d}<td>DOWN
 * <tr><td>{@code m}<td>in maintenance
 * <tr><td>{@code x}<td>set to drain
 * <tr><td>{@code ?}<td>UNKNOWN
 * <tr><td>{@code u}, {@code S}<td>UP; UP and serving; of these the newer
 * <tr><td>{@code .}<td>not known
 * </table>
 *
 * <p>Takes about 100 bytes. Not safe for concurrent use.
 */
final class StatusStrip {
  static final int CELLS = 60;
  static final Duration CELL = Duration.ofSeconds(15);
  static final char UNSEEN = '.';

  private final byte[] cells = new byte[CELLS];

  /** The number of the newest cell, counted from 1970. */
  private long newest;

  StatusStrip() {
    Arrays.fill(cells, (byte) UNSEEN);
  }

  /** Records a state. */
  void mark(char state, Instant at) {
    advance(at);
    int place = Math.floorMod(newest, CELLS);
    if (weight(state) >= weight((char) cells[place])) {
      cells[place] = (byte) state;
    }
  }

  private static int weight(char state) {
    return switch (state) {
      case 'd' -> 5;
      case 'm' -> 4;
      case 'x' -> 3;
      case '?' -> 2;
      case 'u', 'S' -> 1;
      default -> 0;
    };
  }

  private void advance(Instant at) {
    long cell = Math.floorDiv(at.getEpochSecond(), CELL.toSeconds());
    if (cell - newest >= CELLS) {
      Arrays.fill(cells, (byte) UNSEEN);
      newest = cell;
    }
    while (newest < cell) {
      newest++;
      cells[Math.floorMod(newest, CELLS)] = (byte) UNSEEN;
    }
  }

  /** The cells until now, oldest first. */
  String text(Instant now) {
    advance(now);
    byte[] ordered = new byte[CELLS];
    for (int i = 0; i < CELLS; i++) {
      ordered[i] = cells[Math.floorMod(newest + 1 + i, CELLS)];
    }
    return new String(ordered, StandardCharsets.US_ASCII);
  }
}
