package dev.understudy.gatewayapi.translate;

import org.jspecify.annotations.Nullable;

/**
 * A condition of a status.
 *
 * @param type such as {@code Accepted}
 * @param reason one word, as the specification has it
 * @param message one sentence for people; may be empty
 */
public record StatusCondition(String type, boolean holds, String reason, String message) {
  static final String ACCEPTED = "Accepted";
  static final String RESOLVED_REFS = "ResolvedRefs";
  static final String PROGRAMMED = "Programmed";
  static final String CONFLICTED = "Conflicted";

  /** A condition that holds, whose reason is its type. */
  static StatusCondition yes(String type) {
    return new StatusCondition(type, true, type, "");
  }

  /** {@code Accepted} of what is not. */
  static StatusCondition notAccepted(String reason, String message) {
    return no(ACCEPTED, reason, message);
  }

  /** {@code ResolvedRefs} of what refers to something that cannot be used. */
  static StatusCondition unresolved(String reason, String message) {
    return no(RESOLVED_REFS, reason, message);
  }

  /** The problem; without one, a condition that holds. */
  static StatusCondition yesUnless(@Nullable StatusCondition problem, String type) {
    return problem == null ? yes(type) : problem;
  }

  static StatusCondition no(String type, String reason, String message) {
    return new StatusCondition(type, false, reason, message);
  }
}
