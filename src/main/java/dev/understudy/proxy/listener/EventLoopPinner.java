package dev.understudy.proxy.listener;

import dev.understudy.proxy.cpu.LoopPinning;
import dev.understudy.proxy.listener.ListenerProperties.CpuAffinity;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;

/**
 * Pins the event loops, which client connections, upstream connections and the Gateway lane share.
 * Runs once the application is ready, on a daemon thread, so that start-up does not wait for it.
 */
final class EventLoopPinner implements ApplicationListener<ApplicationReadyEvent> {
  private static final Logger log = LoggerFactory.getLogger(EventLoopPinner.class);

  private final CpuAffinity setting;
  private final Supplier<EventLoopGroup> loops;
  private final Executor background;

  EventLoopPinner(CpuAffinity setting, Supplier<EventLoopGroup> loops) {
    this(setting, loops, EventLoopPinner::inThread);
  }

  EventLoopPinner(CpuAffinity setting, Supplier<EventLoopGroup> loops, Executor background) {
    this.setting = setting;
    this.loops = loops;
    this.background = background;
  }

  private static void inThread(Runnable task) {
    Thread.ofPlatform().name("understudy-affinity").daemon().start(task);
  }

  @Override
  public void onApplicationEvent(ApplicationReadyEvent ready) {
    if (setting == CpuAffinity.OFF) {
      log.info("Event loops are not pinned to CPUs: understudy.cpu-affinity is off");
      return;
    }
    background.execute(() -> log.info(LoopPinning.pin(loops.get())));
  }
}
