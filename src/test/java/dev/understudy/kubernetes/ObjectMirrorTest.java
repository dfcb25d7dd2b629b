package dev.understudy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a mirror does beyond {@code KubernetesEndpointsTest}. */
class ObjectMirrorTest {
  @ParameterizedTest
  @CsvSource({"0, , 1", "1, , 2", "4, , 16", "5, , 30", "1000, , 30", "0, 45, 45", "5, 3, 30"})
  void pauses_grow_with_failures_and_last_as_long_as_the_api_asks(
      int before, @Nullable Integer asked, int pause) {
    RegisterException failure =
        new RegisterException(
            RegisterException.Reason.UNCERTAIN,
            "no",
            asked == null ? null : Duration.ofSeconds(asked),
            null);
    assertThat(ObjectMirror.pause(before, failure)).hasSeconds(pause);
  }
}
