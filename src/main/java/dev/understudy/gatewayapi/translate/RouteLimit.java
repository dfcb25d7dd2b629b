package dev.understudy.gatewayapi.translate;

/**
 * How many combinations of a match, a host and a listener a route may have.
 *
 * @param most what older routes have left
 * @param whole what all have together
 * @param where who they are, such as {@code in namespace shop}
 */
record RouteLimit(int most, int whole, String where) {
  Refusal exceeded() {
    return Refusal.unsupported(
        "expected at most %s combinations of a match, a host and a listener %s, of which older routes leave %s"
            .formatted(whole, where, most));
  }
}
