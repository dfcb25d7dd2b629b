package dev.understudy.assembly;

import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.history.StoredEvent;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.reload.DeferredCheckLoader;
import dev.understudy.settings.SettingsBinder;
import dev.understudy.settings.StaticSettings;
import dev.understudy.statistics.ProcessUse;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.time.Instant;
import org.springframework.core.env.StandardEnvironment;

/**
 * Does for the first time, beside the reading of the static settings, what {@link ProxyAssembly}
 * does after it: classes are then loaded and initialized. Has an effect on time alone.
 */
public final class ClassPreloading {
  private static final Duration LONGEST = Duration.ofSeconds(5);

  /** Netty's, which gives back at its end the buffers that it has cached. */
  private final Thread thread =
      new FastThreadLocalThread(ClassPreloading::run, "understudy-preparation");

  private ClassPreloading() {}

  /** Begins on a thread of its own. */
  public static ClassPreloading begin() {
    ClassPreloading preparation = new ClassPreloading();
    preparation.thread.setDaemon(true);
    preparation.thread.start();
    return preparation;
  }

  /**
   * Waits for the end, 5 s at most, so that no class of the assembly is initialized by two threads
   * at once: those whose initializers need each other would block both for ever (JLS 12.4.2).
   */
  public void await() {
    try {
      thread.join(LONGEST);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void run() {
    try {
      prepare();
    } catch (RuntimeException | LinkageError e) {
      // The start meets the same, and tells it.
      return;
    }
  }

  static void prepare() {
    DeferredCheckLoader.prepare();
    if (Epoll.isAvailable()) {
      ByteBufAllocator.DEFAULT.directBuffer().release();
    }
    var unused =
        StoredEvent.of(new EventLog.Entry(0, Instant.EPOCH, new ReplicaEvent.Stopped("prepared")));
    new PrometheusMeterRegistry(PrometheusConfig.DEFAULT).counter("prepared").increment();
    new ProcessUse().sample();
    SettingsBinder settings = SettingsBinder.beside(new StandardEnvironment());
    settings.bind(StaticSettings.class);
    settings.bind(ListenerProperties.class);
  }
}
