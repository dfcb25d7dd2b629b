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
  private Preparation() {}

  /** Begins on a thread of its own. */
  public static void begin() {
    Thread.ofPlatform().name("understudy-preparation").daemon().start(Preparation::run);
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
