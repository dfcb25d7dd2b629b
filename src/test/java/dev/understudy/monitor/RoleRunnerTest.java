package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.monitor.FakeProber.Behaviour;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A part that fails, which is a defect: the role goes on nevertheless. */
class RoleRunnerTest {
  private String failing = "";

  /** Whether proposals change nothing, and how many have been made meanwhile. */
  private boolean deaf;

  private int heardNothing;

  private Agreement deaf(Agreement agreement) {
    return proxy(
        (method, arguments) -> {
          if (deaf && method.getName().equals("propose")) {
            heardNothing++;
            return CompletableFuture.completedFuture(arguments[1]);
          }
          return invoke(agreement, method, arguments);
        });
  }

  /** Such an agreement makes the role propose for ever. */
  @Test
  void an_agreement_that_adopts_nothing_stops_neither_the_monitor_nor_other_pools() {
    try (Bench bench = new Bench(deaf(StandaloneAgreement.inMemory()), Bench.NO_JITTER)) {
      bench.begin(sense());
      bench.prober.set(MASTER, Behaviour.KILLED);
      deaf = true;
      while (heardNothing < 3 * RoleRunner.MOST_STEPS) {
        try {
          bench.advance(1);
        } catch (IllegalStateException e) {
          // The monitor's thread logs it.
          assertThat(e).hasMessageContaining("pool sense does not come to rest");
        }
      }
      deaf = false;
      bench.advanceUntilServing(SensePool.BACKUP);
    }
  }

  private Agreement failingOnce(Agreement agreement) {
    return proxy(
        (method, arguments) -> {
          if (method.getName().equals(failing)) {
            failing = "";
            throw new IllegalStateException("a test");
          }
          return invoke(agreement, method, arguments);
        });
  }

  private interface Handler {
    @Nullable Object handle(Method method, Object[] arguments) throws Throwable;
  }

  private static Agreement proxy(Handler handler) {
    return (Agreement)
        Proxy.newProxyInstance(
            Agreement.class.getClassLoader(),
            new Class<?>[] {Agreement.class},
            (proxy, method, arguments) -> handler.handle(method, arguments));
  }

  private static @Nullable Object invoke(Agreement on, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"propose", "view", "report", "releases"})
  void what_fails_once_costs_a_second_and_no_role(String method) {
    try (Bench bench = new Bench(failingOnce(StandaloneAgreement.inMemory()), Bench.NO_JITTER)) {
      bench.begin(sense());
      bench.prober.set(MASTER, Behaviour.KILLED);
      failing = method;
      bench.advanceUntilServing(SensePool.BACKUP);
    }
  }
}
