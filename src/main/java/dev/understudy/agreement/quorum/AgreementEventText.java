package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.text.Words;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Words for what the replica that wrote a record tells the register's own event log. */
final class AgreementEventText {
  private AgreementEventText() {}

  /** A new epoch. */
  static void decision(Register register, PoolId pool, PoolRecord record) {
    ServerIdentity holder = record.holder();
    String who = holder == null ? "Nobody serves" : "Server " + holder.id() + " serves";
    String reason = record.reason() == null ? "" : record.reason().name();
    register.announce(
        RegisterKey.pool(pool.value()),
        camelCase(record.reason(), holder == null),
        "%s in epoch %d: %s (%s)%s"
            .formatted(
                who,
                record.epoch(),
                reason,
                record.evidence(),
                Operator.by(record.operators().ofSwitch())),
        holder == null);
  }

  /** A pin that began or ended within an epoch. */
  static void pin(Register register, PoolId pool, PoolRecord record) {
    ServerIdentity holder = record.holder();
    if (holder == null) {
      return;
    }
    register.announce(
        RegisterKey.pool(pool.value()),
        record.pinned() ? "Pinned" : "Unpinned",
        "An operator %s server %s, which serves in epoch %d%s"
            .formatted(
                record.pinned() ? "pinned" : "ended the pin of",
                holder.id(),
                record.epoch(),
                Operator.by(record.operators().ofPin())),
        false);
  }

  /** A server's new operator state. */
  static void state(
      Register register,
      PoolId pool,
      ServerId server,
      OperatorState state,
      @Nullable Operator operator) {
    register.announce(
        RegisterKey.pool(pool.value()),
        "OperatorState",
        "An operator set server %s to %s%s"
            .formatted(server, Words.lower(state), Operator.by(operator)),
        false);
  }

  /** The pool's maintenance, or its end. */
  static void maintenance(Register register, PoolId pool, PoolMaintenance next) {
    String until = next.until() == null ? "" : " until " + next.until();
    register.announce(
        RegisterKey.pool(pool.value()),
        "PoolState",
        "An operator set the pool to %s%s%s"
            .formatted(next.on() ? "maintenance" : "ready", until, Operator.by(next.by())),
        false);
  }

  /** The reason in the camel case of event logs: {@code ConnectionFailed}. */
  private static String camelCase(@Nullable SwitchReason reason, boolean nobody) {
    if (reason == null) {
      return nobody ? "NoServer" : "Switched";
    }
    StringBuilder camel = new StringBuilder();
    for (String word : reason.name().split("_", -1)) {
      camel.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return camel.toString();
  }
}
