package dev.understudy.pool;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints of a Service count, by the names of their Pods.
 *
 * @param names of Pods
 * @param others whether the names are those that do not count
 */
public record PodNames(Set<String> names, boolean others) {
  /** All endpoints. */
  public static final PodNames ALL = new PodNames(Set.of(), true);

  public PodNames {
    names = Collections.unmodifiableSet(new TreeSet<>(names));
  }

  /**
   * Whether an endpoint counts.
   *
   * @param pod null if it is no Pod
   */
  public boolean has(@Nullable String pod) {
    return (pod != null && names.contains(pod)) != others;
  }

  /** The names, or what counts beside them. */
  @Override
  public String toString() {
    String all = String.join(", ", names);
    return !others ? all : names.isEmpty() ? "all" : "all but " + all;
  }
}
