package dev.understudy.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.EarlierRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The state file of the last release. */
class EarlierStateFileTest {
  private static StateFile.Content content() throws IOException {
    byte[] file = EarlierRecords.text("state.json").getBytes(StandardCharsets.UTF_8);
    return StateFile.parse(file, Instant.MAX);
  }

  private static AgreedRole role(String pool) throws IOException {
    return content().memory().get(new PoolId(pool)).agreed();
  }

  static List<String> pools() {
    return EarlierRecords.pools();
  }

  @ParameterizedTest
  @MethodSource("pools")
  void a_pool_goes_on_where_the_release_left_it(String pool) throws IOException {
    RememberedPool remembered = content().memory().get(new PoolId(pool));
    assertThat(EarlierRecords.read(remembered.agreed(), remembered.operatorStates()))
        .isEqualTo(EarlierRecords.said(pool));
  }

  @Test
  void nothing_is_unreadable_or_of_a_later_version() throws IOException {
    StateFile.Content content = content();
    assertThat(content.unreadable()).isEmpty();
    assertThat(content.later()).isEqualTo(LaterFields.NONE);
  }

  @Test
  void a_planned_switch_goes_on_in_its_phase_with_its_pause() throws IOException {
    PlannedSwitch planned = role(EarlierRecords.UNDER_WAY).planned();
    assertThat(planned.phase()).isEqualTo(SwitchPhase.FENCING);
    assertThat(planned.request().pause()).isEqualTo(Duration.ofMinutes(5));
    assertThat(planned.request().to()).isEqualTo(new ServerId("backup"));
    assertThat(role("scheduled").planned().request().at()).isNotNull();
  }

  @Test
  void hooks_that_were_owed_are_owed() throws IOException {
    assertThat(role("owed").owed().demote().keySet()).isEqualTo(Set.of(new ServerId("master")));
  }
}
