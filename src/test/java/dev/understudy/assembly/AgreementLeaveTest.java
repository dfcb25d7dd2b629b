package dev.understudy.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.Agreement;
import dev.understudy.proxy.listener.ShutdownStep;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.GenericApplicationContext;

class AgreementLeaveTest {
  private final List<String> steps = new ArrayList<>();

  @Test
  void a_replica_leaves_the_others_first_and_closes_its_register_last() {
    Agreement agreement =
        (Agreement)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Agreement.class},
                (self, method, arguments) -> {
                  steps.add(method.getName());
                  return null;
                });
    try (GenericApplicationContext context = new GenericApplicationContext()) {
      context.registerBean(
          "agreement",
          Agreement.class,
          () -> agreement,
          definition ->
              ((org.springframework.beans.factory.support.AbstractBeanDefinition) definition)
                  .setDestroyMethodName("close"));
      context.registerBean(
          ShutdownStep.class, () -> ControlPlane.leave(context.getBean(Agreement.class)));
      context.registerBean(Clients.class, Clients::new);
      context.refresh();
    }
    assertThat(steps).containsExactly("leave", "clients stop", "close");
  }

  /** As early as anything that serves clients. */
  private final class Clients implements SmartLifecycle {
    private boolean running;

    @Override
    public void start() {
      running = true;
    }

    @Override
    public void stop() {
      running = false;
      steps.add("clients stop");
    }

    @Override
    public boolean isRunning() {
      return running;
    }

    @Override
    public int getPhase() {
      return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 512;
    }
  }
}
