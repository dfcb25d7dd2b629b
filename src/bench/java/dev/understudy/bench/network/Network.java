package dev.understudy.bench.network;

/**
 * Where the delay is, and how long.
 *
 * @param delayMillis of a round trip; 0: there is none on either side
 */
record Network(Side side, int delayMillis) {
  String title() {
    return delayMillis == 0
        ? "no delay"
        : "%d ms, %s".formatted(delayMillis, side == Side.CLIENT ? "clients" : "servers");
  }
}
