package dev.understudy.gatewayapi.translate;

/** Says why a route cannot be accepted as it is written. */
final class Refusal extends Exception {
  static final String UNSUPPORTED_VALUE = "UnsupportedValue";
  static final String INCOMPATIBLE_FILTERS = "IncompatibleFilters";

  private static final long serialVersionUID = 1;

  private final String reason;

  /**
   * @param reason of the condition {@code Accepted}
   * @param message one sentence for people
   */
  Refusal(String reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  /** Of a value that the specification allows and this implementation does not have. */
  static Refusal unsupported(String message) {
    return new Refusal(UNSUPPORTED_VALUE, message);
  }

  /**
   * @param where it was found, such as {@code rule 1}
   */
  StatusCondition condition(String where) {
    return StatusCondition.notAccepted(reason, where + ": " + getMessage());
  }
}
