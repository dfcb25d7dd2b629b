package dev.understudy.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.CircuitPenalty;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.KnownServer;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTableTest {
  private static final Instant SINCE = Instant.parse("2026-11-24T23:58:30.123456789Z");
  private static final KnownServer DOWN =
      new KnownServer(
          new PoolId("sense"),
          new ServerId("sen2"),
          HealthStatus.DOWN,
          SINCE,
          "3 bad observations in a row, last: status 503\n100 %",
          null);

  @Test
  void all_that_is_known_is_read_again() {
    List<KnownServer> known =
        List.of(
            DOWN,
            with(CircuitPenalty.NONE, false, ""),
            with(new CircuitPenalty(2, SINCE), true, "20 of 20"));
    assertThat(ServerTable.read(ServerTable.text(known))).isEqualTo(known);
  }

  private static KnownServer with(CircuitPenalty penalty, boolean open, String evidence) {
    return new KnownServer(
        DOWN.pool(),
        new ServerId("sen1"),
        HealthStatus.UP,
        SINCE,
        "",
        new KnownServer.Circuit(penalty, open, evidence));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sense", "sense sen2 LATER 2026-11-24T23:58:30Z x", "sense sen2 UP x x"})
  void damaged_rows_are_left_out(String row) {
    String text = ServerTable.text(List.of(DOWN)) + '\n' + row;
    assertThat(ServerTable.read(text)).containsExactly(DOWN);
  }
}
