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
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls hooks, each on a virtual thread of its own. Promotions and fences have {@link HookPlaces}
 * of their own; one call more waits for a place, and for another that runs at its server, for its
 * own time at most.
 */
public final class HookRunner implements HookCaller {
  private static final int MOST_SECONDS_TO_RESOLVE = 3;
  static final int MOST_SHOWN = 200;

  private final HookCommand commands;
  private final HttpPost requests;
  private final HookPlaces promotions = new HookPlaces();
  private final HookPlaces fences = new HookPlaces();
  private final RunningCalls running;

  /**
   * @param directory where the programs of hooks are; null if there are none
   * @param tls the context of a pool's TLS settings
   */
  public HookRunner(
      @Nullable Path directory, Function<UpstreamTls, SslContext> tls, RunningCalls running) {
    this.running = running;
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
      Duration left = running.begin(call, within);
      if (left != null) {
        try {
          return inPlace(call, hook, left, began);
        } finally {
          running.ended(call);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new HookResult(
        Call.REFUSED,
        running.isHandedOver()
            ? "the next process of this replica calls hooks now"
            : "another hook ran at this server the whole time",
        Duration.ofNanos(System.nanoTime() - began));
  }

  private HookResult inPlace(HookCall call, Hook hook, Duration within, long began) {
    HookInvocation invocation = HookInvocation.of(call, hook);
    HookPlaces places = call.promote() ? promotions : fences;
    String host = host(invocation, call);
    try {
      Duration left = places.acquire(host, within);
      if (left != null) {
        try {
          return run(invocation, call, left, began);
        } finally {
          places.release(host);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new HookResult(
        Call.REFUSED,
        "so many other calls of hooks were under way the whole time that it found no place",
        Duration.ofNanos(System.nanoTime() - began));
  }

  /** The host that the call waits for. */
  private static String host(HookInvocation invocation, HookCall call) {
    return switch (invocation) {
      case HookInvocation.Http http -> String.valueOf(http.url().getHost());
      case HookInvocation.Command command -> call.server().address().host();
    };
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

  /**
   * @param began by {@link System#nanoTime}
   */
  private HookResult run(HookInvocation invocation, HookCall call, Duration within, long began) {
    Outcome outcome =
        switch (invocation) {
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
