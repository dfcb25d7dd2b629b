package dev.understudy.hook;

import dev.understudy.monitor.HookCaller;
import dev.understudy.pool.Hook;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.text.Printable;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls hooks, each on a virtual thread of its own, {@value #MOST} at a time; one more waits for a
 * place, for its own time at most.
 */
public final class HookRunner implements HookCaller {
  private static final int MOST = 64;
  private static final int MOST_SECONDS_TO_RESOLVE = 3;
  static final int MOST_SHOWN = 200;

  private final HookCommand commands;
  private final HttpPost requests;
  private final Semaphore places = new Semaphore(MOST);

  /**
   * @param directory where the programs of hooks are; null if there are none
   * @param tls the context of a pool's TLS settings
   */
  public HookRunner(@Nullable Path directory, Function<UpstreamTls, SslContext> tls) {
    commands = new HookCommand(directory);
    requests = new HttpPost(tls);
  }

  @Override
  public CompletableFuture<HookResult> call(HookCall call) {
    Hook hook = call.pool().settings().hooks().of(call.promote());
    if (hook == null) {
      return CompletableFuture.completedFuture(
          new HookResult(Call.DONE, "there is no such hook", Duration.ZERO));
    }
    return inBackground(() -> inTurn(call, hook));
  }

  private HookResult inTurn(HookCall call, Hook hook) {
    long began = System.nanoTime();
    Duration within = hook.timeout().compareTo(call.within()) < 0 ? hook.timeout() : call.within();
    try {
      if (places.tryAcquire(within.toNanos(), TimeUnit.NANOSECONDS)) {
        try {
          return run(call, hook, within.minusMillis(millisSince(began)), began);
        } finally {
          places.release();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Duration waited = Duration.ofNanos(System.nanoTime() - began);
    return new HookResult(
        Call.REFUSED, MOST + " other hooks were being called the whole time", waited);
  }

  @Override
  public CompletableFuture<String> problem(HookCall call) {
    Hook hook = call.pool().settings().hooks().of(call.promote());
    if (hook == null) {
      return CompletableFuture.completedFuture("");
    }
    return switch (HookInvocation.of(call, hook)) {
      case HookInvocation.Command command -> inBackground(() -> commands.problem(command));
      case HookInvocation.Http http -> {
        String none = "no address for " + http.url().getHost();
        yield inBackground(() -> isResolvable(http.url().getHost()) ? "" : none)
            .completeOnTimeout(
                none + " within " + MOST_SECONDS_TO_RESOLVE + " s",
                MOST_SECONDS_TO_RESOLVE,
                TimeUnit.SECONDS);
      }
    };
  }

  private static boolean isResolvable(String host) {
    try {
      return InetAddress.getAllByName(host).length > 0;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static <T> CompletableFuture<T> inBackground(Supplier<T> task) {
    return CompletableFuture.supplyAsync(task, Thread.ofVirtual().name("understudy-hook")::start);
  }

  private static long millisSince(long began) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
  }

  /**
   * @param began by {@link System#nanoTime}
   */
  private HookResult run(HookCall call, Hook hook, Duration within, long began) {
    Outcome outcome =
        switch (HookInvocation.of(call, hook)) {
          case HookInvocation.Http http ->
              outcome(
                  requests.send(
                      http.url(),
                      http.headers(),
                      http.body().getBytes(StandardCharsets.UTF_8),
                      call.pool().settings().tls(),
                      within));
          case HookInvocation.Command command -> commands.run(command, within);
        };
    return new HookResult(
        outcome.call(), outcome.detail(), Duration.ofNanos(System.nanoTime() - began));
  }

  private static Outcome outcome(HttpPost.Result result) {
    Call call =
        switch (result) {
          case HttpPost.Response response ->
              response.status() / 100 == 2 ? Call.DONE : Call.REFUSED;
          case HttpPost.Failure failure -> failure.sent() ? Call.UNCERTAIN : Call.REFUSED;
        };
    return new Outcome(call, result.detail());
  }

  /** A text of others as far as it is shown, on one line. */
  static String shown(String text) {
    return Printable.oneLine(text, MOST_SHOWN);
  }

  /**
   * What came of a call.
   *
   * @param detail for people, on one line
   */
  record Outcome(Call call, String detail) {}
}
