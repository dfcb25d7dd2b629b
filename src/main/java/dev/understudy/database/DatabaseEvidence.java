package dev.understudy.database;

import dev.understudy.failover.Candidate;
import dev.understudy.failover.Lag;
import dev.understudy.failover.RoleEvidence;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PromotionSettings;
import dev.understudy.pool.ServerId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that checks of databases show of one pool: which claims to the role are stale, and how far
 * servers are behind.
 *
 * @param bound for promotions; null if Understudy promotes nobody here
 */
public record DatabaseEvidence(StaleClaims claims, DataLags lags, @Nullable PromotionSettings bound)
    implements RoleEvidence {
  public static final DatabaseEvidence NONE =
      new DatabaseEvidence(StaleClaims.NONE, DataLags.NONE, null);

  @Override
  public DatabaseEvidence next(Pool pool, Map<ServerId, Candidate> own, RoleState roleState) {
    boolean promotes = pool.provesRole() && pool.settings().hooks().promotesFirst();
    return new DatabaseEvidence(
        claims.next(pool, own, roleState),
        lags.next(pool, own, roleState),
        promotes ? pool.settings().promotion() : null);
  }

  @Override
  public Map<ServerId, Candidate> mark(Map<ServerId, Candidate> own) {
    Map<ServerId, Candidate> marked = claims.mark(own);
    if (bound == null || lags.lags().isEmpty()) {
      return marked;
    }
    Map<ServerId, Candidate> all = new HashMap<>(marked);
    all.replaceAll(
        (id, candidate) -> {
          Lag lag = lag(id);
          return lag != null && lag.exceeds(bound)
              ? candidate.tooFarBehind(lag.words(candidate.facts().ahead()))
              : candidate;
        });
    return all;
  }

  @Override
  public @Nullable Lag lag(ServerId server) {
    return lags.of(server);
  }
}
