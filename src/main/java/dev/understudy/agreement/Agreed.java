package dev.understudy.agreement;

import dev.understudy.failover.Reason;
import dev.understudy.failover.Tenure;
import dev.understudy.pool.Server;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who plays a pool's role, as far as this replica knows.
 *
 * @param reason of the last change; null before the first
 * @param since when the last change was, by the clock of the replica that decided
 * @param evidence what the reason rests on, for people, in the words of the replica that decided
 * @param decidedBy the replica that decided; null: this one decides alone
 * @param identity of the serving server's address, see {@link #isOf}; null: its name is enough
 */
public record Agreed(
    Tenure tenure,
    @Nullable Reason reason,
    Instant since,
    String evidence,
    @Nullable String decidedBy,
    @Nullable ServerIdentity identity) {
  /** Without any other replica. */
  public Agreed(Tenure tenure, @Nullable Reason reason, Instant since, String evidence) {
    this(tenure, reason, since, evidence, null, null);
  }

  /** Nothing yet. */
  public static Agreed nothing(Instant now) {
    return new Agreed(Tenure.NONE, null, now, "");
  }

  /** Whether that is the serving server: a changed file may have given its name to another. */
  public boolean isOf(Server server) {
    return server.id().equals(tenure.serving())
        && (identity == null || identity.equals(ServerIdentity.of(server)));
  }

  /** The same, but for the tenure. */
  public Agreed with(Tenure next) {
    return new Agreed(next, reason, since, evidence, decidedBy, identity);
  }
}
