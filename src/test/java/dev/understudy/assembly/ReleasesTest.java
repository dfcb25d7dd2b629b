package dev.understudy.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.SwitchFacts.Release;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ReleasesTest {
  private static final PoolId SENSE = new PoolId("sense");

  private final AtomicBoolean isThere = new AtomicBoolean(true);
  private final Releases before = new Releases(() -> false);
  private final Releases next = new Releases(isThere::get);

  @Test
  void the_process_before_counts_until_it_has_told_of_this_switch() {
    before.whenTold(() -> next.take(before.text()));
    assertThat(next.before(SENSE, "a")).isEqualTo(Release.NONE);
    before.tell(SENSE, new Acknowledgement("a", Release.FULL));
    assertThat(next.before(SENSE, "a")).isEqualTo(Release.FULL);
    before.tell(SENSE, new Acknowledgement("a", Release.RELEASED));
    assertThat(next.before(SENSE, "a")).isEqualTo(Release.RELEASED);
    assertThat(next.before(SENSE, "b")).isEqualTo(Release.NONE);
    assertThat(next.before(new PoolId("other"), "a")).isEqualTo(Release.NONE);
    before.tell(SENSE, null);
    assertThat(next.before(SENSE, "a")).isEqualTo(Release.NONE);
  }

  @Test
  void a_process_that_has_ended_has_left_everything() {
    isThere.set(false);
    assertThat(next.before(SENSE, "a")).isEqualTo(Release.RELEASED);
  }

  @Test
  void other_news_changes_nothing() {
    before.tell(SENSE, new Acknowledgement("a", Release.RELEASED));
    next.take(before.text());
    next.take(null);
    assertThat(next.before(SENSE, "a")).isEqualTo(Release.RELEASED);
  }
}
