package dev.understudy.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.LoadResult;
import dev.understudy.reload.LateLoader;
import org.junit.jupiter.api.Test;

/** A preparation that fails is not noticed at a start, which only takes longer. */
class PreparationTest {
  @Test
  void each_step_succeeds() {
    Preparation.prepare();
    assertThat(LateLoader.prepare()).isInstanceOf(LoadResult.Loaded.class);
  }

  @Test
  void its_end_can_be_awaited() {
    Preparation.begin().await();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .isNotEmpty()
        .doesNotContain("understudy-preparation");
  }
}
