package dev.understudy.agreement.register;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;

/**
 * Content of one entry of a {@link Register}; in Kubernetes, of a Lease.
 *
 * @param holder the holder, {@code spec.holderIdentity}; empty if there is none
 * @param transitions number of changes of the holder, {@code spec.leaseTransitions}; 0 or more
 * @param acquired start of the holding by the writer's wall clock, {@code spec.acquireTime}
 * @param renewed time of the write by the writer's wall clock, {@code spec.renewTime}; for people
 *     and other programs only, no replica relies on it
 * @param attributes everything else, as annotations. Names are labels of at most 40 characters,
 *     values any text, 128 KB in all at most. Behind {@value #FOREIGN} is the name of an annotation
 *     or a field that is none of ours: it is kept by writing it again
 */
public record RegisterDocument(
    String holder,
    long transitions,
    Instant acquired,
    Instant renewed,
    Map<String, String> attributes) {
  /** Begins the names of what is none of ours. */
  public static final String FOREIGN = "/";

  public RegisterDocument {
    attributes = Map.copyOf(attributes);
  }

  /** Parses a time; {@link Instant#EPOCH} if there is none, as in a document made by hand. */
  public static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }
}
