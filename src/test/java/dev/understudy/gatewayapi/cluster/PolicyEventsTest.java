package dev.understudy.gatewayapi.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.failover.SwitchReason;
import dev.understudy.gatewayapi.object.Meta;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Which events become Events of a policy, and their reasons. */
class PolicyEventsTest {
  private static final PoolId POOL = new PoolId("sense");
  private static final ServerId SERVER = new ServerId("sen1");
  private static final Meta POLICY =
      new Meta(
          new ObjectKey("shop", "sense"),
          "uid-1",
          "7",
          1,
          Instant.EPOCH,
          Map.of(),
          JsonMapper.shared().createObjectNode());

  private static Event switched(@Nullable ServerId to, SwitchReason reason) {
    return new Event.Switched(POOL, null, to, reason, 2, "", null, null, null, null, "a sentence");
  }

  static Stream<Arguments> events() {
    return Stream.of(
        Arguments.of(switched(SERVER, SwitchReason.CONNECTION_FAILED), "ConnectionFailed Warning"),
        Arguments.of(switched(SERVER, SwitchReason.FAILBACK), "Failback Normal"),
        Arguments.of(switched(null, SwitchReason.NO_SERVER), "NoServer Warning"),
        Arguments.of(new Event.NobodyServes(POOL, false, "", "a sentence"), "NobodyServes Warning"),
        Arguments.of(new Event.NobodyServes(POOL, true, "", "a sentence"), "ServesAgain Normal"),
        Arguments.of(
            new Event.TwoPrimaries(POOL, SERVER, SERVER, Instant.EPOCH, false, "a sentence"),
            "TwoPrimaries Warning"),
        Arguments.of(new Event.ServesDown(POOL, SERVER, "", "a sentence"), "ServesDown Warning"),
        Arguments.of(new Event.FailbackAwaited(POOL, SERVER, SERVER, null, "", "a sentence"), ""));
  }

  /** {@code expected} is empty if there is to be none. */
  @ParameterizedTest
  @MethodSource("events")
  void events_of_who_serves_are_told(Event event, String expected) {
    Optional<String> told =
        PolicyEvents.of(event, POLICY, "proxy-1", Instant.EPOCH)
            .map(
                each -> {
                  assertThat(each.message()).isEqualTo("a sentence");
                  assertThat(each.about().toString())
                      .contains("understudy.dev/v1alpha1", "FailoverPolicy", "shop", "uid-1");
                  return each.reason() + (each.warning() ? " Warning" : " Normal");
                });
    assertThat(told.orElse("")).isEqualTo(expected);
  }
}
