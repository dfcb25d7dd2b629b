package dev.understudy.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.LoadResult;
import dev.understudy.reload.DeferredCheckLoader;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A preparation that fails is not noticed at a start, which only takes longer. */
@Isolated("changes what all of this process share")
class ClassPreloadingTest {
  @Test
  void each_step_succeeds() {
    ClassPreloading.prepare();
    assertThat(DeferredCheckLoader.prepare()).isInstanceOf(LoadResult.Loaded.class);
  }

  /** Spring Boot's, whose first use is not safe for two threads: the one that starts has it. */
  @Test
  void the_converter_that_binders_share_is_left_alone() throws ReflectiveOperationException {
    Field shared =
        Class.forName("org.springframework.boot.context.properties.bind.BindConverter")
            .getDeclaredField("sharedInstance");
    shared.setAccessible(true);
    Object before = shared.get(null);
    shared.set(null, null);
    try {
      ClassPreloading.prepare();
      assertThat(shared.get(null)).isNull();
    } finally {
      shared.set(null, before);
    }
  }

  @Test
  void its_end_can_be_awaited() {
    ClassPreloading.begin().await();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .isNotEmpty()
        .doesNotContain("understudy-preparation");
  }
}
