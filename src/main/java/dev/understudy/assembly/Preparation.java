package dev.understudy.assembly;

import dev.understudy.history.StoredEvent;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.reload.LateLoader;
import dev.understudy.settings.SettingsBinder;
import dev.understudy.settings.StaticSettings;
import dev.understudy.statistics.ProcessUse;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import java.time.Instant;
import org.springframework.core.env.StandardEnvironment;

/**
 * Does for the first time, beside the reading of the static settings, what {@link ProxyAssembly}
 * does after it: classes are then loaded and initialized. Without effect but on time.
 */
public final class Preparation {
  private final Thread thread =
      Thread.ofPlatform().name("understudy-preparation").daemon().unstarted(Preparation::run);

  private Preparation() {}

  /** Begins on a thread of its own. */
  public static Preparation begin() {
    Preparation preparation = new Preparation();
    preparation.thread.start();
    return preparation;
  }

  /**
   * Waits for the end, so that no class of ours is initialized by two threads at once: those whose
   * initializers need each other would block both for ever (JLS 12.4.2).
   */
  public void await() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void run() {
    try {
      LateLoader.prepare();
      if (Epoll.isAvailable()) {
        ByteBufAllocator.DEFAULT.directBuffer().release();
      }
      var unused =
          StoredEvent.of(new EventLog.Entry(0, Instant.EPOCH, new Event.Stopped("prepared")));
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT).counter("prepared").increment();
      new ProcessUse().sample();
      SettingsBinder settings = new SettingsBinder(new StandardEnvironment());
      settings.bind(StaticSettings.class);
      settings.bind(ListenerProperties.class);
    } catch (RuntimeException | LinkageError e) {
      // The start meets the same, and tells it.
      return;
    }
  }
}
