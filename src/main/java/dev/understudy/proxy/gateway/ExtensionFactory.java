package dev.understudy.proxy.gateway;

import dev.understudy.extension.Extension;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.cloud.gateway.support.Configurable;
import org.springframework.cloud.gateway.support.ShortcutConfigurable;

/** A factory of the Gateway's that stands for one of an extension, with the same arguments. */
abstract class ExtensionFactory implements Configurable<Object>, ShortcutConfigurable {
  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** A thread that runs for less than a thousandth of the time waits for something. */
  private static final int WAITING = 1000;

  final Extension<?> extension;
  private final Configurable<Object> configurable;
  private final ShortcutConfigurable shortcut;

  /**
   * @param configurable the extension's factory, in either role
   */
  ExtensionFactory(
      Extension<?> extension, Configurable<Object> configurable, ShortcutConfigurable shortcut) {
    this.extension = extension;
    this.configurable = configurable;
    this.shortcut = shortcut;
  }

  public String name() {
    return extension.name();
  }

  final ExtensionLog log(String kind) {
    return new ExtensionLog(kind + " " + name() + " (" + extension.jar() + ")");
  }

  /**
   * Makes a filter or predicate of a route, on a thread that is given up if it blocks for 10 s, or
   * needs more processor time than that: the file's reload must go on. One that takes long because
   * the machine is slow is awaited.
   *
   * @throws IllegalStateException if none is made
   */
  final <T> T made(Callable<T> making) {
    return made(making, LONGEST);
  }

  final <T> T made(Callable<T> making, Duration within) {
    FutureTask<T> task = new FutureTask<>(making);
    Thread thread = ExtensionThreads.thread(extension, task);
    thread.start();
    try {
      T made = awaited(task, thread, within);
      if (made == null) {
        throw new IllegalStateException(name() + ": expected a filter or predicate, not null");
      }
      return made;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      task.cancel(true);
      throw new IllegalStateException(
          name() + ": expected to be made within " + within.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static <T> T awaited(FutureTask<T> task, Thread thread, Duration within)
      throws ExecutionException, TimeoutException, InterruptedException {
    for (long before = 0; ; ) {
      try {
        return task.get(within.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long now = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
        if (isGivenUp(before, now, within)) {
          throw e;
        }
        before = now;
      }
    }
  }

  /**
   * Whether a thread is given up that has been awaited for another {@code within}.
   *
   * @param before its processor time when that began, in nanoseconds
   * @param now the same at the end; negative if it is not known
   */
  static boolean isGivenUp(long before, long now, Duration within) {
    long limit = within.toNanos();
    return now - before < limit / WAITING || now > limit;
  }

  @Override
  public Class<Object> getConfigClass() {
    return configurable.getConfigClass();
  }

  @Override
  public Object newConfig() {
    return configurable.newConfig();
  }

  @Override
  public ShortcutType shortcutType() {
    return shortcut.shortcutType();
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return shortcut.shortcutFieldOrder();
  }

  @Override
  public String shortcutFieldPrefix() {
    return shortcut.shortcutFieldPrefix();
  }
}
