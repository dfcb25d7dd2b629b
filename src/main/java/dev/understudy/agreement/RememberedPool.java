package dev.understudy.agreement;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a replica that decides alone remembers of one pool.
 *
 * @param agreed null if there was never an agreement
 * @param servers of the file, by which it is known under another name; empty if not known
 */
record RememberedPool(
    @Nullable AgreedRole agreed, OperatorStates operatorStates, Set<ServerIdentity> servers) {
  static final RememberedPool NONE = new RememberedPool(null, OperatorStates.NONE, Set.of());

  RememberedPool {
    servers = Set.copyOf(servers);
  }

  /** Time of the last change; {@link Instant#MIN} if there was never an agreement. */
  Instant since() {
    return agreed == null ? Instant.MIN : agreed.since();
  }

  /** Whether there was never an agreement nor an operator's act. */
  boolean isEmpty() {
    return agreed == null && operatorStates.equals(OperatorStates.NONE);
  }

  /** 0 if there was never an agreement. */
  long epoch() {
    return agreed == null ? 0 : agreed.roleState().epoch();
  }

  RememberedPool with(AgreedRole next) {
    return new RememberedPool(next, operatorStates, servers);
  }

  RememberedPool with(OperatorStates next) {
    return new RememberedPool(agreed, next, servers);
  }

  RememberedPool with(Set<ServerIdentity> next) {
    return new RememberedPool(agreed, operatorStates, next);
  }

  /** The same pool under another name. */
  RememberedPool renamed(RenamedPool renamed, Set<ServerIdentity> next) {
    return new RememberedPool(
        agreed == null ? null : renamed.of(agreed), renamed.of(operatorStates), next);
  }
}
