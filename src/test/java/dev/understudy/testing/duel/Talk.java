package dev.understudy.testing.duel;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * One connection of a client and all that happens on it.
 *
 * @param pipelined whether requests do not wait for responses; over HTTP/2 they then run at once
 * @param trickle whether everything is written and read byte by byte; over HTTP/2, whether bodies
 *     are
 * @param window the client's receive buffer, bytes; 0: as usual. Over HTTP/2 each stream's window
 */
public record Talk(long seed, boolean pipelined, boolean trickle, int window, List<Turn> turns) {
  /** Makes one up; the same seed makes the same. */
  public static Talk random(long seed) {
    Random random = new Random(seed);
    int count = 1 + random.nextInt(5);
    List<Turn> turns = new ArrayList<>();
    int bytes = 0;
    for (int i = 0; i < count; i++) {
      Turn turn = Turn.random(random, i, i == count - 1);
      bytes += turn.body().length + turn.responseBody().length;
      turns.add(turn);
    }
    boolean pipelined = random.nextBoolean();
    boolean trickle = bytes < 8000 && random.nextInt(3) == 0;
    return new Talk(seed, pipelined, trickle, random.nextInt(3) == 0 ? 4096 : 0, turns);
  }

  /** The same for HTTP/2: any request may break or be broken off, without harm to the others. */
  public static Talk ofStreams(long seed) {
    Random random = new Random(seed);
    int count = 1 + random.nextInt(8);
    List<Turn> turns = new ArrayList<>();
    int bytes = 0;
    for (int i = 0; i < count; i++) {
      Turn turn = Turn.random(random, i, true);
      bytes += turn.body().length + turn.responseBody().length;
      turns.add(turn);
    }
    boolean trickle = bytes < 6000 && random.nextBoolean();
    int[] windows = {bytes < 6000 ? 1 : 3000, 16_384, 65_535, 1 << 20};
    return new Talk(seed, random.nextInt(3) > 0, trickle, windows[random.nextInt(4)], turns);
  }

  @Override
  public String toString() {
    return turns.stream()
        .map(Turn::toString)
        .collect(
            Collectors.joining(
                "\n  ",
                "seed %d, %s%s, window %d:\n  "
                    .formatted(
                        seed,
                        pipelined ? "pipelined" : "in turn",
                        trickle ? ", byte by byte" : "",
                        window),
                ""));
  }
}
