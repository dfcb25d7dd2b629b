package dev.understudy.proxy.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PerEventLoopTest {
  private final EventLoop first = new DefaultEventLoop();
  private final EventLoop second = new DefaultEventLoop();
  private final PerEventLoop<State> states = new PerEventLoop<>(State::new);

  private static final class State {
    private final EventLoop loop;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private volatile int runs;

    State(EventLoop loop) {
      this.loop = loop;
    }

    void run() {
      assertThat(loop.inEventLoop()).isTrue();
      runs = runs + 1;
    }
  }

  private State on(EventLoop loop) throws Exception {
    return loop.submit(() -> states.on(loop)).get(20, TimeUnit.SECONDS);
  }

  private static void stop(EventLoop loop) {
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static void settle(EventLoop loop) {
    loop.submit(() -> {}).syncUninterruptibly();
  }

  @AfterEach
  void stopLoops() {
    stop(first);
    stop(second);
  }

  @Test
  void each_event_loop_has_one_state() throws Exception {
    State state = on(first);
    assertThat(state.loop).isSameAs(first);
    assertThat(on(first)).isSameAs(state);
    assertThat(on(second)).isNotSameAs(state);
  }

  @Test
  void an_action_runs_on_each_event_loop_that_has_not_shut_down() throws Exception {
    State stopped = on(first);
    State running = on(second);
    stop(first);
    states.runOnEach(State::run);
    settle(second);
    assertThat(running.runs).isOne();
    assertThat(stopped.runs).isZero();
  }

  @Test
  void all_have_finished_when_the_last_event_loop_has() throws Exception {
    State one = on(first);
    State other = on(second);
    CompletableFuture<Void> all = states.finishOnEach(state -> state.finished);
    one.finished.complete(null);
    settle(first);
    settle(second);
    assertThat(all).isNotDone();
    other.finished.complete(null);
    assertThat(all).isCompleted();
  }

  @Test
  void an_event_loop_that_has_shut_down_counts_as_finished() throws Exception {
    on(first);
    stop(first);
    assertThat(states.finishOnEach(state -> state.finished)).isCompleted();
  }

  @Test
  void a_state_that_is_created_after_the_end_has_begun_ends_too() throws Exception {
    State one = on(first);
    CompletableFuture<Void> all = states.endOnEach(PerEventLoopTest::endOf);
    settle(first);
    assertThat(one.runs).isOne();
    State later = on(second);
    assertThat(later.runs).isOne();
    one.finished.complete(null);
    settle(second);
    assertThat(all).isNotDone();
    later.finished.complete(null);
    assertThat(all).isCompleted();
  }

  @Test
  void an_action_that_is_not_the_last_is_nothing_for_later_states() throws Exception {
    var unused = states.finishOnEach(PerEventLoopTest::endOf);
    assertThat(on(first).runs).isZero();
  }

  private static CompletableFuture<Void> endOf(State state) {
    state.run();
    return state.finished;
  }
}
