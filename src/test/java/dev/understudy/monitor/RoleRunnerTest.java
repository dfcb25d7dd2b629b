package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.sense;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.monitor.FakeProber.Behaviour;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A part that fails, which is a defect: the role goes on nevertheless. */
class RoleRunnerTest {
  private String failing = "";

  private Agreement failingOnce(Agreement agreement) {
    return (Agreement)
        Proxy.newProxyInstance(
            Agreement.class.getClassLoader(),
            new Class<?>[] {Agreement.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals(failing)) {
                failing = "";
                throw new IllegalStateException("a test");
              }
              try {
                return method.invoke(agreement, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
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
