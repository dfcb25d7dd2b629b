package dev.understudy.switchover;

import dev.understudy.switchover.SwitchFacts.Release;
import org.jspecify.annotations.Nullable;

/**
 * What a replica told of a planned switch.
 *
 * @param planned the switch's id
 */
public record Acknowledgement(String planned, Release release) {
  /** What {@code given} tells of the switch of that id; NONE if it is null, or of another one. */
  public static Release release(@Nullable Acknowledgement given, String of) {
    return given != null && given.planned().equals(of) ? given.release() : Release.NONE;
  }
}
