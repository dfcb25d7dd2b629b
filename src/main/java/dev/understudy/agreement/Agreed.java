package dev.understudy.agreement;

import dev.understudy.failover.Choice;
import dev.understudy.failover.Reason;
import dev.understudy.failover.Tenure;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Server;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the replicas agreed on about a pool's role, as far as this replica knows.
 *
 * @param reason reason of the last change; null before the first
 * @param since time of the last change, by the clock of the replica that decided
 * @param evidence the observations behind the reason, for people, in the words of the replica that
 *     decided
 * @param decidedBy the replica that decided; null if this one decides alone
 * @param identity of the serving server, see {@link #isOf}; null if its name is enough
 * @param operators the operators behind the last change and the pin
 */
public record Agreed(
    Tenure tenure,
    @Nullable Reason reason,
    Instant since,
    String evidence,
    @Nullable String decidedBy,
    @Nullable ServerIdentity identity,
    Operators operators) {
  /** An agreement of this replica alone that no operator caused. */
  public Agreed(Tenure tenure, @Nullable Reason reason, Instant since, String evidence) {
    this(tenure, reason, since, evidence, null, null, Operators.NONE);
  }

  /** The agreement that a choice calls for; {@code now} is its time. */
  public static Agreed upon(Choice.Switch choice, Instant now) {
    return new Agreed(choice.tenure(), choice.reason(), now, choice.evidence());
  }

  /** The state before the first agreement. */
  public static Agreed nothing(Instant now) {
    return new Agreed(Tenure.NONE, null, now, "");
  }

  /** Whether {@code server} serves: a changed file may have given its name to another. */
  public boolean isOf(Server server) {
    return server.id().equals(tenure.serving())
        && (identity == null || identity.equals(ServerIdentity.of(server)));
  }

  /** The same agreement with another tenure. */
  public Agreed with(Tenure next) {
    return new Agreed(next, reason, since, evidence, decidedBy, identity, operators);
  }

  /** The same agreement with other operators. */
  public Agreed with(Operators next) {
    return new Agreed(tenure, reason, since, evidence, decidedBy, identity, next);
  }

  /** After an operator pinned the serving server, or ended the pin; {@code next} is without. */
  public Agreed withPin(Tenure next, @Nullable Operator by) {
    return with(next).with(operators.withPin(by));
  }
}
