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
    String why = record.agreed().reason() == null ? "" : record.agreed().reason().name();
    register.announce(
        RegisterKey.pool(pool.value()),
        camelCase(record.agreed().reason(), holder == null),
        "%s in epoch %d: %s (%s)%s"
            .formatted(
                who,
                record.epoch(),
                why,
                record.agreed().evidence(),
                Operator.by(record.agreed().operators().ofSwitch())),
        holder == null);
  }

  /** A pin that began or ended within an epoch. */
  static void pin(Register register, PoolId pool, PoolRecord record) {
    ServerIdentity holder = record.holder();
    if (holder != null) {
      String which =
          "%s server %s, which serves in epoch %d"
              .formatted(
                  record.pinned() ? "pinned" : "ended the pin of", holder.id(), record.epoch());
      act(
          register,
          pool,
          record.pinned() ? "Pinned" : "Unpinned",
          which,
          record.agreed().operators().ofPin());
    }
  }

  /** A server's new operator state. */
  static void state(
      Register register, PoolId pool, ServerId server, OperatorState state, @Nullable Operator by) {
    act(register, pool, "OperatorState", "set server " + server + " to " + Words.lower(state), by);
  }

  /** The pool's maintenance, or its end. */
  static void maintenance(Register register, PoolId pool, PoolMaintenance next) {
    String until = next.until() == null ? "" : " until " + next.until();
    String state = next.on() ? "maintenance" : "ready";
    act(register, pool, "PoolState", "set the pool to " + state + until, next.by());
  }

  private static void act(
      Register register, PoolId pool, String reason, String what, @Nullable Operator by) {
    register.announce(
        RegisterKey.pool(pool.value()), reason, "An operator " + what + Operator.by(by), false);
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
