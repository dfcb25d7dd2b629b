package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.understudy.proxy.listener.ListenerProperties.CpuAffinity;
import dev.understudy.testing.Await;
import dev.understudy.testing.ThreadStatus;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

class EventLoopPinnerTest {

  @Test
  @EnabledOnOs(OS.LINUX)
  void a_program_that_is_ready_has_its_loops_on_a_cpu_each() throws Exception {
    BitSet all = ThreadStatus.allowedCpus();
    int loops = Runtime.getRuntime().availableProcessors();
    assumeTrue(loops > 1 && loops == all.cardinality(), "there are other CPUs than loops");

    try (ListenerApp app = ListenerApp.start(List.of())) {
      Await.until(
          "each loop on a CPU of its own",
          () -> {
            List<BitSet> of = cpusOf(loops(app));
            return of.stream().allMatch(cpus -> cpus.cardinality() == 1)
                && of.stream().distinct().count() == loops;
          });
    }
    assertThat(ThreadStatus.allowedCpus()).isEqualTo(all);
  }

  @Test
  void off_does_not_even_ask_for_the_loops() {
    assertThat(timesAsked(CpuAffinity.OFF)).isZero();
    assertThat(timesAsked(CpuAffinity.AUTO)).isOne();
  }

  private static int timesAsked(CpuAffinity setting) {
    AtomicInteger asked = new AtomicInteger();
    EventLoopGroup loops = LoopResources.create("test", 1, true).onServer(false);
    try (GenericApplicationContext context = new GenericApplicationContext()) {
      var pinner =
          new EventLoopPinner(
              setting,
              () -> {
                asked.incrementAndGet();
                return loops;
              },
              Runnable::run);
      pinner.onApplicationEvent(
          new ApplicationReadyEvent(new SpringApplication(), new String[0], context, null));
    } finally {
      loops.shutdownGracefully();
    }
    return asked.get();
  }

  private static EventLoopGroup loops(ListenerApp app) {
    return app.context
        .getBean(ReactorResourceFactory.class)
        .getLoopResources()
        .onServer(LoopResources.DEFAULT_NATIVE);
  }

  private static List<BitSet> cpusOf(EventLoopGroup loops) throws Exception {
    List<BitSet> of = new ArrayList<>();
    for (EventExecutor loop : loops) {
      of.add(loop.submit(ThreadStatus::allowedCpus).get());
    }
    return of;
  }
}
