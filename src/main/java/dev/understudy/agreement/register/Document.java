package dev.understudy.agreement.register;

import java.time.Instant;
import java.util.Map;

/**
 * The content of one entry of a {@link Register}; in Kubernetes a Lease's.
 *
 * @param holder who holds it: {@code spec.holderIdentity}; empty: nobody
 * @param transitions how often the holder changed: {@code spec.leaseTransitions}, 0 or more
 * @param acquired since when it is held, by the writer's wall clock: {@code spec.acquireTime}
 * @param renewed when it was written, by the writer's wall clock: {@code spec.renewTime}; for
 *     people and other programs only, no replica goes by it
 * @param attributes all else: annotations. Names are labels of at most 40 characters; values any
 *     text, 128 KB in all at most
 */
public record Document(
    String holder,
    long transitions,
    Instant acquired,
    Instant renewed,
    Map<String, String> attributes) {
  public Document {
    attributes = Map.copyOf(attributes);
  }
}
