package dev.understudy.proxy.tcp;

import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Sessions of PostgreSQL that are open when a planned switch has clients wait. */
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class SessionSwitchTest extends Relayed {
  private static final Map<String, String> BYTES =
      Map.of(
          "START", "\0\0\0\11\0\3\0\0\0",
          "QUERY", "Q\0\0\0\6?\0",
          "IDLE", "Z\0\0\0\5I",
          "IN_TRANSACTION", "Z\0\0\0\5T",
          "TERMINATE|FIN", "X\0\0\0\4|FIN",
          "TERMINATED|FIN",
              "E\0\0\0\117SFATAL\0VFATAL\0C57P01\0"
                  + "Mterminating connection due to administrator command\0\0|FIN");

  private static final Check POSTGRESQL =
      new PostgresqlCheck("probe", null, null, DatabaseRole.PRIMARY, CheckConnection.DEFAULT);

  @Override
  String text(String word) {
    return BYTES.getOrDefault(word, word);
  }

  @Override
  void step(Words words) throws Exception {
    switch (words.at(0)) {
      case "session" -> open(failover().health(TestSettings.health(POSTGRESQL)));
      case "uncounted" ->
          Await.until(
              "none is counted", () -> rig.pools.server("a").traffic().tunnels().get() == 0);
      default -> super.step(words);
    }
  }

  @Scenario.Each(
"""
an idle one ends as the pause begins, and the next begins at the new server
  session; c passes START; s passes IDLE; pause b
  c ends TERMINATED|FIN; s ends TERMINATE|FIN; end MOVED; uncounted
  connect; c sends START; held; moves; accept b; s gets START; s passes IDLE; c passes QUERY
one in a transaction ends after it
  session; c passes START; s passes IDLE; c passes QUERY; pause b
  s passes IN_TRANSACTION; c passes QUERY; s passes IDLE
  c ends TERMINATED|FIN; s ends TERMINATE|FIN; end MOVED; uncounted
one that is busy is reset when the rest is cut
  session; c passes START; s passes IDLE; c passes QUERY; pause b; s passes IN_TRANSACTION; cut b
  both reset
one that was busy goes on if the switch is given up
  session; c passes START; s passes IDLE; c passes QUERY; pause b
  s passes IN_TRANSACTION; stays; c passes QUERY; s passes IDLE; c passes QUERY; goes on
the bytes of other pools are not followed
  open failover; c passes START; s passes IDLE; pause b; c passes QUERY; s passes IDLE; cut b
  c ends |RST
""")
  void a_planned_switch_has_sessions_wait(Scenario scenario) {
    play(scenario);
  }
}
