package dev.understudy.failover;

import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What checks that prove the role show of one pool beside health: which servers claim the role and
 * must not get it by themselves. The wall round databases: who decides knows this alone. An
 * immutable value that each step of the role replaces by the next.
 */
public interface RoleEvidence {
  /** The evidence after a look at the pool. */
  RoleEvidence next(Pool pool, Map<ServerId, Candidate> own, RoleState roleState);

  /** The candidates, with the stale claims marked, and who is too far behind. */
  Map<ServerId, Candidate> mark(Map<ServerId, Candidate> own);

  /** How far a server's data is behind the primary's; null if that is not known. */
  default @Nullable Lag lag(ServerId server) {
    return null;
  }
}
